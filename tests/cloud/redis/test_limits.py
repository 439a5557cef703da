"""Limits that Redis counts for all processes, and what counts when it does not answer."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.database.transaction import Database
from cloud.edge import budget
from cloud.edge.budget import SharedBudget
from cloud.redis.server import RedisAway, RedisServer
from shared.kernel.errors import DomainError
from tests.cloud.conftest import SetClock
from tests.cloud.redis_program import RedisProgram

DOOR = Allowance("door", 3, timedelta(minutes=1))
SOMEBODY = "ana.torres@el-faro.pe"
LONG_SECONDS = 20.0


@asynccontextmanager
async def redis_of(program: RedisProgram) -> AsyncIterator[RedisServer]:
    server = RedisServer(program.url)
    await server.probe(lambda redis: redis.ping())
    try:
        yield server
    finally:
        await server.close()


async def tries(throttle: Throttle, who: str = SOMEBODY) -> int:
    """How many tries somebody has left; they use them up."""
    for count in itertools.count():
        try:
            await throttle.take([Attempt(DOOR, who)])
        except DomainError:
            return count
    raise AssertionError


async def test_redis_counts_tries_as_the_database_does(
    redis_program: RedisProgram, database: Database, clock: SetClock
) -> None:
    async with redis_of(redis_program) as first, redis_of(redis_program) as second:
        for one, other in (
            (Throttle(database, clock, b"key"), Throttle(database, clock, b"key")),
            (Throttle(database, clock, b"key", first), Throttle(database, clock, b"key", second)),
        ):
            assert await tries(one) == 3
            assert await tries(other) == 0, "another process counts on"
            with pytest.raises(DomainError) as refused:
                await other.take([Attempt(DOOR, SOMEBODY)])
            assert refused.value.params == {"seconds": 60}
            clock.advance(timedelta(seconds=90))
            assert await tries(other) == 1
            await one.give_back([Attempt(DOOR, SOMEBODY)])
            assert await tries(one) == 1
            await one.forgive([Attempt(DOOR, SOMEBODY)])
            assert await tries(one) == 3
            await one.give_back([Attempt(DOOR, "nobody")])
            assert await tries(one, "nobody") == 3
            clock.advance(timedelta(days=1))


async def test_nobody_is_refused_or_let_in_without_end_while_redis_is_frozen_or_dead(
    redis_program: RedisProgram, database: Database, clock: SetClock
) -> None:
    async with redis_of(redis_program) as server:
        throttle = Throttle(database, clock, b"key", server)
        assert await tries(throttle) == 3
        redis_program.freeze()
        async with asyncio.timeout(LONG_SECONDS):
            assert await tries(throttle) == 3, "the database has a count of its own"
            assert await tries(throttle) == 0
        assert not server.is_up, "nobody waits for it again"
        redis_program.thaw()
        redis_program.kill()
        assert await tries(throttle, "somebody else") == 3
        redis_program.start()
        await server.probe(lambda redis: redis.ping())
        assert await tries(throttle, "somebody else") == 3, "Redis counts again"
        assert await tries(throttle, "somebody else") == 0


async def test_a_device_has_one_budget_whatever_process_it_sends_to(
    redis_program: RedisProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "BYTES_A_SECOND", budget.LEAST_BYTES / 1_000)
    monkeypatch.setattr(budget, "MOST_BYTES", 6 * budget.LEAST_BYTES)
    device = uuid4()
    async with redis_of(redis_program) as first, redis_of(redis_program) as second:
        budgets = [SharedBudget(first), SharedBudget(second)]
        waits = [await budgets[at % 2].spend(device, 0) for at in range(9)]
        assert waits[:5] == [0] * 5
        assert min(waits[7:]) > 0, "each process alone would still take some"
        assert await budgets[0].spend(uuid4(), 0) == 0
        redis_program.kill()
        assert await budgets[0].spend(device, 0) == 0, "what this process counted goes on"


async def test_redis_holds_no_name_and_nothing_for_long(
    redis_program: RedisProgram, database: Database, clock: SetClock
) -> None:
    async with redis_of(redis_program) as server:
        await Throttle(database, clock, b"key", server).take([Attempt(DOOR, SOMEBODY)])
        await SharedBudget(server).spend(uuid4(), 10)
    with Redis.from_url(redis_program.url) as client:
        keys: Any = client.keys()
        assert len(keys) == 2
        assert all(key.startswith(b"comanda:") and b"ana" not in key for key in keys)
        assert all(0 < client.ttl(key) <= 180 for key in keys)


async def test_a_redis_that_refuses_what_it_is_asked_is_told_of_once(
    redis_program: RedisProgram, database: Database, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is full, or takes no writes, answers its beats: it would come and go twice a second."""
    async with redis_of(redis_program) as server:
        with Redis.from_url(redis_program.url) as client:
            client.execute_command("REPLICAOF", "127.0.0.1", "1")
        throttle = Throttle(database, clock, b"key", server)
        with caplog.at_level(logging.WARNING, logger="cloud.redis"):
            assert await tries(throttle) == 3, "the database counts"
            await server.probe(lambda redis: redis.ping())
            assert await tries(throttle) == 0
        assert len([each for each in caplog.records if each.levelno >= logging.WARNING]) == 1, caplog.text


async def test_a_redis_that_was_never_reached_is_not_asked(redis_program: RedisProgram) -> None:
    redis_program.kill()
    server = RedisServer(redis_program.url)
    with pytest.raises(RedisAway):
        await server.run("return 1", ["key"])
    assert not server.is_up
    await server.close()
