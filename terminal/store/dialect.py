"""SQLAlchemy's aiosqlite dialect on SQLCipher: encryption at rest, and a SQLite that is newer than Python's.

The stock dialect takes its exceptions from the standard library's sqlite3, so that errors of another driver would pass
unwrapped; this one takes them from sqlcipher3. Neither package is patched.
"""

from __future__ import annotations

import math
import time
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi, SQLiteDialect_aiosqlite
from sqlcipher3 import dbapi2

OLDEST_SAFE_SQLITE = (3, 51, 3)
"""Before it, two connections that checkpoint and commit at one instant can corrupt a WAL database (sqlite.org/wal)."""

URL_SCHEME = "sqlite+comanda_cipher"
_EXCEPTIONS = ("DatabaseError", "Error", "IntegrityError", "NotSupportedError", "OperationalError", "ProgrammingError")
_TAKEN = (*_EXCEPTIONS, "sqlite_version", "sqlite_version_info", "PARSE_COLNAMES", "PARSE_DECLTYPES", "Binary")


class _CipherDriver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite's threads with sqlcipher3's errors and constants."""

    def _init_dbapi_attributes(self) -> None:
        for name in _TAKEN:
            setattr(self, name, getattr(self.sqlite, name))


class CipherDialect(SQLiteDialect_aiosqlite):
    """aiosqlite over sqlcipher3."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """The driver pair."""
        return _CipherDriver(aiosqlite, dbapi2)


QUICK_COMMIT_SECONDS = 0.005
"""A disk that usually commits within a third of a screen's frame is not worth the way to a thread and back."""
FEW_ROWS = 50
"""As many as an order has lines and more: written in less time than the way to a thread and back takes."""
_WAITS = frozenset({"executescript", "backup"})
_BEGIN = "BEGIN"
_WAITING_STATEMENTS = ("PRAGMA", "VACUUM")


class NearConnection(aiosqlite.Connection):
    """A connection whose short statements run where they are called, and only what waits goes to its thread.

    A sale is some thirty driver calls of about 20 us each; handing each to a thread and back costs ten times that.
    What waits for another process (BEGIN IMMEDIATE, but only if one holds the lock) or for a disk that is not quick
    (COMMIT), and writing many rows at once, still go to the thread.
    """

    busy_seconds = 0.0
    """How long BEGIN waits for another process."""
    _usual_commit_seconds = math.inf
    """A running mean; nothing is known of the disk at first."""

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        if self._connection is None or _waits(fn, args):
            return await super()._execute(fn, *args, **kwargs)
        if getattr(fn, "__name__", "") == "commit":
            if self._usual_commit_seconds > QUICK_COMMIT_SECONDS:
                return await super()._execute(self._commit, fn)
            return self._commit(fn)
        if not _begins(fn, args):
            return fn(*args, **kwargs)
        try:
            return self._begin(0.0, fn, args)
        except dbapi2.OperationalError as error:
            if "locked" not in str(error):
                raise
        return await super()._execute(self._begin, self.busy_seconds, fn, args)

    def _commit(self, fn: Any) -> Any:
        begun = time.perf_counter()
        try:
            return fn()
        finally:
            seconds, usual = time.perf_counter() - begun, self._usual_commit_seconds
            self._usual_commit_seconds = usual + (seconds - usual) / 5 if math.isfinite(usual) else seconds

    def _begin(self, patience_seconds: float, fn: Any, args: tuple[Any, ...]) -> Any:
        """Begin, waiting at most so long for another process."""
        self._conn.execute(f"PRAGMA busy_timeout = {int(patience_seconds * 1_000)}")
        try:
            return fn(*args)
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {int(self.busy_seconds * 1_000)}")


def _begins(fn: Any, args: tuple[Any, ...]) -> bool:
    return getattr(fn, "__name__", "") == "execute" and str(args[0]).startswith(_BEGIN)


def _waits(fn: Any, args: tuple[Any, ...]) -> bool:
    name = getattr(fn, "__name__", "")
    if name == "execute":
        return str(args[0]).startswith(_WAITING_STATEMENTS)
    if name == "executemany":
        return len(args[1]) > FEW_ROWS
    return name in _WAITS or (name == "close" and isinstance(fn.__self__, dbapi2.Connection))


async def connect(path: str, busy_seconds: float, *, near: bool = False) -> aiosqlite.Connection:
    """An open connection without transaction control of its own: BEGIN is ours.

    Args:
        near: for the writer, see `NearConnection`; long reads belong in a thread.
    """
    kind = NearConnection if near else aiosqlite.Connection
    connection = kind(
        lambda: dbapi2.connect(path, check_same_thread=False, isolation_level=None, timeout=busy_seconds),
        iter_chunk_size=64,
    )
    if isinstance(connection, NearConnection):
        connection.busy_seconds = busy_seconds
    # The worker thread must not keep a process alive whose loop has ended.
    connection._thread.daemon = True
    return await connection


registry.register("sqlite.comanda_cipher", __name__, "CipherDialect")
