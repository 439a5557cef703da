"""Declared sums: tables of sums over rows and over families of rows, kept by the feed on every replica.

The share of a row, and those of a family, are taken out as they were and put in as they are: so a replayed batch
changes nothing and a voided row leaves no trace. One listener keeps all sums of an organization. It collects what all
declarations add before it writes, so that every transaction locks rows of sums in one order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add, attrgetter, sub
from typing import Any

import sqlalchemy as sa

from shared.kernel.closing import Dating
from shared.kernel.sums import ColumnOrRule, Declared, Share, Sum, amounts_of, keys_of
from sync.dating import Days, RowsByTable, names_of
from sync.door import Door, Shape, shape
from sync.families import Families, Touched, lock, lock_all
from sync.feed import RowChange, each_once
from sync.tables import TableSpec, Values

Key = tuple[Any, ...]
"""The key of a row of sums without the organization."""
Grown = dict[str, dict[Key, list[int]]]
"""What rows of sums grow by, by table and key."""
TouchedFamilies = tuple[Families, Touched]


class KeptSums:
    """Implements `sync.feed.Listener`: keeps all declared sums of one organization.

    It keeps nothing between its calls, because it serves several transactions at once.
    """

    def __init__(self, declared: Sequence[Declared], organization: bytes, tables: Mapping[str, TableSpec]) -> None:
        self._organization = organization
        self._shares: defaultdict[str, list[RowShares]] = defaultdict(list)
        self._families: list[Families] = []
        self._compared: set[str] = set()
        self._targets: dict[str, SumsTable] = {}
        self._tables = tables
        self._dating = dating_of(declared)
        self._locking = set(names_of((self._dating.closes, *self._dating.numbered))) if self._dating else set()
        for each in declared:
            self._targets |= {str(table.name): SumsTable(table) for table in each.tables}
            if isinstance(each, Sum):
                self._shares[str(each.source.name)].append(RowShares(each))
            else:
                self._families.append(Families(each, organization, tables))
                self._compared.update(each.reads)

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing: `write` reads families under their lock."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Write each table of sums that changes with one statement, or two if some sums count nothing any more."""
        grown = self.grown(door, feed)
        for name, target in self._targets.items():
            deltas = sorted((key, sums) for key, sums in grown.get(name, {}).items() if any(sums))
            if deltas:
                target.grow(door, self._organization, deltas)

    def grown(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> Grown:
        """What a feed adds to the tables of sums. Older families that it touches are locked and read."""
        grown = empty()
        once = {name: each_once(changes) for name, changes in feed.items() if name in self._compared}
        touched = [(families, found) for families in self._families if (found := families.touched(once))]
        self._lock(door, feed, touched)
        days = Days(door, self._organization, self._tables, self._dating, feed) if self._dating else None
        moved = days.moved() if days else {}
        for name in feed.keys() | moved.keys():
            for each in self._shares.get(name, ()):
                each.collect_feed(grown[each.table], feed.get(name, ()), moved.get(name, {}), days)
        for families, found in self._with_moved(touched, moved):
            for sign, share in families.shares(door, found, days):
                collect(grown, share, sign)
        return grown

    def _lock(self, door: Door, feed: Mapping[str, Sequence[RowChange]], touched: Sequence[TouchedFamilies]) -> None:
        """Let nobody else compare these families, or close or pay on these days, until this transaction ends."""
        if self._dating is not None and self._dating.closes.__tablename__ in feed:
            lock_all(door, self._organization)  # whose families a close moves is read later
            return
        groups = {group for _families, found in touched for group in found.older}
        for name in self._locking & feed.keys():
            ends = (after or before for _row, before, after in feed[name])
            groups.update(values.branch_id for values in ends if values is not None)
        if groups:
            lock(door, self._organization, groups)

    def _with_moved(self, touched: Sequence[TouchedFamilies], moved: RowsByTable) -> Iterable[TouchedFamilies]:
        """The families that the feed touched, and those of rows that count on another day now."""
        if not any(moved.values()):
            return touched
        found = dict(touched)
        return [
            (families, with_moved)
            for families in self._families
            if (with_moved := families.with_moved(found.get(families), moved))
        ]


class RowShares:
    """What each row of a table adds to a table of sums."""

    def __init__(self, declared: Sum) -> None:
        self.table = str(declared.table.name)
        self._is_dated = declared.dated is not None
        self._width = 1 + len(declared.amount_columns)
        readers = [_reader(each) for each in declared.key_columns]
        self._key_of: Callable[[Values], Key] = lambda values: tuple([read(values) for read in readers])
        amounts = enumerate(declared.amount_columns, 1)
        self._amounts = [(at, _reader(column)) for at, column in amounts if column is not None]

    def collect_feed(
        self,
        grown: dict[Key, list[int]],
        changes: Sequence[RowChange],
        moved: Mapping[bytes, Values],
        days: Days | None,
    ) -> None:
        """Add the shares of rows of a feed as they are, take out those of rows as they were; and of rows that moved."""
        for _row, before, after in changes:
            if before is not None:
                self.collect(grown, self._on_its_day(before, days, was=True), -1)
            if after is not None:
                self.collect(grown, self._on_its_day(after, days), 1)
        for values in moved.values() if self._is_dated else ():
            self.collect(grown, self._on_its_day(values, days, was=True), -1)
            self.collect(grown, self._on_its_day(values, days), 1)

    def collect_all(self, grown: dict[Key, list[int]], rows: Iterable[Values], days: Days | None) -> None:
        """Add the shares of rows as they stand."""
        for values in rows:
            self.collect(grown, self._on_its_day(values, days), 1)

    def _on_its_day(self, values: Values, days: Days | None, *, was: bool = False) -> Values:
        return days.row(values, was=was) if days is not None and self._is_dated else values

    def collect(self, grown: dict[Key, list[int]], values: Values, sign: int) -> None:
        """Add the share of a row, or take it out with the sign -1."""
        key = self._key_of(values)
        sums = grown.get(key)
        if sums is None:
            if None in key:
                return
            sums = grown[key] = [0] * self._width
        sums[0] += sign
        for at, amount_of in self._amounts:
            sums[at] += sign * amount_of(values)


class SumsTable:
    """Writes a table of sums."""

    def __init__(self, table: sa.Table) -> None:
        keys, amounts = ("organization_id", *keys_of(table)), amounts_of(table)
        grow = ", ".join(f'"{name}" = "{table.name}"."{name}" + excluded."{name}"' for name in amounts)
        self._add = f"({shape(table, keys).listed}) DO UPDATE SET {grow}"
        self._counted = shape(table, (*keys, amounts[0]))
        self.shape: Shape = shape(table, (*keys, *amounts))

    def grow(self, door: Door, organization: bytes, deltas: Sequence[tuple[Key, Sequence[int]]]) -> None:
        """Add deltas, which are sorted by their keys; remove the sums that count nothing then."""
        door.insert(self.shape, [(organization, *key, *sums) for key, sums in deltas], self._add)
        fewer = [(organization, *key, 0) for key, sums in deltas if sums[0] < 0]
        if fewer:
            door.delete(self._counted, fewer)


def dating_of(declared: Iterable[Declared]) -> Dating | None:
    """The closes by which these sums go; all that are dated go by the same."""
    found = [each.dated for each in declared if each.dated is not None]
    assert all(each is found[0] for each in found), "sums go by different closes"
    return found[0] if found else None


def empty() -> Grown:
    """Nothing grows yet."""
    return defaultdict(dict)


def collect(grown: Grown, share: Share, sign: int) -> None:
    """Add the share of a family, or take it out with the sign -1."""
    table, key, amounts = share
    assert amounts[0] > 0, f"a share of {table} counts nothing"
    sums = grown[table].get(key) or [0] * len(amounts)
    grown[table][key] = list(map(add if sign > 0 else sub, sums, amounts))


def _reader(column: ColumnOrRule) -> Callable[[Values], Any]:
    return attrgetter(column) if isinstance(column, str) else column
