"""The values of a plan: each turns what a file says into what the schema of `plan.py` holds, or says what is wrong.

A mistake is a `PydanticCustomError` whose type is the key of its sentence in `cloud/texts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt
from pydantic_core import PydanticCustomError

from shared.countries.countries import is_country
from shared.countries.currencies import is_currency
from shared.countries.exchange import MOST_RATE
from shared.floor.records import MOST_CELLS, is_place
from shared.kernel.money import FULL_RATE, MAX_MINOR, PER_CENT
from shared.kernel.text import clean
from shared.staff.pins import pin_is_well_formed

MOST_TEXT_CHARACTERS = 10_000
"""More is no name: it is cut before it is cleaned."""
MINUTES_AN_HOUR = 60
LARGEST_AMOUNT = Decimal(MAX_MINOR)
MOST_DECIMALS = 4
"""As many as any currency has; with the largest amount, all digits fit a Decimal."""
_AMOUNT = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]{1,4})?")
_EXCHANGE = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?")
_CUTOFF = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def mistake(code: str, **params: Any) -> PydanticCustomError:
    """The error of a value, by the key of its sentence."""
    return PydanticCustomError(code, code, params)


def known_in(known: Iterable[Any]) -> Callable[[Any], Any]:
    """A check that a value is one of those that are known."""

    def check(value: Any) -> Any:
        if value not in known:
            raise mistake("plan.choice", known=", ".join(map(str, known)))
        return value

    return check


def place_on_plan(value: tuple[int, ...]) -> tuple[int, ...]:
    """A check that numbers are the place of a table: left, top, width and height in cells."""
    if not is_place(list(value)):
        raise mistake("plan.not_place", most=MOST_CELLS)
    return value


def text_up_to(most: int) -> Callable[[str], str]:
    """A check of a text with at most so many characters. It is cleaned."""

    def plain(text: str) -> str:
        cleaned = clean(text[:MOST_TEXT_CHARACTERS], MOST_TEXT_CHARACTERS)
        if not cleaned:
            raise mistake("plan.empty")
        if len(cleaned) > most:
            raise mistake("plan.too_long", most=most)
        return cleaned

    return plain


def no_slash(key: str) -> str:
    """A key that stands in a path: `branch/device`."""
    if "/" in key:
        raise mistake("plan.slash")
    return key


def one_of(known: type[StrEnum], *but: StrEnum) -> Callable[[Any], Any]:
    """A check that a word names a member, of all but some."""
    words = [member.value for member in known if member not in but]

    def member(value: Any) -> Any:
        if value not in words:
            raise mistake("plan.choice", known=", ".join(words))
        return known(value)

    return member


def amount(value: Any) -> Decimal:
    """An amount of money as people write it; a number of a file was read as a Decimal, so nothing was lost."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        typed = Decimal(value)
        exponent = typed.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -MOST_DECIMALS and abs(typed) <= LARGEST_AMOUNT:
            return typed
    raise mistake("plan.not_amount")


def millionths_of_per_cent(value: Any) -> int:
    """Millionths of a rate in per cent, with at most four decimals."""
    rate = amount(value) * PER_CENT
    if not 0 <= rate <= FULL_RATE:
        raise mistake("plan.not_rate")
    return int(rate)


def currency_code(value: str) -> str:
    """A code of ISO 4217."""
    if not is_currency(value):
        raise mistake("plan.not_currency")
    return value


def exchange_millionths(value: Any) -> int:
    """Millionths of a rate such as `"3.755"`, with at most six decimals."""
    text = str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _EXCHANGE.fullmatch(text):
        raise mistake("plan.not_exchange")
    rate = int(Decimal(text) * FULL_RATE)
    if not 0 < rate <= MOST_RATE:
        raise mistake("plan.not_exchange")
    return rate


def day_of(value: Any) -> date | None:
    """A day of TOML, or `"2026-01-01"`."""
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise mistake("plan.not_day") from None


def minutes_after_midnight(value: Any) -> int:
    """Minutes after midnight of `"04:00"` or of a TOML time."""
    if isinstance(value, time):
        return value.hour * MINUTES_AN_HOUR + value.minute
    found = _CUTOFF.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise mistake("plan.not_cutoff")
    return int(found[1]) * MINUTES_AN_HOUR + int(found[2])


def country_code(value: str) -> str:
    """A code of ISO 3166."""
    if not is_country(value):
        raise mistake("plan.not_country")
    return value


def well_formed_pin(value: str) -> str:
    """A PIN as people may choose it."""
    if not pin_is_well_formed(value):
        raise mistake("plan.pin_wrong")
    return value


def email_address(value: str) -> str:
    """Something with an @ and no blanks."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise mistake("plan.not_email")
    return value


Name = Annotated[str, AfterValidator(text_up_to(120))]
ShortName = Annotated[str, AfterValidator(text_up_to(40))]
Key = Annotated[str, Field(min_length=1, max_length=200)]
PathKey = Annotated[Key, AfterValidator(no_slash)]
Amount = Annotated[Any, AfterValidator(amount)]
MinorUnits = Annotated[StrictInt, Field(ge=-MAX_MINOR, le=MAX_MINOR)]
