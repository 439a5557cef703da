"""Quantities: exact thousandths, so that 0.350 kg of ceviche and 2 beers are the same kind of number."""

from __future__ import annotations

from fractions import Fraction

ONE = 1_000
"""One unit in thousandths."""
MAX_QUANTITY_MILLI = 9_999 * ONE
"""More than 9,999 of a dish on one line is a typing error."""


_CUTS = (3, 6, 9, 12)
"""Into so many a thing is cut that thousandths cannot say; halves, quarters and fifths they can."""


def cut_of(quantity_milli: int, whole_milli: int) -> Fraction:
    """Which thousandths a part of something stands for: a third of 1,000 is written as 333 or 334, and is neither.

    What no thing is cut into stands for itself. Parts that add up to the whole in thousandths do so as cuts.
    """
    for cuts in _CUTS:
        count = round(Fraction(quantity_milli * cuts, whole_milli)) if whole_milli else 0
        exact = Fraction(whole_milli * count, cuts)
        if 0 < count < cuts and abs(exact - quantity_milli) < 1:
            return exact
    return Fraction(quantity_milli)


def format_portions(quantity_milli: int) -> str:
    """`1/3`, `2 1/6`, `0.5`: portions of a dish that was shared, as people say them."""
    sign = "-" if quantity_milli < 0 else ""
    whole, part = divmod(abs(quantity_milli), ONE)
    exact = cut_of(part, ONE) / ONE
    if exact.denominator not in _CUTS:
        return format_quantity(quantity_milli)
    return f"{sign}{whole} {exact}" if whole else f"{sign}{exact}"


def format_quantity(quantity_milli: int) -> str:
    """`2`, `0.35`, `1.5`: without trailing zeros."""
    sign = "-" if quantity_milli < 0 else ""
    whole, part = divmod(abs(quantity_milli), ONE)
    return f"{sign}{whole}" + (f".{part:03d}".rstrip("0") if part else "")
