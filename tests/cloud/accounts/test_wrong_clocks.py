"""A server whose clock was ahead for a moment keeps nobody out, and nobody in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.commands import BY_PERSON_AND_ADDRESS
from cloud.accounts.guards import COOKIE
from cloud.accounts.throttle import Attempt, Throttle
from cloud.database.control_records import LinkKind
from cloud.parts import Parts
from cloud.redis.server import RedisServer
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, Tenant
from tests.cloud.redis_program import RedisProgram

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
YEARS = timedelta(days=3_650)
ATTEMPT = Attempt(BY_PERSON_AND_ADDRESS, "somebody")


async def test_what_was_done_while_the_clock_was_years_ahead_neither_locks_out_nor_lets_in(
    client: Client, parts: Parts, tenant: Tenant, clock: Any
) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    body = {"email": email, "password": PASSWORD}
    clock.advance(YEARS)
    await client.post("/login", data=body, headers=OURS, follow_redirects=False)
    old = client.cookies[COOKIE]
    refresh_token = (await client.post("/api/v1/session", json=body)).json()["refresh_token"]
    link = await parts.links.reset_link(email)
    client.cookies.clear()
    for _ in range(BY_PERSON_AND_ADDRESS.tries + 1):
        refused = await client.post("/api/v1/session", json={**body, "password": "a guess"})
    assert refused.status_code == 429
    clock.advance(-YEARS)
    assert (await client.post("/api/v1/session", json=body)).status_code == 200
    client.cookies.set(COOKIE, old)
    assert (await client.get("/profile", follow_redirects=False)).status_code == 303
    refreshed = await client.post("/api/v1/session/refresh", json={"refresh_token": refresh_token})
    assert refreshed.status_code == 401
    with pytest.raises(DomainError, match="LINK_UNKNOWN"):
        await parts.links.seen(link, LinkKind.RESET)


@pytest.mark.parametrize("counter", ["database", "redis"])
async def test_two_processes_whose_clocks_differ_a_little_still_count_together(
    request: pytest.FixtureRequest, parts: Parts, clock: Any, counter: str
) -> None:
    redis = None
    if counter == "redis":
        program: RedisProgram = request.getfixturevalue("redis_program")
        redis = RedisServer(program.url)
        await redis.probe(lambda server: server.ping())
    throttle = Throttle(parts.database, clock, b"key" * 11, redis)
    apart = timedelta(seconds=5)
    for _ in range(ATTEMPT.allowance.tries):
        await throttle.take([ATTEMPT])
    for ahead in (apart, -apart):
        clock.advance(ahead)
        with pytest.raises(DomainError, match="TOO_MANY_TRIES"):
            await throttle.take([ATTEMPT])
    clock.advance(-YEARS)
    await throttle.take([ATTEMPT])
    if redis is not None:
        await redis.close()
