"""The writer's connection: short statements run in the caller's thread, and only those that wait use another.

A sale is some thirty driver calls of about 20 us each; a trip to a thread and back costs ten times that. Three things
still use the thread: BEGIN IMMEDIATE while another process holds the lock, COMMIT on a slow disk, writing many rows.

What came from the cloud (`BEGIN_RECEIVED`) is committed in the thread, and does not wait for the disk: the next commit
of this device makes it last, too, and what a power cut takes before that is asked for again. So no press waits for a
disk that writes what others said.

This overrides private parts of aiosqlite and SQLAlchemy, so it stays only while it pays: measured side by side
(`python -m tests.benchmarks near`), adding a line takes 1.5 ms of the processor on it and 2.1 on aiosqlite's own
connection, sending an order 4.7 and 6.6; on a busy machine twice that, and the difference grows.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import await_only
from sqlcipher3 import dbapi2

from terminal.store.journal import JournalledConnection

QUICK_COMMIT_SECONDS = 0.005
"""A third of a screen's frame. A disk that usually commits within it needs no trip to a thread."""
FEW_ROWS = 50
"""More rows than an order has lines. They are written faster than a trip to a thread and back takes."""
_BEGIN = "BEGIN"
BEGIN_RECEIVED = "BEGIN IMMEDIATE /* received */"
_WAITING_STATEMENTS = (_BEGIN, "PRAGMA", "VACUUM")


class NearConnection(aiosqlite.Connection):
    """aiosqlite's connection on a `JournalledConnection`, whose BEGIN and COMMIT go to its thread only if they would
    wait."""

    _connection: JournalledConnection | None
    busy_seconds = 0.0
    """How long BEGIN waits for another process."""
    program = 0
    """Number of the store, for the journal of commits."""
    _usual_commit_seconds = math.inf
    """A running mean. Infinite until the first commit."""
    _is_received = False
    """Whether the present transaction, or the last one, writes what came from the cloud."""

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        name = getattr(fn, "__name__", "")
        if self._connection is not None and name == "commit":
            if self._usual_commit_seconds <= QUICK_COMMIT_SECONDS and not self._is_received:
                return self._commit(fn)
            return await self._in_thread(self._commit, fn)
        if self._connection is not None and name == "execute" and str(args[0]).startswith(_BEGIN):
            return await self._begin(fn, args)
        if self._connection is not None and name == "rollback":
            self._connection.forget_written()
            return fn()
        return await self._in_thread(fn, *args, **kwargs)

    async def _in_thread(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _commit(self, fn: Any) -> Any:
        assert self._connection is not None
        begun = time.perf_counter()
        self._connection.note_commit(self.program)
        try:
            return fn()
        finally:
            seconds, usual = time.perf_counter() - begun, self._usual_commit_seconds
            if not self._is_received:
                self._usual_commit_seconds = usual + (seconds - usual) / 5 if math.isfinite(usual) else seconds

    async def _begin(self, fn: Any, args: tuple[Any, ...]) -> Any:
        is_received = args[0] == BEGIN_RECEIVED
        if is_received is not self._is_received:
            self._conn.execute(f"PRAGMA synchronous = {'NORMAL' if is_received else 'FULL'}")
            self._is_received = is_received
        try:
            return self._begin_within(0.0, fn, args)
        except dbapi2.OperationalError as error:
            if "locked" not in str(error):
                raise
        return await self._in_thread(self._begin_within, self.busy_seconds, fn, args)

    def _begin_within(self, patience_seconds: float, fn: Any, args: tuple[Any, ...]) -> Any:
        """Run BEGIN, and wait at most `patience_seconds` for another process."""
        self._conn.execute(f"PRAGMA busy_timeout = {int(patience_seconds * 1_000)}")
        try:
            return fn(*args)
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {int(self.busy_seconds * 1_000)}")


class _NearCursor(AsyncAdapt_aiosqlite_cursor):
    """SQLAlchemy's cursor directly on the driver's cursor, without the one of aiosqlite."""

    __slots__ = ()
    _cursor: Any  # the driver's own, whose methods do not wait
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        try:
            return connection._conn.cursor()
        except ValueError as error:
            self._adapt_connection._handle_exception(
                error
            )  # the connection is closed; this raises the driver's own error

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run a statement and fetch its rows."""
        waits = operation.startswith(_WAITING_STATEMENTS)
        self._run(self._cursor.execute, operation, parameters or (), waits=waits)

    def executemany(self, operation: Any, seq_of_parameters: Sequence[Any]) -> None:
        """Run a statement once for each set of parameters."""
        waits = len(seq_of_parameters) > FEW_ROWS
        self._run(self._cursor.executemany, operation, seq_of_parameters, waits=waits)

    def _run(self, fn: Any, *args: Any, waits: bool) -> None:
        if waits:
            await_only(self._connection._execute(fn, *args))
        else:
            fn(*args)
            await_only(_nothing())  # SQLAlchemy refuses an asynchronous driver that never awaits
        if self._cursor.description:
            self._rows = deque(self._cursor.fetchall())


class NearAdapted(AsyncAdapt_aiosqlite_connection):
    """A `NearConnection` with the interface that SQLAlchemy wants."""

    __slots__ = ()
    _cursor_cls = _NearCursor


async def _nothing() -> None:
    """Return at once."""
