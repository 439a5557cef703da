"""One client of the live socket: its messages in, answers out, and how a socket ends."""

from __future__ import annotations

from typing import Any

from litestar.connection import WebSocket
from litestar.exceptions import WebSocketException

from sync.live import Close

Socket = WebSocket[Any, Any, Any]


class Gone(Exception):
    """The client is gone."""


class End(Exception):
    """The cloud ends a socket.

    Attributes:
        reason: at most 120 characters.
    """

    def __init__(self, code: Close, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Client:
    """A client whose socket was accepted."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def hear(self) -> str | bytes:
        """Wait for the next message.

        Raises:
            Gone: the client is gone.
        """
        message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    async def say(self, message: str | bytes) -> None:
        """Send a message. Whoever does not read is cut meanwhile, see `carrier.py`.

        Raises:
            Gone: the client is gone.
        """
        try:
            if isinstance(message, str):
                await self._socket.send_text(message)
            else:
                await self._socket.send_bytes(message)
        except (WebSocketException, OSError, RuntimeError) as error:
            raise Gone from error

    async def end(self, end: End) -> None:
        """Close the socket with its reason."""
        try:
            await self._socket.close(code=end.code, reason=end.reason)
        except (WebSocketException, OSError, RuntimeError):
            return
