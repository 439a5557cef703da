"""Families: rows of several tables that are compared together, as they were before a feed and as they are after it.

Two transactions may change one family at once, a request and a fold. Each must see the rows of the one that committed
before it, so the families are locked before they are read: by numbers of the database (`Door.lock`), not by their rows.
All rows and heads of a transaction are locked by then; a lock on a first row, which somebody else holds who waits for
one of ours, would be a circle. The numbers come between heads and sums in the order of all locks, and are sorted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from shared.kernel.sums import Comparison, FamilyRows, Share
from sync.door import Door
from sync.feed import RowChange
from sync.merged import MergedTables
from sync.tables import TableSpec, Values

LOCKS = 64
"""Numbers that the families of an organization share: a fold of thousands must not use up the locks of the server."""
GroupOf = Callable[[bytes, Values], bytes | None]
RowsByTable = dict[str, dict[bytes, Values]]


def _rows() -> RowsByTable:
    return defaultdict(dict)


@dataclass(slots=True)
class Touched:
    """What a feed changed in a family.

    Attributes:
        before, after: its rows that changed, as they were and as they are. A row that came has no before, one that left
            no after.
        is_new: whether it had no rows before the feed.
    """

    before: RowsByTable = field(default_factory=_rows)
    after: RowsByTable = field(default_factory=_rows)
    is_new: bool = False


class Families:
    """The families of one comparison and one organization."""

    def __init__(self, declared: Comparison, organization: bytes, tables: Mapping[str, TableSpec]) -> None:
        self._declared = declared
        self._organization = organization
        self._tables = tables
        # An older program may lack a table: it has no rows of it either.
        self._sources = [tables[name] for name in declared.reads if name in tables]
        self._groups = {table.name: _group_of(table, declared.group) for table in self._sources}
        self._first = declared.reads[0]
        self._is_rooted = all(_refers_to_first(table, declared) for table in self._sources)

    def touched(self, feed: Mapping[str, Sequence[RowChange]]) -> dict[bytes, Touched]:
        """Find the families that rows of the feed belonged to or belong to."""
        found: defaultdict[bytes, Touched] = defaultdict(Touched)
        born: set[bytes] = set()
        for name, group_of in self._groups.items():
            changes = feed.get(name)
            if not changes:
                continue
            ends = _ends(changes)
            if name == self._first and self._is_rooted:
                born = {row for row, (before, _after) in ends.items() if before is None}
            for row, (before, after) in ends.items():
                if before is not None and (group := group_of(row, before)) is not None:
                    found[group].before[name][row] = before
                if after is not None and (group := group_of(row, after)) is not None:
                    found[group].after[name][row] = after
        for group in born & found.keys():
            found[group].is_new = True
        return found

    def shares(self, door: Door, touched: Mapping[bytes, Touched]) -> Iterable[tuple[int, Share]]:
        """Return the shares of the touched families: -1 with those before the feed, 1 with those after it."""
        loaded = self._load(door, [group for group, each in touched.items() if not each.is_new])
        shares = self._declared.shares
        for group, family in touched.items():
            after = family.after if family.is_new else loaded[group]
            before = family.before if family.is_new else _undone(after, family)
            for sign, some in ((-1, before), (1, after)):
                if any(some.values()):
                    yield from ((sign, share) for share in shares(self._whole(some)))

    def count(self, door: Door, groups: Sequence[bytes]) -> Iterable[Share]:
        """Return the shares of these families as their rows stand."""
        for rows in self._load(door, groups).values():
            yield from self._declared.shares(self._whole(rows))

    def _whole(self, rows: RowsByTable) -> FamilyRows:
        return {name: rows.get(name, {}) for name in self._declared.reads}

    def _load(self, door: Door, groups: Sequence[bytes]) -> dict[bytes, RowsByTable]:
        """Load the rows of families with one statement a source."""
        found: defaultdict[bytes, RowsByTable] = defaultdict(_rows)
        if not groups:
            return found
        merged = MergedTables(door, self._organization, self._tables)
        for table in self._sources:
            group_of = self._groups[table.name]
            for row, values in merged.load_by(table, column_of(table, self._declared.group), groups):
                group = group_of(row, values)
                assert group is not None
                found[group][table.name][row] = values
        return found


def lock(door: Door, organization: bytes, groups: Collection[bytes]) -> None:
    """Let nobody else compare these families until this transaction ends."""
    begin = int.from_bytes(organization[-6:], "big") * LOCKS
    door.lock(sorted({begin + group[-1] % LOCKS for group in groups}))


def column_of(table: TableSpec, group: str) -> str:
    """The column of a source that says the family."""
    return group if group in table.fields else "id"


def _ends(changes: Sequence[RowChange]) -> dict[bytes, tuple[Values | None, Values | None]]:
    """Of each row what it was first and what it is last."""
    ends: dict[bytes, tuple[Values | None, Values | None]] = {}
    for row, before, after in changes:
        ends[row] = (ends[row][0] if row in ends else before, after)
    return ends


def _undone(rows: RowsByTable, family: Touched) -> RowsByTable:
    """The rows of a family as they were before the feed."""
    return {
        name: {row: values for row, values in rows.get(name, {}).items() if row not in family.after.get(name, {})}
        | family.before.get(name, {})
        for name in rows.keys() | family.before.keys()
    }


def _group_of(table: TableSpec, group: str) -> GroupOf:
    if column_of(table, group) == "id":
        return lambda row, _values: row
    get = attrgetter(group)
    return lambda _row, values: get(values)


def _refers_to_first(table: TableSpec, declared: Comparison) -> bool:
    return column_of(table, declared.group) == "id" or (declared.group, declared.reads[0]) in table.parents
