"""Families: rows of several tables that are compared together, as they were before a feed and as they are after it.

Two transactions may change one family at once, a request and a fold. Each must see the rows of the one that committed
before it, so the families are locked before they are read: by numbers of the database (`Door.lock`), not by their rows.
All rows and heads of a transaction are locked by then; a lock on a first row, which somebody else holds who waits for
one of ours, would be a circle. The numbers come between heads and sums in the order of all locks, and are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from shared.kernel.sums import Comparison, Share
from sync.dating import Days, RowsByTable
from sync.door import Door
from sync.feed import RowChange
from sync.merged import MergedTables
from sync.tables import TableSpec, Values

LOCKS = 64
"""Numbers that the families of an organization share: a fold of thousands must not use up the locks of the server."""
GroupOf = Callable[[bytes, Values], bytes | None]


@dataclass(slots=True)
class Touched:
    """What a feed changed in the families of a comparison.

    Attributes:
        before, after: by family, its rows that changed, as they were and as they are. A row that came has no before,
            one that left no after.
        new: families that had no rows before the feed.
        moved: families of which rows count on another day after it.
    """

    before: dict[bytes, RowsByTable]
    after: dict[bytes, RowsByTable]
    new: set[bytes]
    moved: set[bytes] = field(default_factory=set)

    @property
    def older(self) -> set[bytes]:
        """The families that had rows before the feed, or may have had some."""
        return (self.before.keys() | self.after.keys() | self.moved) - self.new


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
        self._rare = [each.__tablename__ for each in declared.rare]
        self._only_with_rare = {each.__tablename__ for each in declared.only_with_rare}
        self._sources.sort(key=lambda table: table.name in self._only_with_rare)
        self._is_rooted = all(_refers_to_first(table, declared) for table in self._sources)

    def touched(self, feed: Mapping[str, Sequence[RowChange]]) -> Touched | None:
        """Find the families that rows of the feed belonged to or belong to. The feed tells each row once."""
        before: dict[bytes, RowsByTable] = {}
        after: dict[bytes, RowsByTable] = {}
        for name, group_of in self._groups.items():
            for row, was, stands in feed.get(name, ()):
                if stands is not None and (group := group_of(row, stands)) is not None:
                    rows = after.get(group)
                    if rows is None:
                        rows = after[group] = self._no_rows()
                    rows[name][row] = stands
                if was is not None and (group := group_of(row, was)) is not None:
                    rows = before.get(group)
                    if rows is None:
                        rows = before[group] = self._no_rows()
                    rows[name][row] = was
        if not before and not after:
            return None
        firsts = feed.get(self._first, ()) if self._is_rooted else ()
        born = {row for row, was, _stands in firsts if was is None}
        return Touched(before, after, (after.keys() - before.keys()) & born)

    def with_moved(self, touched: Touched | None, moved: Mapping[str, Mapping[bytes, Values]]) -> Touched | None:
        """Add the families of rows that count on another day after the feed."""
        groups = {
            group
            for name, group_of in (self._groups.items() if self._declared.dated else ())
            for row, values in moved.get(name, {}).items()
            if (group := group_of(row, values)) is not None
        }
        if not groups:
            return touched
        found = touched or Touched({}, {}, set())
        found.moved = groups
        return found

    def shares(self, door: Door, touched: Touched, days: Days | None) -> Iterable[tuple[int, Share]]:
        """Return the shares of the touched families: -1 with those before the feed, 1 with those after it."""
        had_rare = {group for group, rows in touched.before.items() if any(rows[name] for name in self._rare)}
        loaded = self._load(door, touched.older, had_rare)
        now = [touched.after[group] for group in touched.new]
        before = []
        for group in touched.older:
            after = loaded.get(group) or self._no_rows()
            before.append(self._undone(after, touched.before.get(group), touched.after.get(group)))
            now.append(after)
        yield from ((-1, share) for share in self._shares(before, days, was=True))
        yield from ((1, share) for share in self._shares(now, days))

    def count(self, door: Door, groups: Sequence[bytes], days: Days | None) -> Iterable[Share]:
        """Return the shares of these families as their rows stand."""
        return self._shares(list(self._load(door, groups).values()), days)

    def _shares(self, families: Sequence[RowsByTable], days: Days | None, *, was: bool = False) -> Iterator[Share]:
        if days is not None and self._declared.dated is not None:
            families = days.families(families, was=was)
        for rows in families:
            if any(rows.values()):
                yield from self._declared.shares(rows)

    def _load(
        self, door: Door, groups: Collection[bytes], had_rare: Collection[bytes] = ()
    ) -> dict[bytes, RowsByTable]:
        """Load the rows of families with one statement a source; some sources only of those with rare rows."""
        found: dict[bytes, RowsByTable] = {}
        if not groups:
            return found
        merged = MergedTables(door, self._organization, self._tables)
        for table in self._sources:
            group_of = self._groups[table.name]
            among = groups
            if table.name in self._only_with_rare:
                has_rare = (group for group, rows in found.items() if any(rows[name] for name in self._rare))
                among = {*had_rare, *has_rare}
                if not among:
                    continue
            for row, values in merged.load_by(table, column_of(table, self._declared.group), among):
                group = group_of(row, values)
                assert group is not None
                if group not in found:
                    found[group] = self._no_rows()
                found[group][table.name][row] = values
        return found

    def _undone(self, rows: RowsByTable, before: RowsByTable | None, after: RowsByTable | None) -> RowsByTable:
        """The rows of a family as they were before what changed in it."""
        undone = self._no_rows()
        for name, held in undone.items():
            came = after[name] if after else ()
            held.update({row: values for row, values in rows[name].items() if row not in came})
            if before:
                held.update(before[name])
        return undone

    def _no_rows(self) -> RowsByTable:
        return {name: {} for name in self._declared.reads}


def lock(door: Door, organization: bytes, groups: Collection[bytes]) -> None:
    """Let nobody else compare these families until this transaction ends."""
    first = _first_lock(organization)
    door.lock(sorted({first + group[-1] % LOCKS for group in groups}))


def lock_all(door: Door, organization: bytes) -> None:
    """Let nobody else compare any family of the organization until this transaction ends."""
    first = _first_lock(organization)
    door.lock(range(first, first + LOCKS))


def _first_lock(organization: bytes) -> int:
    return int.from_bytes(organization[-6:], "big") * LOCKS


def column_of(table: TableSpec, group: str) -> str:
    """The column of a source that says the family."""
    return group if group in table.fields else "id"


def _group_of(table: TableSpec, group: str) -> GroupOf:
    if column_of(table, group) == "id":
        return lambda row, _values: row
    get = attrgetter(group)
    return lambda _row, values: get(values)


def _refers_to_first(table: TableSpec, declared: Comparison) -> bool:
    return column_of(table, declared.group) == "id" or (declared.group, declared.reads[0]) in table.parents
