"""Keep writers from going past the log: an engine refuses statements that write replicated tables outside a flush.

The core writes through its own door, beneath these events. Migrations and fixtures have engines of their own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from shared.kernel.errors import DomainError

_FLUSHING = "comanda_flushing"
_COMMENTS = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_QUOTE = r"[\"`'\[]?"
_STATEMENTS_KNOWN = 4_000
"""Of an engine: it runs the same few statements again and again, so that each is searched once."""


def guard(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Make this engine refuse statements that write a replicated table, unless a unit of work flushes.

    The statement raises DomainError: STATEMENT_BYPASSES_THE_LOG (params: table).
    """
    names = "|".join(sorted(str(table.name) for table in metadata.tables.values() if "scope" in table.info))
    writes = re.compile(
        r"\b(?:(?:INSERT(?:\s+OR\s+\w+)?|REPLACE|MERGE)\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?"
        r"|COPY|ALTER\s+TABLE|DROP\s+TABLE)\s*(?:\bONLY\b)?[\s(]*"
        rf"(?:{_QUOTE}\w+[\"`'\]]?\s*\.\s*)?{_QUOTE}({names})\b",
        re.IGNORECASE,
    )

    @lru_cache(_STATEMENTS_KNOWN)
    def written(statement: str) -> str | None:
        found = writes.search(_COMMENTS.sub(" ", statement))
        return found[1] if found else None

    def refuse(
        connection: sa.Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        table = written(statement)
        if table is not None and not connection.info.get(_FLUSHING):
            raise DomainError("STATEMENT_BYPASSES_THE_LOG", table=table)

    event.listen(engine, "before_cursor_execute", refuse)
    event.listen(engine, "checkin", lambda _driver, record: record.info.pop(_FLUSHING, None))


def open_for_flush(connection: sa.Connection) -> None:
    """Allow writes: a unit of work flushes what the session hook has captured."""
    connection.info[_FLUSHING] = True


def closed(connection: sa.Connection) -> None:
    """Forbid writes again: the flush is over."""
    connection.info.pop(_FLUSHING, None)
