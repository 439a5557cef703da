"""Keep writers from going past the log: an engine refuses statements that write replicated tables outside a flush.

The core writes through its own door, beneath these events. Migrations and fixtures have engines of their own.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from shared.kernel.errors import DomainError

_FLUSHING = "comanda_flushing"
_READS = ("SELECT", "BEGIN", "PRAGMA", "SET", "COMMIT")


def guard(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Make this engine refuse statements that write a replicated table, unless a unit of work flushes.

    The statement raises DomainError: STATEMENT_BYPASSES_THE_LOG (params: table).
    """
    names = "|".join(sorted(str(table.name) for table in metadata.tables.values() if "scope" in table.info))
    writes = re.compile(
        rf"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|MERGE\s+INTO|UPDATE(?:\s+OR\s+\w+|\s+ONLY)?|DELETE\s+FROM"
        rf"(?:\s+ONLY)?|TRUNCATE(?:\s+TABLE)?|COPY)\s+(?:\w+\.|\"\w+\"\.)?[\"`\[]?({names})\b",
        re.IGNORECASE,
    )

    def refuse(
        connection: sa.Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        if statement.startswith(_READS) or connection.info.get(_FLUSHING):
            return
        found = writes.search(statement)
        if found:
            raise DomainError("STATEMENT_BYPASSES_THE_LOG", table=found[1])

    event.listen(engine, "before_cursor_execute", refuse)
    event.listen(engine, "checkin", lambda _driver, record: record.info.pop(_FLUSHING, None))


def open_for_flush(connection: sa.Connection) -> None:
    """Allow writes: a unit of work flushes what the session hook has captured."""
    connection.info[_FLUSHING] = True


def closed(connection: sa.Connection) -> None:
    """Forbid writes again: the flush is over."""
    connection.info.pop(_FLUSHING, None)
