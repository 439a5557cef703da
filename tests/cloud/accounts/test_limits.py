"""Limits of requests: over all processes within a tenth, without a statement a request; who is refused is told when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.limits import LIMITS, MOST_CALLERS, Limits, RateLimited
from cloud.composition import assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.edge.operation import LimitGroup
from cloud.parts import Parts
from cloud.redis.server import RedisServer
from cloud.settings import Settings
from shared.kernel.permissions import Role
from tests.cloud.conftest import Tenant

READ = LIMITS["read"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_limits": 1})


async def let_through(limits: Limits, who: Any, times: int, group: str = "read") -> int:
    """How many of so many requests at once are let through."""

    async def ask() -> bool:
        try:
            await limits.take(group, who)
        except RateLimited:
            return False
        return True

    return sum(await asyncio.gather(*(ask() for _time in range(times))))


def within_a_tenth(count: int, limit: int) -> bool:
    return 0.9 * limit <= count <= limit


@pytest.mark.parametrize("by", ["postgresql", "redis"])
async def test_two_processes_let_through_as_much_as_the_limit_says_within_a_tenth(
    by: str, database: Database, clock: Any, counting: Any, request: pytest.FixtureRequest
) -> None:
    redis = None
    if by == "redis":
        redis = RedisServer(request.getfixturevalue("redis_program").url)
        redis.is_up = True
    processes = [Limits(database, clock, redis), Limits(database, clock, redis)]
    who, asked = uuid4(), 3 * READ.at_once
    with counting(database.writer) as statements:
        at_once = sum(await asyncio.gather(*(let_through(each, who, asked) for each in processes)))
        assert within_a_tenth(at_once, READ.at_once)
        took = statements.count
        assert await let_through(processes[0], who, 1_000) == 0
        assert statements.count == took, "who has nothing left costs nothing"
    assert took < at_once / 2
    for _second in range(20):  # one asks more than the other, and both more than they may
        clock.advance(timedelta(seconds=1))
        at_once += await let_through(processes[0], who, 30) + await let_through(processes[1], who, 10)
    assert within_a_tenth(at_once, READ.at_once + 20 * READ.a_minute // 60)
    assert await let_through(processes[1], uuid4(), 5) == 5, "others are counted by themselves"
    assert await let_through(processes[1], who, 1, "write") == 1, "so are other groups"
    if redis is not None:
        await redis.close()


async def test_real_processes_with_a_connection_each_agree(postgres: Any, common_database: str, clock: Any) -> None:
    databases = [Database(create_engine(postgres.app_url(common_database), name="l", connections=2)) for _ in range(2)]
    who = uuid4()
    processes = [Limits(each, clock) for each in databases]
    counts = await asyncio.gather(*(let_through(each, who, READ.at_once) for each in processes))
    assert within_a_tenth(sum(counts), READ.at_once)
    for each in databases:
        await each.dispose()


async def test_a_clock_that_was_years_ahead_for_a_moment_keeps_nobody_out(database: Database, clock: Any) -> None:
    limits, who = Limits(database, clock), uuid4()
    clock.advance(timedelta(days=3_650))
    assert await let_through(limits, who, 3 * READ.at_once) < 3 * READ.at_once
    clock.advance(timedelta(days=-3_650))
    for process in (limits, Limits(database, clock)):
        assert await let_through(process, who, 5) == 5


async def test_memory_is_bounded_and_a_factor_widens_or_ends_the_limits(database: Database, clock: Any) -> None:
    assert await let_through(Limits(database, clock, factor=0), uuid4(), 5 * READ.at_once) == 5 * READ.at_once
    wide = Limits(database, clock, factor=3)
    assert within_a_tenth(await let_through(wide, uuid4(), 5 * READ.at_once), 3 * READ.at_once)
    for _caller in range(3):
        await wide.take("read", uuid4())
    assert len(wide._buckets) <= 4 < MOST_CALLERS


async def test_answers_say_what_is_left_and_a_refusal_when_to_come_again(
    client: AsyncTestClient[Litestar], bearer: Callable[..., dict[str, str]], tenant: Tenant, clock: Any, parts: Parts
) -> None:
    path, headers = "/api/v1/exceptions", bearer(tenant)
    first = await client.get(path, headers=headers)
    assert first.headers["ratelimit-policy"] == f'"read";q={READ.at_once};w=10'
    assert first.headers["ratelimit"].startswith(f'"read";r={READ.at_once - 1};t=')
    await let_through(parts.limits, tenant.accounts[Role.ORGANIZATION_ADMIN], READ.at_once)
    refused = await client.get(path, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == str(refused.json()["params"]["seconds"]) == "1"
    assert refused.headers["ratelimit"].startswith('"read";r=0;')
    assert (await client.get(path, headers=bearer(tenant, Role.BRANCH_MANAGER))).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await client.get(path, headers=headers)).status_code == 200
    assert "ratelimit" not in (await client.get("/health")).headers


def test_every_group_has_a_limit_or_counts_otherwise(settings: Settings, database: Database) -> None:
    otherwise = {LimitGroup.ENTER, LimitGroup.EXCHANGE}
    assert set(LIMITS) | otherwise == set(LimitGroup)
    assert assemble(settings, database=database).limits is not None
