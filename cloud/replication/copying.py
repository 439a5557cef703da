"""Bulk writes by COPY into a staging table: the only way in which PostgreSQL takes tens of thousands of rows a second.

COPY is refused on tables with row-level security, so rows pass through a temporary table of the same shape and into the
real one by one statement, which obeys the policies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.columns import Choice, Lattice, Listed
from sync.bulk import PlainBulk

FEW = 20
"""Below this many rows one prepared statement is quicker than two statements and a COPY."""

Encode = Callable[[Any], str]
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class CopyBulk:
    """Implements `sync.bulk.Bulk` for psycopg."""

    def __init__(self) -> None:
        self._plain = PlainBulk()
        self._shapes: dict[tuple[str, tuple[str, ...]], _Shape] = {}

    async def insert(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all name the same columns."""
        if len(rows) < FEW:
            await self._plain.insert(connection, table, rows)
            return
        shape = self._shape(table, tuple(rows[0]))
        await self._stage(connection, shape, rows)
        await connection.exec_driver_sql(shape.insert)

    async def update(
        self, connection: AsyncConnection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Set `columns` of rows given by organization_id and id."""
        if len(rows) < FEW:
            await self._plain.update(connection, table, columns, rows)
            return
        shape = self._shape(table, ("organization_id", "id", *columns))
        await self._stage(connection, shape, rows)
        await connection.exec_driver_sql(shape.update)

    def _shape(self, table: sa.Table, columns: tuple[str, ...]) -> _Shape:
        key = (str(table.name), columns)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = _Shape(table, columns)
        return shape

    async def _stage(self, connection: AsyncConnection, shape: _Shape, rows: Sequence[Mapping[str, Any]]) -> None:
        await connection.exec_driver_sql(shape.create)
        raw = await connection.get_raw_connection()
        driver: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]
        encoders = shape.encoders
        text = "".join(
            "\t".join(["\\N" if (value := row[name]) is None else encode(value) for name, encode in encoders]) + "\n"
            for row in rows
        )
        async with driver.cursor() as cursor, cursor.copy(shape.copy) as copy:
            await copy.write(text)


class _Shape:
    """The statements and encoders for some columns of a table.

    All names come from our own metadata; no value is ever part of a statement.
    """

    def __init__(self, table: sa.Table, columns: tuple[str, ...]) -> None:
        preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
        quoted = [preparer.quote(name) for name in columns]
        listed, target = ", ".join(quoted), preparer.format_table(table)
        stage = f"stage_{blake2b('/'.join((str(table.name), *columns)).encode(), digest_size=8).hexdigest()}"
        self.create = (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS"  # noqa: S608
            f" SELECT {listed} FROM {target} WITH NO DATA; TRUNCATE {stage}"
        )
        self.copy = f"COPY {stage} ({listed}) FROM STDIN"
        self.insert = f"INSERT INTO {target} ({listed}) SELECT {listed} FROM {stage}"  # noqa: S608
        changed = ", ".join(f"{name} = {stage}.{name}" for name in quoted[2:])
        self.update = (
            f"UPDATE {target} SET {changed} FROM {stage}"  # noqa: S608
            f" WHERE {target}.organization_id = {stage}.organization_id AND {target}.id = {stage}.id"
        )
        self.encoders = tuple((name, _encoder(table.c[name])) for name in columns)


def _encoder(column: sa.Column[Any]) -> Encode:
    """How a column's Python values are written in COPY's text format."""
    kind = column.type
    if isinstance(kind, Lattice):
        return lambda value: str(value.code)
    if isinstance(kind, Listed):
        return lambda value: _text(json.dumps(value, ensure_ascii=False))
    if isinstance(kind, Choice):
        return str
    return _any


def _any(value: Any) -> str:
    kind = type(value)
    if kind is UUID:
        return str(value)
    if kind is int:
        return repr(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is bytes:
        return "\\\\x" + value.hex()
    if isinstance(value, date):
        return str(value.isoformat())
    return _text(str(value))


def _text(value: str) -> str:
    return value.translate(_ESCAPES) if ("\\" in value or "\n" in value or "\t" in value or "\r" in value) else value
