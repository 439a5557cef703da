"""One client of the live socket: its messages in, answers out, and how a socket ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
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
    """A client whose socket was accepted.

    Attributes:
        is_of_our_page: a browser said that one of our own pages has opened it.
    """

    def __init__(self, socket: Socket, *, is_of_our_page: bool = False) -> None:
        self._socket = socket
        self.is_of_our_page = is_of_our_page

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


@asynccontextmanager
async def running(work: Coroutine[Any, Any, Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """Run something beside the block, at most until it ends."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        await cancelled(task)


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task unless it is done, and wait for its end. What it raised is no news any more."""
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
