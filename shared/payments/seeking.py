"""What somebody types to find a receipt of the past, read as what it can mean. Pure.

`17`, `a17`, `A-00000017`   a receipt or an order of this number; a bare one also a table or an operation
`a-r3`                      the receipt of a refund
`45.50`                     an amount
`ayer`, `28/11`, `28/11/25` a day
`lomo`, `terraza 2`         a dish or a table
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from shared.kernel.text import clean, search_key

MOST_CHARACTERS = 60
_NUMBER = re.compile(r"(?:([a-z]{1,4})(?:(\d{1,3})?-)?)?(r)?0*(\d{1,8})", re.ASCII)
_AMOUNT = re.compile(r"(?:[^\d\s.,]{1,3}[\s.]*)?(\d{1,3}(?:[,.' ]\d{3})*|\d{1,9})[.,](\d{1,3})", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2}|\d{4}))?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DAYS_AGO = {"hoy": 0, "today": 0, "ayer": 1, "yesterday": 1, "anteayer": 2, "antier": 2}
_LEAST_OPERATION = 4
"""Fewer signs are no operation number."""
_MOST_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Sought:
    """What a text can mean; what it cannot mean is None or empty.

    Attributes:
        letter: of the device whose number it is; empty for any.
        place: the number itself.
        is_refund: it is the number of a refund.
        amount_minor: what a receipt comes to.
        operation: how the operation number of a payment begins.
        words: a dish or table, as searches compare texts.
    """

    day: date | None = None
    letter: str = ""
    place: int | None = None
    is_refund: bool = False
    amount_minor: int | None = None
    operation: str = ""
    words: str = ""

    @property
    def is_anything(self) -> bool:
        """Whether nothing was asked for: the newest are shown."""
        return self == Sought()


def sought(text: str, today: date, exponent: int) -> Sought:
    """Read a text.

    Args:
        today: the business date.
        exponent: decimals of the branch's currency.
    """
    plain = clean(text, MOST_CHARACTERS)
    key = search_key(plain)
    if not key:
        return Sought()
    day = _day(key, today)
    if day is not None:
        return Sought(day=day)
    amount = _amount(key, exponent)
    if amount is not None:
        return Sought(amount_minor=amount)
    operation = plain if len(plain) >= _LEAST_OPERATION and any(sign.isdigit() for sign in plain) else ""
    number = _NUMBER.fullmatch(key)
    if number is None:
        return Sought(operation=operation, words=key)
    letter, life, refund, digits = number.groups()
    return Sought(
        letter=f"{letter or ''}{life or ''}".upper(),
        place=int(digits),
        is_refund=refund is not None,
        amount_minor=int(digits) * 10**exponent if letter is None else None,
        operation=operation,
        words=key,
    )


def _day(key: str, today: date) -> date | None:
    if key in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[key])
    iso, short = _ISO_DAY.fullmatch(key), _DAY.fullmatch(key)
    try:
        if iso is not None:
            return date(*map(int, iso.groups()))
        if short is None or ("/" not in key and short[3] is None):
            return None  # `28.11` is an amount
        first, second = int(short[1]), int(short[2])
        of_month, month = (first, second) if second <= 12 else (second, first)
        if short[3] is not None:
            year = int(short[3])
            return date(year if year > 99 else 2000 + year, month, of_month)
        found = date(today.year, month, of_month)
        return found if found <= today else found.replace(year=today.year - 1)
    except ValueError:
        return None


def _amount(key: str, exponent: int) -> int | None:
    found = _AMOUNT.fullmatch(key)
    if found is None:
        return None
    whole = int(re.sub(r"\D", "", found[1]))
    decimals = found[2]
    if len(decimals) > exponent:  # `1.995` of a currency without cents
        return int(f"{whole}{decimals}") if not exponent and len(decimals) == _MOST_DECIMALS else None
    return int((whole * 10 ** len(decimals) + int(decimals)) * 10 ** (exponent - len(decimals)))
