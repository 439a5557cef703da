"""Dayparts and price rules. Both name items and categories, and a window of the branch's local wall time.

Rows are what somebody decided. What can be ordered now, and at what price, follows from them and the hour (`rules.py`);
a line keeps the price that held as it was ordered.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Flag, Key, Listed, Whole, Words
from shared.kernel.declared import RowRule, not_negative
from shared.kernel.money import FULL_RATE
from shared.kernel.permissions import Permission
from shared.kernel.records import Record, register

MINUTES_A_DAY = 24 * 60
LAST_WEEKDAY = 7
"""Days of the week count from 1, Monday, as ISO 8601 does."""


def _are_ids(values: Any) -> bool:
    """Whether a list holds ids in their hexadecimal form."""
    if not isinstance(values, list):
        return False
    try:
        return all(isinstance(each, str) and UUID(each).hex == each for each in values)
    except ValueError:
        return False


def _are_weekdays(values: Any) -> bool:
    return isinstance(values, list) and all(type(each) is int and 1 <= each <= LAST_WEEKDAY for each in values)


def _is_minute(value: Any) -> bool:
    return bool(0 <= value < MINUTES_A_DAY)


HAS_WINDOW = (
    RowRule("items are ids", ("items",), _are_ids),
    RowRule("categories are ids", ("categories",), _are_ids),
    RowRule("weekdays are 1 to 7", ("weekdays",), _are_weekdays),
    RowRule("it starts at a minute of the day", ("starts",), _is_minute),
    RowRule("it ends at a minute of the day", ("ends",), _is_minute),
)


class Daypart(Record):
    """A part of the day. What any daypart names is sold in the dayparts that name it, and at no other time.

    Attributes:
        items, categories: ids in hexadecimal form. A category means all of its items, and those of its children.
        only_branch: where it holds; None: everywhere.
        weekdays: days of the week on which it starts, 1 (Monday) to 7; empty: every day.
        starts, ends: minutes after midnight, local wall time. One that ends at its start or before it goes on over
            midnight.
    """

    __tablename__ = "dayparts"
    __writes__ = Permission.EDIT_MENU
    __rules__ = HAS_WINDOW
    name: Mapped[str] = register(Words(60))
    items: Mapped[list[str]] = register(Listed(), default=list)
    categories: Mapped[list[str]] = register(Listed(), default=list)
    only_branch: Mapped[UUID | None] = register(Key(), nullable=True)
    weekdays: Mapped[list[int]] = register(Listed(), default=list)
    starts: Mapped[int] = register(Whole())
    ends: Mapped[int] = register(Whole())
    active: Mapped[bool] = register(Flag(), default=True)


class PriceRule(Record):
    """Another price for some hours. Of several that hold, the one with the lowest price does.

    Its fields are those of a daypart, and besides:

    Attributes:
        kinds: kinds of order for which it holds; empty: all of them.
        price_minor: the price of one, without modifiers; None: the listed one less `rate_millionths` of it.
    """

    __tablename__ = "price_rules"
    __writes__ = Permission.EDIT_MENU
    __rules__ = (
        *HAS_WINDOW,
        *not_negative("price_minor"),
        RowRule("a rate is up to the whole", ("rate_millionths",), lambda rate: 0 <= rate <= FULL_RATE),
        RowRule("kinds are texts", ("kinds",), lambda kinds: isinstance(kinds, list) and all(map(_is_text, kinds))),
    )
    name: Mapped[str] = register(Words(60))
    items: Mapped[list[str]] = register(Listed(), default=list)
    categories: Mapped[list[str]] = register(Listed(), default=list)
    only_branch: Mapped[UUID | None] = register(Key(), nullable=True)
    kinds: Mapped[list[str]] = register(Listed(), default=list)
    weekdays: Mapped[list[int]] = register(Listed(), default=list)
    starts: Mapped[int] = register(Whole())
    ends: Mapped[int] = register(Whole())
    price_minor: Mapped[int | None] = register(Whole(), nullable=True)
    rate_millionths: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
