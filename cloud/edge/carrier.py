"""The server's end of an HTTP connection, with limits that uvicorn's own does not have."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from cloud.edge.gate import BODY_SECONDS, HEAD_SECONDS, LEAST_BYTES_A_SECOND, Gate

BACKLOG = 1024
"""Connections that may wait to be accepted."""
PIECE_BYTES = 4 * 1024
"""So much is parsed before anybody looks what came of it; the loop hands over 256 KiB at once."""
FREE_CHUNKS = 256
LEAST_CHUNK_BYTES = 64
"""Chunks of a body may be smaller on the average only while they are few: each costs as much as a large one."""


class _Parser(h11.Connection):
    """Counts the chunks of bodies."""

    chunks = 0
    chunk_bytes = 0

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Data):
            self.chunks += 1
            self.chunk_bytes += len(event.data)
        return event


class HttpCarrier(H11Protocol):
    """Tells the gate what its client owes, and cuts one that sends a body in crumbs.

    Args:
        gate: of the server.
    """

    def __init__(self, *args: Any, gate: Gate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate = gate
        most = self.config.h11_max_incomplete_event_size
        self.conn = _Parser(h11.SERVER, **({} if most is None else {"max_incomplete_event_size": most}))
        self._number = -1
        self._owes_head = self._is_socket = False
        self._body_of: object = None
        self._body_since = 0.0
        self._body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Serve a client. By TLS its handshake is over."""
        super().connection_made(transport)
        self._number = transport.get_extra_info("socket").fileno()
        self._say_what_is_owed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the number: another connection may have it from now on."""
        self._number = -1
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, piece by piece."""
        parser = self.conn
        assert isinstance(parser, _Parser)
        for at in range(0, len(data), PIECE_BYTES):
            super().data_received(data[at : at + PIECE_BYTES])
            if parser.chunks > FREE_CHUNKS + parser.chunk_bytes // LEAST_CHUNK_BYTES:
                self.transport.abort()
            if self._is_socket or self.transport.is_closing():
                return
        self._say_what_is_owed(len(data))

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Give the connection to the live socket, which has limits of its own."""
        self._is_socket = True
        self._gate.settled(self._number)
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """The answer is out; the client owes the next request."""
        super().on_response_complete()
        self._say_what_is_owed()

    def pause_writing(self) -> None:
        """Give the client time to read what waits for it."""
        super().pause_writing()
        self._owes_head = False
        self._gate.owes(self._number, BODY_SECONDS + self._unread_seconds())

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        self._say_what_is_owed()

    def _say_what_is_owed(self, came: int = 0) -> None:
        if self.flow.write_paused:
            return  # what it owes is to read
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            if not self._owes_head:  # no later because a part of it has come
                self._owes_head = True
                self._gate.owes(self._number, HEAD_SECONDS + self._unread_seconds())
            return
        self._owes_head = False
        if cycle.more_body:
            self._gate.owes(self._number, self._seconds_for_body(cycle, came))
        else:
            self._gate.settled(self._number)

    def _seconds_for_body(self, cycle: object, came: int) -> float:
        now = self._gate.seconds()
        if cycle is not self._body_of:
            self._body_of, self._body_since, self._body_bytes = cycle, now, 0
        self._body_bytes += came
        return self._body_since + BODY_SECONDS + self._body_bytes / LEAST_BYTES_A_SECOND - now

    def _unread_seconds(self) -> float:
        return self.transport.get_write_buffer_size() / LEAST_BYTES_A_SECOND


def options(gate: Gate) -> dict[str, Any]:
    """For `uvicorn.Config`."""
    return {"http": partial(HttpCarrier, gate=gate), "backlog": BACKLOG}
