"""Telling a database that is away from an error of ours: the first is a line in the log, the second a traceback."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from cloud.kernel.unavailable import Unavailable

_CLASSES_AWAY = ("08", "57P", "53300")
"""Connection trouble; a server that stops, has crashed or starts; one that has no connection left."""
_TAKES_NO_WRITES = frozenset({"0A000", "25001", "25006"})
"""Said when a transaction begins: by a standby, and by a server that was set to read only, as guards of disks do."""
_CUT_OFF = frozenset({"25P03", "25P04"})
"""The server ended a transaction that stood still, and its connection with it."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be reached now, and nothing about what was asked of it."""
    return any(_says_away(each) for each in _causes(error))


def may_be_tried_again(error: BaseException) -> bool:
    """Whether the same request may succeed soon: the database is away, overloaded, or has aborted this transaction."""
    if isinstance(error, OperationalError | InterfaceError) or is_away(error):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def in_a_line(error: BaseException) -> str:
    """What went wrong, as the driver says it, in one line."""
    *_around, inner = _causes(error)
    return " ".join(str(inner).split()) or type(inner).__name__


def _says_away(error: BaseException) -> bool:
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None or error.sqlstate.startswith(_CLASSES_AWAY)
    if isinstance(error, psycopg.Error) and error.sqlstate in _TAKES_NO_WRITES | _CUT_OFF:
        return True
    return isinstance(error, psycopg.InterfaceError | sa.exc.TimeoutError | Unavailable)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, the outermost first."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__
