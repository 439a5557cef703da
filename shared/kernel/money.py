"""Money: integer minor units of a currency, the two ways to divide it, and rounding to coins.

No float anywhere. Rounding is half away from zero; shares are handed out by largest remainder, so that they always add
up to what was shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

Millionths = NewType("Millionths", int)
FULL_RATE = 1_000_000
"""100 % in millionths."""
PER_CENT = 10_000
"""1 % in millionths."""
BASIS_POINT = 100
"""0.01 % in millionths."""
MAX_MINOR = 10**15
"""Ten billion with three decimals: above every bill, below every overflow."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: code, number of decimals (0 to 4), and the sign that people write before the amount."""

    code: str
    exponent: int
    sign: str


_KNOWN = {
    currency.code: currency
    for currency in (
        Currency("PEN", 2, "S/"),
        Currency("USD", 2, "$"),
        Currency("EUR", 2, "€"),
        Currency("GBP", 2, "£"),
        Currency("MXN", 2, "$"),
        Currency("COP", 2, "$"),
        Currency("ARS", 2, "$"),
        Currency("BOB", 2, "Bs"),
        Currency("BRL", 2, "R$"),
        Currency("INR", 2, "₹"),
        Currency("CLP", 0, "$"),
        Currency("PYG", 0, "₲"),
        Currency("JPY", 0, "¥"),
        Currency("KRW", 0, "₩"),
        Currency("KWD", 3, "KD"),
        Currency("BHD", 3, "BD"),
        Currency("TND", 3, "DT"),
    )
}
_NO_DECIMALS = frozenset({"BIF", "DJF", "GNF", "ISK", "KMF", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
_THREE_DECIMALS = frozenset({"IQD", "JOD", "LYD", "OMR"})


def currency(code: str) -> Currency:
    """The currency of an ISO code; one that is not in the list of signs shows its code instead.

    Raises:
        ValueError: not three capital letters.
    """
    known = _KNOWN.get(code)
    if known is not None:
        return known
    if len(code) != 3 or not code.isascii() or not code.isupper() or not code.isalpha():
        msg = f"not an ISO 4217 code: {code!r}"
        raise ValueError(msg)
    return Currency(code, 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2, code)


def format_minor(amount_minor: int, code: str) -> str:
    """An amount as people in the first market write it: `S/ 1,234.50`, `-$ 3.00`, `¥ 1,500`."""
    unit = currency(code)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{unit.sign} {plain_amount(abs(amount_minor), unit.exponent)}"


def plain_amount(amount_minor: int, exponent: int) -> str:
    """Digits only, with thousands marks: `1,234.50`."""
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**exponent)
    return f"{sign}{whole:,}" + (f".{part:0{exponent}d}" if exponent else "")


def price_is_sensible(unit_price_minor: int) -> bool:
    """Whether a price is within what can be stored: from 0 to `MAX_MINOR`."""
    return 0 <= unit_price_minor <= MAX_MINOR


class CashRounding(StrEnum):
    """In which direction an amount paid in cash is rounded to the smallest coin."""

    NEAREST = "nearest"
    DOWN = "down"
    UP = "up"


def round_cash(amount_minor: int, step_minor: int, way: CashRounding) -> int:
    """An amount as coins can pay it: a multiple of the smallest coin."""
    if step_minor <= 1:
        return amount_minor
    if way is CashRounding.DOWN:
        return amount_minor // step_minor * step_minor
    if way is CashRounding.UP:
        return -(-amount_minor // step_minor) * step_minor
    return divide_half_up(amount_minor, step_minor) * step_minor


def divide_half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction, halves away from zero; `denominator` is positive."""
    quotient, remainder = divmod(abs(numerator), denominator)
    rounded = quotient + (2 * remainder >= denominator)
    return rounded if numerator >= 0 else -rounded


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to non-negative `weights` so that the parts add up exactly (largest remainder).

    Equal remainders go to the earlier weight: callers who need an order-free result sort first.
    All weights zero: everything goes to the first part.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign = -1 if total < 0 else 1
    parts, remainders = [], []
    for weight in weights:
        quotient, remainder = divmod(abs(total) * weight, whole)
        parts.append(quotient)
        remainders.append(remainder)
    missing = abs(total) - sum(parts)
    for index in sorted(range(len(weights)), key=lambda at: -remainders[at])[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]
