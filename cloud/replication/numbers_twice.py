"""Asks people about a number that was given twice: two copies of one device sold before either met anybody.

Both rows are kept, whatever stream brings them. Numbers that a record does not tell people are not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from uuid import UUID

import msgspec

from cloud.replication.judgements import Question, amount_of, told_of
from shared.exceptions.rules import EventKind
from shared.kernel.columns import Number
from shared.kernel.numbers import series_of
from sync.fold import Batch, Creation
from sync.tables import TableSpec

_NUMBERS = """
    SELECT {field}, id FROM {table} WHERE branch_id = ? AND organization_id = ? AND {field} BETWEEN ? AND ?
"""


def ask_about_numbers(batch: Batch, table: TableSpec, creations: Sequence[Creation]) -> None:
    """Put a question for each new row whose number another row of its branch has: one statement a series."""
    for field in _numbered(table):
        by_series: defaultdict[tuple[bytes, str], list[Creation]] = defaultdict(list)
        for each in creations:
            by_series[each.values.branch_id, series_of(getattr(each.values, field))].append(each)
        for (branch, _series), rows in by_series.items():
            _ask(batch, table, field, branch, rows)


@cache
def _numbered(table: TableSpec) -> tuple[str, ...]:
    """The fields with numbers that people know the row by."""
    told = table.rights.told
    return tuple(name for name, spec in table.fields.items() if isinstance(spec.wire, Number) and name in told)


def _ask(batch: Batch, table: TableSpec, field: str, branch: bytes, rows: Sequence[Creation]) -> None:
    numbers = [getattr(each.values, field) for each in rows]
    found = batch.door.rows(
        _NUMBERS.format(field=field, table=table.name),
        batch.door.key(branch),
        batch.door.key(batch.merged.organization),
        min(numbers),
        max(numbers),
    )
    holders: defaultdict[str, set[bytes]] = defaultdict(set)
    for number, row in found:
        holders[number].add(row)
    for each, number in zip(rows, numbers, strict=True):
        others = holders[number] - {each.row}
        if others and each.row not in holders[number]:
            _put(batch, table, each, number, min(others))
        holders[number].add(each.row)


def _put(batch: Batch, table: TableSpec, change: Creation, number: str, other: bytes) -> None:
    detail = told_of(batch.merged.tables, table.name, change.row, msgspec.structs.asdict(change.values))
    first = {"table": table.name, "row": other.hex(), "number": number}
    cause = (UUID(bytes=change.values.branch_id), table.name, number)
    stream, said = batch.stream_of(change), {**detail, "changes": [first]}
    question = Question(EventKind.NUMBER_TWICE, cause, change.actor, stream, number, said, amount_of(detail))
    batch.question(change.at, question)
