"""The server's end of a live socket by itself: what it cuts, and whom it leaves alone. No database here."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from cloud.live import carrier
from cloud.live.carrier import OPTIONS, LiveProtocol
from tests.cloud.serving import beside

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PING, PONG, PIECE, TEXT, BEGIN = 0x89, 0x8A, 0x00, 0x81, 0x01


def frame(kind: int, payload: bytes = b"") -> bytes:
    """A frame of a client, masked with zeros."""
    return struct.pack("!BB", kind, 0x80 | len(payload)) + bytes(4) + payload


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Say what is heard."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    async with beside(echo, **OPTIONS) as address:
        yield address


async def opened(address: tuple[str, int]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(HANDSHAKE)
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


@pytest.mark.parametrize("kind", [PING, PONG, PIECE])
async def test_whoever_sends_small_frames_without_end_is_cut_after_a_part_of_them(
    address: tuple[str, int], kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of a megabyte of them, read at once, stopped the server for all for a second."""
    read = 0

    def counted(self: LiveProtocol) -> None:
        nonlocal read
        read += 1
        count(self)

    count = LiveProtocol._count_small
    monkeypatch.setattr(LiveProtocol, "_count_small", counted)
    reader, writer = await opened(address)
    writer.write((frame(BEGIN, b"x") if kind == PIECE else b"") + frame(kind) * 40_000)
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            await reader.read()
    assert carrier.MOST_SMALL_FRAMES < read < 400
    writer.close()


async def test_a_client_that_pings_now_and_then_and_speaks_in_pieces_is_heard(address: tuple[str, int]) -> None:
    reader, writer = await opened(address)
    writer.write(frame(PING) * 5 + frame(PONG) + frame(BEGIN, b"ho") + frame(0x80, b"la"))
    async with asyncio.timeout(30):
        assert (await reader.readexactly(10))[:2] == b"\x8a\x00"
        assert await reader.readexactly(6) == b"\x81\x04hola"
    writer.close()


async def test_who_reads_again_in_time_is_not_cut_later(monkeypatch: pytest.MonkeyPatch) -> None:
    config = uvicorn.Config(echo, **OPTIONS)
    config.load()
    client = LiveProtocol(config=config, server_state=uvicorn.Server(config).server_state, app_state={})
    cuts: list[str] = []

    class Wire(asyncio.Transport):
        def abort(self) -> None:
            cuts.append("cut")

    client.transport = Wire()
    monkeypatch.setattr(carrier, "UNREAD_SECONDS", 0.01)
    client.pause_writing()
    client.resume_writing()
    await asyncio.sleep(0.05)
    assert cuts == []
    client.pause_writing()
    while not cuts:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)


async def test_whoever_says_more_than_anybody_hears_is_cut(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0

    def counted(self: LiveProtocol) -> None:
        nonlocal passed
        passed += 1
        pass_on(self)

    pass_on = LiveProtocol.send_receive_event_to_app
    monkeypatch.setattr(LiveProtocol, "send_receive_event_to_app", counted)
    reader, writer = await opened(address)
    writer.write(frame(TEXT, b"a") * 40_000)
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            await reader.read()
    assert passed < carrier.MOST_UNHEARD + 2 * carrier.PART_BYTES // len(frame(TEXT, b"a"))
    writer.close()
