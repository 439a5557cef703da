"""Opens the encrypted database: one engine that writes, one that reads, and one for the short readings of a tap.

WAL with `synchronous=FULL`: what this device committed survives a power cut, so the cloud never holds what it lost.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlcipher3 import dbapi2

from sync.sqlite import BEGINS_WITH
from terminal.store.dialect import OLDEST_SAFE_SQLITE, URL_SCHEME, connect
from terminal.store.errors import StoreError
from terminal.store.near import BEGIN_RECEIVED

BUSY_SECONDS = 5.0
"""How long a commit waits for another process of this device before it fails with STORE_LOCKED."""
READERS = 3
CACHE_KIB = 1_024
"""Of the file a connection that reads keeps so much at hand: what screens read again and again. SQLite's own 2 MiB fill
over half a day, in each of them, with pages that nobody asks for twice."""
_READS = (f"cache_size = -{CACHE_KIB}",)
CUT_SECONDS = 5.0
"""How long the end of a program waits for readings that are being cut off: a loop that ends meanwhile tears them."""
LOOK_SECONDS = 0.005
CHECKPOINT_PAGES = 8_000
"""A commit writes the log back itself beyond so many pages of 4 KB, if `write_back.py` did not: it takes long then."""


class Engines(NamedTuple):
    """The engines of a database file.

    Attributes:
        received: the writer for what came from the cloud: it does not wait for the disk (`near.py`).
        near: reads in the caller's thread (`near.py`), for what is found by its key in a millisecond.
    """

    writer: AsyncEngine
    received: AsyncEngine
    reader: AsyncEngine
    near: AsyncEngine

    async def dispose(self) -> None:
        """Close all connections, those of readings that were cut off once they came back from their threads."""
        for _ in range(int(CUT_SECONDS / LOOK_SECONDS)):
            if not any(_in_use(engine) for engine in (self.reader, self.near)):
                break
            await asyncio.sleep(LOOK_SECONDS)
        for engine in (self.writer, self.reader, self.near):  # `received` shares the writer's connection
            await engine.dispose()


def open_engines(path: Path, key: bytes, busy_seconds: float = BUSY_SECONDS, program: int = 0) -> Engines:
    """The engines of a database file.

    Args:
        key: 32 bytes; used as the raw cipher key, so that opening costs no key derivation.
        busy_seconds: see `BUSY_SECONDS`.
        program: number of the store, for the journal of commits.

    Raises:
        StoreError: STORE_SQLITE_TOO_OLD.
    """
    if dbapi2.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise StoreError("STORE_SQLITE_TOO_OLD", found=dbapi2.sqlite_version)
    # Take the write lock at once: a transaction that reads first and writes later could be refused half-way.
    writer = _engine(path, key, busy_seconds, pool_size=1, begins_with="BEGIN IMMEDIATE", program=program)
    return Engines(
        writer=writer,
        received=writer.execution_options(**{BEGINS_WITH: BEGIN_RECEIVED}),
        reader=_engine(path, key, busy_seconds, *_READS, pool_size=READERS, begins_with="BEGIN"),
        near=_engine(path, key, busy_seconds, *_READS, pool_size=1, begins_with="BEGIN"),
    )


def open_reader(path: Path, key: bytes) -> Any:
    """A connection of the driver for short readings in the caller's thread. What it would wait for is an error."""
    connection = dbapi2.connect(str(path), check_same_thread=False, isolation_level=None, timeout=0.0)
    _prepare(key, *_READS)(connection, None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def open_for_write_back(path: Path, key: bytes) -> Any:
    """A connection of the driver that writes the log back, in the caller's thread."""
    connection = dbapi2.connect(str(path), isolation_level=None, timeout=0.0)
    _prepare(key)(connection, None)
    return connection


def _engine(
    path: Path, key: bytes, busy_seconds: float, *pragmas: str, pool_size: int, begins_with: str, program: int = 0
) -> AsyncEngine:
    near = pool_size == 1

    async def creator(*_args: object, **_options: object) -> Any:
        return await connect(str(path), busy_seconds, near=near, program=program)

    engine = create_async_engine(
        f"{URL_SCHEME}://",
        async_creator=creator,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # no log may hold the names of guests and staff
        execution_options={BEGINS_WITH: begins_with},
    )
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begins_with))
    event.listen(engine.sync_engine, "connect", _prepare(key, *pragmas))
    return engine


def _in_use(engine: AsyncEngine) -> bool:
    pool = engine.pool
    return isinstance(pool, AsyncAdaptedQueuePool) and pool.checkedout() > 0


def _prepare(key: bytes, *more: str) -> Any:
    pragmas = (
        # Without this, SQLCipher writes a line for each damaged page across the screen.
        "cipher_log_level = NONE",
        f"key = \"x'{key.hex()}'\"",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        # A deleted key is overwritten; otherwise it would stay readable in the file for whoever opens it.
        "secure_delete = ON",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        *more,
    )

    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return prepare
