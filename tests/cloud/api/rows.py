"""Rows of any table that the API gives, with values by the types of their columns, written past all rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from cloud.api.resource import Resource
from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Listed, Octets, Whole, Words
from shared.kernel.sealed import Sealed
from shared.kernel.states import Lattice, Standing
from shared.kernel.totals import Counted, Tally

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_DIALECT = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]


def values(table: sa.Table, number: int, word: str, **given: Any) -> dict[str, Any]:
    """A row with a word in each of its texts.

    Args:
        number: of the row; it says how old it is, too.
    """
    row = {column.name: _value(column, number, word) for column in table.columns}
    return {**row, **{name: value for name, value in given.items() if name in row}}


def insert(connection: psycopg.Connection[Any], table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as the owner, without a check of references."""
    statement = sa.insert(table)
    for row in rows:
        compiled = statement.values(row).compile(dialect=_DIALECT)
        made: Any = compiled._bind_processors
        given = {name: made[name](value) if name in made else value for name, value in compiled.params.items()}
        connection.execute(str(compiled), given)  # no input of anybody


def row_for(resource: Resource, number: int, word: str, **given: Any) -> dict[str, Any]:
    """A row that a resource shows."""
    return values(resource.record.__table__, number, word, **given)  # type: ignore[arg-type]


def id_at(number: int) -> UUID:
    """An id that is as old as its number says, as UUIDv7 are."""
    instant = int((NOON + timedelta(minutes=number)).timestamp() * 1000)
    return UUID(int=(instant << 80) | (7 << 76) | (2 << 62) | number)


def _value(column: sa.Column[Any], number: int, word: str) -> Any:
    kind: Any = column.type
    if column.name == "id":
        return id_at(number)
    if column.nullable and not isinstance(kind, Words):
        return None
    made = next((make for of, make in _MAKERS if isinstance(kind, of)), None)
    return 0 if made is None else made(kind, number, word) if column.name not in _NAMED else _NAMED[column.name]


_NAMED: Mapping[str, Any] = {"active": True, "names": {"es": "Uno"}}
_MAKERS: tuple[tuple[Any, Callable[[Any, int, str], Any]], ...] = (
    (Lattice, lambda kind, _number, _word: Standing(0, min(kind.kind))),
    (Tally, lambda _kind, _number, _word: Counted(0, 0)),
    (Key, lambda _kind, number, _word: id_at(number + 500_000)),
    (Instant, lambda _kind, number, _word: NOON + timedelta(minutes=number)),
    (Day, lambda _kind, number, _word: date(2026, 11, 1) + timedelta(days=number // 300)),
    (Flag, lambda _kind, _number, _word: False),
    (Whole, lambda _kind, _number, _word: 1),
    (Choice, lambda kind, _number, _word: next(iter(kind.kind))),
    (Words, lambda kind, _number, word: word[: kind.length]),
    (Listed, lambda _kind, _number, _word: []),
    ((Octets, Sealed, sa.LargeBinary), lambda _kind, _number, _word: b""),
)
