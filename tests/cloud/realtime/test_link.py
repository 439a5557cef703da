"""Hints between two processes of the server, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cloud.realtime import link as links
from cloud.realtime.hub import Hint, Hub, Room
from cloud.realtime.link import Link

LONG_SECONDS = 20.0
"""A busy machine's patience."""


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[Hub]:
    """A hub that is linked for the block."""
    hub = Hub()
    running = asyncio.create_task(Link(url, hub).run())
    try:
        await until_linked(hub)
        yield hub
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until_linked(hub: Hub) -> None:
    async with asyncio.timeout(LONG_SECONDS):
        while not hub.is_linked:  # noqa: ASYNC110 - the link tells nobody
            await asyncio.sleep(0.02)


def everything(_hint: Hint) -> bool:
    return True


@pytest.fixture
def url(postgres: Any, common_database: str) -> str:
    return str(postgres.app_url(common_database))


async def test_a_hint_reaches_those_who_wait_in_the_other_process(url: str) -> None:
    room, hint = Room(uuid4(), uuid4()), Hint(uuid4(), uuid4(), 7)
    heard: list[Hint] = []

    def note(hint: Hint) -> bool:
        heard.append(hint)
        return True

    async with linked(url) as here, linked(url) as there:
        with there.waiting([room], note) as waiting:
            here.tell(Room(room.organization_id, uuid4()), hint)
            here.tell(room, hint)
            assert await waiting.news(LONG_SECONDS)
        assert heard == [hint]


async def test_a_burst_of_hints_is_one_hint_of_the_newest(url: str) -> None:
    room, stream, device = Room(uuid4(), uuid4()), uuid4(), uuid4()
    heard: list[int] = []
    async with linked(url) as here, linked(url) as there:
        there.also(lambda _room, hint: heard.append(hint.seq if hint else -1))
        with there.waiting([room], lambda hint: hint.seq == 500) as waiting:
            for seq in range(1, 501):
                here.tell(room, Hint(stream, device, seq))
            assert await waiting.news(LONG_SECONDS)
    assert heard == [500]


async def test_many_hints_at_once_come_in_several_notifications(url: str) -> None:
    rooms = [Room(uuid4(), uuid4()) for _ in range(300)]
    told: set[Room] = set()
    async with linked(url) as here, linked(url) as there:
        there.also(lambda room, _hint: told.add(room))
        with there.waiting([rooms[-1]], everything) as waiting:
            for room in rooms:
                here.tell(room)
            assert await waiting.news(LONG_SECONDS)
    assert told == set(rooms)


async def test_a_table_hears_what_is_told_at_it_and_its_branch_does_not(url: str) -> None:
    organization_id, branch_id = uuid4(), uuid4()
    table = Room.of_table(organization_id, branch_id, uuid4())
    async with linked(url) as here, linked(url) as there:
        with (
            there.waiting([table], everything) as guest,
            there.waiting([Room(organization_id, branch_id)], everything) as till,
            there.waiting([Room.of_table(organization_id, branch_id, uuid4())], everything) as neighbour,
        ):
            here.tell(table)
            assert await guest.news(LONG_SECONDS)
            assert not await till.news(0)
            assert not await neighbour.news(0)


async def test_after_a_cut_connection_everybody_looks_and_hints_come_again(url: str, postgres: Any) -> None:
    room = Room(uuid4(), uuid4())
    async with linked(url) as here, linked(url) as there:
        with there.waiting([room], everything) as waiting:
            cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'comanda-hints'"
            with psycopg.connect(postgres.server.url(), autocommit=True) as connection:
                connection.execute(cut)
            assert await waiting.news(LONG_SECONDS), "nobody looked again"
            await until_linked(here)
            await until_linked(there)
            while await waiting.news(0.3):
                pass
            here.tell(room)
            assert await waiting.news(LONG_SECONDS)


async def test_a_link_that_hears_nothing_is_no_link(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "BEAT_SECONDS", 0.05)
    async with linked(url) as hub:
        link_losses = 0

        async def beats_are_lost(_self: Link) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(Link, "_send", beats_are_lost)
        monkeypatch.setattr(links, "_payloads", lambda _name, _gathered: iter(()))
        async with asyncio.timeout(LONG_SECONDS):
            while hub.is_linked:  # noqa: ASYNC110 - the link tells nobody
                await asyncio.sleep(0.01)
            link_losses += 1
    assert link_losses == 1


async def test_what_another_version_says_lets_its_room_look() -> None:
    room, hint = Room(uuid4(), uuid4()), Hint(uuid4(), uuid4(), 3)
    (payload,) = links._payloads("me", {(room, hint.stream): hint, (room, None): None})
    lines = payload.splitlines()
    told = list(links._parsed("\n".join([*lines[1:], "rubbish", "", f"{room}/other:x -", f"{room} x y"])))
    assert told == [(room, hint), (room, None), (room, None)]
