"""Money: integer minor units of a currency, the ways to divide it, and rounding to coins.

No float anywhere. Rounding is half away from zero; shares are handed out by largest remainder, or in an order, so that
they always add up to what was shared. Currencies, and how countries write and round money, are in `shared/countries/`.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def price_is_sensible(unit_price_minor: int) -> bool:
    """Whether a price is within what can be stored: from 0 to `MAX_MINOR`."""
    return 0 <= unit_price_minor <= MAX_MINOR


class CashRounding(StrEnum):
    """In which direction an amount paid in cash is rounded to the smallest coin; `half_down`: to the nearest, and what
    lies in the middle down."""

    NEAREST = "nearest"
    HALF_DOWN = "half_down"
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
    if way is CashRounding.HALF_DOWN:
        return -((step_minor - 2 * amount_minor) // (2 * step_minor)) * step_minor
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


def share_in_order(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to non-negative `weights` so that the parts add up exactly: each is what lies between
    its two ends, which are rounded.

    Parting one weight into several beside each other changes no other part, which `share` does not promise. No part is
    above its weight if the total is not above theirs. All weights zero: everything goes to the first part.
    """
    whole = sum(weights)
    if whole == 0:
        return share(total, weights)
    parts, end, before = [], 0, 0
    for weight in weights:
        end += weight
        now = divide_half_up(total * end, whole)
        parts.append(now - before)
        before = now
    return parts
