"""An administrator reads on one page what somebody did with their account, and from where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, SetClock, Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
NEW = "another horse battery staple"


@pytest.fixture
def done_by_manager(
    client: Client, tenant: Tenant, clock: SetClock, cookie: Callable[..., Awaitable[dict[str, str]]]
) -> Callable[[], Awaitable[str]]:
    """What the page on the branch manager says to an administrator: `await done_by_manager()`."""

    async def read() -> str:
        clock.advance(timedelta(minutes=1))
        headers = await cookie(tenant, Role.ORGANIZATION_ADMIN)
        client.cookies.clear()
        shown = await client.get(f"/audit/people/{tenant.staff[Role.BRANCH_MANAGER]}", headers=headers)
        assert shown.status_code == 200
        return shown.text

    return read


async def log_in(client: Client, tenant: Tenant, password: str = PASSWORD) -> int:
    form = {"email": tenant.emails[Role.BRANCH_MANAGER], "password": password}
    return (await client.post("/login", data=form, headers=OURS, follow_redirects=False)).status_code


async def test_logging_in_and_out_and_another_password(
    client: Client, tenant: Tenant, done_by_manager: Callable[[], Awaitable[str]]
) -> None:
    assert await log_in(client, tenant) == 303
    changed = await client.post("/profile/password", data={"old": PASSWORD, "new": NEW}, headers=OURS)
    assert changed.status_code == 200
    await client.post("/logout", headers=OURS)
    page = await done_by_manager()
    for words in ("Logged in", "Password changed", "Logged out"):
        assert page.count(words) == 1, words
    assert PASSWORD not in page
    assert NEW not in page


async def test_a_password_alone_is_no_log_in_where_a_code_is_asked(
    client: Client, tenant: Tenant, parts: Parts, clock: SetClock, done_by_manager: Callable[[], Awaitable[str]]
) -> None:
    account_id, factor = tenant.accounts[Role.BRANCH_MANAGER], parts.second_factor
    offered = factor.offer()
    await factor.take_up(account_id, offered, code_of(offered.secret, _step(clock)), None)
    assert await log_in(client, tenant) == 303
    assert "Logged in" not in await done_by_manager()
    assert await log_in(client, tenant) == 303
    clock.advance(timedelta(seconds=2 * STEP_SECONDS))
    form = {"code": code_of(offered.secret, _step(clock)), "next": "/profile"}
    assert (await client.post("/login/code", data=form, headers=OURS, follow_redirects=False)).status_code == 303
    page = await done_by_manager()
    assert ("Logged in" in page, "Second factor set up" in page) == (True, True)


async def test_a_program_that_logs_in_is_noted_as_one(
    client: Client, tenant: Tenant, done_by_manager: Callable[[], Awaitable[str]]
) -> None:
    asked: dict[str, Any] = {"email": tenant.emails[Role.BRANCH_MANAGER], "password": PASSWORD}
    assert (await client.post("/api/v1/session", json=asked)).status_code == 200
    page = await done_by_manager()
    assert ("Logged in" in page, "API" in page) == (True, True)


def _step(clock: SetClock) -> int:
    return int(clock.now().timestamp()) // STEP_SECONDS
