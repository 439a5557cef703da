"""What must hold of payments, receipts and refunds when all have met: amounts add up, whoever made them where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.simulation.observer import Broken
from tests.simulation.reference import Row

AMOUNTS = ("gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor")
Rows = Mapping[Row, Mapping[str, Any]]


def money_adds_up(rows: Rows) -> None:
    """What was handed over is what was kept and what came back; receipts and refunds are their lines; discounts and
    service charges are somebody's.

    Raises:
        Broken: something does not add up.
    """
    for (table, row), fields in rows.items():
        if table == "payments" and fields["tendered_minor"] != fields["amount_minor"] + fields["change_minor"]:
            raise Broken(f"payment {UUID(bytes=row)} does not add up")
    lines = _lines_of(rows, "receipt_lines", "receipt_id")
    refunded = _lines_of(rows, "refund_lines", "refund_id")
    handed_out = _lines_of(rows, "refund_payments", "refund_id", ("paid_minor",))
    charges = {str(UUID(bytes=row)) for (table, row), _fields in rows.items() if table == "service_charges"}
    charged = {
        fields["receipt_id"]
        for (table, _row), fields in rows.items()
        if table == "receipt_lines" and charges & set(fields["adjusted_by"])
    }
    for (table, row), fields in rows.items():
        if table == "receipts":
            _same(f"receipt {UUID(bytes=row)}", fields, lines[row], AMOUNTS)
            if fields["service_minor"] and row not in charged:
                raise Broken(f"receipt {UUID(bytes=row)} charges for service, and nobody said so")
        elif table == "refunds":
            _same(f"refund {UUID(bytes=row)}", fields, refunded[row], ("total_minor",))
            if fields["paid_minor"] != handed_out[row]["paid_minor"]:
                raise Broken(f"refund {UUID(bytes=row)} and its payments say different amounts")
        elif table == "receipt_lines":
            _discounts_are_given(row, fields, rows)


def _lines_of(rows: Rows, table: str, of: str, amounts: tuple[str, ...] = AMOUNTS) -> defaultdict[bytes, Counter[str]]:
    found: defaultdict[bytes, Counter[str]] = defaultdict(Counter)
    for (name, _row), fields in rows.items():
        if name == table:
            for amount in amounts:
                found[fields[of]][amount] += fields[amount]
    return found


def _same(what: str, fields: Mapping[str, Any], lines: Counter[str], amounts: tuple[str, ...]) -> None:
    for amount in amounts:
        if fields[amount] != lines[amount]:
            raise Broken(f"{what} says {amount} {fields[amount]}, its lines {lines[amount]}")


def _discounts_are_given(row: bytes, fields: Mapping[str, Any], rows: Rows) -> None:
    given = sum(each["amount_minor"] for each in fields["discounts"])
    if given != fields["discount_minor"]:
        raise Broken(f"receipt line {UUID(bytes=row)} gives {fields['discount_minor']}, its discounts {given}")
    for each in fields["discounts"]:
        if ("discounts", UUID(each["id"]).bytes) not in rows:
            raise Broken(f"receipt line {UUID(bytes=row)} names a discount that nobody gave")
