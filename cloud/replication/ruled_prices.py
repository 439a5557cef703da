"""Prices that price rules made of listed ones (`PriceRules` in `shared/kernel/rights.py`): no right is needed for them.

A price counts as made by the rule that its row names if the rule ever said so of that item, at the local hour at which
the row says it was priced: a device may not have heard of the newest rule. That it was written then, its stamp tells:
whoever dates a line back into the happy hour is asked about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import msgspec

from cloud.replication.clock_witness import AHEAD_MS
from cloud.replication.correction_judge import rows_with
from cloud.replication.timelines import Histories, timelines
from shared.kernel.declared import ListPrice
from shared.kernel.instants import from_microseconds, local_time
from shared.kernel.stamps import stamp_milliseconds, written_at
from shared.pricing.rules import Window, categories_above, ruled_price
from sync.fold import Batch, Creation, Edit
from sync.tables import Values

MOST_APART_US = 5 * 60 * 1_000_000
"""A row's stamp and the time that its author's clock shows as it is written differ by less: what a device heard may
have pulled its stamps a minute ahead, and a clock that is set right goes back by minutes."""
_WINDOW = ("weekdays", "starts", "ends")
_SCOPE = ("items", "categories")


class SaidPrice(NamedTuple):
    """A price that a change says of an item. `values`: of its row."""

    change: Creation | Edit
    item: bytes
    branch: bytes
    price: int
    values: Values


class _Rule(NamedTuple):
    """All that a rule ever said, by field."""

    branches: frozenset[bytes | None]
    said: Mapping[str, tuple[Any, ...]]


class _Whole(NamedTuple):
    """What a row is part of: when it began (microseconds), and of which kinds it ever was."""

    begun: int
    kinds: frozenset[str]


class RuledPrices:
    """The rules that some rows name.

    Args:
        table: of the rows.
        listed: declares the rules.
        ruled: prices of rows that name one.
    """

    def __init__(
        self,
        batch: Batch,
        organization: bytes,
        histories: Histories,
        table: str,
        listed: ListPrice,
        ruled: Sequence[SaidPrice],
    ) -> None:
        assert listed.by_rule is not None, "a table whose prices no rule makes"
        self._batch = batch
        self._door = batch.door
        self._organization = organization
        self._histories = histories
        self._table = table
        self._whole = listed.whole
        self._declared = listed.by_rule
        self._rules = self._read({getattr(each.values, self._declared.named_by) for each in ruled})
        self._wholes = self._begun({getattr(each.values, self._whole) for each in ruled})
        self._above: dict[bytes, frozenset[str]] = {}
        self._zones: dict[bytes, str] = {}

    def make(self, said: SaidPrice, listed: Iterable[int]) -> bool:
        """Whether the rule that a row names made this price of a listed one: at its hour, in its branch, for its kind
        of whole."""
        rule = self._rules.get(getattr(said.values, self._declared.named_by))
        if rule is None or not rule.branches & {None, said.values.branch_id}:
            return False
        prices = product(listed, (None, *rule.said[self._declared.price]), rule.said[self._declared.rate])
        if not any(said.price == ruled_price(*each) for each in prices):
            return False
        return self._has(rule, said.item) and self._holds(rule, said.values) and self._is_then(rule, said)

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

    def _is_then(self, rule: _Rule, said: SaidPrice) -> bool:
        """Whether a row was written when it says that it was priced, for a whole that had begun and that a rule is for.

        A device that writes another time than its clock's gets the price of an hour that is over, or to come.
        """
        at = int(getattr(said.values, self._declared.at))
        if abs(stamp_milliseconds(self._written(said)) * 1_000 - at) > MOST_APART_US:
            return False
        whole = self._wholes.get(getattr(said.values, self._whole))
        if whole is None:
            return True  # it lacks a parent, and waits
        for_kinds = rule.said[self._declared.kinds]
        return at >= whole.begun - AHEAD_MS * 1_000 and any(
            not kinds or not whole.kinds.isdisjoint(kinds) for kinds in for_kinds
        )

    def _written(self, said: SaidPrice) -> int:
        """The stamp with which a row was created."""
        if isinstance(said.change, Creation):
            return said.change.stamp[0]
        new = self._batch.creations.get(self._table, ())
        of_batch = (each.stamp[0] for each in new if each.row == said.change.row)
        return next(of_batch, written_at(said.values.stamps, self._declared.at)[0])

    def _begun(self, keys: set[bytes]) -> Mapping[bytes, _Whole]:
        """What rows are parts of, by id."""
        declared = self._declared
        rows = rows_with(self._batch, declared.wholes, "id", keys)
        said = [
            ((declared.wholes, key), values.stamps, {declared.kind: str(getattr(values, declared.kind))})
            for key, values in rows.items()
        ]
        known = timelines(self._door, self._organization, self._histories, said)
        kinds = {key: set(of[declared.kind].values) for (_table, key), of in known.items()}
        for edit in self._batch.edits.get(declared.wholes, ()):
            if edit.row in kinds and declared.kind in edit.fields:
                kinds[edit.row].add(edit.fields[declared.kind])
        return {
            key: _Whole(int(getattr(values, declared.begun)), frozenset(map(str, kinds[key])))
            for key, values in rows.items()
        }

    def _read(self, named: Collection[bytes]) -> Mapping[bytes, _Rule]:
        declared = self._declared
        fields = (*_SCOPE, *_WINDOW, declared.price, declared.rate, declared.kinds, "only_branch")
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
        found = timelines(self._door, self._organization, self._histories, said)
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
