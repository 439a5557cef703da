"""The roll-ups of sales: three tables of sums. How they are kept is `projection.py`'s part.

Every row is a pure sum over ledger rows, so folding in any order, in any batches, and taking a voided row back lead to
the same figures. Therefore all that a receipt line says of itself (item, its name and category on that day) belongs to
the key: a renamed dish begins new rows from that day on and touches no old one. Readers group by `item_id` and
show the newest name; by category they show the categories as they were when the dish was sold.

Sums have more digits than any number of amounts can fill: a sum that could not be written would refuse the sale itself.

`business_date` and `local_hour` are the branch's. Amounts in minor units of `currency`; two currencies are two rows.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from shared.kernel.columns import Choice, Day, Hour, Key, Words
from shared.kernel.records import NAMING
from shared.payments.rules import TenderKind

metadata = sa.MetaData(naming_convention=NAMING)


class Sum(sa.TypeDecorator[int]):
    """A whole number of up to 38 digits."""

    impl = sa.Numeric(38, 0)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> int | None:
        """What the driver gives to an integer."""
        return None if value is None else int(value)


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


def _sum(name: str) -> sa.Column[int]:
    return sa.Column(name, Sum(), nullable=False)


sales_by_hour = sa.Table(
    "sales_by_hour",
    metadata,
    _key("organization_id", Key()),
    _key("branch_id", Key()),
    _key("business_date", Day()),
    _key("local_hour", Hour()),
    _key("currency", Words(3)),
    _sum("receipts"),
    _sum("total_minor"),
    _sum("tax_minor"),
    _sum("discount_minor"),
    _sum("rounding_minor"),
)
"""Receipts by the hour of settlement. `total_minor` is what was sold; `rounding_minor` what cash rounding added."""

sales_by_item = sa.Table(
    "sales_by_item",
    metadata,
    _key("organization_id", Key()),
    _key("branch_id", Key()),
    _key("business_date", Day()),
    _key("local_hour", Hour()),
    _key("item_id", Key()),
    _key("item_name", Words(120)),
    _key("category_name", Words(120)),
    _key("currency", Words(3)),
    _sum("lines"),
    _sum("quantity_milli"),
    _sum("gross_minor"),
    _sum("discount_minor"),
    _sum("tax_minor"),
    _sum("total_minor"),
)
"""Receipt lines by item, with the name and category that the line says."""

takings_by_method = sa.Table(
    "takings_by_method",
    metadata,
    _key("organization_id", Key()),
    _key("branch_id", Key()),
    _key("business_date", Day()),
    _key("local_hour", Hour()),
    _key("method_id", Key()),
    _key("method_name", Words(40)),
    _key("kind", Choice(TenderKind)),
    _key("currency", Words(3)),
    _sum("payments"),
    _sum("amount_minor"),
)
"""Payments by method, at the hour when the money came in; those on checks that are still open too."""
