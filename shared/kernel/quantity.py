"""Quantities: exact thousandths, so that 0.350 kg of ceviche and 2 beers are the same kind of number."""

from __future__ import annotations

ONE = 1_000
"""One unit in thousandths."""
MAX_QUANTITY_MILLI = 9_999 * ONE
"""More than 9,999 of a dish on one line is a typing error."""


def format_quantity(quantity_milli: int) -> str:
    """`2`, `0.35`, `1.5`: without trailing zeros."""
    sign = "-" if quantity_milli < 0 else ""
    whole, part = divmod(abs(quantity_milli), ONE)
    return f"{sign}{whole}" + (f".{part:03d}".rstrip("0") if part else "")
