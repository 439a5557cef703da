"""The sums of sales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FILLS = (
    """
    insert into sales_by_hour (organization_id, branch_id, business_date, local_hour, currency,
        receipts, total_minor, tax_minor, discount_minor, rounding_minor)
    select organization_id, branch_id, business_date, local_hour, currency,
        count(*), sum(total_minor), sum(tax_minor), sum(discount_minor), sum(rounding_minor)
    from receipts where organization_id = :organization group by 1, 2, 3, 4, 5""",
    """
    insert into sales_by_item (organization_id, branch_id, business_date, local_hour, item_id, item_name, category_name,
        currency, lines, quantity_milli, gross_minor, discount_minor, tax_minor, total_minor)
    select organization_id, branch_id, business_date, local_hour, item_id, item_name, category_name,
        currency, count(*), sum(quantity_milli), sum(gross_minor), sum(discount_minor), sum(tax_minor), sum(total_minor)
    from receipt_lines where organization_id = :organization group by 1, 2, 3, 4, 5, 6, 7, 8""",
    """
    insert into takings_by_method (organization_id, branch_id, business_date, local_hour, method_id, method_name, kind,
        currency, payments, amount_minor)
    select organization_id, branch_id, business_date, local_hour, method_id, method_name, kind,
        currency, count(*), sum(amount_minor)
    from payments where organization_id = :organization group by 1, 2, 3, 4, 5, 6, 7, 8""",
)


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "sales_by_hour",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("receipts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("total_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("tax_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("discount_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("rounding_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "branch_id", "business_date", "local_hour", "currency", name=op.f("pk_sales_by_hour")
        ),
    )
    op.create_table(
        "sales_by_item",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("item_name", sa.String(length=120), nullable=False),
        sa.Column("category_name", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("lines", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("quantity_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("gross_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("discount_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("tax_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("total_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "branch_id",
            "business_date",
            "local_hour",
            "item_id",
            "item_name",
            "category_name",
            "currency",
            name=op.f("pk_sales_by_item"),
        ),
    )
    op.create_table(
        "takings_by_method",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("method_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payments", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("amount_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "branch_id",
            "business_date",
            "local_hour",
            "method_id",
            "method_name",
            "kind",
            "currency",
            name=op.f("pk_takings_by_method"),
        ),
    )
    _fill(op.get_bind())


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("takings_by_method")
    op.drop_table("sales_by_item")
    op.drop_table("sales_by_hour")


def _fill(connection: sa.Connection) -> None:
    """Count the rows that are there already: tenant by tenant, since policies bind the owner of the tables, too."""
    for organization in connection.scalars(sa.text("select id from control.organization order by id")).all():
        connection.execute(
            sa.text("select set_config('comanda.organization_id', :organization, true)"),
            {"organization": str(organization)},
        )
        for fill in _FILLS:
            connection.execute(sa.text(fill), {"organization": organization})
