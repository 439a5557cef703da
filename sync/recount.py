"""Sums counted from all rows: for a sum that is new, for a table that was folded anew, and for tests.

Rows and families are read in parts. It counts for all organizations that the database holds.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from shared.kernel.sums import Comparison, Declared, Sum, amounts_of, keys_of
from sync.dating import Days
from sync.door import Door
from sync.families import Families, column_of
from sync.merged import listed, read
from sync.sums import Grown, RowShares, SumsTable, collect, dating_of, empty
from sync.tables import TableSpec, Values, program_fingerprint, specs

T = TypeVar("T")
ROWS_A_PART = 1_000
FAMILIES_A_PART = 100
"""Sizes of a part: short enough for the next tap."""
SumsRow = tuple[Any, ...]
"""Organization, keys and amounts."""
_FIRST = bytes(16)


class Recount:
    """Counts tables of sums from all rows, part by part, each in any transaction. Nothing may be written in between.

    Args:
        declared: all that adds to these tables.
    """

    def __init__(self, declared: Iterable[Declared]) -> None:
        self._declared = list(declared)
        self._dating = dating_of(self._declared)
        self._grown: defaultdict[bytes, Grown] = defaultdict(empty)
        self._door: Door | None = None
        self._parts = self._read()

    def step(self, door: Door) -> bool:
        """Count the next part. Returns whether there was one."""
        self._door = door
        return next(self._parts, None) is not None

    def rows(self) -> dict[str, list[SumsRow]]:
        """The rows of the tables, sorted, by table: of what is counted by now."""
        return {
            target.shape.table: sorted(
                (organization, *key, *sums)
                for organization, grown in self._grown.items()
                for key, sums in grown[target.shape.table].items()
            )
            for target in self._targets()
        }

    def keep(self, door: Door) -> None:
        """Put what was counted in the place of what the tables hold."""
        rows = self.rows()
        for target in self._targets():
            door.run(f'DELETE FROM "{target.shape.table}"')
            for part in _parts(rows[target.shape.table], ROWS_A_PART):
                door.insert(target.shape, part)

    def _targets(self) -> list[SumsTable]:
        return [
            SumsTable(table) for table in {each.name: each for one in self._declared for each in one.tables}.values()
        ]

    def _read(self) -> Iterator[bool]:
        for each in self._declared:
            yield from self._read_rows(each) if isinstance(each, Sum) else self._read_families(each)

    def _read_rows(self, declared: Sum) -> Iterator[bool]:
        table, shares = specs(declared.source.metadata)[str(declared.source.name)], RowShares(declared)
        last = (_FIRST, _FIRST)
        while rows := self._at.rows(_rows_after(table), *map(self._at.key, last)):
            last = (rows[-1][0], rows[-1][1])
            values = read(self._at, table, [row[1:] for row in rows])
            of: defaultdict[bytes, list[Values]] = defaultdict(list)
            for (organization, *_cells), (_row, each) in zip(rows, values, strict=True):
                of[organization].append(each)
            for organization, found in of.items():
                shares.collect_all(self._grown[organization][shares.table], found, self._days(organization))
            yield True

    def _read_families(self, declared: Comparison) -> Iterator[bool]:
        tables = specs(declared.sources[0].metadata)
        sources = [(name, column_of(tables[name], declared.group)) for name in declared.reads]
        for (organization,) in self._at.rows(_organizations(declared.reads)):
            families, last = Families(declared, organization, tables), _FIRST
            while groups := self._groups_after(sources, organization, last):
                last = groups[-1]
                for share in families.count(self._at, groups, self._days(organization)):
                    collect(self._grown[organization], share, 1)
                yield True

    def _groups_after(self, sources: Sequence[tuple[str, str]], organization: bytes, last: bytes) -> list[bytes]:
        """The next families of an organization: of each source the next ones by its index."""
        at = (self._at.key(organization), self._at.key(last))
        found = {row[0] for source in sources for row in self._at.rows(_after(*source), *at)}
        return sorted(found)[:FAMILIES_A_PART]

    def _days(self, organization: bytes) -> Days | None:
        if self._dating is None:
            return None
        return Days(self._at, organization, specs(self._dating.closes.metadata), self._dating, {})

    @property
    def _at(self) -> Door:
        assert self._door is not None, "only steps count"
        return self._door


def recount(door: Door, declared: Iterable[Declared]) -> None:
    """Fill tables of sums anew, in this transaction.

    Args:
        declared: all that adds to these tables.
    """
    whole = Recount(declared)
    while whole.step(door):
        pass
    whole.keep(door)


def counted(door: Door, declared: Iterable[Declared]) -> dict[str, list[SumsRow]]:
    """The rows of tables of sums as the rows of their sources say, sorted, by table."""
    whole = Recount(declared)
    while whole.step(door):
        pass
    return whole.rows()


def kept(door: Door, table: sa.Table) -> list[SumsRow]:
    """The rows of a table of sums as the feed keeps them, sorted like those of `counted`."""
    of = SumsTable(table).shape
    return sorted(door.rows(f'SELECT {of.listed} FROM "{of.table}"'))


def adding_where(declared: Iterable[Declared], source: str) -> list[Declared]:
    """Return what adds to the tables of sums to which rows of this table add, whatever it reads."""
    rest = list(declared)
    concerned = found = [each for each in rest if source in each.reads or source == _closes_of(each)]
    while found:
        tables = {table.name for each in concerned for table in each.tables}
        rest = [each for each in rest if each not in concerned]
        found = [each for each in rest if tables & {table.name for table in each.tables}]
        concerned = [*concerned, *found]
    return concerned


def _closes_of(declared: Declared) -> str | None:
    return declared.dated.closes.__tablename__ if declared.dated else None


def counting_program(tables: Mapping[str, TableSpec], declared: Iterable[Declared]) -> bytes:
    """Sixteen bytes that tell a program's tables and sums from those of every other."""
    return hashlib.blake2b(program_fingerprint(tables) + said(declared).encode(), digest_size=16).digest()


def said(declared: Iterable[Declared]) -> str:
    """All that these declarations say, as text: if it differs from what the last program said, sums are new."""
    return "\n".join(
        repr(
            (
                type(each).__name__,
                each.edition,
                each.reads,
                _columns(each),
                list(map(_columns_of, each.tables)),
                each.dated,
            )
        )
        for each in declared
    )


def _columns(declared: Declared) -> object:
    if isinstance(declared, Sum):
        columns = (*declared.key_columns, *declared.amount_columns)
        return [each if isinstance(each, str | None) else each.__qualname__ for each in columns]
    return declared.group


def _columns_of(table: sa.Table) -> object:
    return str(table.name), keys_of(table), amounts_of(table)


def _rows_after(table: TableSpec) -> str:
    return f"""
        SELECT organization_id, {listed(table)} FROM "{table.name}" WHERE (organization_id, id) > (?, ?)
        ORDER BY organization_id, id LIMIT {ROWS_A_PART}
    """


def _organizations(tables: Sequence[str]) -> str:
    return " UNION ".join(f'SELECT DISTINCT organization_id FROM "{name}"' for name in tables)


def _after(table: str, column: str) -> str:
    return f"""
        SELECT DISTINCT "{column}" FROM "{table}" WHERE organization_id = ? AND "{column}" > ?
        ORDER BY "{column}" LIMIT {FAMILIES_A_PART}
    """


def _parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (whole[begin : begin + size] for begin in range(0, len(whole), size))
