"""The door on SQLite: the driver's own cursor, called where it stands. A statement costs a few microseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.util import await_only

from sync.door import Door, ResultRow, Shape

BEGINS_WITH = "begins_with"
"""Execution option of an engine."""
SIZES = (1, 4, 16, 64, 256)
"""Lengths of the lists of ids: the last part is filled up with an id again, so that few texts are compiled."""


class SqliteDoor(Door):
    """On an open connection of sqlite3 or sqlcipher3.

    Args:
        connection: the driver's own.
        translated: makes SQLAlchemy's error of the driver's.
    """

    def __init__(
        self, connection: Any, errors: type[Exception], translated: Callable[[str, Exception], Exception]
    ) -> None:
        super().__init__()
        self._connection = connection
        self._errors = errors
        self._translated = translated

    def rows(self, sql: str, *parameters: Any) -> list[ResultRow]:
        """See `Door`."""
        self.statements += 1
        try:
            found: list[ResultRow] = self._connection.execute(sql, parameters).fetchall()
        except self._errors as error:
            raise self._translated(sql, error) from error
        return found

    def run(self, sql: str, *parameters: Any) -> int:
        """See `Door`."""
        self.statements += 1
        try:
            return int(self._connection.execute(sql, parameters).rowcount)
        except self._errors as error:
            raise self._translated(sql, error) from error

    def key(self, identifier: bytes) -> Any:
        """Ids are stored as they are sent."""
        return identifier

    def among(self, sql: str, keys: Sequence[bytes], *parameters: Any) -> list[ResultRow]:
        """One statement for up to 256 ids."""
        found: list[ResultRow] = []
        for begin in range(0, len(keys), SIZES[-1]):
            some = list(keys[begin : begin + SIZES[-1]])
            size = next(size for size in SIZES if size >= len(some))
            filled = some + some[-1:] * (size - len(some))
            found += self.rows(_listing(sql, size), *parameters, *filled)
        return found

    def insert(self, into: Shape, rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        """One prepared statement for all of them."""
        self._many(_insert(into, conflict), _stored(into, rows))

    def update(self, of: Shape, at: int, rows: Sequence[Sequence[Any]]) -> None:
        """One prepared statement for all of them."""
        stored = _stored(of, rows)
        self._many(_update(of, at), [(*row[at:], *row[:at]) for row in stored])

    def delete(self, of: Shape, rows: Sequence[Sequence[Any]]) -> None:
        """One prepared statement for all of them."""
        self._many(_deletion(of), rows)

    def lock(self, numbers: Sequence[int]) -> None:
        """Do nothing: one transaction writes at a time."""

    def read_value(self, kind: str, value: Any) -> Any:
        """Convert 1 and 0 to yes and no, and JSON to documents."""
        if value is None:
            return None
        return bool(value) if kind == "flag" else msgspec.json.decode(value)

    def converted(self, of: Shape) -> tuple[int, ...]:
        """Flags and documents."""
        return tuple(at for at, kind in enumerate(of.kinds) if kind in ("flag", "document"))

    def wait(self, driver: Any, operation: str, *parameters: str) -> None:
        """Run what may wait for a disk or for another program, as the asynchronous driver runs it."""
        try:
            await_only(driver._execute(getattr(self._connection, operation), *parameters))
        except self._errors as error:
            raise self._translated(operation, error) from error

    def _many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.statements += 1
        try:
            self._connection.executemany(sql, rows)
        except self._errors as error:
            raise self._translated(sql, error) from error


def door_on(connection: sa.Connection) -> SqliteDoor:
    """The door on the transaction that a connection of SQLAlchemy has begun."""
    return _door(connection.connection.driver_connection, connection.dialect)


@contextmanager
def begun(engine: sa.Engine) -> Iterator[SqliteDoor]:
    """A door on a transaction of its own, beside SQLAlchemy: committed at the end, undone if the block raises.

    The engine's execution option `begins_with` says how a transaction begins; by default with BEGIN. Runs beneath an
    asynchronous engine: what may wait (BEGIN, COMMIT) waits beside the loop.
    """
    pooled = engine.raw_connection()
    try:
        driver = pooled.driver_connection
        door = _door(driver, engine.dialect)
        door.wait(driver, "execute", engine.get_execution_options().get(BEGINS_WITH, "BEGIN"))
        try:
            yield door
            door.wait(driver, "commit")
        except BaseException:
            door.wait(driver, "rollback")
            raise
    except BaseException as error:
        if getattr(error, "connection_invalidated", False):
            pooled.invalidate(error)
        raise
    finally:
        pooled.close()


def _door(driver: Any, dialect: sa.Dialect) -> SqliteDoor:
    assert dialect.dbapi is not None
    errors = dialect.dbapi.Error
    # aiosqlite keeps the driver's connection private; see `terminal/store/near.py` for what the way through it costs.
    raw = getattr(driver, "_conn", driver)

    def translated(sql: str, error: Exception) -> Exception:
        return sa.exc.DBAPIError.instance(sql, None, error, errors, dialect=dialect, hide_parameters=True)

    return SqliteDoor(raw, errors, translated)


def _stored(of: Shape, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    documents = [at for at, kind in enumerate(of.kinds) if kind == "document"]
    if not documents:
        return rows
    stored = []
    for row in rows:
        cells = list(row)
        for at in documents:
            cells[at] = None if row[at] is None else msgspec.json.encode(row[at]).decode()
        stored.append(cells)
    return stored


@cache
def _listing(sql: str, size: int) -> str:
    return sql.replace("{keys}", f"IN ({', '.join('?' * size)})")


@cache
def _insert(into: Shape, conflict: str) -> str:
    places = ", ".join("?" * len(into.columns))
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    return f'INSERT INTO "{into.table}" ({into.listed}) VALUES ({places}){tail}'


@cache
def _update(of: Shape, at: int) -> str:
    sets = ", ".join(f'"{name}" = ?' for name in of.columns[at:])
    keys = " AND ".join(f'"{name}" = ?' for name in of.columns[:at])
    return f'UPDATE "{of.table}" SET {sets} WHERE {keys}'


@cache
def _deletion(of: Shape) -> str:
    keys = " AND ".join(f'"{name}" = ?' for name in of.columns)
    return f'DELETE FROM "{of.table}" WHERE {keys}'
