"""Sums counted from all rows: for a sum that is new, for a table that was folded anew, and for tests.

Rows and families are read in parts. It counts for all organizations that the database holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from shared.kernel.sums import Comparison, Declared, Sum, amounts_of, keys_of
from sync.door import Door
from sync.families import Families, column_of
from sync.merged import listed, read
from sync.sums import Grown, RowShares, SumsTable, collect, empty
from sync.tables import TableSpec, Values, specs

ROWS_A_PART = 2_000
FAMILIES_A_PART = 256
T = TypeVar("T")
SumsRow = tuple[Any, ...]
"""Organization, keys and amounts."""
_FIRST = bytes(16)


def recount(door: Door, declared: Iterable[Declared]) -> None:
    """Fill tables of sums anew.

    Args:
        declared: all that adds to these tables.
    """
    whole = list(declared)
    rows = counted(door, whole)
    for target in _targets(whole):
        door.run(f'DELETE FROM "{target.shape.table}"')
        for part in _parts(rows[target.shape.table], ROWS_A_PART):
            door.insert(target.shape, part)


def recount_over(door: Door, declared: Iterable[Declared], source: str) -> None:
    """Fill anew all tables of sums to which rows of this table add, whatever else adds to them."""
    rest = list(declared)
    concerned = [each for each in rest if source in each.reads]
    found = concerned
    while found:
        tables = {table.name for each in concerned for table in each.tables}
        rest = [each for each in rest if each not in concerned]
        found = [each for each in rest if tables & {table.name for table in each.tables}]
        concerned += found
    recount(door, concerned)


def counted(door: Door, declared: Iterable[Declared]) -> dict[str, list[SumsRow]]:
    """The rows of tables of sums as the rows of their sources say, sorted, by table."""
    whole = list(declared)
    by_organization: defaultdict[bytes, Grown] = defaultdict(empty)
    for each in whole:
        if isinstance(each, Sum):
            shares = RowShares(each)
            for organization, values in _rows(door, specs(each.source.metadata)[str(each.source.name)]):
                shares.collect(by_organization[organization][shares.table], values, 1)
        else:
            for organization, families, groups in _families(door, each):
                for share in families.count(door, groups):
                    collect(by_organization[organization], share, 1)
    return {
        target.shape.table: sorted(
            (organization, *key, *sums)
            for organization, grown in by_organization.items()
            for key, sums in grown[target.shape.table].items()
        )
        for target in _targets(whole)
    }


def kept(door: Door, table: sa.Table) -> list[SumsRow]:
    """The rows of a table of sums as the feed keeps them, sorted like those of `counted`."""
    of = SumsTable(table).shape
    return sorted(door.rows(f'SELECT {of.listed} FROM "{of.table}"'))


def said(declared: Iterable[Declared]) -> str:
    """All that these declarations say, as text: if it differs from what the last program said, sums are new."""
    return "\n".join(
        repr((type(each).__name__, each.edition, each.reads, _columns(each), list(map(_columns_of, each.tables))))
        for each in declared
    )


def _columns(declared: Declared) -> object:
    if isinstance(declared, Sum):
        columns = (*declared.key_columns, *declared.amount_columns)
        return [each if isinstance(each, str | None) else each.__qualname__ for each in columns]
    return declared.group


def _columns_of(table: sa.Table) -> object:
    return str(table.name), keys_of(table), amounts_of(table)


def _targets(declared: Sequence[Declared]) -> list[SumsTable]:
    return [SumsTable(table) for table in {table.name: table for each in declared for table in each.tables}.values()]


def _rows(door: Door, table: TableSpec) -> Iterator[tuple[bytes, Values]]:
    """All rows of a table, each with its organization."""
    sql = f"""
        SELECT organization_id, {listed(table)} FROM "{table.name}" WHERE (organization_id, id) > (?, ?)
        ORDER BY organization_id, id LIMIT {ROWS_A_PART}
    """
    last = (_FIRST, _FIRST)
    while rows := door.rows(sql, *map(door.key, last)):
        last = (rows[-1][0], rows[-1][1])
        for (organization, *_cells), (_row, values) in zip(
            rows, read(door, table, [row[1:] for row in rows]), strict=True
        ):
            yield organization, values


def _families(door: Door, declared: Comparison) -> Iterator[tuple[bytes, Families, Sequence[bytes]]]:
    """All families of a comparison, some at a time, by organization."""
    tables = specs(declared.sources[0].metadata)
    columns = [(name, column_of(tables[name], declared.group)) for name in declared.reads]
    sql = " UNION ".join(
        f'SELECT organization_id, "{column}" FROM "{name}" WHERE "{column}" IS NOT NULL' for name, column in columns
    )
    groups: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for organization, group in door.rows(sql):
        groups[organization].append(group)
    for organization, some in groups.items():
        families = Families(declared, organization, tables)
        for part in _parts(some, FAMILIES_A_PART):
            yield organization, families, part


def _parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (whole[begin : begin + size] for begin in range(0, len(whole), size))
