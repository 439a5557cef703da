"""What comes in from the cloud waits while a person waits for the till, but not for ever."""

from __future__ import annotations

import asyncio

import pytest
from restaurant import BRANCH

from shared.floor.commands import add_space
from shared.floor.records import Space
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import CloudNearby, TillOnDisk

LOOKS = 100
"""Each lets the loop turn several times: more than a pull of one frame needs."""
LIMIT = "terminal.courtesy.LONGEST_COURTESY_SECONDS"


async def holds_news(store: Store) -> bool:
    async with store.reading() as connection:
        return "Terraza" in [row.name for row in await connection.execute(Space.__table__.select())]


async def put_news(cloud: CloudNearby) -> None:
    cloud.replica.clock.pass_time(hours=1)
    async with cloud.replica.work() as work:
        await add_space(work, BRANCH, "Terraza")


async def test_what_comes_in_waits_while_a_person_waits(
    till: TillOnDisk, cloud: CloudNearby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMIT, 3_600.0)
    await put_news(cloud)
    async with till.store() as store:
        with store.courtesy.somebody_waits():
            pulling = asyncio.create_task(Agent(store, cloud, None, lambda: 0.5, None, 0).pull_once())
            for _look in range(LOOKS):
                assert not await holds_news(store)
            assert not pulling.done()
        await pulling
        assert await holds_news(store)


async def test_a_person_who_waits_for_long_keeps_nothing_away(
    till: TillOnDisk, cloud: CloudNearby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMIT, 0.01)
    await put_news(cloud)
    async with till.store() as store:
        with store.courtesy.somebody_waits():
            await Agent(store, cloud, None, lambda: 0.5, None, 0).pull_once()
        assert await holds_news(store)
