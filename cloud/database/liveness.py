"""A pooled connection is looked at before it is used: one that the server has closed is replaced, and nobody notices.

The server's last word waits in its socket then, so looking there costs nothing. Asking the server each time, as a pool
can, is a transaction for each of ours.
"""

from __future__ import annotations

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

QUIET_SECONDS = 60.0
"""A connection that was not used for so long is asked: a network may have forgotten it without a word."""
_USED_AT = "used at"


def look_before_use(engine: Engine) -> None:
    """Look at each connection that the engine's pool gives out."""

    def look(connection: Any, record: Any, _fairy: object) -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None:
            return  # it was made for this use
        if time.monotonic() - used_at < QUIET_SECONDS and not says_something(record.driver_connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkout", look)
    event.listen(engine, "checkin", _note)


def _note(_connection: object, record: Any) -> None:
    record.info[_USED_AT] = time.monotonic()


def says_something(connection: Any) -> bool:
    """Whether something came in that nobody asked for: most likely that the server ends."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
