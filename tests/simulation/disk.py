"""Simulated disks: real SQLite files, reached without threads, with stalls at the worst moments.

A statement takes no time, or a seeded virtual while. What a commit did may be known late or happen late; a kill in
between shows the difference. A commit may fail, too: it did not happen, or it happened and the disk says no. What a
power cut leaves is a fault of histories (`histories.py`). Several processes write one file in turns.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from sync.sqlite import BEGINS_WITH
from tests.simulation.processes import Process

PRAGMAS = ("journal_mode = WAL", "synchronous = OFF", "foreign_keys = ON", "cache_size = 200")
POOL_SECONDS = 10_000.0
"""A writer may queue as long as stalls last: nobody gives up waiting for the pool in virtual time."""

_compiled: dict[Any, Any] = {}
"""Statements compiled once a run instead of once an engine: a schedule opens dozens of engines."""


class _InlineCursor(AsyncAdapt_aiosqlite_cursor):
    """SQLAlchemy's cursor on the driver's own, as a till's writer has it; only what stalls is waited for."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        try:
            return connection.own_cursor()
        except sqlite3.Error as error:
            self._adapt_connection._handle_exception(error)

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run a statement and take its rows."""
        self._run(self._cursor.execute, operation, parameters or ())

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Run a statement for each of the parameters."""
        self._run(self._cursor.executemany, operation, seq_of_parameters)

    def _run(self, fn: Callable[..., Any], operation: str, parameters: Any) -> None:
        await_only(self._connection._execute(fn, operation, parameters))
        if self._cursor.description:
            rows: Any = self._cursor  # the driver's own, which is not awaited
            self._rows = deque(rows.fetchall())


class _InlineAdapted(AsyncAdapt_aiosqlite_connection):
    """What SQLAlchemy sees of an `InlineConnection`."""

    __slots__ = ()
    _cursor_cls = _InlineCursor


class _InlineDriver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        return _InlineAdapted(self, await_only(options.pop("async_creator_fn")(*arguments, **options)))


class SharedDialect(SQLiteDialect_aiosqlite):
    """All engines of a simulation speak alike, so that one's compiled statements are the other's."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return _InlineDriver(aiosqlite, sqlite3)

    def __eq__(self, other: object) -> bool:
        return type(other) is SharedDialect

    def __hash__(self) -> int:
        return hash(SharedDialect)


registry.register("sqlite.simulated", __name__, "SharedDialect")


FAILURES = ("disk I/O error", "database or disk is full")
A_MOMENT_SECONDS = 0.001
NO_STALL = 0.0, True
COMMITS_FAIL = 0.15
WRITES = "BEGIN IMMEDIATE"


class Disk:
    """How slow the disks of a world are.

    Attributes:
        commit_stalls, statement_stalls: how likely each is to take a while.
        longest_stall: seconds.
        calm: nothing stalls or fails any more.
        failing: the files on whose disks commits fail now and then.
    """

    def __init__(self, rnd: random.Random, commit_stalls: float, statement_stalls: float, longest_stall: float) -> None:
        self._rnd = rnd
        self._turns: dict[Path, asyncio.Lock] = {}
        self.failing: set[Path] = set()
        self.commit_stalls = commit_stalls
        self.statement_stalls = statement_stalls
        self.longest_stall = longest_stall
        self.calm = False

    def stall(self, commits: bool) -> tuple[float, bool]:
        """Seconds that an operation takes, and whether it is done at their beginning (and known at their end)."""
        if self.calm or self._rnd.random() >= (self.commit_stalls if commits else self.statement_stalls):
            return 0.0, True
        return self._rnd.uniform(0.0, self.longest_stall), self._rnd.random() < 0.5

    def fails(self, path: Path) -> tuple[str, bool]:
        """What the disk says of a commit, empty if all is well, and whether the commit was done all the same."""
        if self.calm or path not in self.failing or self._rnd.random() >= COMMITS_FAIL:
            return "", True
        return self._rnd.choice(FAILURES), self._rnd.random() < 0.5

    def turn(self, path: Path) -> asyncio.Lock:
        """Whoever has it writes to a file; the others wait."""
        return self._turns.setdefault(path, asyncio.Lock())


class _Operations:
    """Takes the place of aiosqlite's queue and thread for what takes a while."""

    def __init__(self, owner: InlineConnection) -> None:
        self._owner = owner

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = item
        seconds, done_first = self._owner.stall
        if not seconds:
            self._finish(future, *self._attempt(function))
        elif done_first:
            self._later(seconds, lambda result: self._finish(future, *result), self._attempt(function))
        else:
            self._later(seconds, lambda _none: self._finish(future, *self._attempt(function)), None)

    def _later(self, seconds: float, then: Callable[[Any], None], result: Any) -> None:
        asyncio.get_running_loop().call_later(seconds, then, result)

    def _attempt(self, function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
        if self._owner.dead:
            return None, sqlite3.OperationalError("the process was killed")
        try:
            return function(), None
        except Exception as error:  # noqa: BLE001 - handed to whoever waits, as the thread would
            return None, error

    def _finish(self, future: asyncio.Future[Any] | None, result: Any, error: BaseException | None) -> None:
        if future is None or future.done():
            return
        if error is not None:
            future.set_exception(error)
            if self._owner.dead:
                future.exception()  # whoever waited may have died first
        else:
            future.set_result(result)


class _NoThread:
    daemon = True

    def start(self) -> None:
        """Nothing to start."""


class InlineConnection(aiosqlite.Connection):
    """An aiosqlite connection whose operations run in the event loop itself, and that dies with its process."""

    def __init__(self, path: Path, disk: Disk, process: Process) -> None:
        super().__init__(partial(sqlite3.connect, path, isolation_level=None, check_same_thread=False), 64)
        self.disk = disk
        self.path = path
        self.stall = NO_STALL
        self._has_turn = False
        self.dead = not process.alive
        self.process = process
        self._tx = _Operations(self)  # type: ignore[assignment]
        self._thread = _NoThread()  # type: ignore[assignment]
        process.holds(self)

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Run an operation at once, or later if the disk stalls."""
        name = getattr(fn, "__name__", "")
        commits = name == "commit"
        if args and args[0] == WRITES:
            await self._take_turn()
        failure, is_done = self.disk.fails(self.path) if commits and self._has_turn else ("", True)
        if not is_done:
            raise sqlite3.OperationalError(failure)
        try:
            done = await self._do(commits, fn, *args, **kwargs)
        finally:
            if commits or name == "rollback":
                self._let_others_write()
        if failure:
            raise sqlite3.OperationalError(failure)
        return done

    async def _do(self, commits: bool, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.stall = self.disk.stall(commits)
        if commits and not self.stall[0] and self.process.is_watched_committing():
            self.stall = A_MOMENT_SECONDS, True  # or else it could never be killed between two transactions
        if self.stall[0] or self._connection is None:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        if self.dead:
            raise sqlite3.OperationalError("the process was killed")
        return fn(*args, **kwargs)

    def own_cursor(self) -> sqlite3.Cursor:
        """The driver's own cursor."""
        if self._connection is None:
            raise sqlite3.OperationalError("the process was killed")
        return self._connection.cursor()

    async def _take_turn(self) -> None:
        await self.disk.turn(self.path).acquire()
        self._has_turn = True
        if self.dead:  # it was killed while it waited
            self._let_others_write()

    def _let_others_write(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self.disk.turn(self.path).release()

    def die(self) -> None:
        self.dead = True
        self._let_others_write()
        if self._connection is not None:
            self._connection.rollback()  # a cursor somewhere would keep a closed connection's transaction open
            self._connection.close()
            self._connection = None

    async def close(self) -> None:
        self._let_others_write()
        self.process.lets_go(self)
        await super().close()


def open_engines(path: Path, disk: Disk, process: Process) -> tuple[AsyncEngine, AsyncEngine]:
    """The (writing, reading) engines of a database file, as a device and a server have them."""
    return _engine(path, disk, process, 1, WRITES), _engine(path, disk, process, 4, "BEGIN")


def _engine(path: Path, disk: Disk, process: Process, connections: int, begins_with: str) -> AsyncEngine:
    async def creator(*_arguments: object, **_options: object) -> Any:
        return await InlineConnection(path, disk, process)

    engine = create_async_engine(
        f"sqlite+simulated:///{path}",
        async_creator=creator,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        execution_options={"compiled_cache": _compiled, BEGINS_WITH: begins_with},
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begins_with))
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def make(path: Path, *metadatas: sa.MetaData) -> None:
    """A database file with these tables."""
    engine = sa.create_engine(f"sqlite:///{path}")
    for metadata in metadatas:
        metadata.create_all(engine)
    engine.dispose()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def look(path: Path) -> sqlite3.Connection:
    """A connection of nobody in the simulation: sees what is committed, changes nothing."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
