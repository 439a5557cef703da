"""The server's end of an HTTP connection by itself: clients that do not finish what they say. No database here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from cloud.edge import carrier
from tests.cloud.serving import beside

Ways = tuple[asyncio.StreamReader, asyncio.StreamWriter]
WHOLE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nhola"
GENEROUS_SECONDS = 30.0


async def slow(scope: Any, receive: Any, send: Any) -> None:
    """Answer a body, after longer than a client may be silent."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(descriptors: int) -> AsyncIterator[tuple[str, int]]:
    async with beside(slow, **carrier.options(descriptors)) as address:
        yield address


async def is_cut(ways: Ways) -> bool:
    async with asyncio.timeout(GENEROUS_SECONDS):
        try:
            return await ways[0].read() == b""
        except ConnectionError:
            return True


async def answered(ways: Ways) -> bool:
    async with asyncio.timeout(GENEROUS_SECONDS):
        return (await ways[0].readuntil(b"hola")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("said", [b"", WHOLE[:20], WHOLE[:-1]])
async def test_who_does_not_finish_what_they_say_is_cut(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "SILENT_SECONDS", 0.1)
    async with served(1_000) as address:
        ways = await asyncio.open_connection(*address)
        ways[1].write(said)
        assert await is_cut(ways)
        ways[1].close()


async def test_lines_that_trickle_in_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(carrier, "HEAD_SECONDS", 0.2)
    async with served(1_000) as address:
        ways = await asyncio.open_connection(*address)

        async def trickle() -> None:
            ways[1].write(b"GET / HTTP/1.1\r\n")
            while True:
                ways[1].write(b"x: y\r\n")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        assert await is_cut(ways)
        trickling.cancel()
        ways[1].close()


async def test_who_waits_for_a_slow_answer_is_not_cut_and_may_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "SILENT_SECONDS", 0.1)
    async with served(1_000) as address:
        ways = await asyncio.open_connection(*address)
        for _request in range(2):
            ways[1].write(WHOLE)
            assert await answered(ways)
        ways[1].close()


async def test_of_too_many_who_are_silent_the_oldest_makes_room() -> None:
    async with served(8) as address, AsyncExitStack() as _stack:
        silent = [await asyncio.open_connection(*address) for _ in range(4)]
        ways = await asyncio.open_connection(*address)
        ways[1].write(WHOLE)
        assert await answered(ways)
        assert await is_cut(silent[0])
        assert not silent[1][0].at_eof()
        for each in (*silent, ways):
            each[1].close()


def test_this_process_may_have_as_many_descriptors_as_it_is_allowed() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1_024), hard))
        assert carrier.raise_descriptors() == min(hard, carrier.MOST_DESCRIPTORS)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
