"""Two processes of the server and a Redis that is killed, started again, frozen: no push is refused, no news lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cloud.accounts.identity import EnrolledDevice
from cloud.composition import assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.realtime.carriers import PostgresCarrier, RedisCarrier
from cloud.realtime.link import Link
from cloud.replication import known
from cloud.settings import read_settings
from sync.messages import Ack, Mark, Pull, Push, Suffixes
from tests.cloud.redis_program import RedisProgram
from tests.cloud.replication.house import House, end_of
from tests.cloud.replication.tills import Till, enrol

LONG_SECONDS = 18.0
"""Longer than a hint takes on a busy machine, and shorter than the wait of a device that hears none."""


@asynccontextmanager
async def a_process(house: House, url: str, redis_url: str) -> AsyncIterator[Parts]:
    """One process of the server, linked to the others."""
    given = house.parts.settings
    settings = read_settings({}, secret=given.secret, data_folder=given.data_folder, redis_url=redis_url)
    parts = assemble(settings, database=Database(create_engine(url, name="tests")), clock=house.parts.clock)
    assert parts.redis is not None
    carriers = [RedisCarrier(parts.redis), PostgresCarrier(url.replace("postgresql+psycopg", "postgresql"))]
    link = asyncio.create_task(Link(carriers, parts.hub).run())
    try:
        async with asyncio.timeout(LONG_SECONDS):
            while not (parts.hub.is_linked and parts.redis.is_up):  # noqa: ASYNC110 - the link tells nobody
                await asyncio.sleep(0.02)
        yield parts
    finally:
        link.cancel()
        await asyncio.wait([link])
        await parts.close()


def device_of(till: Till) -> EnrolledDevice:
    return EnrolledDevice(till.hand.device_id, till.house.organization_id, till.hand.branch_id)


@pytest.mark.slow
async def test_a_sale_reaches_who_waits_at_another_process_whatever_becomes_of_redis(
    house: House, redis_program: RedisProgram, postgres: Any, common_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: two processes connect, and a frozen Redis is found out by its silence."""
    monkeypatch.setattr(known, "LOOK_AGAIN_SECONDS", 600.0)
    branch_id, url = house.own.branch_id, postgres.app_url(common_database)
    seller, display = [await enrol(None, house, branch_id, name) for name in ("Caja", "Cocina")]  # type: ignore[arg-type]
    held: dict[bytes, Mark] = {}

    async def ask(at: Parts, wait_ms: int) -> Suffixes:
        answer = await at.responder.reply(device_of(display), Pull(list(held.values()), wait_ms))
        assert isinstance(answer, Suffixes)
        held.update((each.key.id.bytes, Mark(each.key.id.bytes, each.last, end_of(each))) for each in answer.frames)
        return answer

    async with (
        a_process(house, url, redis_program.url) as one,
        a_process(house, url, redis_program.url) as other,
    ):
        await ask(other, 0)
        for trouble in (None, redis_program.kill, redis_program.start, redis_program.freeze, redis_program.thaw):
            waiting = asyncio.create_task(ask(other, 20_000))
            while not other.hub.places:  # noqa: ASYNC110 - nobody tells who waits
                await asyncio.sleep(0.02)
            if trouble is not None:
                trouble()
            seller.order()
            pushed = await one.responder.reply(device_of(seller), Push(seller.signed(seller.hand.take())))
            assert pushed == Ack(seller.mark())
            answer = await asyncio.wait_for(waiting, LONG_SECONDS)
            assert [frame.last for frame in answer.frames] == [seller.hand.seq], trouble
