"""Prices that price rules made of listed ones (`PriceRules` in `shared/kernel/rights.py`): no right is needed for them.

A price counts as made by the rule that its row names if the rule ever said so of that item, at the local hour at which
the row says it was priced: a device may not have heard of the newest rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

import msgspec

from cloud.replication.timelines import Histories, timelines
from shared.kernel.declared import PriceRules
from shared.kernel.instants import from_microseconds, local_time
from shared.pricing.rules import Window, categories_above, ruled_price
from sync.door import Door

_WINDOW = ("weekdays", "starts", "ends")
_SCOPE = ("items", "categories")


class _Rule(NamedTuple):
    """All that a rule ever said, by field."""

    branches: frozenset[bytes | None]
    said: Mapping[str, tuple[Any, ...]]


class RuledPrices:
    """The rules that some rows name.

    Args:
        named: ids of rules.
    """

    def __init__(
        self, door: Door, organization: bytes, histories: Histories, declared: PriceRules, named: Collection[bytes]
    ) -> None:
        self._door = door
        self._organization = organization
        self._declared = declared
        self._rules = self._read(histories, named)
        self._above: dict[bytes, frozenset[str]] = {}
        self._zones: dict[bytes, str] = {}

    def make(self, item: bytes, price: int, listed: Iterable[int], values: Any) -> bool:
        """Whether the rule that a row names made this price of a listed one, at its hour and in its branch."""
        rule = self._rules.get(getattr(values, self._declared.named_by))
        if rule is None or not rule.branches & {None, values.branch_id}:
            return False
        prices = product(listed, (None, *rule.said[self._declared.price]), rule.said[self._declared.rate])
        if not any(price == ruled_price(*each) for each in prices):
            return False
        return self._has(rule, item) and self._holds(rule, values)

    def _has(self, rule: _Rule, item: bytes) -> bool:
        """Whether a rule ever named an item, or a category above it."""
        if any(item.hex() in items for items in rule.said["items"]):
            return True
        above = self._categories_above(item)
        return any(not above.isdisjoint(categories) for categories in rule.said["categories"])

    def _holds(self, rule: _Rule, values: Any) -> bool:
        """Whether a rule ever held at the hour at which a row was priced."""
        at = from_microseconds(getattr(values, self._declared.at))
        wall = local_time(at, self._zone(values.branch_id)).replace(tzinfo=None)
        windows = product(*(rule.said[name] for name in _WINDOW))
        return any(Window(frozenset(days), starts, ends).holds(wall) for days, starts, ends in windows)

    def _read(self, histories: Histories, named: Collection[bytes]) -> Mapping[bytes, _Rule]:
        declared = self._declared
        fields = (*_SCOPE, *_WINDOW, declared.price, declared.rate, "only_branch")
        columns = ", ".join(fields)
        rows = self._door.among(
            f"SELECT id, stamps, {columns} FROM {declared.table} WHERE organization_id = ? AND id {{keys}}",  # noqa: S608 names of our own metadata
            sorted(named),
            self._door.key(self._organization),
        )
        said = [
            ((declared.table, row[0]), bytes(row[1]), dict(zip(fields, map(_plain, row[2:]), strict=True)))
            for row in rows
        ]
        found = timelines(self._door, self._organization, histories, said)
        return {
            row: _Rule(frozenset(known["only_branch"].values), {name: tuple(known[name].values) for name in fields})
            for (_table, row), known in found.items()
        }

    def _categories_above(self, item: bytes) -> frozenset[str]:
        """The categories above an item as the menu is now, in hexadecimal form."""
        if item not in self._above:
            own = self._door.among(
                "SELECT id, category_id FROM items WHERE organization_id = ? AND id {keys}",
                [item],
                self._door.key(self._organization),
            )
            rows = self._door.rows(
                "SELECT id, parent_id FROM categories WHERE organization_id = ?", self._door.key(self._organization)
            )
            parents: dict[bytes, bytes | None] = {row[0]: row[1] for row in rows}
            above: Iterable[bytes] = categories_above(own[0][1], parents) if own else ()
            self._above[item] = frozenset(each.hex() for each in above)
        return self._above[item]

    def _zone(self, branch: bytes) -> str:
        if branch not in self._zones:
            rows = self._door.among(
                "SELECT id, zone FROM branches WHERE organization_id = ? AND id {keys}",
                [branch],
                self._door.key(self._organization),
            )
            self._zones[branch] = str(rows[0][1]) if rows else "UTC"
        return self._zones[branch]


def _plain(value: Any) -> Any:
    """A document as SQLite gives it, as its plain value."""
    return msgspec.json.decode(value) if isinstance(value, str) else value
