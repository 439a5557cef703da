"""Numbers that devices give: the device's letter, a dash, what is numbered, eight digits (`A2-R00000003`).

All before the digits is the series. Numbers of one series are ordered as texts are, sign by sign.
"""

from __future__ import annotations

import re
from typing import Any

DIGITS = 8
_LETTER, _KIND = 8, 4
LONGEST_NUMBER = _LETTER + 1 + _KIND + DIGITS
_NUMBER = re.compile(rf"[^\x00-]{{1,{_LETTER}}}-[^\x00\d-]{{0,{_KIND}}}[0-9]{{{DIGITS}}}")


def number_in(letter: str, kind: str, place: int) -> str:
    """The number at a place of a device's series.

    Args:
        letter: of the device (`A2`: of its second life).
        kind: what is numbered; receipts go without.
    """
    return f"{letter}-{kind}{place:0{DIGITS}d}"


def is_number(said: Any) -> bool:
    """Whether something is a number of a series."""
    return isinstance(said, str) and _NUMBER.fullmatch(said) is not None


def series_of(number: str) -> str:
    """The series of a number."""
    return number[:-DIGITS]


def end_of(series: str) -> str:
    """What is greater than all numbers of a series, and not than those of another that are greater."""
    return series + chr(ord("9") + 1)


def first_of(series: str) -> str:
    """What stands before the first number of a series."""
    return f"{series}{0:0{DIGITS}d}"


def place_of(number: str) -> int:
    """The place of a number in its series."""
    return int(number[-DIGITS:])


def between(low: str, high: str) -> list[str]:
    """The numbers between two of one series."""
    series = series_of(high)
    return [f"{series}{place:0{DIGITS}d}" for place in range(place_of(low) + 1, place_of(high))]
