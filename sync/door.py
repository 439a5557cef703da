"""The core's one way to a database: a few kinds of statements on a plain DB-API cursor, all of them counted.

The same core runs in a fold worker and in a request (`sync/postgres.py`), on a till and in the simulator
(`sync/sqlite.py`). Statements are text, made once from the metadata. Rows are tuples of wire values: ids are sixteen
bytes, instants microseconds, days ISO text, documents plain values. Errors are SQLAlchemy's, as if it had run the
statement. The caller begins and commits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import greenlet_spawn

from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Listed, Words
from shared.kernel.states import Lattice

P = ParamSpec("P")
T = TypeVar("T")
ResultRow = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Some columns of a table, in an order. All names come from our own metadata.

    Attributes:
        kinds: how the values of each column are written: key, octets, instant, day, text, whole, sum, flag, document.
    """

    table: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def listed(self) -> str:
        """The columns, as a statement names them."""
        return ", ".join(f'"{name}"' for name in self.columns)


@cache
def shape(table: sa.Table, columns: tuple[str, ...]) -> Shape:
    """Return the shape of these columns of a table."""
    kinds = tuple(_kind(table.c[name].type) for name in columns)
    key = tuple(str(column.name) for column in table.primary_key.columns)
    return Shape(str(table.name), columns, kinds, key)


_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Key, "key"),
    (Instant, "instant"),
    (Day, "day"),
    (Words, "text"),
    (Choice, "text"),
    (Flag, "flag"),
    (Listed, "document"),
    (Lattice, "whole"),
    (sa.LargeBinary, "octets"),
    (sa.Numeric, "sum"),
    (sa.Integer, "whole"),
    (sa.String, "text"),
)


def _kind(column: sa.types.TypeEngine[Any]) -> str:
    types = (type(column), type(getattr(column, "impl", None)))
    return next(kind for known, kind in _KINDS if any(issubclass(each, known) for each in types))


class LocksCrossed(BlockingIOError):
    """A transaction gives way to another one, so that they do not wait for each other. It is to be tried again."""


class Door(ABC):
    """See the module.

    Attributes:
        statements: how many were run.
    """

    def __init__(self) -> None:
        self.statements = 0

    @abstractmethod
    def rows(self, sql: str, *parameters: Any) -> list[ResultRow]:
        """The rows of a query. Parameters stand as `?`; an id is given through `key`."""

    @abstractmethod
    def run(self, sql: str, *parameters: Any) -> int:
        """Run one statement. Returns the number of affected rows."""

    @abstractmethod
    def key(self, identifier: bytes) -> Any:
        """An id as a parameter."""

    @abstractmethod
    def among(self, sql: str, keys: Sequence[bytes], *parameters: Any) -> list[ResultRow]:
        """The rows of a query about many ids. `{keys}` stands for the condition; its `?` come after all others."""

    @abstractmethod
    def insert(self, into: Shape, rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        """Insert rows of wire values.

        Args:
            conflict: what follows `ON CONFLICT`, if anything; the new row is `excluded`.
        """

    @abstractmethod
    def update(self, of: Shape, at: int, rows: Sequence[Sequence[Any]]) -> None:
        """Set columns of rows: the first `at` columns of the shape are the condition, the others are set."""

    @abstractmethod
    def delete(self, of: Shape, rows: Sequence[Sequence[Any]]) -> None:
        """Delete rows: all columns of the shape are the condition."""

    @abstractmethod
    def lock(self, numbers: Sequence[int]) -> None:
        """Hold these numbers (64 bits) to the end of the transaction, taken in this order; wait for who holds one.

        Raises:
            LocksCrossed: another transaction holds one that comes before a number of an earlier call.
        """

    @abstractmethod
    def read_value(self, kind: str, value: Any) -> Any:
        """The wire value of what this database gives for a column of a kind."""

    @abstractmethod
    def converted(self, of: Shape) -> tuple[int, ...]:
        """The positions of a shape whose values must pass through `read_value`; mostly few."""

    for_update = ""
    """What locks the rows of a query, where readers do not lock the file."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block does if it raises; keep what was done before."""
        self.run("SAVEPOINT comanda")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK TO SAVEPOINT comanda")
            self.run("RELEASE SAVEPOINT comanda")
            raise
        self.run("RELEASE SAVEPOINT comanda")

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Writes of the block do not wait for each other, where the database is another process.

        What one of them breaks is raised by the next query or at the end of the block, at the latest.
        """
        yield

    def value(self, sql: str, *parameters: Any) -> Any:
        """The first value of the first row, or None."""
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None


def door_of(connection: sa.Connection) -> Door:
    """Return the door on the transaction of a SQLAlchemy connection; begin one if there is none."""
    if not connection.in_transaction():
        connection.begin()
    if connection.dialect.name == "postgresql":
        from sync.postgres import door_within

        return door_within(connection)
    from sync.sqlite import door_on

    return door_on(connection)


async def in_transaction(
    engine: AsyncEngine, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a function of the core in a transaction of its own, which is committed when it returns."""

    def run() -> T:
        if engine.dialect.name == "sqlite":
            from sync.sqlite import begun

            with begun(engine.sync_engine) as door:
                return core(door, *args, **kwargs)
        with engine.sync_engine.begin() as connection:
            return core(door_of(connection), *args, **kwargs)

    # One change to the asynchronous side and back, where the asynchronous engine would need five.
    return await greenlet_spawn(run)


async def through(
    connection: AsyncConnection, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a function of the core in the transaction of an asynchronous connection."""
    return await connection.run_sync(lambda begun: core(door_of(begun), *args, **kwargs))
