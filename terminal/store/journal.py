"""The journal of commits: which tables each commit wrote, so that the other programs of the device learn it.

The writer's connection notes the tables of the statements that it runs, and stores them as the last thing before each
COMMIT (`near.py`): so the journal and what it tells are one transaction, whoever writes and by whatever way. It keeps
the newest commits only; who was away for longer reads everything again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlcipher3 import dbapi2

from terminal.store.local import metadata

KEPT_COMMITS = 1_000
"""Some minutes of the busiest device. Who looks every few hundredths of a second is never so far behind."""
FORGOTTEN_AT_ONCE = 64
"""Old commits are deleted so many at a time: most commits delete nothing."""

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("program", sa.BigInteger, nullable=False, comment="the store that committed; a random number"),
    sa.Column("tables", sa.Text, nullable=False, comment="names, between blanks"),
)

_NOTE = "INSERT INTO journal (program, tables) VALUES (?, ?)"
_FORGET = "DELETE FROM journal WHERE number <= ?"
_LAST = "SELECT coalesce(max(number), 0) FROM journal"
_SINCE = "SELECT number, program, tables FROM journal WHERE number > ? ORDER BY number"
_WRITES = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+[\"`\[]?(\w+)",
    re.IGNORECASE,
)
_STATEMENTS_KNOWN = 4_000


@lru_cache(_STATEMENTS_KNOWN)
def table_written(statement: str) -> str | None:
    """The table that a statement writes. None if it writes none."""
    if statement[:4].upper() == "WITH":
        found = next((match for match in _WRITES.finditer(statement)), None)
    else:
        found = _WRITES.match(statement)
    return found[1] if found else None


class _Cursor(dbapi2.Cursor):
    """A cursor that notes what it writes."""

    connection: JournalledConnection

    def execute(self, sql: str, *parameters: Any) -> Any:
        self._note(sql)
        return super().execute(sql, *parameters)

    def executemany(self, sql: str, *parameters: Any) -> Any:
        self._note(sql)
        return super().executemany(sql, *parameters)

    def _note(self, sql: str) -> None:
        table = table_written(sql)
        if table is not None:
            self.connection.written.add(table)


class JournalledConnection(dbapi2.Connection):
    """The driver's connection of a writer.

    Attributes:
        written: names of the tables that the present transaction has written. A statement that was undone counts, too.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.written: set[str] = set()
        super().__init__(*args, **options)

    def cursor(self, factory: Any = _Cursor) -> Any:
        """A cursor that notes what it writes."""
        return super().cursor(factory)

    def note_commit(self, program: int) -> None:
        """Store what the transaction has written, right before its COMMIT."""
        tables, self.written = self.written, set()
        if tables:
            number = self.execute(_NOTE, (program, " ".join(sorted(tables)))).lastrowid
            assert number is not None
            if number % FORGOTTEN_AT_ONCE == 0:
                self.execute(_FORGET, (number - KEPT_COMMITS,))
            self.written.clear()

    def forget_written(self) -> None:
        """The transaction was rolled back."""
        self.written.clear()


class JournalReader:
    """Tells what other stores have committed. Its calls take microseconds, in the caller's thread, and never wait.

    Args:
        connect: opens a connection of its own, whose errors it gives at once.
        program: number of the store that asks; its own commits are no news.
    """

    def __init__(self, connect: Callable[[], Any], program: int) -> None:
        self._connect = connect
        self._program = program
        self._connection: Any = None
        self._version: int | None = None
        self._read: int | None = None

    def begin(self) -> None:
        """Note the present end of the journal: what is committed later is news."""
        self._read = int(self._ask(_LAST)[0][0])

    def news(self) -> frozenset[str] | None:
        """The tables of other stores' commits since the last call; no table if there is nothing new.

        None: it may be any table, since this program was away for too long.

        Raises:
            dbapi2.Error: it cannot be read now. The next call connects anew, and misses nothing.
        """
        version = self._ask("PRAGMA data_version")[0][0]
        if version == self._version:
            return frozenset()
        found = self._ask(_SINCE, self._read)
        before, self._version = self._read, version
        if not found:
            return frozenset()
        self._read = found[-1][0]
        if before is None or found[0][0] != before + 1:
            return None
        return frozenset(table for _, program, tables in found if program != self._program for table in tables.split())

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection, self._version = self._connection, None, None
        if connection is not None:
            connection.close()

    def _ask(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = self._connect()
            found: list[tuple[Any, ...]] = self._connection.execute(sql, parameters).fetchall()
        except dbapi2.Error:
            self.close()
            raise
        return found
