"""The writer's connection: short statements run where they are called, and only what waits goes to a thread.

A sale is some thirty driver calls of about 20 us each; handing each to a thread and back costs ten times that. What
waits for another process (BEGIN IMMEDIATE, but only if one holds the lock) or for a disk that is not quick (COMMIT),
and writing many rows at once, still go to the thread.
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

QUICK_COMMIT_SECONDS = 0.005
"""A disk that usually commits within a third of a screen's frame is not worth the way to a thread and back."""
FEW_ROWS = 50
"""As many as an order has lines and more: written in less time than the way to a thread and back takes."""
_BEGIN = "BEGIN"
_WAITING_STATEMENTS = (_BEGIN, "PRAGMA", "VACUUM")


class NearConnection(aiosqlite.Connection):
    """aiosqlite's connection, whose BEGIN and COMMIT go to its thread only if they would wait."""

    busy_seconds = 0.0
    """How long BEGIN waits for another process."""
    _usual_commit_seconds = math.inf
    """A running mean; nothing is known of the disk at first."""

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        name = getattr(fn, "__name__", "")
        if self._connection is not None and name == "commit":
            if self._usual_commit_seconds <= QUICK_COMMIT_SECONDS:
                return self._commit(fn)
            return await super()._execute(self._commit, fn)
        if self._connection is not None and name == "execute" and str(args[0]).startswith(_BEGIN):
            return await self._begin(fn, args)
        if self._connection is not None and name == "rollback":
            return fn()
        return await super()._execute(fn, *args, **kwargs)

    def _commit(self, fn: Any) -> Any:
        begun = time.perf_counter()
        try:
            return fn()
        finally:
            seconds, usual = time.perf_counter() - begun, self._usual_commit_seconds
            self._usual_commit_seconds = usual + (seconds - usual) / 5 if math.isfinite(usual) else seconds

    async def _begin(self, fn: Any, args: tuple[Any, ...]) -> Any:
        try:
            return self._begin_within(0.0, fn, args)
        except dbapi2.OperationalError as error:
            if "locked" not in str(error):
                raise
        return await super()._execute(self._begin_within, self.busy_seconds, fn, args)

    def _begin_within(self, patience_seconds: float, fn: Any, args: tuple[Any, ...]) -> Any:
        """Begin, waiting at most so long for another process."""
        self._conn.execute(f"PRAGMA busy_timeout = {int(patience_seconds * 1_000)}")
        try:
            return fn(*args)
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {int(self.busy_seconds * 1_000)}")


class _NearCursor(AsyncAdapt_aiosqlite_cursor):
    """SQLAlchemy's cursor on the driver's own, without aiosqlite's in between."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        try:
            return connection._conn.cursor()
        except ValueError as error:
            self._adapt_connection._handle_exception(error)  # of a closed connection; it raises the driver's own error

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run a statement and take its rows."""
        waits = operation.startswith(_WAITING_STATEMENTS)
        self._run(self._cursor.execute, operation, parameters or (), waits=waits)

    def executemany(self, operation: Any, seq_of_parameters: Sequence[Any]) -> None:
        """Run a statement for each of the parameters."""
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
    """What SQLAlchemy sees of a `NearConnection`."""

    __slots__ = ()
    _cursor_cls = _NearCursor


async def _nothing() -> None:
    """An await that ends at once."""
