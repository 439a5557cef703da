"""The server's end of a WebSocket, with limits that uvicorn's own does not have."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LARGEST_MESSAGE_BYTES = 256 * 1024
"""A device's vector of 5,000 streams."""
PING_SECONDS = 20.0
PONG_SECONDS = 20.0
"""Whoever is gone without a word is noticed within the sum."""
UNREAD_SECONDS = 10.0
"""A client that takes nothing for so long is cut."""
MOST_PINGS = 40
PINGS_SECONDS = 10.0
"""A device sends four pings in this time; the answers of more are work for nothing."""


class LiveProtocol(WebSocketsSansIOProtocol):
    """Cuts a client that does not read, and one that sends pings without end. Who pings by itself is not pinged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread: asyncio.TimerHandle | None = None
        self._pings = 0
        self._pings_since = 0.0
        self._pinged_at = 0.0

    def pause_writing(self) -> None:
        """Give the client some seconds to read what waits for it."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._read()
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answer a ping, unless there are too many."""
        now = self._pinged_at = self.loop.time()
        if now - self._pings_since > PINGS_SECONDS:
            self._pings, self._pings_since = 0, now
        self._pings += 1
        if self._pings > MOST_PINGS:
            self.transport.abort()
            return
        super().handle_ping()

    def send_keepalive_ping(self) -> None:
        """Ping a client that has not pinged lately: each ping costs as much as a device's own."""
        if self.loop.time() - self._pinged_at < PING_SECONDS:
            self.schedule_ping()
        else:
            super().send_keepalive_ping()

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


OPTIONS: Final[dict[str, Any]] = {
    "ws": LiveProtocol,
    "ws_max_size": LARGEST_MESSAGE_BYTES,
    "ws_ping_interval": PING_SECONDS,
    "ws_ping_timeout": PONG_SECONDS,
    "ws_per_message_deflate": False,  # messages are small or compressed already; each socket would hold its buffers
}
"""For `uvicorn.Config`."""
