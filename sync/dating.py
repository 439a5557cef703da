"""On which day rows count, before a feed and after it: closes say so (`shared/kernel/closing.py`).

Rows are given out with the day on which they count in the place of their own. Mostly no day is closed from that of a
row on: then it costs one statement for each branch and day, and nothing if no row has a date.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec.structs import replace

from shared.kernel.closing import Close, Dating, closes_of, counted_on
from shared.kernel.numbers import end_of, series_of
from shared.kernel.records import Record
from sync.door import Door, ResultRow
from sync.feed import RowChange, each_once
from sync.merged import MergedTables, listed, read
from sync.tables import TableSpec, Values

RowsByTable = dict[str, dict[bytes, Values]]
Feed = Mapping[str, Sequence[RowChange]]
_FIRST_DAY = "0001-01-01"


@dataclass(frozen=True, slots=True)
class _Changed:
    """The closes of a branch of which a feed changed some: as they were and as they are, in the order of days."""

    before: list[Close]
    after: list[Close]

    def days(self) -> list[str]:
        """The days of which other numbers are known now, in order."""
        before, after = ({close.day: close for close in closes} for closes in (self.before, self.after))
        return sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day))


class _Calendar:
    """The closes of branches, before a feed and after it; of each branch they are read once, from the first day on.

    Attributes:
        changed: the branches of which the feed changed closes.
    """

    def __init__(self, door: Door, organization: bytes, closes: TableSpec | None, feed: Feed) -> None:
        self._door = door
        self._organization = organization
        self._closes = closes
        self._first: dict[bytes, str] = {}
        self._known: dict[bytes, tuple[str, list[Close]]] = {}
        self.changed = dict(self._read_changed(closes, feed)) if closes and closes.name in feed else {}

    def expect(self, values: Values) -> None:
        """Read from the day of this row on when the closes of its branch are read."""
        first = self._first.get(values.branch_id)
        if first is None or values.business_date < first:
            self._first[values.branch_id] = values.business_date

    def close_from(self, branch: bytes, day: str, *, was: bool) -> Close | None:
        """The closes of the first closed day from a day on."""
        changed = self.changed.get(branch)
        closes = self._from(branch, day) if changed is None else changed.before if was else changed.after
        at = bisect_left(closes, day, key=_day)
        return closes[at] if at < len(closes) else None

    def is_any_closed(self) -> bool:
        """Whether a day is closed, or was, from that of an expected row on."""
        return any(
            self.close_from(branch, day, was=was) for branch, day in self._first.items() for was in (True, False)
        )

    def _from(self, branch: bytes, day: str) -> list[Close]:
        first, closes = self._known.get(branch, (None, []))
        if first is None or day < first:
            first = min(day, self._first.get(branch, day))
            closes = closes_of(self._read(branch, first).values())
            self._known[branch] = first, closes
        return closes

    def _read(self, branch: bytes, first: str) -> dict[bytes, Values]:
        if self._closes is None:
            return {}
        rows = self._door.rows(
            _closes_from(self._closes), self._door.key(self._organization), self._door.key(branch), first
        )
        return dict(read(self._door, self._closes, rows))

    def _read_changed(self, closes: TableSpec, feed: Feed) -> Iterator[tuple[bytes, _Changed]]:
        changes: defaultdict[bytes, dict[bytes, Values | None]] = defaultdict(dict)
        for row, before, after in each_once(feed[closes.name]):
            changes[(after or before).branch_id][row] = before  # type: ignore[union-attr]  # one of both is there
        for branch, was_there in changes.items():
            after = self._read(branch, _FIRST_DAY)
            before = {**after, **was_there}
            yield branch, _Changed(closes_of(filter(None, before.values())), closes_of(after.values()))


def _dated(family: RowsByTable, table: str) -> list[Values]:
    """The rows of a table that have a day: a record may leave it open where it follows no other."""
    return [values for values in family.get(table, {}).values() if values.business_date is not None]


class Days:
    """Serves one feed, or a part of a recount. Families and branches of the feed are locked before it is asked."""

    def __init__(
        self, door: Door, organization: bytes, tables: Mapping[str, TableSpec], dating: Dating, feed: Feed
    ) -> None:
        self._door = door
        self._organization = organization
        self._merged = MergedTables(door, organization, tables)
        self._feed = feed
        self._calendar = _Calendar(door, organization, tables.get(dating.closes.__tablename__), feed)
        self._numbered = [tables[name] for name in names_of(dating.numbered) if name in tables]
        self._follow = {
            line.__tablename__: (field, parent.__tablename__)
            for line, (field, parent) in dating.follow.items()
            if line.__tablename__ in tables and parent.__tablename__ in tables
        }
        self._told = {
            each.name: {row: (before, after) for row, before, after in each_once(feed.get(each.name, ()))}
            for each in self._numbered
        }
        self._followed: dict[bool, dict[bytes, Values]] = {True: {}, False: {}}
        for ends in (ends for told in self._told.values() for ends in told.values()):
            for values in filter(None, ends):
                self._calendar.expect(values)

    # -- rows of the feed, and families ------------------------------------------------------------------------------

    def row(self, values: Values, *, was: bool) -> Values:
        """A numbered row, with the day on which it counts, or counted before the feed."""
        return _on(self._day_of(values, was=was), values)

    def families(self, families: Sequence[RowsByTable], *, was: bool) -> list[RowsByTable]:
        """Rows of families, with the days on which they count, or counted before the feed."""
        self._expect(families)
        if not self._calendar.is_any_closed():
            return list(families)
        self._learn(families)
        return [{name: self._rows(name, rows, was=was) for name, rows in family.items()} for family in families]

    def _rows(self, table: str, rows: dict[bytes, Values], *, was: bool) -> dict[bytes, Values]:
        if table in self._follow:
            field, _parent = self._follow[table]
            followed = self._followed[was]
            return {
                row: self._beside(values, followed.get(getattr(values, field)), was=was) for row, values in rows.items()
            }
        if any(table == each.name for each in self._numbered):
            return {row: self.row(values, was=was) for row, values in rows.items()}
        return rows

    def _beside(self, values: Values, followed: Values | None, *, was: bool) -> Values:
        """A row on the day of the one that it follows. If it says another day than that, it keeps what it says."""
        if followed is None or followed.business_date != values.business_date:
            return values
        return _on(self._day_of(followed, was=was), values)

    def _day_of(self, values: Values, *, was: bool) -> str:
        return self._counted_on(values.branch_id, values.number, values.business_date, was=was)

    def _expect(self, families: Iterable[RowsByTable]) -> None:
        dated = (*self._follow, *self._told)
        for family in families:
            for table in dated:
                for values in _dated(family, table):
                    self._calendar.expect(values)

    def _learn(self, families: Iterable[RowsByTable]) -> None:
        """Read the rows that are followed, where a close may not know them."""
        following = [
            (parent, getattr(values, field), values)
            for family in families
            for table, (field, parent) in self._follow.items()
            for values in _dated(family, table)
        ]
        wanted: defaultdict[str, set[bytes]] = defaultdict(set)
        for parent, followed, values in following:
            if self._may_be_late(values):
                wanted[parent].add(followed)
        for parent, ids in wanted.items():
            told = self._told[parent]
            rest = ids - told.keys() - self._followed[False].keys()
            found = {
                row: held.values
                for row, held in self._merged.load(self._merged.tables[parent], rest, locks=False).items()
            }
            for was, at in ((True, 0), (False, 1)):
                rows = {**found, **{row: ends[at] for row, ends in told.items()}}
                self._followed[was] |= {row: values for row, values in rows.items() if values is not None}

    def _may_be_late(self, values: Values) -> bool:
        return any(self._calendar.close_from(values.branch_id, values.business_date, was=was) for was in (True, False))

    # -- what a changed close moves ------------------------------------------------------------------------------------

    def moved(self) -> RowsByTable:
        """The rows that a changed close moves to another day, by table. Those of the feed are left out."""
        moved: RowsByTable = {}
        if not self._calendar.changed and not any(map(self._redated, self._told)):
            return moved
        for spec in self._numbered:
            told = self._told[spec.name]
            ids = [
                row
                for branch, changed in self._calendar.changed.items()
                for row, number, day in self._concerned(spec, branch, changed)
                if row not in told and self._is_moved(branch, number, day)
            ]
            loaded = self._merged.load(spec, ids, locks=False) if ids else {}
            moved[spec.name] = {row: held.values for row, held in loaded.items()}
        for name, (field, parent) in self._follow.items():
            rows = self._merged.load_by(self._merged.tables[name], field, [*moved[parent], *self._redated(parent)])
            changed = {row for row, *_ends in self._feed.get(name, ())}
            moved[name] = {row: values for row, values in rows if row not in changed}
        return moved

    def _redated(self, table: str) -> list[bytes]:
        """Rows of the feed that count on another day than their own after it, or did so before it.

        What follows them may be there though they come only now: an older program did not know their table.
        """
        return [
            row
            for row, (before, after) in self._told[table].items()
            if self._is_late(before, was=True) or self._is_late(after, was=False)
        ]

    def _is_late(self, values: Values | None, *, was: bool) -> bool:
        return values is not None and self._day_of(values, was=was) != values.business_date

    def _is_moved(self, branch: bytes, number: str, day: str) -> bool:
        return self._counted_on(branch, number, day, was=True) != self._counted_on(branch, number, day, was=False)

    def _counted_on(self, branch: bytes, number: str, day: str, *, was: bool) -> str:
        return counted_on(day, number, lambda day: self._calendar.close_from(branch, day, was=was))

    def _concerned(self, spec: TableSpec, branch: bytes, changed: _Changed) -> Iterator[tuple[bytes, str, str]]:
        """Id, number and day of each row whose way from day to day can meet a changed close.

        It begins after the last close that did not change, or goes on from there, because that does not know it.
        """
        days = changed.days()
        if not days:
            return
        last = next((close for close in reversed(changed.after) if close.day < days[0]), None)
        at = (self._door.key(self._organization), self._door.key(branch))
        rows = self._door.rows(_by_days(spec), *at, last.day if last else _FIRST_DAY, days[-1])
        if last is not None:
            rows = [*rows, *self._unknown_to(last, days[-1], spec, at)]
        yield from dict.fromkeys(map(tuple, rows))

    def _unknown_to(self, close: Close, to: str, spec: TableSpec, at: tuple[Any, Any]) -> Iterator[ResultRow]:
        """The rows up to a day that a close does not know. Series are found step by step in the index."""
        begin = ""
        while (first := self._door.value(_first_number(spec), *at, begin)) is not None:
            series = series_of(first)
            begin = end_of(series)
            known = min((each.last.get(series, "") for each in close.known), default="")
            missed = [number for each in close.known for number in each.missed if series_of(number) == series]
            yield from self._door.rows(_by_numbers(spec), *at, min([known, *missed]), first, begin, to)


def _on(day: str, values: Values) -> Values:
    return values if day == values.business_date else replace(values, business_date=day)


def _day(close: Close) -> str:
    return close.day


def names_of(records: Iterable[type[Record]]) -> list[str]:
    """The names of the tables of records."""
    return [record.__tablename__ for record in records]


_OF_BRANCH = "organization_id = ? AND branch_id = ?"


@cache
def _closes_from(closes: TableSpec) -> str:
    return f'SELECT {listed(closes)} FROM "{closes.name}" WHERE {_OF_BRANCH} AND business_date >= ?'


@cache
def _first_number(numbered: TableSpec) -> str:
    return f'SELECT min("number") FROM "{numbered.name}" WHERE {_OF_BRANCH} AND "number" >= ?'


@cache
def _by_numbers(numbered: TableSpec) -> str:
    return f'{_concerned(numbered)} AND "number" >= ? AND "number" >= ? AND "number" < ? AND business_date <= ?'


@cache
def _by_days(numbered: TableSpec) -> str:
    return f"{_concerned(numbered)} AND business_date > ? AND business_date <= ?"


def _concerned(numbered: TableSpec) -> str:
    return f'SELECT id, "number", business_date FROM "{numbered.name}" WHERE {_OF_BRANCH}'
