"""The declared sums of sales, over receipts, their lines, and payments."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa

from shared.kernel.sums import Sum
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method

SUMS = (
    Sum(sales_by_hour, cast("sa.Table", Receipt.__table__), counts="receipts"),
    Sum(sales_by_item, cast("sa.Table", ReceiptLine.__table__), counts="lines"),
    Sum(takings_by_method, cast("sa.Table", Payment.__table__), counts="payments"),
)
