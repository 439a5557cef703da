"""The sums of sales: three tables that cloud and devices keep alike, over what receipts sold, and payments.

What a receipt line says of its item (id, name and category when it was sold) belongs to the key: a renamed dish begins
new rows and changes no old one. Readers group by `item_id` and show the newest name; by category they show the
categories as they were when the dish was sold.

`business_date` and `local_hour` are the branch's. Amounts in minor units of `currency`; two currencies are two rows.
"""

from __future__ import annotations

from shared.kernel.columns import Choice, Day, Hour, Key, Words
from shared.kernel.sums import sums_table
from shared.payments.rules import TenderKind

sales_by_hour = sums_table(
    "sales_by_hour",
    {"branch_id": Key(), "business_date": Day(), "local_hour": Hour(), "currency": Words(3)},
    (
        "facts",
        "checks",
        "total_minor",
        "tax_minor",
        "discount_minor",
        "service_minor",
        "rounding_minor",
        "refunded_minor",
        "lost_minor",
        "tips_minor",
    ),
)
"""Sales by the hour of settlement: checks that were paid, and what was sold, less what refunds of that hour took back
and less what parties left without paying. (Taxes and items still say what those parties had.)

`facts` counts the rows behind it; `rounding_minor` is what cash rounding added; `refunded_minor` and `lost_minor` say
how much refunds and losses took off the total; `tips_minor` is beside it.
"""

sales_by_item = sums_table(
    "sales_by_item",
    {
        "branch_id": Key(),
        "business_date": Day(),
        "local_hour": Hour(),
        "item_id": Key(),
        "item_name": Words(120),
        "category_name": Words(120),
        "currency": Words(3),
    },
    ("facts", "lines", "quantity_milli", "gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor"),
)
"""What receipts sold by item, with the name and category that the line says. `facts` counts the rows behind it."""

takings_by_method = sums_table(
    "takings_by_method",
    {
        "branch_id": Key(),
        "business_date": Day(),
        "local_hour": Hour(),
        "method_id": Key(),
        "method_name": Words(40),
        "kind": Choice(TenderKind, fallback=TenderKind.CARD),
        "currency": Words(3),
    },
    ("facts", "payments", "amount_minor"),
)
"""Payments by method, at the hour when the money came in, less what was given back by it, at its hour.

Those on checks that are still open count, too."""
