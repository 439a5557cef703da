"""Bulk writes by COPY into a staging table: the only way in which PostgreSQL takes tens of thousands of rows a second.

COPY is refused on tables with row-level security, so rows pass through a temporary table of the same shape and into the
real one by one statement, which obeys the policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sync.bulk import Keyed, PlainBulk

from shared.kernel.columns import Flag, Instant, Key, Listed, Words
from shared.kernel.instants import from_microseconds
from sync.tables import TableSpec

FEW = 20
"""Below this many rows one prepared statement is quicker than two statements and a COPY."""

Encode = Callable[[Any], str]
NULL = "\\N"
_json = msgspec.json.Encoder().encode
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class CopyBulk:
    """Implements `sync.bulk.Bulk` for psycopg."""

    def __init__(self) -> None:
        self._plain = PlainBulk()
        self._shapes: dict[tuple[str, tuple[str, ...]], _Shape] = {}

    async def append(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the log, which all name the same columns."""
        if len(rows) < FEW:
            await self._plain.append(connection, table, rows)
            return
        shape = self._shape(table, tuple(rows[0]))
        encoders = shape.encoders
        lines = ("\t".join([encode(row[name]) for name, encode in encoders]) for row in rows)
        await self._stage(connection, shape, lines)
        await connection.exec_driver_sql(shape.insert)

    async def create(
        self, connection: AsyncConnection, organization_id: UUID, spec: TableSpec, rows: Sequence[Keyed]
    ) -> None:
        """Insert merged rows."""
        if len(rows) < FEW:
            await self._plain.create(connection, organization_id, spec, rows)
            return
        shape = self._shape(spec.table, ("organization_id", "id", *spec.fields, "stamps"))
        await self._stage(connection, shape, shape.lines(organization_id, rows, stamped=spec.registers))
        await connection.exec_driver_sql(shape.insert)

    async def edit(
        self,
        connection: AsyncConnection,
        organization_id: UUID,
        spec: TableSpec,
        names: tuple[str, ...],
        rows: Sequence[Keyed],
    ) -> None:
        """Set the fields `names` (and the stamps) of merged rows that exist."""
        if len(rows) < FEW:
            await self._plain.edit(connection, organization_id, spec, names, rows)
            return
        shape = self._shape(spec.table, ("organization_id", "id", *names, "stamps"))
        await self._stage(connection, shape, shape.lines(organization_id, rows, stamped=spec.registers))
        await connection.exec_driver_sql(shape.update)

    def _shape(self, table: sa.Table, columns: tuple[str, ...]) -> _Shape:
        key = (str(table.name), columns)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = _Shape(table, columns)
        return shape

    async def _stage(self, connection: AsyncConnection, shape: _Shape, lines: Iterable[str]) -> None:
        await connection.exec_driver_sql(shape.create)
        raw = await connection.get_raw_connection()
        driver: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]
        try:
            async with driver.cursor() as cursor, cursor.copy(shape.copy) as copy:
                await copy.write("\n".join(lines) + "\n")
        except psycopg.Error as error:
            raise await _as_of_every_statement(connection, driver, shape.copy, error) from error


async def _as_of_every_statement(
    connection: AsyncConnection, driver: psycopg.AsyncConnection[Any], statement: str, error: psycopg.Error
) -> Exception:
    """What SQLAlchemy would have raised: COPY alone does not pass through it."""
    lost = driver.closed or driver.broken
    if lost:
        await connection.invalidate(error)
    return sa.exc.DBAPIError.instance(
        statement, None, error, psycopg.Error, connection_invalidated=lost, dialect=connection.dialect
    )


class _Shape:
    """The statements and encoders for some columns of a table.

    All names come from our own metadata; no value is ever part of a statement.
    """

    def __init__(self, table: sa.Table, columns: tuple[str, ...]) -> None:
        preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]  # has no types
        quoted = [preparer.quote(name) for name in columns]
        listed, target = ", ".join(quoted), preparer.format_table(table)
        stage = f"stage_{blake2b('/'.join((str(table.name), *columns)).encode(), digest_size=8).hexdigest()}"
        self.create = (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS"  # noqa: S608 - our own names
            f" SELECT {listed} FROM {target} WITH NO DATA; TRUNCATE {stage}"
        )
        self.copy = f"COPY {stage} ({listed}) FROM STDIN"
        self.insert = f"INSERT INTO {target} ({listed}) SELECT {listed} FROM {stage}"  # noqa: S608 - our own names
        changed = ", ".join(f"{name} = {stage}.{name}" for name in quoted[2:])
        self.update = (
            f"UPDATE {target} SET {changed} FROM {stage}"  # noqa: S608 - our own names
            f" WHERE {target}.organization_id = {stage}.organization_id AND {target}.id = {stage}.id"
        )
        self.encoders = tuple((name, _encoder(table.c[name])) for name in columns)

    def lines(self, organization_id: UUID, rows: Sequence[Keyed], *, stamped: bool) -> Iterator[str]:
        """Merged rows as COPY's text format; the columns are organization, id, fields, stamps."""
        organization, fields = organization_id.hex, self.encoders[2:-1]
        stamps = "\\\\x"
        for key, row in rows:
            values = row.fields
            if stamped:
                stamps = "\\\\x" + row.pack_stamps().hex()
            cells = [encode(values.get(name)) for name, encode in fields]
            yield "\t".join((organization, key.hex(), *cells, stamps))


def _encoder(column: sa.Column[Any]) -> Encode:
    """How a column's wire values (and the log's Python values) are written in COPY's text format."""
    kind = column.type
    if isinstance(kind, Key):
        return _key
    if isinstance(kind, Instant):
        return _instant
    if isinstance(kind, Words):
        return _text
    if isinstance(kind, Flag):
        return _flag
    if isinstance(kind, Listed):
        return _document
    if isinstance(kind, sa.LargeBinary):
        return _bytes
    return _plain  # integers, standings, choices, dates: their wire form is what PostgreSQL reads


def _key(value: UUID | bytes | None) -> str:
    return NULL if value is None else value.hex() if isinstance(value, bytes) else value.hex


def _instant(value: int | None) -> str:
    return NULL if value is None else from_microseconds(value).isoformat()


def _text(value: str | None) -> str:
    if value is None:
        return NULL
    special = "\\" in value or "\n" in value or "\t" in value or "\r" in value
    return value.translate(_ESCAPES) if special else value


def _flag(value: bool | None) -> str:
    return NULL if value is None else "t" if value else "f"


def _document(value: Any) -> str:
    return NULL if value is None else _text(_json(value).decode())


def _bytes(value: bytes | None) -> str:
    return NULL if value is None else "\\\\x" + value.hex()


def _plain(value: Any) -> str:
    return NULL if value is None else str(value)
