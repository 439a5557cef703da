"""Declared sums: a table of sums over the rows of another, kept by the feed on every replica, by one declaration.

A row's share is taken out as it was and put in as it is, so a replayed batch changes nothing and a voided row leaves no
trace. The source may be any list of that shape, not only a table's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from sync.door import Door, shape
from sync.feed import RowChange
from sync.tables import Values

Delta = tuple[tuple[Any, ...], list[int]]
"""The key of a row of sums without the organization, and what its sums grow by."""


class Sum:
    """Implements `sync.feed.Listener` for one table of sums.

    Its primary key is the organization and the fields that the sums are kept by. Its first other column counts the rows
    behind a sum; a sum of no rows is removed. The others sum up the fields of their names.

    Args:
        into: the table of sums.
        source: name of the table (or list) that is summed up.
    """

    def __init__(self, into: sa.Table, source: str) -> None:
        columns = [column for column in into.columns if column.name != "organization_id"]
        self.into = into
        self.source = source
        self.keys = tuple(str(column.name) for column in columns if column.primary_key)
        self.count, *amounts = (str(column.name) for column in columns if not column.primary_key)
        self.amounts = tuple(amounts)
        self._key_of = _getter(self.keys)
        self._amounts_of = _getter(self.amounts)
        names = ("organization_id", *self.keys, self.count, *self.amounts)
        self._shape = shape(into, names)
        grow = ", ".join(
            f'"{name}" = "{into.name}"."{name}" + excluded."{name}"' for name in names[-len(amounts) - 1 :]
        )
        listed = ", ".join(f'"{name}"' for name in ("organization_id", *self.keys))
        self._add = f"({listed}) DO UPDATE SET {grow}"
        at = " AND ".join(f'"{name}" = ?' for name in ("organization_id", *self.keys))
        self._remove = f'DELETE FROM "{into.name}" WHERE {at} AND "{self.count}" = 0'  # noqa: S608 - our own names

    def of(self, organization: bytes) -> KeptSum:
        """The same sum, kept for one organization."""
        return KeptSum(self, organization)

    def deltas(self, changes: Iterable[RowChange]) -> list[Delta]:
        """What the sums grow by, in the order in which all transactions lock them."""
        grown: dict[tuple[Any, ...], list[int]] = {}
        for _row, before, after in changes:
            if before is not None:
                self._collect(grown, before, -1)
            if after is not None:
                self._collect(grown, after, 1)
        return sorted((key, sums) for key, sums in grown.items() if any(sums))

    def add(self, door: Door, organization: bytes, deltas: Sequence[Delta]) -> None:
        """Add the deltas to the table; remove the sums that count no rows then."""
        door.insert(self._shape, [(organization, *key, *sums) for key, sums in deltas], self._add)
        for key, sums in deltas:
            if sums[0] < 0:
                kinds = self._shape.kinds[1:]
                given = [door.key(value) if kind == "key" else value for kind, value in zip(kinds, key, strict=False)]
                door.run(self._remove, door.key(organization), *given)

    def recount(self, door: Door) -> None:
        """Fill the table, for all organizations, from the rows themselves: for a sum that is new."""
        door.run(f'DELETE FROM "{self.into.name}"')  # noqa: S608 - our own names
        door.run(f'INSERT INTO "{self.into.name}" ({self._shape.listed}) {self.counted()}')

    def counted(self) -> str:
        """The query that counts the sums of a table from its rows."""
        keys = ", ".join(f'"{name}"' for name in ("organization_id", *self.keys))
        sums = "".join(f', sum("{name}")' for name in self.amounts)
        return f'SELECT {keys}, count(*){sums} FROM "{self.source}" GROUP BY {keys}'  # noqa: S608 - our own names

    def _collect(self, grown: dict[tuple[Any, ...], list[int]], values: Values, sign: int) -> None:
        key = self._key_of(values)
        sums = grown.get(key)
        if sums is None:
            sums = grown[key] = [0] * (1 + len(self.amounts))
        sums[0] += sign
        for at, amount in enumerate(self._amounts_of(values), 1):
            sums[at] += sign * amount


class KeptSum:
    """A sum of one organization, as the feed tells it."""

    def __init__(self, declared: Sum, organization: bytes) -> None:
        self._declared = declared
        self._organization = organization

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """A sum reads nothing: it is an increment."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """One statement for all sums that change."""
        changes = feed.get(self._declared.source)
        deltas = self._declared.deltas(changes) if changes else []
        if deltas:
            self._declared.add(door, self._organization, deltas)


def _getter(names: Sequence[str]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) != 1:
        return attrgetter(*names) if names else lambda _values: ()
    get = attrgetter(*names)
    return lambda values: (get(values),)
