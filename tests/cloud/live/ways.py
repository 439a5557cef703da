"""What may stand between a device and the cloud: a way that passes everything on until it is told otherwise."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

HOST = "127.0.0.1"


class Way:
    """A proxy on a port of its own.

    Attributes:
        refuses_sockets: with this answer, as proxies do that know no WebSocket; None passes them on.
        is_hole: takes everything and passes nothing on, in both directions.
        asked: the request lines that came, in their order.
    """

    def __init__(self, to: tuple[str, int]) -> None:
        self.refuses_sockets: bytes | None = None
        self.is_hole = False
        self.asked: list[str] = []
        self._to = to
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    @property
    def sockets(self) -> int:
        """How many sockets were asked for."""
        return sum("/live" in line for line in self.asked)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._running.add(serving)
        serving.add_done_callback(self._running.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.split(b"\r\n")[0].decode())
            if b"upgrade: websocket" in head.lower() and self.refuses_sockets is not None:
                writer.write(self.refuses_sockets)
                await writer.drain()
            else:
                await self._pass_on(head, reader, writer)
        writer.close()

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        if not self.is_hole:
            far_writer.write(head)
        there = asyncio.create_task(self._pass(reader, far_writer, notes=True))
        back = asyncio.create_task(self._pass(far_reader, writer))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            far_writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, notes: bool = False) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                if notes and data.startswith(b"POST "):
                    self.asked.append(data.split(b"\r\n")[0].decode())
                if not self.is_hole:
                    writer.write(data)
                    await writer.drain()
