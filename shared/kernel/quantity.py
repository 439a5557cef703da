"""Quantities: exact thousandths, so that 0.350 kg of ceviche and 2 beers are the same kind of number."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

ONE = 1_000
"""One unit in thousandths."""
MAX_QUANTITY_MILLI = 9_999 * ONE
"""More than 9,999 of a dish on one line is a typing error."""


MOST_SHARED = 20
"""Among so many guests one thing is shared at most such that each bears the same to the minor unit."""
_MOST_OF_SEVERAL = 12
"""Of so many shares a part may be several; of more it is one."""
FINE = lcm(*range(1, MOST_SHARED + 1))
"""So many parts of a thousandth: each of so many equal shares is a whole number of them."""


def cut_of(quantity_milli: int, whole_milli: int, exact_milli: Fraction | None = None) -> Fraction:
    """Which thousandths a part of something stands for: a third of 1,000 is written as 333 or 334, and is neither.

    What no thing is cut into stands for itself. Parts that are cut one after the other are alike, and add up.

    Args:
        exact_milli: what the whole itself stands for, if it was cut off something before.
    """
    exact = Fraction(whole_milli) if exact_milli is None else exact_milli
    for shares in range(2, MOST_SHARED + 1) if whole_milli else ():
        count = round(Fraction(quantity_milli * shares, whole_milli))
        is_cut = 0 < count < shares if shares <= _MOST_OF_SEVERAL else count == 1
        if is_cut and abs(whole_milli * count - quantity_milli * shares) < shares:
            return exact * count / shares
    return quantity_milli * exact / whole_milli if whole_milli else Fraction(quantity_milli)


def format_portions(quantity_milli: int) -> str:
    """`1/3`, `2 1/6`, `0.5`: portions of a dish that was shared, as people say them."""
    sign = "-" if quantity_milli < 0 else ""
    whole, part = divmod(abs(quantity_milli), ONE)
    exact = cut_of(part, ONE) if part else Fraction(0)
    if exact == part:
        return format_quantity(quantity_milli)
    exact /= ONE
    return f"{sign}{whole} {exact}" if whole else f"{sign}{exact}"


def format_quantity(quantity_milli: int) -> str:
    """`2`, `0.35`, `1.5`: without trailing zeros."""
    sign = "-" if quantity_milli < 0 else ""
    whole, part = divmod(abs(quantity_milli), ONE)
    return f"{sign}{whole}" + (f".{part:03d}".rstrip("0") if part else "")
