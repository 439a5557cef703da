"""Clients of the live socket, well behaved and otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from cloud.parts import Parts
from sync.live import PATH, READY, WAIT_MS, DeviceOpening, opening_text
from sync.messages import AnyMessage, Frame, Mark, Pull, Suffixes, dump, load
from tests.cloud.replication.house import end_of

GENEROUS_SECONDS = 30.0
"""For what comes at once on a machine with nothing else to do."""


@dataclass
class Served:
    """A server that listens."""

    address: str
    parts: Parts

    @property
    def end(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.address.partition(":")
        return host, int(port)

    def connect(self, more: str = "", **options: Any) -> connect:
        """A client's own connection; nothing is said yet."""
        return connect(f"ws://{self.address}{PATH}{more}", compression=None, **options)

    @asynccontextmanager
    async def device(self, token: str, **options: Any) -> AsyncIterator[Device]:
        """A device that waits."""
        async with self.connect(**options) as connection:
            await connection.send(opening_text(DeviceOpening(token)))
            async with asyncio.timeout(GENEROUS_SECONDS):
                assert await connection.recv() == READY
            yield Device(connection)


@dataclass
class Device:
    """A device on its socket, with what it holds."""

    connection: ClientConnection
    held: dict[bytes, Mark] = field(default_factory=dict)

    async def ask(self, wait_ms: int = WAIT_MS) -> None:
        await self.connection.send(dump(Pull(list(self.held.values()), wait_ms)))

    async def answer(self) -> AnyMessage:
        async with asyncio.timeout(GENEROUS_SECONDS):
            data = await self.connection.recv()
        assert isinstance(data, bytes)
        return load(data)

    async def frames(self) -> list[Frame]:
        """Take what the next answer brings."""
        answer = await self.answer()
        assert isinstance(answer, Suffixes)
        for frame in answer.frames:
            self.held[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))
        return answer.frames

    async def catch_up(self) -> None:
        await self.ask(0)
        while await self.frames():
            await self.ask(0)


async def ended(connection: ClientConnection) -> tuple[int, str]:
    """Code and reason with which the server ends a connection."""
    async with asyncio.timeout(GENEROUS_SECONDS):
        with pytest.raises(ConnectionClosed) as closed:
            await _all_of(connection)
    assert closed.value.rcvd is not None, "cut without a word"
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def _all_of(connection: ClientConnection) -> None:
    while True:
        await connection.recv()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds of which nobody tells."""
    async with asyncio.timeout(GENEROUS_SECONDS):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
