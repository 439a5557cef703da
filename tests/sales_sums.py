"""A day of a branch in the tables of sums, written by hand: what was sold by hour, by item and by method."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.ids import derived_id
from shared.payments.rules import TenderKind
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method

SOMEBODY = UUID(int=1)
DAY = date(2026, 3, 14)
ITEMS = {"Lomo saltado": 3_800, "Ceviche clásico": 4_200, "Chicha morada": 800}
METHODS = {"Efectivo": TenderKind.CASH, "Yape": TenderKind.WALLET, "Visa": TenderKind.CARD}


def a_receipt(number: int, total_minor: int, organization_id: UUID = SOMEBODY) -> dict[str, Any]:
    """The row of a receipt of one o'clock."""
    return {
        "organization_id": organization_id,
        "id": UUID(int=number),
        "branch_id": UUID(int=2),
        "stamps": b"",
        "check_id": UUID(int=number),
        "order_id": UUID(int=number),
        "number": f"A-{number}",
        "currency": "PEN",
        "gross_minor": total_minor,
        "discount_minor": 0,
        "net_minor": total_minor,
        "tax_minor": 0,
        "total_minor": total_minor,
        "rounding_minor": 0,
        "change_minor": 0,
        "taxes": [],
        "settled_at": datetime(2026, 3, 14, 18, tzinfo=UTC),
        "cashier_name": "Rosa",
        "business_date": DAY,
        "local_hour": 13,
    }


def sums_of_a_day(
    organization_id: UUID, branch_id: UUID, day: date = DAY, currency: str = "PEN"
) -> dict[sa.Table, list[dict[str, Any]]]:
    """Three hours, the last after midnight; the lomo was renamed at two, and costs the same."""
    of_hour = {"organization_id": organization_id, "branch_id": branch_id, "business_date": day, "currency": currency}
    rows: dict[sa.Table, list[dict[str, Any]]] = {sales_by_hour: [], sales_by_item: [], takings_by_method: []}
    for hour, receipts in ((13, 3), (14, 2), (0, 1)):
        at = {**of_hour, "local_hour": hour}
        total = 0
        for name, price in ITEMS.items():
            shown = f"{name} grande" if name.startswith("Lomo") and hour != 13 else name
            charged = receipts * price
            total += charged
            rows[sales_by_item].append(
                {
                    **at,
                    "item_id": derived_id("test", "item", name),
                    "item_name": shown,
                    "category_name": "Fondos",
                    "facts": receipts,
                    "lines": receipts,
                    "quantity_milli": receipts * 1_000,
                    "gross_minor": charged + 100,
                    "discount_minor": 100,
                    "service_minor": 0,
                    "tax_minor": charged * 18 // 118,
                    "total_minor": charged,
                }
            )
        sums = {"tax_minor": total * 18 // 118, "discount_minor": 300, "rounding_minor": -4}
        counts = {
            "facts": receipts,
            "checks": receipts,
            "service_minor": 0,
            "refunded_minor": 0,
            "lost_minor": 0,
            "tips_minor": 0,
        }
        rows[sales_by_hour].append({**at, **counts, "total_minor": total, **sums})
        for share, (name, kind) in zip((total - 1_000, 600, 400), METHODS.items(), strict=True):
            method = {"method_id": derived_id("test", "method", name), "method_name": name, "kind": kind}
            rows[takings_by_method].append({**at, **method, "facts": 1, "payments": 1, "amount_minor": share})
    return rows
