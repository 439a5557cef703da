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
FRAMES_SECONDS = 10.0
MOST_SMALL_FRAMES = 40
"""Of one client in this time: pings, pongs and pieces of messages. A device sends four pings and no pieces; what a
client sends beyond is work for nothing."""
MOST_MESSAGES = 2_000
"""In the same time: more than a device's budget lets through."""
MOST_UNHEARD = 8
"""Messages that wait until somebody hears them: who has asked waits for the answer."""
PART_BYTES = 1_024
"""So much is read of what came in before it is counted: a quarter of a megabyte is 40,000 empty frames."""


class LiveProtocol(WebSocketsSansIOProtocol):
    """Cuts a client that does not read, and one that sends frames without end. Who pings by itself is not pinged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread: asyncio.TimerHandle | None = None
        self._small_frames = self._messages = 0
        self._counted_since = self._pinged_at = 0.0

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

    def data_received(self, data: bytes) -> None:
        """Read what came in part by part, until the client is cut."""
        view = memoryview(data)
        for begin in range(0, len(data), PART_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(bytes(view[begin : begin + PART_BYTES]))

    def handle_events(self) -> None:
        """Count the frames, too."""
        super().handle_events()
        is_too_much = self._small_frames > MOST_SMALL_FRAMES or self._messages > MOST_MESSAGES
        if is_too_much or self.queue.qsize() > MOST_UNHEARD:
            self.transport.abort()

    def handle_ping(self) -> None:
        """Answer a ping, unless there are too many."""
        self._count_small()
        self._pinged_at = self.loop.time()
        if self._small_frames <= MOST_SMALL_FRAMES:
            super().handle_ping()

    def handle_pong(self, event: Any) -> None:
        """Note that the client is there."""
        self._count_small()
        super().handle_pong(event)

    def handle_cont(self, event: Any) -> None:
        """Add a piece of a message."""
        self._count_small()
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Pass a message on."""
        self._begin_count()
        self._messages += 1
        super().send_receive_event_to_app()

    def _count_small(self) -> None:
        self._begin_count()
        self._small_frames += 1

    def _begin_count(self) -> None:
        now = self.loop.time()
        if now - self._counted_since > FRAMES_SECONDS:
            self._small_frames = self._messages = 0
            self._counted_since = now

    def send_keepalive_ping(self) -> None:
        """Ping a client that has not pinged lately: each ping costs as much as a device's own."""
        if self.loop.time() - self._pinged_at < PING_SECONDS:
            self.schedule_ping()
        else:
            super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Cut a client that is gone: nobody reads what still waits for it."""
        super().keepalive_timeout()
        self.transport.abort()

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
