"""Declared sums: a table of sums over the rows of another, kept by the feed on every replica, by one declaration.

A row's share is taken out as it was and put in as it is, so a replayed batch changes nothing and a voided row leaves no
trace. The source may be any list of that shape, not only a table's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from shared.kernel.sums import Sum
from sync.door import Door, Shape, shape
from sync.feed import RowChange
from sync.tables import Values

Delta = tuple[tuple[Any, ...], list[int]]
"""The key of a row of sums without the organization, and what its sums grow by."""


class KeptSum:
    """Implements `sync.feed.Listener`: keeps one declared sum of one organization."""

    def __init__(self, declared: Sum, organization: bytes) -> None:
        self._organization = organization
        self._source = str(declared.source.name)
        self._width = 1 + len(declared.amounts)
        self._key_of = _getter(declared.keys)
        self._amounts_of = _getter(declared.amounts)
        self._shape = _shape(declared)
        name = declared.table.name
        grow = ", ".join(
            f'"{total}" = "{name}"."{total}" + excluded."{total}"' for total in (declared.counts, *declared.amounts)
        )
        self._add = f"({_listed(('organization_id', *declared.keys))}) DO UPDATE SET {grow}"
        at = " AND ".join(f'"{key}" = ?' for key in ("organization_id", *declared.keys))
        self._remove = f'DELETE FROM "{name}" WHERE {at} AND "{declared.counts}" = 0'

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing: sums are written as increments."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """One statement for all sums that change."""
        changes = feed.get(self._source)
        deltas = self.deltas(changes) if changes else []
        if deltas:
            self._grow(door, deltas)

    def deltas(self, changes: Iterable[RowChange]) -> list[Delta]:
        """What the sums grow by, in the order in which all transactions lock them."""
        grown: dict[tuple[Any, ...], list[int]] = {}
        for _row, before, after in changes:
            if before is not None:
                self._collect(grown, before, -1)
            if after is not None:
                self._collect(grown, after, 1)
        return sorted((key, sums) for key, sums in grown.items() if any(sums))

    def _grow(self, door: Door, deltas: Sequence[Delta]) -> None:
        """Add the deltas to the table; remove the sums that count no rows then."""
        door.insert(self._shape, [(self._organization, *key, *sums) for key, sums in deltas], self._add)
        kinds = self._shape.kinds[1:]
        for key, sums in deltas:
            if sums[0] < 0:
                given = [door.key(value) if kind == "key" else value for kind, value in zip(kinds, key, strict=False)]
                door.run(self._remove, door.key(self._organization), *given)

    def _collect(self, grown: dict[tuple[Any, ...], list[int]], values: Values, sign: int) -> None:
        key = self._key_of(values)
        sums = grown.get(key)
        if sums is None:
            sums = grown[key] = [0] * self._width
        sums[0] += sign
        for at, amount in enumerate(self._amounts_of(values), 1):
            sums[at] += sign * amount


def recount(door: Door, declared: Sum) -> None:
    """Fill a table of sums, for all organizations, from the rows themselves: for a sum that is new."""
    name = declared.table.name
    door.run(f'DELETE FROM "{name}"')
    door.run(f'INSERT INTO "{name}" ({_shape(declared).listed}) {counted(declared)}')


def counted(declared: Sum) -> str:
    """The query that counts a declared sum from its rows; its columns stand as in `kept`."""
    keys = _listed(("organization_id", *declared.keys))
    sums = "".join(f', sum("{name}")' for name in declared.amounts)
    return f'SELECT {keys}, count(*){sums} FROM "{declared.source.name}" GROUP BY {keys}'


def kept(declared: Sum) -> str:
    """The query of a declared sum as the feed keeps it."""
    return f'SELECT {_shape(declared).listed} FROM "{declared.table.name}"'


def _shape(declared: Sum) -> Shape:
    return shape(declared.table, ("organization_id", *declared.keys, declared.counts, *declared.amounts))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _getter(names: Sequence[str]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) != 1:
        return attrgetter(*names) if names else lambda _values: ()
    get = attrgetter(*names)
    return lambda values: (get(values),)
