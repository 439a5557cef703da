"""the control plane and the restaurant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = "0000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "accounts_receivable",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_accounts_receivable")),
    )
    op.create_table(
        "approvals",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("of_table", sa.String(length=64), nullable=False),
        sa.Column("of_row_id", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_of_row_id", "approvals", ["of_row_id", "organization_id"], unique=False)
    op.create_table(
        "availability",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("is_modifier", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("pieces_milli", sa.BigInteger(), nullable=False),
        sa.Column("known_milli", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(length=120), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_availability")),
    )
    op.create_index(
        "ix_availability_business_date", "availability", ["branch_id", "organization_id", "business_date"], unique=False
    )
    op.create_index("ix_availability_replaces_id", "availability", ["replaces_id", "organization_id"], unique=False)
    op.create_table(
        "branches",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("cutoff_minutes", sa.BigInteger(), nullable=False),
        sa.Column("received_within_seconds", sa.BigInteger(), nullable=False),
        sa.Column("cash_step_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_rounding", sa.String(length=32), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_branches")),
    )
    op.create_table(
        "categories",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "parent_id"],
            ["categories.organization_id", "categories.id"],
            name=op.f("fk_categories_organization_id_parent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_categories")),
    )
    op.create_table(
        "courses",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_courses")),
    )
    op.create_table(
        "day_closes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("last_numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("missed_numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_day_closes")),
    )
    op.create_index(
        "ix_day_closes_business_date", "day_closes", ["branch_id", "organization_id", "business_date"], unique=False
    )
    op.create_table(
        "dayparts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("categories", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("only_branch", sa.Uuid(), nullable=True),
        sa.Column("weekdays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_dayparts")),
    )
    op.create_table(
        "display_trials",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_display_trials")),
    )
    op.create_index(
        "ix_display_trials_asked_at", "display_trials", ["branch_id", "organization_id", "asked_at"], unique=False
    )
    op.create_table(
        "drawers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("most_difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_drawers")),
    )
    op.create_table(
        "exceptions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("stream_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("came_right", sa.BigInteger(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_exceptions")),
    )
    op.create_index(
        "ix_exceptions_happened_at", "exceptions", ["branch_id", "organization_id", "happened_at"], unique=False
    )
    op.create_index("ix_exceptions_subject_id", "exceptions", ["subject_id", "organization_id"], unique=False)
    op.create_table(
        "exchange_rates",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_exchange_rates")),
    )
    op.create_index(
        "ix_exchange_rates_day", "exchange_rates", ["branch_id", "organization_id", "currency", "day"], unique=False
    )
    op.create_table(
        "forgotten",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_forgotten")),
    )
    op.create_index("ix_forgotten_subject_id", "forgotten", ["subject_id", "organization_id"], unique=False)
    op.create_table(
        "guest_doors",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_doors")),
    )
    op.create_table(
        "guest_links",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=False),
        sa.Column("admitted_by", sa.String(length=120), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_links")),
    )
    op.create_index("ix_guest_links_order_id", "guest_links", ["order_id", "organization_id"], unique=False)
    op.create_index("ix_guest_links_phone_id", "guest_links", ["phone_id", "organization_id"], unique=False)
    op.create_table(
        "guest_orders",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("asks", sa.String(length=32), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_orders")),
    )
    op.create_index("ix_guest_orders_order_id", "guest_orders", ["order_id", "organization_id"], unique=False)
    op.create_index(
        "ix_guest_orders_placed_at", "guest_orders", ["branch_id", "organization_id", "placed_at"], unique=False
    )
    op.create_index(
        "ix_guest_orders_subject_id", "guest_orders", ["subject_id", "organization_id", "placed_at"], unique=False
    )
    op.create_table(
        "guest_requests",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_requests")),
    )
    op.create_index(
        "ix_guest_requests_asked_at", "guest_requests", ["branch_id", "organization_id", "asked_at"], unique=False
    )
    op.create_table(
        "guest_settings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("deadline_seconds", sa.BigInteger(), nullable=False),
        sa.Column("staff_seconds", sa.BigInteger(), nullable=False),
        sa.Column("idle_minutes", sa.BigInteger(), nullable=False),
        sa.Column("orders_a_minute", sa.BigInteger(), nullable=False),
        sa.Column("most_portions", sa.BigInteger(), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_settings")),
    )
    op.create_table(
        "modifier_groups",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("maximum", sa.BigInteger(), nullable=False),
        sa.Column("pricing", sa.String(length=32), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_modifier_groups")),
    )
    op.create_table(
        "organizations",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("tax_number", sa.String(length=32), nullable=False),
        sa.Column("legal_name", sa.String(length=160), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "own_roles",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_own_roles")),
    )
    op.create_table(
        "payment_methods",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("asks", sa.String(length=32), nullable=False),
        sa.Column("qr_text", sa.String(length=500), nullable=False),
        sa.Column("gives_change", sa.Boolean(), nullable=False),
        sa.Column("needs_right", sa.String(length=40), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_payment_methods")),
    )
    op.create_table(
        "person_settings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_person_settings")),
    )
    op.create_index("ix_person_settings_person_id", "person_settings", ["person_id", "organization_id"], unique=False)
    op.create_table(
        "pin_changes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pin", sa.String(length=210), nullable=False),
        sa.Column("knew", sa.String(length=60), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_pin_changes")),
    )
    op.create_index(
        "ix_pin_changes_person_id", "pin_changes", ["person_id", "organization_id", "branch_id"], unique=False
    )
    op.create_table(
        "price_rules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("categories", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("only_branch", sa.Uuid(), nullable=True),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weekdays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_price_rules")),
    )
    op.create_table(
        "print_logos",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_print_logos")),
    )
    op.create_table(
        "print_requests",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("made_for", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printer", sa.String(length=24), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copies", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_print_requests")),
    )
    op.create_index(
        "ix_print_requests_state", "print_requests", ["branch_id", "organization_id", "state"], unique=False
    )
    op.create_table(
        "print_templates",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.Column("block", sa.String(length=24), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_print_templates")),
    )
    op.create_index("ix_print_templates_branch_id", "print_templates", ["branch_id", "organization_id"], unique=False)
    op.create_table(
        "printers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("transport", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("columns", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.String(length=16), nullable=False),
        sa.Column("page_number", sa.BigInteger(), nullable=False),
        sa.Column("cut", sa.String(length=32), nullable=False),
        sa.Column("feed_lines", sa.BigInteger(), nullable=False),
        sa.Column("top_lines", sa.BigInteger(), nullable=False),
        sa.Column("separates", sa.String(length=32), nullable=False),
        sa.Column("drawer_pin", sa.BigInteger(), nullable=False),
        sa.Column("drawer_device_id", sa.Uuid(), nullable=True),
        sa.Column("beep", sa.String(length=32), nullable=False),
        sa.Column("qr", sa.String(length=32), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("substitute", sa.String(length=24), nullable=False),
        sa.Column("substitute_after", sa.BigInteger(), nullable=False),
        sa.Column("most_age_seconds", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_printers")),
    )
    op.create_index("ix_printers_branch_id", "printers", ["branch_id", "organization_id"], unique=False)
    op.create_table(
        "reasons",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reasons")),
    )
    op.create_table(
        "role_rights",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("own_role_id", sa.Uuid(), nullable=True),
        sa.Column("permission", sa.String(length=32), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_role_rights")),
    )
    op.create_table(
        "safety_points",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("low_milli", sa.BigInteger(), nullable=True),
        sa.Column("high_milli", sa.BigInteger(), nullable=True),
        sa.Column("times", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("every_minutes", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_safety_points")),
    )
    op.create_index("ix_safety_points_branch_id", "safety_points", ["branch_id", "organization_id"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("exception_id", sa.Uuid(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=280), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_by_name", sa.String(length=120), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_settlements")),
    )
    op.create_index("ix_settlements_exception_id", "settlements", ["exception_id", "organization_id"], unique=False)
    op.create_table(
        "spaces",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_spaces")),
    )
    op.create_table(
        "staff",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("own_role_id", sa.Uuid(), nullable=True),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("pin_hint", sa.String(length=2), nullable=False),
        sa.Column("pin_said", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "stations",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_stations")),
    )
    op.create_table(
        "sync_verdicts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sync_verdicts")),
    )
    op.create_index(
        "ix_sync_verdicts_stream_id", "sync_verdicts", ["stream_id", "organization_id", "last_seq"], unique=False
    )
    op.create_table(
        "tax_categories",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_tax_categories")),
    )
    op.create_table(
        "time_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_time_entries")),
    )
    op.create_index(
        "ix_time_entries_person_id", "time_entries", ["person_id", "organization_id", "branch_id", "at"], unique=False
    )
    op.create_table(
        "account_payments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=21, collation="C"), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("method_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("authorization", sa.String(length=20), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["accounts_receivable.organization_id", "accounts_receivable.id"],
            name=op.f("fk_account_payments_organization_id_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "method_id"],
            ["payment_methods.organization_id", "payment_methods.id"],
            name=op.f("fk_account_payments_organization_id_method_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_account_payments")),
    )
    op.create_index(
        "ix_account_payments_account_id", "account_payments", ["account_id", "organization_id"], unique=False
    )
    op.create_index(
        "ix_account_payments_business_date",
        "account_payments",
        ["branch_id", "organization_id", "business_date"],
        unique=False,
    )
    op.create_index(
        "ix_account_payments_session_id", "account_payments", ["session_id", "organization_id"], unique=False
    )
    op.create_table(
        "branch_items",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kitchen_name", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("barcodes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("tax_category_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("course", sa.BigInteger(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("open_price", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("allergens", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "category_id"],
            ["categories.organization_id", "categories.id"],
            name=op.f("fk_branch_items_organization_id_category_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_branch_items_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "tax_category_id"],
            ["tax_categories.organization_id", "tax_categories.id"],
            name=op.f("fk_branch_items_organization_id_tax_category_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_branch_items")),
    )
    op.create_index("ix_branch_items_branch_id", "branch_items", ["branch_id", "organization_id"], unique=False)
    op.create_table(
        "devices",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "branch_id"],
            ["branches.organization_id", "branches.id"],
            name=op.f("fk_devices_organization_id_branch_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_devices")),
    )
    op.create_table(
        "dining_tables",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("shape", sa.String(length=32), nullable=False),
        sa.Column("out_of_service", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "space_id"],
            ["spaces.organization_id", "spaces.id"],
            name=op.f("fk_dining_tables_organization_id_space_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_dining_tables")),
    )
    op.create_table(
        "display_answers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("tickets", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "trial_id"],
            ["display_trials.organization_id", "display_trials.id"],
            name=op.f("fk_display_answers_organization_id_trial_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_display_answers")),
    )
    op.create_index("ix_display_answers_trial_id", "display_answers", ["trial_id", "organization_id"], unique=False)
    op.create_table(
        "drawer_sessions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("drawer_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_by_name", sa.String(length=120), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "drawer_id"],
            ["drawers.organization_id", "drawers.id"],
            name=op.f("fk_drawer_sessions_organization_id_drawer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_drawer_sessions")),
    )
    op.create_index(
        "ix_drawer_sessions_closed", "drawer_sessions", ["branch_id", "organization_id", "closed"], unique=False
    )
    op.create_index(
        "ix_drawer_sessions_device_id", "drawer_sessions", ["device_id", "organization_id", "opened_at"], unique=False
    )
    op.create_table(
        "guest_answers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("answered_by", sa.String(length=120), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "guest_order_id"],
            ["guest_orders.organization_id", "guest_orders.id"],
            name=op.f("fk_guest_answers_organization_id_guest_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_answers")),
    )
    op.create_index(
        "ix_guest_answers_guest_order_id", "guest_answers", ["guest_order_id", "organization_id"], unique=False
    )
    op.create_table(
        "guest_order_combos",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("extra_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_rule_id", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "guest_order_id"],
            ["guest_orders.organization_id", "guest_orders.id"],
            name=op.f("fk_guest_order_combos_organization_id_guest_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_order_combos")),
    )
    op.create_index(
        "ix_guest_order_combos_guest_order_id",
        "guest_order_combos",
        ["guest_order_id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "guest_order_lines",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=False),
        sa.Column("cart_line_id", sa.Uuid(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("modifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notes", sa.String(length=280), nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("item_name", sa.String(length=120), nullable=False),
        sa.Column("kitchen_name", sa.String(length=60), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("category_name", sa.String(length=120), nullable=False),
        sa.Column("tax_category_id", sa.Uuid(), nullable=True),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("listed_minor", sa.BigInteger(), nullable=True),
        sa.Column("combo_id", sa.Uuid(), nullable=True),
        sa.Column("combo_choice_id", sa.Uuid(), nullable=True),
        sa.Column("combo_name", sa.String(length=120), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_rule_id", sa.Uuid(), nullable=True),
        sa.Column("price_name", sa.String(length=60), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "guest_order_id"],
            ["guest_orders.organization_id", "guest_orders.id"],
            name=op.f("fk_guest_order_lines_organization_id_guest_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_order_lines")),
    )
    op.create_index(
        "ix_guest_order_lines_cart_line_id", "guest_order_lines", ["cart_line_id", "organization_id"], unique=False
    )
    op.create_index(
        "ix_guest_order_lines_guest_order_id", "guest_order_lines", ["guest_order_id", "organization_id"], unique=False
    )
    op.create_table(
        "guest_request_answers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_by_name", sa.String(length=120), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "request_id"],
            ["guest_requests.organization_id", "guest_requests.id"],
            name=op.f("fk_guest_request_answers_organization_id_request_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_request_answers")),
    )
    op.create_index(
        "ix_guest_request_answers_request_id", "guest_request_answers", ["request_id", "organization_id"], unique=False
    )
    op.create_table(
        "items",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kitchen_name", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("barcodes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("tax_category_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("course", sa.BigInteger(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("open_price", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("allergens", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "category_id"],
            ["categories.organization_id", "categories.id"],
            name=op.f("fk_items_organization_id_category_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_items_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "tax_category_id"],
            ["tax_categories.organization_id", "tax_categories.id"],
            name=op.f("fk_items_organization_id_tax_category_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_items")),
    )
    op.create_table(
        "modifiers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kitchen_name", sa.String(length=60), nullable=False),
        sa.Column("price_delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.Column("opens_id", sa.Uuid(), nullable=True),
        sa.Column("allergens", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "group_id"],
            ["modifier_groups.organization_id", "modifier_groups.id"],
            name=op.f("fk_modifiers_organization_id_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "opens_id"],
            ["modifier_groups.organization_id", "modifier_groups.id"],
            name=op.f("fk_modifiers_organization_id_opens_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_modifiers")),
    )
    op.create_index("ix_modifiers_group_id", "modifiers", ["group_id", "organization_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=True),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("guests", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.String(length=280), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("server_id", sa.Uuid(), nullable=True),
        sa.Column("server_name", sa.String(length=120), nullable=False),
        sa.Column("joined_to_id", sa.Uuid(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("beside", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=True),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "branch_id"],
            ["branches.organization_id", "branches.id"],
            name=op.f("fk_orders_organization_id_branch_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "joined_to_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_orders_organization_id_joined_to_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_orders")),
    )
    op.create_index("ix_orders_business_date", "orders", ["branch_id", "business_date"], unique=False)
    op.create_index("ix_orders_joined_to_id", "orders", ["joined_to_id", "organization_id"], unique=False)
    op.create_index("ix_orders_number", "orders", ["branch_id", "organization_id", "number"], unique=False)
    op.create_table(
        "print_rules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("printer", sa.String(length=24), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_print_rules_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_print_rules")),
    )
    op.create_index("ix_print_rules_branch_id", "print_rules", ["branch_id", "organization_id"], unique=False)
    op.create_table(
        "routes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("course", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("also_at", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "category_id"],
            ["categories.organization_id", "categories.id"],
            name=op.f("fk_routes_organization_id_category_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_routes_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_routes")),
    )
    op.create_table(
        "safety_readings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("point_name", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("low_milli", sa.BigInteger(), nullable=True),
        sa.Column("high_milli", sa.BigInteger(), nullable=True),
        sa.Column("value_milli", sa.BigInteger(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(length=280), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(length=120), nullable=False),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "point_id"],
            ["safety_points.organization_id", "safety_points.id"],
            name=op.f("fk_safety_readings_organization_id_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_safety_readings")),
    )
    op.create_index(
        "ix_safety_readings_claimed_at", "safety_readings", ["branch_id", "organization_id", "claimed_at"], unique=False
    )
    op.create_index(
        "ix_safety_readings_point_id", "safety_readings", ["point_id", "organization_id", "claimed_at"], unique=False
    )
    op.create_table(
        "service_rules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("taxed", sa.Boolean(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("least_guests", sa.BigInteger(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "branch_id"],
            ["branches.organization_id", "branches.id"],
            name=op.f("fk_service_rules_organization_id_branch_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_service_rules")),
    )
    op.create_table(
        "staff_assignments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "branch_id"],
            ["branches.organization_id", "branches.id"],
            name=op.f("fk_staff_assignments_organization_id_branch_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_id"],
            ["staff.organization_id", "staff.id"],
            name=op.f("fk_staff_assignments_organization_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_staff_assignments")),
    )
    op.create_index("ix_staff_assignments_staff_id", "staff_assignments", ["staff_id", "organization_id"], unique=False)
    op.create_table(
        "station_settings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("covered_by", sa.Uuid(), nullable=True),
        sa.Column("prepare_minutes", sa.BigInteger(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_station_settings_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_station_settings")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tax_category_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("per_unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "tax_category_id"],
            ["tax_categories.organization_id", "tax_categories.id"],
            name=op.f("fk_tax_rates_organization_id_tax_category_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_tax_rates")),
    )
    op.create_table(
        "branch_prices",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("knew", sa.String(length=60), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "item_id"],
            ["items.organization_id", "items.id"],
            name=op.f("fk_branch_prices_organization_id_item_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_branch_prices")),
    )
    op.create_index("ix_branch_prices_item_id", "branch_prices", ["item_id", "organization_id"], unique=False)
    op.create_table(
        "cash_movements",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=21, collation="C"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("in_minor", sa.BigInteger(), nullable=False),
        sa.Column("out_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken_minor", sa.BigInteger(), nullable=False),
        sa.Column("pieces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("drawer_id", sa.Uuid(), nullable=True),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("moved_by_name", sa.String(length=120), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_cash_movements_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_cash_movements")),
    )
    op.create_index(
        "ix_cash_movements_business_date",
        "cash_movements",
        ["branch_id", "organization_id", "business_date"],
        unique=False,
    )
    op.create_index("ix_cash_movements_session_id", "cash_movements", ["session_id", "organization_id"], unique=False)
    op.create_table(
        "checks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("split_of_id", sa.Uuid(), nullable=True),
        sa.Column("inherits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_checks_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_checks")),
    )
    op.create_index("ix_checks_order_id", "checks", ["order_id", "organization_id", "id"], unique=False)
    op.create_index("ix_checks_split_of_id", "checks", ["split_of_id", "organization_id"], unique=False)
    op.create_table(
        "combo_slots",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "item_id"],
            ["items.organization_id", "items.id"],
            name=op.f("fk_combo_slots_organization_id_item_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_combo_slots")),
    )
    op.create_index("ix_combo_slots_item_id", "combo_slots", ["item_id", "organization_id"], unique=False)
    op.create_table(
        "counts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column("method_name", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pieces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_by", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_counts_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_counts")),
    )
    op.create_index("ix_counts_session_id", "counts", ["session_id", "organization_id"], unique=False)
    op.create_table(
        "drawer_openings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("of_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_by_name", sa.String(length=120), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_drawer_openings_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_drawer_openings")),
    )
    op.create_index(
        "ix_drawer_openings_business_date",
        "drawer_openings",
        ["branch_id", "organization_id", "business_date"],
        unique=False,
    )
    op.create_index("ix_drawer_openings_session_id", "drawer_openings", ["session_id", "organization_id"], unique=False)
    op.create_table(
        "guest_allergies",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("allergen", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=60), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(length=120), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_guest_allergies_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_guest_allergies")),
    )
    op.create_index("ix_guest_allergies_order_id", "guest_allergies", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "hidden_items",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "item_id"],
            ["items.organization_id", "items.id"],
            name=op.f("fk_hidden_items_organization_id_item_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_hidden_items")),
    )
    op.create_index("ix_hidden_items_item_id", "hidden_items", ["item_id", "organization_id"], unique=False)
    op.create_table(
        "item_modifier_groups",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "group_id"],
            ["modifier_groups.organization_id", "modifier_groups.id"],
            name=op.f("fk_item_modifier_groups_organization_id_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "item_id"],
            ["items.organization_id", "items.id"],
            name=op.f("fk_item_modifier_groups_organization_id_item_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_item_modifier_groups")),
    )
    op.create_index(
        "ix_item_modifier_groups_item_id", "item_modifier_groups", ["item_id", "organization_id"], unique=False
    )
    op.create_table(
        "kitchen_messages",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("sender_name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=140), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read", sa.Boolean(), nullable=False),
        sa.Column("read_by", sa.String(length=120), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_kitchen_messages_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_kitchen_messages_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_kitchen_messages")),
    )
    op.create_index(
        "ix_kitchen_messages_sent_at", "kitchen_messages", ["branch_id", "organization_id", "sent_at"], unique=False
    )
    op.create_table(
        "kitchen_tickets",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("server_name", sa.String(length=120), nullable=False),
        sa.Column("notes", sa.String(length=280), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("bumped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started", sa.Boolean(), nullable=False),
        sa.Column("rushed", sa.Boolean(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("fired", sa.BigInteger(), nullable=False),
        sa.Column("moved_to", sa.Uuid(), nullable=True),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "moved_to"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_kitchen_tickets_organization_id_moved_to"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_kitchen_tickets_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_kitchen_tickets_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_kitchen_tickets")),
    )
    op.create_index(
        "ix_kitchen_tickets_bumped_at", "kitchen_tickets", ["branch_id", "organization_id", "bumped_at"], unique=False
    )
    op.create_index("ix_kitchen_tickets_order_id", "kitchen_tickets", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "order_combos",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("extra_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_rule_id", sa.Uuid(), nullable=True),
        sa.Column("guest_order_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_order_combos_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_order_combos")),
    )
    op.create_index("ix_order_combos_order_id", "order_combos", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "order_contacts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_order_contacts_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_order_contacts")),
    )
    op.create_index(
        "ix_order_contacts_order_id", "order_contacts", ["branch_id", "organization_id", "order_id"], unique=False
    )
    op.create_table(
        "order_courses",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_order_courses_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_order_courses")),
    )
    op.create_index(
        "ix_order_courses_fire_at", "order_courses", ["branch_id", "organization_id", "fire_at"], unique=False
    )
    op.create_index("ix_order_courses_order_id", "order_courses", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("guests", sa.BigInteger(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.LargeBinary(), nullable=True),
        sa.Column("beside", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_reservations_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "table_id"],
            ["dining_tables.organization_id", "dining_tables.id"],
            name=op.f("fk_reservations_organization_id_table_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reservations")),
    )
    op.create_index("ix_reservations_day", "reservations", ["branch_id", "organization_id", "day"], unique=False)
    op.create_table(
        "sections",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "table_id"],
            ["dining_tables.organization_id", "dining_tables.id"],
            name=op.f("fk_sections_organization_id_table_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sections")),
    )
    op.create_table(
        "table_codes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "table_id"],
            ["dining_tables.organization_id", "dining_tables.id"],
            name=op.f("fk_table_codes_organization_id_table_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_table_codes")),
    )
    op.create_index("ix_table_codes_code", "table_codes", ["code", "organization_id"], unique=False)
    op.create_index("ix_table_codes_table_id", "table_codes", ["table_id", "organization_id"], unique=False)
    op.create_table(
        "z_reports",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=21, collation="C"), nullable=False),
        sa.Column("drawer_name", sa.String(length=40), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_name", sa.String(length=120), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_by_name", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("receipts", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.BigInteger(), nullable=False),
        sa.Column("first_receipt", sa.String(length=24), nullable=False),
        sa.Column("last_receipt", sa.String(length=24), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("service_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("comp_minor", sa.BigInteger(), nullable=False),
        sa.Column("losses", sa.BigInteger(), nullable=False),
        sa.Column("lost_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("corrected_minor", sa.BigInteger(), nullable=False),
        sa.Column("openings", sa.BigInteger(), nullable=False),
        sa.Column("taxes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("methods", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("movements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("late", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head_chain", sa.String(length=64), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_z_reports_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_z_reports")),
    )
    op.create_index(
        "ix_z_reports_business_date", "z_reports", ["branch_id", "organization_id", "business_date"], unique=False
    )
    op.create_index("ix_z_reports_device_id", "z_reports", ["device_id", "organization_id", "closed_at"], unique=False)
    op.create_table(
        "combo_choices",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("price_delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "item_id"],
            ["items.organization_id", "items.id"],
            name=op.f("fk_combo_choices_organization_id_item_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "slot_id"],
            ["combo_slots.organization_id", "combo_slots.id"],
            name=op.f("fk_combo_choices_organization_id_slot_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_combo_choices")),
    )
    op.create_index("ix_combo_choices_slot_id", "combo_choices", ["slot_id", "organization_id"], unique=False)
    op.create_table(
        "discounts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("root_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("in_all_minor", sa.BigInteger(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("beside", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("lifted_after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_discounts_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_discounts")),
    )
    op.create_index("ix_discounts_check_id", "discounts", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_discounts_given_at", "discounts", ["branch_id", "organization_id", "given_at"], unique=False)
    op.create_index("ix_discounts_line_id", "discounts", ["line_id", "organization_id"], unique=False)
    op.create_index("ix_discounts_order_id", "discounts", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "kitchen_events",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_line_id", sa.Uuid(), nullable=True),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("late_seconds", sa.BigInteger(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "station_id"],
            ["stations.organization_id", "stations.id"],
            name=op.f("fk_kitchen_events_organization_id_station_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "ticket_id"],
            ["kitchen_tickets.organization_id", "kitchen_tickets.id"],
            name=op.f("fk_kitchen_events_organization_id_ticket_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_kitchen_events")),
    )
    op.create_index("ix_kitchen_events_ticket_id", "kitchen_events", ["ticket_id", "organization_id"], unique=False)
    op.create_table(
        "opening_results",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("became", sa.String(length=32), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "opening_id"],
            ["drawer_openings.organization_id", "drawer_openings.id"],
            name=op.f("fk_opening_results_organization_id_opening_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_opening_results")),
    )
    op.create_index("ix_opening_results_opening_id", "opening_results", ["opening_id", "organization_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("method_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tendered_minor", sa.BigInteger(), nullable=False),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("authorization", sa.String(length=20), nullable=False),
        sa.Column("given_currency", sa.String(length=3), nullable=False),
        sa.Column("given_minor", sa.BigInteger(), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(length=21, collation="C"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_payments_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "method_id"],
            ["payment_methods.organization_id", "payment_methods.id"],
            name=op.f("fk_payments_organization_id_method_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_payments_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_payments")),
    )
    op.create_index(
        "ix_payments_business_date", "payments", ["branch_id", "organization_id", "business_date"], unique=False
    )
    op.create_index("ix_payments_check_id", "payments", ["check_id", "organization_id"], unique=False)
    op.create_index(
        "ix_payments_number", "payments", ["branch_id", "organization_id", "number", "business_date"], unique=False
    )
    op.create_index(
        "ix_payments_reference",
        "payments",
        ["branch_id", "organization_id", "reference"],
        unique=False,
        sqlite_where=sa.text("reference <> ''"),
        postgresql_where=sa.text("reference <> ''"),
    )
    op.create_index("ix_payments_session_id", "payments", ["session_id", "organization_id"], unique=False)
    op.create_table(
        "prebills",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_prebills_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_prebills")),
    )
    op.create_index("ix_prebills_check_id", "prebills", ["check_id", "organization_id"], unique=False)
    op.create_table(
        "receipt_copies",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("of_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.BigInteger(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=True),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_receipt_copies_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_receipt_copies")),
    )
    op.create_index("ix_receipt_copies_of_id", "receipt_copies", ["of_id", "organization_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=21, collation="C"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("service_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.Column("taxes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("cashier_name", sa.String(length=120), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_receipts_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_receipts_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_receipts_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_receipts")),
    )
    op.create_index(
        "ix_receipts_business_date",
        "receipts",
        ["branch_id", "organization_id", "business_date", "settled_at"],
        unique=False,
    )
    op.create_index("ix_receipts_check_id", "receipts", ["check_id", "organization_id"], unique=False)
    op.create_index(
        "ix_receipts_number", "receipts", ["branch_id", "organization_id", "number", "business_date"], unique=False
    )
    op.create_index("ix_receipts_session_id", "receipts", ["session_id", "organization_id"], unique=False)
    op.create_index(
        "ix_receipts_total_minor", "receipts", ["branch_id", "organization_id", "total_minor"], unique=False
    )
    op.create_table(
        "refunds",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=21, collation="C"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("after_receipt", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refunded_by", sa.Uuid(), nullable=True),
        sa.Column("cashier_name", sa.String(length=120), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_refunds_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_refunds_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_refunds")),
    )
    op.create_index(
        "ix_refunds_business_date", "refunds", ["branch_id", "organization_id", "business_date"], unique=False
    )
    op.create_index("ix_refunds_check_id", "refunds", ["check_id", "organization_id"], unique=False)
    op.create_index(
        "ix_refunds_number", "refunds", ["branch_id", "organization_id", "number", "business_date"], unique=False
    )
    op.create_index("ix_refunds_order_id", "refunds", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "service_charges",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("taxed", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("lifted_after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("waived_minor", sa.BigInteger(), nullable=False),
        sa.Column("in_all_minor", sa.BigInteger(), nullable=False),
        sa.Column("alone_minor", sa.BigInteger(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("beside", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_service_charges_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_service_charges")),
    )
    op.create_index("ix_service_charges_check_id", "service_charges", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_service_charges_order_id", "service_charges", ["order_id", "organization_id"], unique=False)
    op.create_table(
        "tips",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(length=120), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("method_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("after_receipt", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_tips_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "method_id"],
            ["payment_methods.organization_id", "payment_methods.id"],
            name=op.f("fk_tips_organization_id_method_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_tips")),
    )
    op.create_index("ix_tips_business_date", "tips", ["branch_id", "organization_id", "business_date"], unique=False)
    op.create_index("ix_tips_check_id", "tips", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_tips_session_id", "tips", ["session_id", "organization_id"], unique=False)
    op.create_table(
        "account_charges",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_credit", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["accounts_receivable.organization_id", "accounts_receivable.id"],
            name=op.f("fk_account_charges_organization_id_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "payment_id"],
            ["payments.organization_id", "payments.id"],
            name=op.f("fk_account_charges_organization_id_payment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_account_charges")),
    )
    op.create_index("ix_account_charges_account_id", "account_charges", ["account_id", "organization_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("part_of_id", sa.Uuid(), nullable=True),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("gathered_from_id", sa.Uuid(), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("more_milli", sa.BigInteger(), nullable=False),
        sa.Column("taken_milli", sa.BigInteger(), nullable=False),
        sa.Column("taken_fine", sa.BigInteger(), nullable=False),
        sa.Column("modifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("notes", sa.String(length=280), nullable=True),
        sa.Column("seat", sa.BigInteger(), nullable=True),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("fired", sa.BigInteger(), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("item_name", sa.String(length=120), nullable=False),
        sa.Column("kitchen_name", sa.String(length=60), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("category_name", sa.String(length=120), nullable=False),
        sa.Column("tax_category_id", sa.Uuid(), nullable=True),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("listed_minor", sa.BigInteger(), nullable=True),
        sa.Column("combo_id", sa.Uuid(), nullable=True),
        sa.Column("combo_choice_id", sa.Uuid(), nullable=True),
        sa.Column("combo_name", sa.String(length=120), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_rule_id", sa.Uuid(), nullable=True),
        sa.Column("price_name", sa.String(length=60), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_order_lines_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "combo_choice_id"],
            ["combo_choices.organization_id", "combo_choices.id"],
            name=op.f("fk_order_lines_organization_id_combo_choice_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "combo_id"],
            ["order_combos.organization_id", "order_combos.id"],
            name=op.f("fk_order_lines_organization_id_combo_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "order_id"],
            ["orders.organization_id", "orders.id"],
            name=op.f("fk_order_lines_organization_id_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "root_id"],
            ["order_lines.organization_id", "order_lines.id"],
            name=op.f("fk_order_lines_organization_id_root_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_order_lines")),
    )
    op.create_index("ix_order_lines_check_id", "order_lines", ["check_id", "organization_id"], unique=False)
    op.create_index(
        "ix_order_lines_gathered",
        "order_lines",
        ["gathered_from_id", "organization_id"],
        unique=False,
        sqlite_where=sa.text("gathered_from_id IS NOT NULL"),
        postgresql_where=sa.text("gathered_from_id IS NOT NULL"),
    )
    op.create_index(
        "ix_order_lines_held",
        "order_lines",
        ["branch_id", "organization_id", "id"],
        unique=False,
        sqlite_where=sa.text("held > fired"),
        postgresql_where=sa.text("held > fired"),
    )
    op.create_index("ix_order_lines_item_id", "order_lines", ["item_id", "organization_id", "added_at"], unique=False)
    op.create_index("ix_order_lines_order_id", "order_lines", ["order_id", "organization_id", "id"], unique=False)
    op.create_index("ix_order_lines_root_id", "order_lines", ["root_id", "organization_id"], unique=False)
    op.create_table(
        "refund_payments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("method_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "method_id"],
            ["payment_methods.organization_id", "payment_methods.id"],
            name=op.f("fk_refund_payments_organization_id_method_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "refund_id"],
            ["refunds.organization_id", "refunds.id"],
            name=op.f("fk_refund_payments_organization_id_refund_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["drawer_sessions.organization_id", "drawer_sessions.id"],
            name=op.f("fk_refund_payments_organization_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_refund_payments")),
    )
    op.create_index("ix_refund_payments_check_id", "refund_payments", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_refund_payments_refund_id", "refund_payments", ["refund_id", "organization_id"], unique=False)
    op.create_index("ix_refund_payments_session_id", "refund_payments", ["session_id", "organization_id"], unique=False)
    op.create_table(
        "write_offs",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=True),
        sa.Column("local_hour", sa.BigInteger(), nullable=True),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["checks.organization_id", "checks.id"],
            name=op.f("fk_write_offs_organization_id_check_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_id"],
            ["receipts.organization_id", "receipts.id"],
            name=op.f("fk_write_offs_organization_id_receipt_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_write_offs")),
    )
    op.create_index(
        "ix_write_offs_business_date", "write_offs", ["branch_id", "organization_id", "business_date"], unique=False
    )
    op.create_index("ix_write_offs_check_id", "write_offs", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_write_offs_receipt_id", "write_offs", ["receipt_id", "organization_id"], unique=False)
    op.create_table(
        "line_voids",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("seen_milli", sa.BigInteger(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("thrown_milli", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "line_id"],
            ["order_lines.organization_id", "order_lines.id"],
            name=op.f("fk_line_voids_organization_id_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "root_id"],
            ["order_lines.organization_id", "order_lines.id"],
            name=op.f("fk_line_voids_organization_id_root_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_line_voids")),
    )
    op.create_index("ix_line_voids_root_id", "line_voids", ["root_id", "organization_id"], unique=False)
    op.create_index(
        "ix_line_voids_voided_at", "line_voids", ["branch_id", "organization_id", "voided_at"], unique=False
    )
    op.create_table(
        "receipt_lines",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("item_name", sa.String(length=120), nullable=False),
        sa.Column("combo_id", sa.Uuid(), nullable=True),
        sa.Column("combo_name", sa.String(length=120), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("category_name", sa.String(length=120), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("service_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("discounts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("adjusted_by", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taxes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_id"],
            ["receipts.organization_id", "receipts.id"],
            name=op.f("fk_receipt_lines_organization_id_receipt_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "root_id"],
            ["order_lines.organization_id", "order_lines.id"],
            name=op.f("fk_receipt_lines_organization_id_root_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_receipt_lines")),
    )
    op.create_index("ix_receipt_lines_check_id", "receipt_lines", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_receipt_lines_receipt_id", "receipt_lines", ["receipt_id", "organization_id"], unique=False)
    op.create_index("ix_receipt_lines_root_id", "receipt_lines", ["root_id", "organization_id"], unique=False)
    op.create_table(
        "ticket_lines",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("also_of_id", sa.Uuid(), nullable=True),
        sa.Column("item_name", sa.String(length=120), nullable=False),
        sa.Column("modifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("additions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("notes", sa.String(length=280), nullable=False),
        sa.Column("combo_name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("told_milli", sa.BigInteger(), nullable=False),
        sa.Column("back_milli", sa.BigInteger(), nullable=False),
        sa.Column("wasted_milli", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("served_milli", sa.BigInteger(), nullable=False),
        sa.Column("returned_milli", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "root_id"],
            ["order_lines.organization_id", "order_lines.id"],
            name=op.f("fk_ticket_lines_organization_id_root_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "ticket_id"],
            ["kitchen_tickets.organization_id", "kitchen_tickets.id"],
            name=op.f("fk_ticket_lines_organization_id_ticket_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_ticket_lines")),
    )
    op.create_index("ix_ticket_lines_root_id", "ticket_lines", ["root_id", "organization_id"], unique=False)
    op.create_index("ix_ticket_lines_ticket_id", "ticket_lines", ["ticket_id", "organization_id"], unique=False)
    op.create_index(
        "ix_ticket_lines_unserved",
        "ticket_lines",
        ["branch_id", "organization_id", "root_id"],
        unique=False,
        sqlite_where=sa.text("served_milli - returned_milli < told_milli - back_milli"),
        postgresql_where=sa.text("served_milli - returned_milli < told_milli - back_milli"),
    )
    op.create_table(
        "refund_lines",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_line_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("voided_milli", sa.BigInteger(), nullable=False),
        sa.Column("allowed_milli", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("service_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("discounts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taxes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_line_id"],
            ["receipt_lines.organization_id", "receipt_lines.id"],
            name=op.f("fk_refund_lines_organization_id_receipt_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "refund_id"],
            ["refunds.organization_id", "refunds.id"],
            name=op.f("fk_refund_lines_organization_id_refund_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "root_id"],
            ["order_lines.organization_id", "order_lines.id"],
            name=op.f("fk_refund_lines_organization_id_root_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_refund_lines")),
    )
    op.create_index("ix_refund_lines_check_id", "refund_lines", ["check_id", "organization_id"], unique=False)
    op.create_index("ix_refund_lines_refund_id", "refund_lines", ["refund_id", "organization_id"], unique=False)
    op.create_index("ix_refund_lines_root_id", "refund_lines", ["root_id", "organization_id"], unique=False)
    op.create_table(
        "sync_anew",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("state", sa.LargeBinary(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "scope_id", "table_name", name=op.f("pk_sync_anew")),
    )
    op.create_table(
        "sync_changes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(length=16), nullable=False),
        sa.Column("stored_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "stream_id", "seq", name=op.f("pk_sync_changes")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sync_changes_row_id", "sync_changes", ["row_id", "organization_id"], unique=False)
    op.create_table(
        "sync_clocks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("difference_ms", sa.BigInteger(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "device_id", name=op.f("pk_sync_clocks")),
    )
    op.create_table(
        "sync_counted_by",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_sync_counted_by")),
    )
    op.create_table(
        "sync_digests",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("tables", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "scope_id", name=op.f("pk_sync_digests")),
    )
    op.create_table(
        "sync_evidence",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("said_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "stream_id", "seq", name=op.f("pk_sync_evidence")),
    )
    op.create_table(
        "sync_hidden_references",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "parent_id", "table_name", "row_id", name=op.f("pk_sync_hidden_references")
        ),
    )
    op.create_table(
        "sync_parked",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("missing_row", sa.Uuid(), nullable=True),
        sa.Column("parked_ms", sa.BigInteger(), nullable=False),
        sa.Column("program", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "stream_id", "first_seq", name=op.f("pk_sync_parked")),
    )
    op.create_index("ix_sync_parked_missing_row", "sync_parked", ["missing_row", "organization_id"], unique=False)
    op.create_table(
        "sync_seals",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "stream_id", "seq", name=op.f("pk_sync_seals")),
    )
    op.create_table(
        "sync_set_aside",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("program", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reached_seq", sa.BigInteger(), nullable=True),
        sa.Column("left_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "stream_id", name=op.f("pk_sync_set_aside")),
    )
    op.create_table(
        "sync_streams",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head_chain", sa.LargeBinary(length=16), nullable=False),
        sa.Column("folded_seq", sa.BigInteger(), nullable=False),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False),
        sa.Column("judged_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_transaction", sa.BigInteger(), nullable=False),
        sa.Column("last_stamp", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sync_streams")),
    )
    op.create_table(
        "sealed_keys",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sealed_keys")),
    )
    op.create_index("ix_sealed_keys_subject_id", "sealed_keys", ["subject_id", "organization_id"], unique=False)
    op.create_table(
        "sealed_lookups",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "row_id", "field", name=op.f("pk_sealed_lookups")),
    )
    op.create_index("ix_sealed_lookups_digest", "sealed_lookups", ["digest", "organization_id"], unique=False)
    op.create_index("ix_sealed_lookups_subject_id", "sealed_lookups", ["subject_id", "organization_id"], unique=False)
    op.create_table(
        "sealed_subjects",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "scope_id", "id", name=op.f("pk_sealed_subjects")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(length=120), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        schema="control",
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.FetchedValue(), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.FetchedValue(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), server_default=sa.FetchedValue(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        schema="control",
    )
    op.create_index(
        "ix_audit_event_organization_id", "audit_event", ["organization_id", "at"], unique=False, schema="control"
    )
    op.create_table(
        "audit_head",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name=op.f("pk_audit_head")),
        schema="control",
    )
    op.create_table(
        "device_health",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("program", sa.String(length=40), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ahead_ms", sa.BigInteger(), nullable=True),
        sa.Column("disk_free_mb", sa.BigInteger(), nullable=True),
        sa.Column("printers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "device_id", name=op.f("pk_device_health")),
        schema="control",
    )
    op.create_table(
        "due",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "scope_id", name=op.f("pk_due")),
        schema="control",
    )
    op.create_index(op.f("ix_due_due_at"), "due", ["due_at"], unique=False, schema="control")
    op.create_table(
        "generation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_generation")),
        schema="control",
    )
    op.create_table(
        "idempotency_key",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("headers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "caller_id", "key_hash", name=op.f("pk_idempotency_key")),
        schema="control",
    )
    op.create_index(op.f("ix_idempotency_key_ends_at"), "idempotency_key", ["ends_at"], unique=False, schema="control")
    op.create_table(
        "job_key",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job_key")),
        schema="control",
    )
    op.create_index(op.f("ix_job_key_made_at"), "job_key", ["made_at"], unique=False, schema="control")
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("error", sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        schema="control",
    )
    op.create_index("ix_job_run_job_id", "job_run", ["job_id", "started_at"], unique=False, schema="control")
    op.create_index(op.f("ix_job_run_started_at"), "job_run", ["started_at"], unique=False, schema="control")
    op.create_table(
        "number_series",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=60), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "branch_id", "series", name=op.f("pk_number_series")),
        schema="control",
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("pin_pepper", sa.LargeBinary(length=32), nullable=False),
        sa.Column("folded_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier", sa.String(length=32), nullable=False),
        sa.Column("admins_need_code_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("delete_after", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("slug", name=op.f("uq_organization_slug")),
        schema="control",
    )
    op.create_table(
        "outbox",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("most_runs", sa.Integer(), nullable=False),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_outbox")),
        schema="control",
    )
    op.create_index(op.f("ix_outbox_expires_at"), "outbox", ["expires_at"], unique=False, schema="control")
    op.create_index(
        "ix_outbox_state",
        "outbox",
        ["state"],
        unique=False,
        schema="control",
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "page_token",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("session_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_page_token")),
        schema="control",
    )
    op.create_index(op.f("ix_page_token_account_id"), "page_token", ["account_id"], unique=False, schema="control")
    op.create_index(op.f("ix_page_token_ends_at"), "page_token", ["ends_at"], unique=False, schema="control")
    op.create_table(
        "process",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("fold", sa.String(length=20), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
        schema="control",
    )
    op.create_table(
        "rate_limit",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("whole_us", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit")),
        schema="control",
    )
    op.create_index(op.f("ix_rate_limit_whole_us"), "rate_limit", ["whole_us"], unique=False, schema="control")
    op.create_table(
        "refused_log_in",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "act", name=op.f("pk_refused_log_in")),
        schema="control",
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
        schema="control",
    )
    op.create_index(op.f("ix_throttle_whole_at"), "throttle", ["whole_at"], unique=False, schema="control")
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prefix", sa.String(length=24), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("branches", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_api_key_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_api_key_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_key_token_hash")),
        schema="control",
    )
    op.create_index("ix_api_key_organization_id", "api_key", ["organization_id", "id"], unique=False, schema="control")
    op.create_table(
        "branch",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_branch_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "branch_id", name=op.f("pk_branch")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_branch_organization_id_slug")),
        schema="control",
    )
    op.create_table(
        "former_branch_slug",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_former_branch_slug_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "slug", name=op.f("pk_former_branch_slug")),
        schema="control",
    )
    op.create_table(
        "former_slug",
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_former_slug_organization_id")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_former_slug")),
        schema="control",
    )
    op.create_index(
        op.f("ix_former_slug_organization_id"), "former_slug", ["organization_id"], unique=False, schema="control"
    )
    op.create_table(
        "guest_cart_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=False),
        sa.Column("phone_name", sa.String(length=120), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("guest_order_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_guest_cart_line_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_cart_line")),
        schema="control",
    )
    op.create_index(
        "ix_guest_cart_line_cart_id", "guest_cart_line", ["cart_id", "guest_order_id"], unique=False, schema="control"
    )
    op.create_index(op.f("ix_guest_cart_line_made_at"), "guest_cart_line", ["made_at"], unique=False, schema="control")
    op.create_index(
        op.f("ix_guest_cart_line_organization_id"),
        "guest_cart_line",
        ["organization_id"],
        unique=False,
        schema="control",
    )
    op.create_table(
        "guest_contact",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_guest_contact_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "branch_id", name=op.f("pk_guest_contact")),
        schema="control",
    )
    op.create_table(
        "guest_door",
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_guest_door_organization_id")
        ),
        sa.PrimaryKeyConstraint("door", name=op.f("pk_guest_door")),
        sa.UniqueConstraint("organization_id", "branch_id", name=op.f("uq_guest_door_organization_id_branch_id")),
        schema="control",
    )
    op.create_table(
        "guest_phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_guest_phone_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_phone")),
        schema="control",
    )
    op.create_index(
        op.f("ix_guest_phone_organization_id"), "guest_phone", ["organization_id"], unique=False, schema="control"
    )
    op.create_index("ix_guest_phone_table_id", "guest_phone", ["table_id", "made_at"], unique=False, schema="control")
    op.create_table(
        "log_in_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awaits_code", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_log_in_session_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_log_in_session_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_log_in_session_token_hash")),
        schema="control",
    )
    op.create_index(
        op.f("ix_log_in_session_account_id"), "log_in_session", ["account_id"], unique=False, schema="control"
    )
    op.create_index(op.f("ix_log_in_session_seen_at"), "log_in_session", ["seen_at"], unique=False, schema="control")
    op.create_table(
        "mailed_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("account_version", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_mailed_link_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_mailed_link_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mailed_link_token_hash")),
        schema="control",
    )
    op.create_index(op.f("ix_mailed_link_email"), "mailed_link", ["email"], unique=False, schema="control")
    op.create_index(op.f("ix_mailed_link_ends_at"), "mailed_link", ["ends_at"], unique=False, schema="control")
    op.create_index(
        op.f("ix_mailed_link_organization_id"), "mailed_link", ["organization_id"], unique=False, schema="control"
    )
    op.create_index(op.f("ix_mailed_link_staff_id"), "mailed_link", ["staff_id"], unique=False, schema="control")
    op.create_table(
        "membership",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_membership_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_membership_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "account_id", name=op.f("pk_membership")),
        sa.UniqueConstraint("organization_id", "staff_id", name=op.f("uq_membership_organization_id_staff_id")),
        schema="control",
    )
    op.create_index(op.f("ix_membership_account_id"), "membership", ["account_id"], unique=False, schema="control")
    op.create_table(
        "pairing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("device_kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("moves_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_pairing_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_pairing_code_hash")),
        schema="control",
    )
    op.create_index(op.f("ix_pairing_organization_id"), "pairing", ["organization_id"], unique=False, schema="control")
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
        schema="control",
    )
    op.create_table(
        "refresh_family",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("membership_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("program", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_refresh_family_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_refresh_family_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_family")),
        schema="control",
    )
    op.create_index(
        op.f("ix_refresh_family_account_id"), "refresh_family", ["account_id"], unique=False, schema="control"
    )
    op.create_index(
        op.f("ix_refresh_family_turned_at"), "refresh_family", ["turned_at"], unique=False, schema="control"
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["control.account.id"], name=op.f("fk_visit_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_visit_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        schema="control",
    )
    op.create_index("ix_visit_account_id", "visit", ["account_id", "ends_at"], unique=False, schema="control")
    op.create_index(op.f("ix_visit_organization_id"), "visit", ["organization_id"], unique=False, schema="control")
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["control.organization.id"], name=op.f("fk_device_organization_id")
        ),
        sa.ForeignKeyConstraint(["pairing_id"], ["control.pairing.id"], name=op.f("fk_device_pairing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("pairing_id", name=op.f("uq_device_pairing_id")),
        sa.UniqueConstraint("public_key", name=op.f("uq_device_public_key")),
        schema="control",
    )
    op.create_index("ix_device_branch", "device", ["organization_id", "branch_id"], unique=False, schema="control")
    op.create_table(
        "account_balances",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("facts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("charged_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("paid_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "branch_id", "account_id", "currency", name=op.f("pk_account_balances")
        ),
    )
    op.create_table(
        "check_balances",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("opened", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("has_left", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("settled", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("receipts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("live_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("owed_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("late_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("spare_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("to_send_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("held_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("in_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("refunded_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("counted_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("lost_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "branch_id", "check_id", name=op.f("pk_check_balances")),
    )
    op.create_index(
        "ix_check_balances_busy",
        "check_balances",
        ["branch_id", "organization_id"],
        unique=False,
        sqlite_where=sa.text(
            "owed_milli != 0 OR spare_milli != 0 OR to_send_milli != 0 OR held_milli != 0 OR in_minor != refunded_minor + counted_minor OR opened > 0 AND has_left = 0 AND settled = 0"
        ),
        postgresql_where=sa.text(
            "owed_milli != 0 OR spare_milli != 0 OR to_send_milli != 0 OR held_milli != 0 OR in_minor != refunded_minor + counted_minor OR opened > 0 AND has_left = 0 AND settled = 0"
        ),
    )
    op.create_table(
        "differences",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("also", sa.BigInteger(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("found", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("size", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "branch_id", "kind", "subject_id", "also", "check_id", name=op.f("pk_differences")
        ),
    )
    op.create_table(
        "kitchen_times_by_hour",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("item_name", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("lines", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("seconds", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("late", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("forgotten", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("unreceived", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_60", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_120", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_180", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_240", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_300", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_360", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_420", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_480", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_600", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_720", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_900", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_1200", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_1500", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_1800", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_2400", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_3600", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_7200", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("below_21600", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "branch_id",
            "business_date",
            "local_hour",
            "station_id",
            "item_name",
            name=op.f("pk_kitchen_times_by_hour"),
        ),
    )
    op.create_table(
        "sales_by_hour",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("facts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("checks", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("total_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("tax_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("discount_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("service_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("rounding_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("refunded_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("lost_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("tips_minor", sa.Numeric(precision=38, scale=0), nullable=False),
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
        sa.Column("facts", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("lines", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("quantity_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("gross_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("discount_minor", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("service_minor", sa.Numeric(precision=38, scale=0), nullable=False),
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
        sa.Column("facts", sa.Numeric(precision=38, scale=0), nullable=False),
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
    op.create_table(
        "ticket_balances",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("to_make_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("withdraw_milli", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "branch_id", "ticket_id", name=op.f("pk_ticket_balances")),
    )
    op.create_index(
        "ix_ticket_balances_asked",
        "ticket_balances",
        ["branch_id", "organization_id"],
        unique=False,
        sqlite_where=sa.text("to_make_milli != 0 OR withdraw_milli != 0"),
        postgresql_where=sa.text("to_make_milli != 0 OR withdraw_milli != 0"),
    )


def downgrade() -> None:
    """Take the revision back."""
    op.drop_index(
        "ix_ticket_balances_asked",
        table_name="ticket_balances",
        sqlite_where=sa.text("to_make_milli != 0 OR withdraw_milli != 0"),
        postgresql_where=sa.text("to_make_milli != 0 OR withdraw_milli != 0"),
    )
    op.drop_table("ticket_balances")
    op.drop_table("takings_by_method")
    op.drop_table("sales_by_item")
    op.drop_table("sales_by_hour")
    op.drop_table("kitchen_times_by_hour")
    op.drop_table("differences")
    op.drop_index(
        "ix_check_balances_busy",
        table_name="check_balances",
        sqlite_where=sa.text(
            "owed_milli != 0 OR spare_milli != 0 OR to_send_milli != 0 OR held_milli != 0 OR in_minor != refunded_minor + counted_minor OR opened > 0 AND has_left = 0 AND settled = 0"
        ),
        postgresql_where=sa.text(
            "owed_milli != 0 OR spare_milli != 0 OR to_send_milli != 0 OR held_milli != 0 OR in_minor != refunded_minor + counted_minor OR opened > 0 AND has_left = 0 AND settled = 0"
        ),
    )
    op.drop_table("check_balances")
    op.drop_table("account_balances")
    op.drop_index("ix_device_branch", table_name="device", schema="control")
    op.drop_table("device", schema="control")
    op.drop_index(op.f("ix_visit_organization_id"), table_name="visit", schema="control")
    op.drop_index("ix_visit_account_id", table_name="visit", schema="control")
    op.drop_table("visit", schema="control")
    op.drop_index(op.f("ix_refresh_family_turned_at"), table_name="refresh_family", schema="control")
    op.drop_index(op.f("ix_refresh_family_account_id"), table_name="refresh_family", schema="control")
    op.drop_table("refresh_family", schema="control")
    op.drop_table("recovery_code", schema="control")
    op.drop_index(op.f("ix_pairing_organization_id"), table_name="pairing", schema="control")
    op.drop_table("pairing", schema="control")
    op.drop_index(op.f("ix_membership_account_id"), table_name="membership", schema="control")
    op.drop_table("membership", schema="control")
    op.drop_index(op.f("ix_mailed_link_staff_id"), table_name="mailed_link", schema="control")
    op.drop_index(op.f("ix_mailed_link_organization_id"), table_name="mailed_link", schema="control")
    op.drop_index(op.f("ix_mailed_link_ends_at"), table_name="mailed_link", schema="control")
    op.drop_index(op.f("ix_mailed_link_email"), table_name="mailed_link", schema="control")
    op.drop_table("mailed_link", schema="control")
    op.drop_index(op.f("ix_log_in_session_seen_at"), table_name="log_in_session", schema="control")
    op.drop_index(op.f("ix_log_in_session_account_id"), table_name="log_in_session", schema="control")
    op.drop_table("log_in_session", schema="control")
    op.drop_index("ix_guest_phone_table_id", table_name="guest_phone", schema="control")
    op.drop_index(op.f("ix_guest_phone_organization_id"), table_name="guest_phone", schema="control")
    op.drop_table("guest_phone", schema="control")
    op.drop_table("guest_door", schema="control")
    op.drop_table("guest_contact", schema="control")
    op.drop_index(op.f("ix_guest_cart_line_organization_id"), table_name="guest_cart_line", schema="control")
    op.drop_index(op.f("ix_guest_cart_line_made_at"), table_name="guest_cart_line", schema="control")
    op.drop_index("ix_guest_cart_line_cart_id", table_name="guest_cart_line", schema="control")
    op.drop_table("guest_cart_line", schema="control")
    op.drop_index(op.f("ix_former_slug_organization_id"), table_name="former_slug", schema="control")
    op.drop_table("former_slug", schema="control")
    op.drop_table("former_branch_slug", schema="control")
    op.drop_table("branch", schema="control")
    op.drop_index("ix_api_key_organization_id", table_name="api_key", schema="control")
    op.drop_table("api_key", schema="control")
    op.drop_index(op.f("ix_throttle_whole_at"), table_name="throttle", schema="control")
    op.drop_table("throttle", schema="control")
    op.drop_table("refused_log_in", schema="control")
    op.drop_index(op.f("ix_rate_limit_whole_us"), table_name="rate_limit", schema="control")
    op.drop_table("rate_limit", schema="control")
    op.drop_table("process", schema="control")
    op.drop_index(op.f("ix_page_token_ends_at"), table_name="page_token", schema="control")
    op.drop_index(op.f("ix_page_token_account_id"), table_name="page_token", schema="control")
    op.drop_table("page_token", schema="control")
    op.drop_index("ix_outbox_state", table_name="outbox", schema="control", postgresql_where=sa.text("state <> 'done'"))
    op.drop_index(op.f("ix_outbox_expires_at"), table_name="outbox", schema="control")
    op.drop_table("outbox", schema="control")
    op.drop_table("organization", schema="control")
    op.drop_table("number_series", schema="control")
    op.drop_index(op.f("ix_job_run_started_at"), table_name="job_run", schema="control")
    op.drop_index("ix_job_run_job_id", table_name="job_run", schema="control")
    op.drop_table("job_run", schema="control")
    op.drop_index(op.f("ix_job_key_made_at"), table_name="job_key", schema="control")
    op.drop_table("job_key", schema="control")
    op.drop_index(op.f("ix_idempotency_key_ends_at"), table_name="idempotency_key", schema="control")
    op.drop_table("idempotency_key", schema="control")
    op.drop_table("generation", schema="control")
    op.drop_index(op.f("ix_due_due_at"), table_name="due", schema="control")
    op.drop_table("due", schema="control")
    op.drop_table("device_health", schema="control")
    op.drop_table("audit_head", schema="control")
    op.drop_index("ix_audit_event_organization_id", table_name="audit_event", schema="control")
    op.drop_table("audit_event", schema="control")
    op.drop_table("account", schema="control")
    op.drop_table("sealed_subjects")
    op.drop_index("ix_sealed_lookups_subject_id", table_name="sealed_lookups")
    op.drop_index("ix_sealed_lookups_digest", table_name="sealed_lookups")
    op.drop_table("sealed_lookups")
    op.drop_index("ix_sealed_keys_subject_id", table_name="sealed_keys")
    op.drop_table("sealed_keys")
    op.drop_table("sync_streams")
    op.drop_table("sync_set_aside")
    op.drop_table("sync_seals")
    op.drop_index("ix_sync_parked_missing_row", table_name="sync_parked")
    op.drop_table("sync_parked")
    op.drop_table("sync_hidden_references")
    op.drop_table("sync_evidence")
    op.drop_table("sync_digests")
    op.drop_table("sync_counted_by")
    op.drop_table("sync_clocks")
    op.drop_index("ix_sync_changes_row_id", table_name="sync_changes")
    op.drop_table("sync_changes")
    op.drop_table("sync_anew")
    op.drop_index("ix_refund_lines_root_id", table_name="refund_lines")
    op.drop_index("ix_refund_lines_refund_id", table_name="refund_lines")
    op.drop_index("ix_refund_lines_check_id", table_name="refund_lines")
    op.drop_table("refund_lines")
    op.drop_index(
        "ix_ticket_lines_unserved",
        table_name="ticket_lines",
        sqlite_where=sa.text("served_milli - returned_milli < told_milli - back_milli"),
        postgresql_where=sa.text("served_milli - returned_milli < told_milli - back_milli"),
    )
    op.drop_index("ix_ticket_lines_ticket_id", table_name="ticket_lines")
    op.drop_index("ix_ticket_lines_root_id", table_name="ticket_lines")
    op.drop_table("ticket_lines")
    op.drop_index("ix_receipt_lines_root_id", table_name="receipt_lines")
    op.drop_index("ix_receipt_lines_receipt_id", table_name="receipt_lines")
    op.drop_index("ix_receipt_lines_check_id", table_name="receipt_lines")
    op.drop_table("receipt_lines")
    op.drop_index("ix_line_voids_voided_at", table_name="line_voids")
    op.drop_index("ix_line_voids_root_id", table_name="line_voids")
    op.drop_table("line_voids")
    op.drop_index("ix_write_offs_receipt_id", table_name="write_offs")
    op.drop_index("ix_write_offs_check_id", table_name="write_offs")
    op.drop_index("ix_write_offs_business_date", table_name="write_offs")
    op.drop_table("write_offs")
    op.drop_index("ix_refund_payments_session_id", table_name="refund_payments")
    op.drop_index("ix_refund_payments_refund_id", table_name="refund_payments")
    op.drop_index("ix_refund_payments_check_id", table_name="refund_payments")
    op.drop_table("refund_payments")
    op.drop_index("ix_order_lines_root_id", table_name="order_lines")
    op.drop_index("ix_order_lines_order_id", table_name="order_lines")
    op.drop_index("ix_order_lines_item_id", table_name="order_lines")
    op.drop_index(
        "ix_order_lines_held",
        table_name="order_lines",
        sqlite_where=sa.text("held > fired"),
        postgresql_where=sa.text("held > fired"),
    )
    op.drop_index(
        "ix_order_lines_gathered",
        table_name="order_lines",
        sqlite_where=sa.text("gathered_from_id IS NOT NULL"),
        postgresql_where=sa.text("gathered_from_id IS NOT NULL"),
    )
    op.drop_index("ix_order_lines_check_id", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index("ix_account_charges_account_id", table_name="account_charges")
    op.drop_table("account_charges")
    op.drop_index("ix_tips_session_id", table_name="tips")
    op.drop_index("ix_tips_check_id", table_name="tips")
    op.drop_index("ix_tips_business_date", table_name="tips")
    op.drop_table("tips")
    op.drop_index("ix_service_charges_order_id", table_name="service_charges")
    op.drop_index("ix_service_charges_check_id", table_name="service_charges")
    op.drop_table("service_charges")
    op.drop_index("ix_refunds_order_id", table_name="refunds")
    op.drop_index("ix_refunds_number", table_name="refunds")
    op.drop_index("ix_refunds_check_id", table_name="refunds")
    op.drop_index("ix_refunds_business_date", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_receipts_total_minor", table_name="receipts")
    op.drop_index("ix_receipts_session_id", table_name="receipts")
    op.drop_index("ix_receipts_number", table_name="receipts")
    op.drop_index("ix_receipts_check_id", table_name="receipts")
    op.drop_index("ix_receipts_business_date", table_name="receipts")
    op.drop_table("receipts")
    op.drop_index("ix_receipt_copies_of_id", table_name="receipt_copies")
    op.drop_table("receipt_copies")
    op.drop_index("ix_prebills_check_id", table_name="prebills")
    op.drop_table("prebills")
    op.drop_index("ix_payments_session_id", table_name="payments")
    op.drop_index(
        "ix_payments_reference",
        table_name="payments",
        sqlite_where=sa.text("reference <> ''"),
        postgresql_where=sa.text("reference <> ''"),
    )
    op.drop_index("ix_payments_number", table_name="payments")
    op.drop_index("ix_payments_check_id", table_name="payments")
    op.drop_index("ix_payments_business_date", table_name="payments")
    op.drop_table("payments")
    op.drop_index("ix_opening_results_opening_id", table_name="opening_results")
    op.drop_table("opening_results")
    op.drop_index("ix_kitchen_events_ticket_id", table_name="kitchen_events")
    op.drop_table("kitchen_events")
    op.drop_index("ix_discounts_order_id", table_name="discounts")
    op.drop_index("ix_discounts_line_id", table_name="discounts")
    op.drop_index("ix_discounts_given_at", table_name="discounts")
    op.drop_index("ix_discounts_check_id", table_name="discounts")
    op.drop_table("discounts")
    op.drop_index("ix_combo_choices_slot_id", table_name="combo_choices")
    op.drop_table("combo_choices")
    op.drop_index("ix_z_reports_device_id", table_name="z_reports")
    op.drop_index("ix_z_reports_business_date", table_name="z_reports")
    op.drop_table("z_reports")
    op.drop_index("ix_table_codes_table_id", table_name="table_codes")
    op.drop_index("ix_table_codes_code", table_name="table_codes")
    op.drop_table("table_codes")
    op.drop_table("sections")
    op.drop_index("ix_reservations_day", table_name="reservations")
    op.drop_table("reservations")
    op.drop_index("ix_order_courses_order_id", table_name="order_courses")
    op.drop_index("ix_order_courses_fire_at", table_name="order_courses")
    op.drop_table("order_courses")
    op.drop_index("ix_order_contacts_order_id", table_name="order_contacts")
    op.drop_table("order_contacts")
    op.drop_index("ix_order_combos_order_id", table_name="order_combos")
    op.drop_table("order_combos")
    op.drop_index("ix_kitchen_tickets_order_id", table_name="kitchen_tickets")
    op.drop_index("ix_kitchen_tickets_bumped_at", table_name="kitchen_tickets")
    op.drop_table("kitchen_tickets")
    op.drop_index("ix_kitchen_messages_sent_at", table_name="kitchen_messages")
    op.drop_table("kitchen_messages")
    op.drop_index("ix_item_modifier_groups_item_id", table_name="item_modifier_groups")
    op.drop_table("item_modifier_groups")
    op.drop_index("ix_hidden_items_item_id", table_name="hidden_items")
    op.drop_table("hidden_items")
    op.drop_index("ix_guest_allergies_order_id", table_name="guest_allergies")
    op.drop_table("guest_allergies")
    op.drop_index("ix_drawer_openings_session_id", table_name="drawer_openings")
    op.drop_index("ix_drawer_openings_business_date", table_name="drawer_openings")
    op.drop_table("drawer_openings")
    op.drop_index("ix_counts_session_id", table_name="counts")
    op.drop_table("counts")
    op.drop_index("ix_combo_slots_item_id", table_name="combo_slots")
    op.drop_table("combo_slots")
    op.drop_index("ix_checks_split_of_id", table_name="checks")
    op.drop_index("ix_checks_order_id", table_name="checks")
    op.drop_table("checks")
    op.drop_index("ix_cash_movements_session_id", table_name="cash_movements")
    op.drop_index("ix_cash_movements_business_date", table_name="cash_movements")
    op.drop_table("cash_movements")
    op.drop_index("ix_branch_prices_item_id", table_name="branch_prices")
    op.drop_table("branch_prices")
    op.drop_table("tax_rates")
    op.drop_table("station_settings")
    op.drop_index("ix_staff_assignments_staff_id", table_name="staff_assignments")
    op.drop_table("staff_assignments")
    op.drop_table("service_rules")
    op.drop_index("ix_safety_readings_point_id", table_name="safety_readings")
    op.drop_index("ix_safety_readings_claimed_at", table_name="safety_readings")
    op.drop_table("safety_readings")
    op.drop_table("routes")
    op.drop_index("ix_print_rules_branch_id", table_name="print_rules")
    op.drop_table("print_rules")
    op.drop_index("ix_orders_number", table_name="orders")
    op.drop_index("ix_orders_joined_to_id", table_name="orders")
    op.drop_index("ix_orders_business_date", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_modifiers_group_id", table_name="modifiers")
    op.drop_table("modifiers")
    op.drop_table("items")
    op.drop_index("ix_guest_request_answers_request_id", table_name="guest_request_answers")
    op.drop_table("guest_request_answers")
    op.drop_index("ix_guest_order_lines_guest_order_id", table_name="guest_order_lines")
    op.drop_index("ix_guest_order_lines_cart_line_id", table_name="guest_order_lines")
    op.drop_table("guest_order_lines")
    op.drop_index("ix_guest_order_combos_guest_order_id", table_name="guest_order_combos")
    op.drop_table("guest_order_combos")
    op.drop_index("ix_guest_answers_guest_order_id", table_name="guest_answers")
    op.drop_table("guest_answers")
    op.drop_index("ix_drawer_sessions_device_id", table_name="drawer_sessions")
    op.drop_index("ix_drawer_sessions_closed", table_name="drawer_sessions")
    op.drop_table("drawer_sessions")
    op.drop_index("ix_display_answers_trial_id", table_name="display_answers")
    op.drop_table("display_answers")
    op.drop_table("dining_tables")
    op.drop_table("devices")
    op.drop_index("ix_branch_items_branch_id", table_name="branch_items")
    op.drop_table("branch_items")
    op.drop_index("ix_account_payments_session_id", table_name="account_payments")
    op.drop_index("ix_account_payments_business_date", table_name="account_payments")
    op.drop_index("ix_account_payments_account_id", table_name="account_payments")
    op.drop_table("account_payments")
    op.drop_index("ix_time_entries_person_id", table_name="time_entries")
    op.drop_table("time_entries")
    op.drop_table("tax_categories")
    op.drop_index("ix_sync_verdicts_stream_id", table_name="sync_verdicts")
    op.drop_table("sync_verdicts")
    op.drop_table("stations")
    op.drop_table("staff")
    op.drop_table("spaces")
    op.drop_index("ix_settlements_exception_id", table_name="settlements")
    op.drop_table("settlements")
    op.drop_index("ix_safety_points_branch_id", table_name="safety_points")
    op.drop_table("safety_points")
    op.drop_table("role_rights")
    op.drop_table("reasons")
    op.drop_index("ix_printers_branch_id", table_name="printers")
    op.drop_table("printers")
    op.drop_index("ix_print_templates_branch_id", table_name="print_templates")
    op.drop_table("print_templates")
    op.drop_index("ix_print_requests_state", table_name="print_requests")
    op.drop_table("print_requests")
    op.drop_table("print_logos")
    op.drop_table("price_rules")
    op.drop_index("ix_pin_changes_person_id", table_name="pin_changes")
    op.drop_table("pin_changes")
    op.drop_index("ix_person_settings_person_id", table_name="person_settings")
    op.drop_table("person_settings")
    op.drop_table("payment_methods")
    op.drop_table("own_roles")
    op.drop_table("organizations")
    op.drop_table("modifier_groups")
    op.drop_table("guest_settings")
    op.drop_index("ix_guest_requests_asked_at", table_name="guest_requests")
    op.drop_table("guest_requests")
    op.drop_index("ix_guest_orders_subject_id", table_name="guest_orders")
    op.drop_index("ix_guest_orders_placed_at", table_name="guest_orders")
    op.drop_index("ix_guest_orders_order_id", table_name="guest_orders")
    op.drop_table("guest_orders")
    op.drop_index("ix_guest_links_phone_id", table_name="guest_links")
    op.drop_index("ix_guest_links_order_id", table_name="guest_links")
    op.drop_table("guest_links")
    op.drop_table("guest_doors")
    op.drop_index("ix_forgotten_subject_id", table_name="forgotten")
    op.drop_table("forgotten")
    op.drop_index("ix_exchange_rates_day", table_name="exchange_rates")
    op.drop_table("exchange_rates")
    op.drop_index("ix_exceptions_subject_id", table_name="exceptions")
    op.drop_index("ix_exceptions_happened_at", table_name="exceptions")
    op.drop_table("exceptions")
    op.drop_table("drawers")
    op.drop_index("ix_display_trials_asked_at", table_name="display_trials")
    op.drop_table("display_trials")
    op.drop_table("dayparts")
    op.drop_index("ix_day_closes_business_date", table_name="day_closes")
    op.drop_table("day_closes")
    op.drop_table("courses")
    op.drop_table("categories")
    op.drop_table("branches")
    op.drop_index("ix_availability_replaces_id", table_name="availability")
    op.drop_index("ix_availability_business_date", table_name="availability")
    op.drop_table("availability")
    op.drop_index("ix_approvals_of_row_id", table_name="approvals")
    op.drop_table("approvals")
    op.drop_table("accounts_receivable")
