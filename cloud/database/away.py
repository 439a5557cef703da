"""Telling a database that is away from an error of ours: the first is a line in the log, the second a traceback."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import sqlalchemy as sa

from cloud.kernel.unavailable import Unavailable

_CLASSES_AWAY = ("08", "57P", "53300")
"""Connection trouble; a server that stops, has crashed or starts; one that has no connection left."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be reached now, and nothing about what was asked of it."""
    return any(_says_away(each) for each in _causes(error))


def in_a_line(error: BaseException) -> str:
    """What went wrong, as the driver says it, in one line."""
    *_around, inner = _causes(error)
    return " ".join(str(inner).split()) or type(inner).__name__


def _says_away(error: BaseException) -> bool:
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None or error.sqlstate.startswith(_CLASSES_AWAY)
    return isinstance(error, psycopg.InterfaceError | sa.exc.TimeoutError | Unavailable)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, the outermost first."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__
