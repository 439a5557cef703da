"""Devices that wait over HTTP, where no socket gets through."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from httpx import AsyncClient

from cloud.exchange.waits import REPLACED_SECONDS
from sync.messages import Ack, Mark, Pull, Suffixes, dump, load
from tests.cloud.live.sockets import GENEROUS_SECONDS, Served, until
from tests.cloud.replication.house import end_of
from tests.cloud.replication.tills import Till

ROOMS = 2
"""In which a device waits: its branch and its organization."""


async def waiting(till: Till) -> bytes:
    """The question of a device that holds all there is."""
    held: dict[bytes, Mark] = {}
    while frames := (await till.pull(*held.values())).frames:
        held |= {frame.key.id.bytes: Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in frames}
    return dump(Pull(list(held.values()), 25_000))


def asked(till: Till, question: bytes) -> asyncio.Task[Any]:
    return asyncio.create_task(till.post(question))


async def test_a_newer_wait_of_a_device_ends_the_older_and_no_others(
    served: Served, http: AsyncClient, till: Till, other_till: Till
) -> None:
    question = await waiting(till)
    neighbour = asked(other_till, await waiting(other_till))
    await until(lambda: served.parts.hub.places == ROOMS)
    older = [asked(till, question) for _again in range(5)]
    async with asyncio.timeout(GENEROUS_SECONDS):
        await asyncio.wait(older, return_when=asyncio.FIRST_COMPLETED)
        while len([each for each in older if each.done()]) < 4:  # noqa: ASYNC110 - each is told by itself
            await asyncio.sleep(0.01)
    assert served.parts.hub.places == 2 * ROOMS
    refused = [each.result() for each in older if each.done()]
    assert {(each.status_code, each.headers["retry-after"]) for each in refused} == {(429, str(REPLACED_SECONDS))}
    (newest,) = [each for each in older if not each.done()]
    other_till.order()
    assert isinstance(await other_till.push(), Ack)
    async with asyncio.timeout(GENEROUS_SECONDS):
        answer = load((await newest).content)
    assert isinstance(answer, Suffixes)
    assert [frame.key for frame in answer.frames] == [other_till.hand.key]
    neighbour.cancel()


async def test_a_wait_ends_when_its_client_is_gone(served: Served, http: AsyncClient, till: Till, caplog: Any) -> None:
    question = await waiting(till)
    reader, writer = await asyncio.open_connection(*served.end)
    head = f"POST /api/v1/sync HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {till.token}\r\n"
    writer.write(head.encode() + b"content-length: %d\r\n\r\n" % len(question) + question)
    await until(lambda: served.parts.hub.places == ROOMS)
    writer.close()
    with suppress(ConnectionError):
        await reader.read()
    await until(lambda: not served.parts.hub.places)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
