"""Money of one currency in another: rates in millionths, whole minor units, halves away from zero. Pure.

A rate says what one whole unit of the foreign currency is worth in whole units of the house's: 3.75 soles for a dollar
are 3,750,000 millionths.
"""

from __future__ import annotations

from shared.countries.currencies import currency
from shared.kernel.money import FULL_RATE, divide_half_up

MOST_RATE = 10**12
"""A million units of the house for one of the other: above every pair of currencies."""


def worth_minor(given_minor: int, rate_millionths: int, given: str, house: str) -> int:
    """What an amount of the currency `given` is worth in the house's currency."""
    return divide_half_up(
        given_minor * rate_millionths * currency(house).unit_minor, FULL_RATE * currency(given).unit_minor
    )


def least_that_covers(due_minor: int, rate_millionths: int, given: str, house: str) -> int:
    """The least amount of the currency `given` that is worth an amount of the house's."""
    if due_minor <= 0:
        return 0
    twice_worth = 2 * rate_millionths * currency(house).unit_minor
    unit = FULL_RATE * currency(given).unit_minor
    return -(-(2 * due_minor - 1) * unit // twice_worth)


def is_worth(tendered_minor: int, given_minor: int, rate_millionths: int, given: str, house: str) -> bool:
    """Whether an amount was taken at its worth, to the smallest unit of the currency that was given."""
    smallest = worth_minor(1, rate_millionths, given, house) + 1
    return abs(worth_minor(given_minor, rate_millionths, given, house) - tendered_minor) <= smallest
