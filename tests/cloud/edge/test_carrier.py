"""Connections that owe something: a handshake, a head, a body, the reading of an answer. The clock is the test's."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest
import uvicorn

from cloud.edge import gate as gates
from cloud.edge.carrier import options
from cloud.edge.gate import BODY_SECONDS, HEAD_SECONDS, Gate, Listener
from cloud.kernel.descriptors import raise_limit

GENEROUS_SECONDS = 30.0
WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nhost"
LARGE = 32 * 1024 * 1024
"""More than the buffers of a loopback connection hold."""


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Server:
    """An app behind the gate: `/` answers, `/wait` does not before it is told to, `/large` answers much."""

    gate: Gate
    clock: Clock
    end: tuple[str, int] = ("", 0)
    received: int = 0
    answered: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.received += len(message["body"])
            if not message["more_body"]:
                break
        if scope["path"] == "/wait":
            await self.told.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * (LARGE if scope["path"] == "/large" else 1)})
        self.answered += 1

    def passes(self, seconds: float) -> None:
        self.clock.now += seconds
        self.gate.sweep()

    async def connect(self, says: bytes = b"", host: str = "127.0.0.1") -> Client:
        reader, writer = await asyncio.open_connection(*self.end, local_addr=(host, 0))
        writer.write(says)
        return Client(reader, writer)


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> bytes:
        async with asyncio.timeout(GENEROUS_SECONDS):
            return await self.reader.readuntil(b"\r\n\r\n1\r\nx\r\n0\r\n\r\n")

    async def is_cut(self) -> bool:
        async with asyncio.timeout(GENEROUS_SECONDS):
            try:
                return await self.reader.read(1) == b""
            except ConnectionError:
                return True

    @property
    def is_open(self) -> bool:
        return not self.reader.at_eof()


@asynccontextmanager
async def opened(most: int = 100, trusted: str = "", *, tls: bool = False) -> AsyncIterator[Server]:
    clock = Clock()
    server = Server(Gate(most, [ip_network(trusted)] if trusted else [], clock), clock)
    listener = Listener(socket.AF_INET)
    listener.gate = server.gate
    listener.bind(("127.0.0.1", 0))
    server.end = listener.getsockname()
    config = uvicorn.Config(
        server.app,
        **options(server.gate),
        interface="asgi3",
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
    running = uvicorn.Server(config)
    task = asyncio.create_task(running._serve([listener]))
    while not running.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.told.set()
        running.should_exit = True
        await task


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(GENEROUS_SECONDS):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("says", [b"", HALF], ids=["nothing", "half a head"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "before the handshake"])
async def test_a_client_that_owes_its_head_is_cut(says: bytes, tls: bool) -> None:
    async with opened(tls=tls) as server:
        client = await server.connect(b"" if tls else says)
        await until(lambda: len(server.gate) == 1)
        server.passes(HEAD_SECONDS - 0.1)
        assert client.is_open
        server.passes(0.2)
        assert await client.is_cut()
        await until(lambda: not len(server.gate))


async def test_the_next_head_is_owed_from_the_answer_on_however_slowly_it_comes() -> None:
    async with opened() as server:
        client = await server.connect(WHOLE)
        await client.answer()
        client.writer.write(HALF)
        server.passes(HEAD_SECONDS - 0.1)
        client.writer.write(b": a")
        other = await server.connect(WHOLE)
        await other.answer()
        server.passes(0.2)
        assert await client.is_cut()
        assert other.is_open


async def test_a_body_is_owed_and_a_larger_one_has_longer() -> None:
    async with opened() as server:
        silent = await server.connect(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\nhalf")
        slow = await server.connect(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100001\r\n\r\n" + b"x" * 100_000)
        await until(lambda: server.received == 100_004)
        server.passes(BODY_SECONDS + 0.1)
        assert await silent.is_cut()
        slow.writer.write(b"x")
        assert await slow.answer()


async def test_who_waits_for_us_owes_nothing() -> None:
    async with opened() as server:
        client = await server.connect(WHOLE.replace(b"/", b"/wait", 1))
        await until(lambda: not server.gate._owing and len(server.gate) == 1)
        server.passes(10 * BODY_SECONDS)
        server.told.set()
        assert await client.answer()


async def test_who_reads_no_answer_is_cut() -> None:
    async with opened() as server:
        client = await server.connect(WHOLE.replace(b"/", b"/large", 1))
        await until(lambda: server.answered == 1)
        server.passes(BODY_SECONDS + LARGE / gates.LEAST_BYTES_A_SECOND + 1)
        await until(lambda: not len(server.gate))
        client.writer.close()


async def test_silence_keeps_nobody_out() -> None:
    async with opened(most=2) as server:
        silent = [await server.connect(HALF), await server.connect(host="127.0.0.2")]
        await until(lambda: len(server.gate) == 2)
        client = await server.connect(WHOLE, host="127.0.0.3")
        assert await client.answer()
        assert await silent[0].is_cut()
        assert silent[1].is_open


async def test_one_address_takes_half_of_all_places_and_a_proxy_takes_all(caplog: pytest.LogCaptureFixture) -> None:
    waits = WHOLE.replace(b"/", b"/wait", 1)
    async with opened(most=4, trusted="127.0.0.9/32") as server:
        held = [await server.connect(waits), await server.connect(waits)]
        await until(lambda: len(server.gate) == 2 and not server.gate._owing)
        refused = [await server.connect(waits) for _again in range(3)]
        for client in refused:
            assert await client.is_cut()
        assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
        assert await (await server.connect(WHOLE, host="127.0.0.2")).answer()
        assert all(client.is_open for client in held)
    async with opened(most=4, trusted="127.0.0.9/32") as server:
        held = [await server.connect(waits, host="127.0.0.9") for _held in range(4)]
        await until(lambda: len(server.gate) == 4 and not server.gate._owing)
        assert all(client.is_open for client in held)


async def test_a_body_in_crumbs_is_cut_and_one_in_pieces_is_not() -> None:
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    async with opened() as server:
        crumbs = await server.connect(head + b"1\r\nx\r\n" * 40_000)
        pieces = await server.connect(head + b"400\r\n" + b"x" * 1_024 + b"\r\n0\r\n\r\n")
        assert await pieces.answer()
        assert await crumbs.is_cut()
        assert server.received < 2_000


def test_a_process_without_descriptors_is_told_once_a_turn() -> None:
    with Listener(socket.AF_INET) as listener:
        listener.gate = Gate(10)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with socket.create_connection(listener.getsockname()):
            free = os.dup(0)
            os.close(free)
            resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
            try:
                with pytest.raises(OSError, match="Too many open files"):
                    listener.accept()
                with pytest.raises(BlockingIOError):
                    listener.accept()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            connection, _address = listener.accept()
            connection.close()
    assert not len(listener.gate)


def test_what_happens_a_thousand_times_a_second_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    gate = Gate(10, seconds=clock)
    for _time in range(1_000):
        gate.say("full: %d", 10)
    clock.now += 61
    gate.say("full: %d", 11)
    assert [record.getMessage() for record in caplog.records] == ["full: 10", "full: 11"]


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft // 2, hard))
    try:
        assert raise_limit() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > soft // 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
