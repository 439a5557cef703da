"""The door on PostgreSQL: psycopg's own cursor, binary, with whole columns as arrays (`sync/arrays.py`).

A fold worker has a synchronous connection; in a request the same core runs on the connection of the request, inside
`run_sync`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper
from sqlalchemy.util import await_only

from sync import arrays
from sync.door import Door, LocksCrossed, ResultRow, Shape

_KINDS: dict[str, tuple[str, Callable[[Sequence[Any]], Any]]] = {
    "key": ("uuid", arrays.keys),
    "octets": ("bytea", arrays.octets),
    "instant": ("timestamptz", arrays.instants),
    "day": ("date", arrays.texts),
    "text": ("text", arrays.texts),
    "whole": ("bigint", arrays.numbers),
    "sum": ("numeric", arrays.numbers),
    "flag": ("boolean", arrays.flags),
    "document": ("jsonb", arrays.documents),
}
_LOCK = "SELECT pg_advisory_xact_lock(number) FROM unnest(?::bigint[]) AS given(number)"
_TRY_LOCK = "SELECT bool_and(pg_try_advisory_xact_lock(number)) FROM unnest(?::bigint[]) AS given(number)"
_DAY_OF_2000 = date(2000, 1, 1).toordinal()


class PostgresDoor(Door):
    """On a cursor of psycopg.

    Args:
        cursor: a binary cursor, synchronous or not.
        finished: waits for what the cursor returned, where it is asynchronous.
        translated: makes SQLAlchemy's error of the driver's.
    """

    for_update = " FOR UPDATE"

    def __init__(
        self, cursor: Any, finished: Callable[[Any], Any], translated: Callable[[str, psycopg.Error], Exception]
    ) -> None:
        super().__init__()
        self._cursor = self._writer = cursor
        self._finished = finished
        self._translated = translated
        self._pipeline: psycopg.Pipeline | None = None
        self._highest = -(2**63)
        for kind, loader in (
            ("uuid", _SixteenBytes),
            ("date", _IsoDay),
            ("timestamptz", _Microseconds),
            ("numeric", _Whole),
        ):
            cursor.adapters.register_loader(kind, loader)
        _teach_to_write(cursor)

    def rows(self, sql: str, *parameters: Any) -> list[ResultRow]:
        """See `Door`."""
        self._execute(sql, parameters)
        found: list[ResultRow] = self._finished(self._cursor.fetchall())
        return found

    def run(self, sql: str, *parameters: Any) -> int:
        """See `Door`."""
        self._execute(sql, parameters)
        if self._pipeline is not None:
            self._pipeline.sync()
        return int(self._cursor.rowcount)

    def key(self, identifier: bytes) -> Any:
        """A uuid of sixteen bytes."""
        return arrays.one_key(identifier)

    def among(self, sql: str, keys: Sequence[bytes], *parameters: Any) -> list[ResultRow]:
        """One statement and one parameter, however many ids."""
        return self.rows(_listing(sql), *parameters, arrays.keys(keys)) if keys else []

    def insert(self, into: Shape, rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        """One parameter a column."""
        if rows:
            self._execute(_insert(into, conflict), _columns(into, rows), is_write=True)

    def update(self, of: Shape, at: int, rows: Sequence[Sequence[Any]]) -> None:
        """One parameter a column."""
        if rows:
            self._execute(_update(of, at), _columns(of, rows), is_write=True)

    def delete(self, of: Shape, rows: Sequence[Sequence[Any]]) -> None:
        """One parameter a column."""
        if rows:
            self._execute(_deletion(of), _columns(of, rows), is_write=True)

    def lock(self, numbers: Sequence[int]) -> None:
        """Advisory locks: one statement.

        A transaction that folds in several steps asks several times, and so perhaps for a number before one that it
        holds. Who holds that one may wait for ours, so it is not waited for.
        """
        if min(numbers) >= self._highest:
            self._execute(_LOCK, [arrays.numbers(numbers)], is_write=True)
        elif not self.value(_TRY_LOCK, arrays.numbers(numbers)):
            raise LocksCrossed
        self._highest = max(self._highest, *numbers)

    def read_value(self, kind: str, value: Any) -> Any:
        """Return the value: the loaders have converted it."""
        return value

    def converted(self, of: Shape) -> tuple[int, ...]:
        """Return nothing: the loaders convert all values."""
        return ()

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """See `Door`: a pipeline, where the driver is synchronous; a query of it fetches what came before."""
        connection = self._cursor.connection
        if self._pipeline is not None or not isinstance(connection, psycopg.Connection):
            yield
            return
        # A cursor of its own for what is not fetched: a query would find the result of a write in its cursor.
        self._writer = _teach_to_write(connection.cursor(binary=True))
        try:
            with connection.pipeline() as self._pipeline:
                yield
        except psycopg.Error as error:
            raise self._translated("", error) from error
        finally:
            self._writer, self._pipeline = self._cursor, None

    def _execute(self, sql: str, parameters: Sequence[Any], *, is_write: bool = False) -> None:
        self.statements += 1
        cursor = self._writer if is_write else self._cursor
        try:
            self._finished(cursor.execute(_formatted(sql), parameters))
        except psycopg.Error as error:
            raise self._translated(sql, error) from error


def door_within(connection: sa.Connection) -> PostgresDoor:
    """The door on the transaction that a connection of SQLAlchemy has begun, of the asynchronous driver or not."""
    driver = connection.connection.driver_connection
    cursor = driver.cursor(binary=True)  # type: ignore[union-attr]  # psycopg's own
    asynchronous = isinstance(driver, psycopg.AsyncConnection)

    def translated(sql: str, error: psycopg.Error) -> Exception:
        lost = bool(driver.closed or driver.broken)  # type: ignore[union-attr]  # psycopg's own
        if lost:
            connection.invalidate(error)
        return sa.exc.DBAPIError.instance(
            sql,
            None,
            error,
            psycopg.Error,
            connection_invalidated=lost,
            dialect=connection.dialect,
            hide_parameters=True,
        )

    return PostgresDoor(cursor, _awaited if asynchronous else _at_once, translated)


def _teach_to_write(cursor: Any) -> Any:
    # SQLAlchemy's connections do not know what is registered with the driver itself.
    cursor.adapters.register_dumper(arrays.Packed, arrays.PackedDumper)
    # The driver would choose a type by the value, and prepare one statement several times.
    cursor.adapters.register_dumper(int, Int8BinaryDumper)
    return cursor


def _awaited(result: Any) -> Any:
    return await_only(result)


def _at_once(result: Any) -> Any:
    return result


def _columns(of: Shape, rows: Sequence[Sequence[Any]]) -> list[Any]:
    columns = zip(*rows, strict=True)
    return [_KINDS[kind][1](column) for kind, column in zip(of.kinds, columns, strict=True)]


@cache
def _formatted(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


@cache
def _listing(sql: str) -> str:
    return sql.replace("{keys}", "= ANY (?::uuid[])")


def _unnested(of: Shape) -> str:
    return ", ".join(f"?::{_KINDS[kind][0]}[]" for kind in of.kinds)


@cache
def _insert(into: Shape, conflict: str) -> str:
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    return f'INSERT INTO "{into.table}" ({into.listed}) SELECT * FROM unnest({_unnested(into)}){tail}'


@cache
def _update(of: Shape, at: int) -> str:
    sets = ", ".join(f'"{name}" = given."{name}"' for name in of.columns[at:])
    keys = " AND ".join(f'"{of.table}"."{name}" = given."{name}"' for name in of.columns[:at])
    return f'UPDATE "{of.table}" SET {sets} FROM unnest({_unnested(of)}) AS given({of.listed}) WHERE {keys}'


@cache
def _deletion(of: Shape) -> str:
    keys = " AND ".join(f'"{of.table}"."{name}" = given."{name}"' for name in of.columns)
    return f'DELETE FROM "{of.table}" USING unnest({_unnested(of)}) AS given({of.listed}) WHERE {keys}'


class _SixteenBytes(Loader):
    """A uuid as the sixteen bytes that the wire has."""

    format = Format.BINARY

    def load(self, data: Any) -> bytes:
        return bytes(data)


class _IsoDay(Loader):
    format = Format.BINARY

    def load(self, data: Any) -> str:
        return date.fromordinal(int.from_bytes(data, "big", signed=True) + _DAY_OF_2000).isoformat()


class _Microseconds(Loader):
    """A timestamptz as microseconds since 1970."""

    format = Format.BINARY

    def load(self, data: Any) -> int:
        return int.from_bytes(data, "big", signed=True) + arrays.EPOCH_MICROSECONDS


class _Whole(Loader):
    """A numeric without a fraction, as an integer: digits of base 10,000."""

    format = Format.BINARY

    def load(self, data: Any) -> int:
        raw = bytes(data)
        count, weight = int.from_bytes(raw[:2], "big"), int.from_bytes(raw[2:4], "big", signed=True)
        number = 0
        for at in range(weight + 1):
            digit = int.from_bytes(raw[8 + 2 * at : 10 + 2 * at], "big") if at < count else 0
            number = number * 10_000 + digit
        return -number if raw[4:6] == b"\x40\x00" else number
