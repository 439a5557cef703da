"""The server's end of an HTTP connection, with limits that uvicorn's own does not have.

A client that says nothing, or half a request, holds one of the descriptors of this process. It is cut after a while;
and where there are too many, the one that has been silent for longest makes room for the next.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SILENT_SECONDS = 20.0
"""So long a client may say nothing while it owes the rest of a request, or the first one."""
HEAD_SECONDS = 20.0
"""So long all lines before the body may take, however they trickle in."""
MOST_DESCRIPTORS = 65_536
RESERVED_DESCRIPTORS = 400
"""For the database, files, and what comes in at one moment (`BACKLOG`)."""
BACKLOG = 256
"""Connections that are taken at one moment: no more than may be open before one is cut for them."""


def raise_descriptors() -> int:
    """Allow this process as many descriptors as it may have. Returns how many; most systems begin with 1,024."""
    try:
        import resource
    except ImportError:  # no POSIX
        return MOST_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


def options(descriptors: int) -> dict[str, Any]:
    """For `uvicorn.Config`.

    Args:
        descriptors: how many this process may have.
    """
    most = max(descriptors - RESERVED_DESCRIPTORS, descriptors // 2)
    return {"http": partial(PatientProtocol, crowd=Crowd(most)), "backlog": BACKLOG}


class Crowd:
    """The connections whose clients are to say something, the one that has been silent for longest first.

    Args:
        most: connections of all kinds before one of these is cut for the next.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._silent: OrderedDict[PatientProtocol, None] = OrderedDict()

    def heard(self, connection: PatientProtocol) -> None:
        """The client has just said something, and there is more to come."""
        self._silent[connection] = None
        self._silent.move_to_end(connection)

    def leave(self, connection: PatientProtocol) -> None:
        """Nothing is expected of the client any more."""
        self._silent.pop(connection, None)

    def make_room(self, connections: int) -> None:
        """Cut whoever has been silent for longest, if there are too many connections."""
        if connections > self._most and self._silent:
            oldest, _ = self._silent.popitem(last=False)
            oldest.transport.abort()


class PatientProtocol(H11Protocol):
    """Cuts a client that does not finish what it says."""

    def __init__(self, *args: Any, crowd: Crowd, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._crowd = crowd
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = self._head_since = 0.0
        self._is_another = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Wait for the first request."""
        super().connection_made(transport)
        self._head_since = self.loop.time()
        self._wait_on()
        self._crowd.make_room(len(self.connections))

    def data_received(self, data: bytes) -> None:
        """Wait for the rest, unless that was all."""
        super().data_received(data)
        self._wait_on()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._head_since = self.loop.time()
        self._wait_on()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Leave the client to `live/carrier.py`."""
        self._is_another = True
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._is_another = True
        self._wait_on()
        super().connection_lost(exc)

    @property
    def _waits(self) -> bool:
        """Whether it is the client's turn."""
        if self._is_another or self.flow.read_paused:
            return False
        return self._waits_for_head or self.cycle.more_body

    @property
    def _waits_for_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait_on(self) -> None:
        self._heard_at = self.loop.time()
        if not self._waits:
            self._crowd.leave(self)
            return
        self._crowd.heard(self)
        if self._timer is None:
            self._timer = self.loop.call_later(SILENT_SECONDS, self._look)

    def _look(self) -> None:
        """Cut the client if its time is over."""
        self._timer = None
        if not self._waits:
            return
        now, ends_at = self.loop.time(), self._heard_at + SILENT_SECONDS
        if self._waits_for_head:
            ends_at = min(ends_at, self._head_since + HEAD_SECONDS)
        if now < ends_at:
            self._timer = self.loop.call_later(ends_at - now, self._look)
        else:
            self.transport.abort()
