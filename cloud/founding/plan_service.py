"""The schema of a plan's service: combos, dayparts, price rules, allergens."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from cloud.founding.plan_parts import EVERY_BRANCH, Part
from cloud.founding.plan_values import (
    Amount,
    Key,
    Name,
    known_in,
    millionths_of_per_cent,
    minutes_after_midnight,
    mistake,
    one_of,
    text_up_to,
)
from shared.kernel.money import MAX_MINOR
from shared.menu.allergens import ALLERGENS
from shared.orders.records import OrderKind
from shared.pricing.commands import MAX_NAME
from shared.pricing.records import MINUTES_A_DAY

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Allergens = tuple[Annotated[str, AfterValidator(known_in(ALLERGENS))], ...]
"""Codes of the allergens in a dish, or that a modifier brings into it."""


def _weekday(value: Any) -> int:
    """The number of a day of the week, from 1, Monday."""
    if value not in WEEKDAYS:
        raise mistake("plan.choice", known=", ".join(WEEKDAYS))
    return WEEKDAYS.index(value) + 1


def _end(value: Any) -> int:
    """The minute at which something ends; `24:00` is the midnight at its end."""
    return 0 if value == "24:00" else minutes_after_midnight(value)


class ComboChoicePlan(Part):
    """An `item` (its key) that may be served for a slot; it adds `extra = "3.00"` (or `extra_minor`) to the price."""

    item: Key
    extra: Amount | None = None
    extra_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None
    default: StrictBool = False


class ComboSlotPlan(Part):
    """A part of a combo: one of its `choices` is served for it. One alone is not asked for."""

    name: Name
    choices: Annotated[tuple[ComboChoicePlan, ...], Field(min_length=1)]


class HoursPlan(Part):
    """For what something holds, and when: `items` (their keys) and `categories` (names, or paths), from `starts` to
    `ends` by the branch's clock, on these `weekdays` (every day, if none is named), in some branches or all.

    What ends at its start or before it goes on over midnight.
    """

    name: Annotated[str, AfterValidator(text_up_to(MAX_NAME))]
    starts: Annotated[int, BeforeValidator(minutes_after_midnight), Field(ge=0, lt=MINUTES_A_DAY)]
    ends: Annotated[int, BeforeValidator(_end), Field(ge=0, lt=MINUTES_A_DAY)]
    weekdays: tuple[Annotated[int, BeforeValidator(_weekday)], ...] = ()
    items: tuple[Key, ...] = ()
    categories: tuple[Name, ...] = ()
    branches: Annotated[tuple[Key, ...], Field(min_length=1)] = (EVERY_BRANCH,)


class DaypartPlan(HoursPlan):
    """A part of the day: what dayparts name is sold in those that name it alone."""


class PriceRulePlan(HoursPlan):
    """Another price for some hours: `price = "12.00"` (or `price_minor`), or `off = "25"` per cent of the listed one.

    `kinds` of order for which it holds; all of them, if none is named.
    """

    price: Amount | None = None
    price_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None
    off: Annotated[Any, AfterValidator(millionths_of_per_cent)] | None = None
    kinds: tuple[Annotated[OrderKind, BeforeValidator(one_of(OrderKind))], ...] = ()
