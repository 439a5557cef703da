"""What is sold at an hour, and at what price. Pure: wall times are the branch's, without a zone.

A line is priced once, as it is ordered. What a happy hour was when it is paid changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from shared.kernel.money import FULL_RATE, divide_half_up

Id = TypeVar("Id", UUID, bytes)
_A_DAY = timedelta(days=1)


class Window(NamedTuple):
    """Hours of the local wall time.

    Attributes:
        weekdays: days on which it starts, 1 (Monday) to 7; empty: every day.
        starts, ends: minutes after midnight. One that ends at its start or before it goes on over midnight.
    """

    weekdays: frozenset[int]
    starts: int
    ends: int

    def holds(self, wall: datetime) -> bool:
        """Whether a wall time lies in it: from its first minute to the last moment before its end."""
        return self.ends_at(wall) is not None

    def ends_at(self, wall: datetime) -> datetime | None:
        """When it ends, seen from a wall time that lies in it; None: the time does not."""
        today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        for day in (today, today - _A_DAY):
            begin, end = self._of(day)
            if begin <= wall < end and self._starts_on(day):
                return end
        return None

    def next_start(self, wall: datetime) -> datetime:
        """When it starts next after a wall time."""
        today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        days = (today + number * _A_DAY for number in range(8))
        return next(self._of(day)[0] for day in days if self._of(day)[0] > wall and self._starts_on(day))

    def _of(self, day: datetime) -> tuple[datetime, datetime]:
        length = (self.ends - self.starts) % (24 * 60) or 24 * 60
        begin = day + timedelta(minutes=self.starts)
        return begin, begin + timedelta(minutes=length)

    def _starts_on(self, day: datetime) -> bool:
        return not self.weekdays or day.isoweekday() in self.weekdays


class Scope(NamedTuple):
    """The items that something is said of: by themselves, or by a category above them."""

    items: frozenset[UUID]
    categories: frozenset[UUID]

    def has(self, item_id: UUID, above: Collection[UUID]) -> bool:
        """Whether it names an item.

        Args:
            above: the categories of the item: its own, and those above that one.
        """
        return item_id in self.items or not self.categories.isdisjoint(above)


class DaypartHours(NamedTuple):
    """A daypart, see `records.Daypart`."""

    id: UUID
    name: str
    scope: Scope
    window: Window


class Rule(NamedTuple):
    """A price rule, see `records.PriceRule`. `kinds`: words of kinds of order; empty: all of them."""

    id: UUID
    name: str
    scope: Scope
    window: Window
    kinds: frozenset[str]
    price_minor: int | None
    rate_millionths: int

    def price(self, listed_minor: int) -> int:
        """What it makes of a listed price."""
        return ruled_price(listed_minor, self.price_minor, self.rate_millionths)


class PricedNow(NamedTuple):
    """The price of one at an hour, without modifiers.

    Attributes:
        rule: the rule that made it; None: it is the listed one.
    """

    price_minor: int
    rule: Rule | None = None


class NotNow(NamedTuple):
    """Something is not sold at this hour. `name`: of its daypart; `starts`: when that starts next, wall time."""

    name: str
    starts: datetime


def ruled_price(listed_minor: int, price_minor: int | None, rate_millionths: int) -> int:
    """What a rule makes of a listed price: its own price, or the listed one less a rate, rounded half up."""
    if price_minor is not None:
        return price_minor
    return divide_half_up(listed_minor * (FULL_RATE - rate_millionths), FULL_RATE)


@dataclass(frozen=True)
class HoursOfSale:
    """The dayparts and price rules of a branch, with the categories above each category.

    Attributes:
        parents: by category, the one above it.
    """

    rules: tuple[Rule, ...] = ()
    dayparts: tuple[DaypartHours, ...] = ()
    parents: Mapping[UUID, UUID | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rules or self.dayparts)

    def price(self, item_id: UUID, category_id: UUID, listed_minor: int, kind: str, wall: datetime) -> PricedNow:
        """The price of an item for a kind of order: the lowest that a rule makes of the listed one, or that one.

        A rule never makes anything dearer.
        """
        above = self._above(category_id)
        priced = [
            PricedNow(rule.price(listed_minor), rule)
            for rule in self.rules
            if (not rule.kinds or kind in rule.kinds) and rule.scope.has(item_id, above) and rule.window.holds(wall)
        ]
        lower = (each for each in priced if each.price_minor < listed_minor)
        return min(lower, key=_cheapest_first, default=PricedNow(listed_minor))

    def not_now(self, item_id: UUID, category_id: UUID, wall: datetime) -> NotNow | None:
        """Why an item is not sold at an hour: the next of its dayparts. None: it is sold.

        What no daypart names is sold at every hour.
        """
        above = self._above(category_id)
        named = [each for each in self.dayparts if each.scope.has(item_id, above)]
        if not named or any(each.window.holds(wall) for each in named):
            return None
        return min((NotNow(each.name, each.window.next_start(wall)) for each in named), key=lambda each: each.starts)

    def current(self, wall: datetime) -> tuple[Rule, ...]:
        """The rules that hold at an hour, whatever they are for."""
        return tuple(rule for rule in self.rules if rule.window.holds(wall))

    def changes_at(self, wall: datetime) -> datetime | None:
        """When a window starts or ends next after a wall time. None: there are none."""
        return min(self._turns(wall), default=None)

    def _turns(self, wall: datetime) -> Iterator[datetime]:
        for window in (*(each.window for each in self.rules), *(each.window for each in self.dayparts)):
            yield window.ends_at(wall) or window.next_start(wall)

    def _above(self, category_id: UUID) -> tuple[UUID, ...]:
        """A category with those above it. (Hostile ones may stand above each other.)"""
        return tuple(categories_above(category_id, self.parents))


def categories_above(category_id: Id, parents: Mapping[Id, Id | None]) -> Iterable[Id]:
    """A category, and those above it; each once. Ids are UUIDs or their sixteen bytes."""
    seen: dict[Id, None] = {}
    at: Id | None = category_id
    while at is not None and at not in seen:
        seen[at] = None
        at = parents.get(at)
    return seen


def _cheapest_first(priced: PricedNow) -> tuple[int, int]:
    """Sort key; of two rules with one price always the same one holds."""
    return priced.price_minor, priced.rule.id.int if priced.rule is not None else 0
