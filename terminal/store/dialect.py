"""SQLAlchemy's aiosqlite dialect on SQLCipher: encryption at rest, and a SQLite that is newer than Python's.

SQLAlchemy's own dialect knows only the exceptions of the standard library's sqlite3, and would not wrap those of
another driver. This one takes them from sqlcipher3. Neither package is patched.
"""

from __future__ import annotations

from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util import await_only
from sqlcipher3 import dbapi2

from terminal.store.journal import JournalledConnection
from terminal.store.near import NearAdapted, NearConnection

OLDEST_SAFE_SQLITE = (3, 51, 3)
"""Before it, two connections that checkpoint and commit at one instant can corrupt a WAL database (sqlite.org/wal)."""

URL_SCHEME = "sqlite+comanda_cipher"
_EXCEPTIONS = ("DatabaseError", "Error", "IntegrityError", "NotSupportedError", "OperationalError", "ProgrammingError")
_TAKEN = (*_EXCEPTIONS, "sqlite_version", "sqlite_version_info", "PARSE_COLNAMES", "PARSE_DECLTYPES", "Binary")


class _CipherDriver(AsyncAdapt_aiosqlite_dbapi):
    """The driver: aiosqlite's threads with sqlcipher3's errors and constants."""

    def _init_dbapi_attributes(self) -> None:
        for name in _TAKEN:
            setattr(self, name, getattr(self.sqlite, name))

    def connect(self, *args: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        """A connection as SQLAlchemy sees it."""
        connection = await_only(options.pop("async_creator_fn")(*args, **options))
        kind = NearAdapted if isinstance(connection, NearConnection) else AsyncAdapt_aiosqlite_connection
        return kind(self, connection)


class CipherDialect(SQLiteDialect_aiosqlite):
    """aiosqlite over sqlcipher3."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """The driver pair."""
        return _CipherDriver(aiosqlite, dbapi2)


async def connect(path: str, busy_seconds: float, *, near: bool = False, program: int = 0) -> aiosqlite.Connection:
    """Open a connection that begins no transactions by itself: our engines send BEGIN.

    Args:
        near: for the writer, see `NearConnection`. Readers use a thread, since a read may be long.
        program: number of the store, for the journal of commits.
    """
    kind = NearConnection if near else aiosqlite.Connection
    factory = JournalledConnection if near else dbapi2.Connection
    connection = kind(lambda: _open(path, busy_seconds, factory), iter_chunk_size=64)
    if isinstance(connection, NearConnection):
        connection.busy_seconds, connection.program = busy_seconds, program
    # The worker thread must not keep a process alive whose loop has ended.
    connection._thread.daemon = True
    return await connection


def _open(path: str, busy_seconds: float, factory: Any = dbapi2.Connection) -> Any:
    return dbapi2.connect(path, check_same_thread=False, isolation_level=None, timeout=busy_seconds, factory=factory)


registry.register("sqlite.comanda_cipher", __name__, "CipherDialect")
