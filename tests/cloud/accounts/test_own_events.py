"""An administrator reads on one page what somebody did with their account, and from where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.accounts.opening import join
from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.database.control_records import Account
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import take_on
from shared.staff.pins import NO_PIN
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


async def test_no_other_organization_learns_when_somebody_works_elsewhere(
    client: Client, tenant: Tenant, parts: Parts, new_tenant: Any, cookie: Any, clock: SetClock
) -> None:
    other, staff_id = await new_tenant("la-rosa"), parts.ids.new()
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.BRANCH_MANAGER])
        await join(session, account, other.organization_id, staff_id, clock.now())
    async with parts.units.work(other.organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "Rosa", Role.BRANCH_MANAGER, NO_PIN)
    admins = (await cookie(tenant), await cookie(other))

    async def counts(words: str) -> list[int]:
        clock.advance(timedelta(minutes=1))
        client.cookies.clear()
        people = zip(admins, (tenant.staff[Role.BRANCH_MANAGER], staff_id), strict=True)
        return [(await client.get(f"/audit/people/{who}", headers=mine)).text.count(words) for mine, who in people]

    assert await log_in(client, tenant) == 303
    token = client.cookies[COOKIE]
    assert await counts("Logged in") == [0, 0], "they have chosen none of two yet"
    mine = {"cookie": f"{COOKIE}={token}", **OURS}
    await client.post("/organizations", data={"organization": str(other.organization_id)}, headers=mine)
    assert await counts("Logged in") == [0, 1]
    mine = {"cookie": f"{COOKIE}={token}", **OURS}
    await client.post("/profile/password", data={"old": PASSWORD, "new": NEW}, headers=mine)
    assert await counts("Password changed") == [1, 1], "what opens both is told to both"
    mine = {"cookie": f"{COOKIE}={token}", **OURS}
    await client.post("/logout", headers=mine)
    assert await counts("Logged out") == [0, 1]


async def test_recovery_codes_the_end_of_a_second_factor_and_a_mailed_link_are_noted(
    tenant: Tenant, parts: Parts, clock: SetClock, done_by_manager: Callable[[], Awaitable[str]]
) -> None:
    account_id, factor = tenant.accounts[Role.BRANCH_MANAGER], parts.second_factor
    offered = factor.offer()
    await factor.take_up(account_id, offered, code_of(offered.secret, _step(clock)), None)
    codes = await factor.new_recovery_codes(account_id)
    await factor.take_away(account_id)
    token = await parts.links.reset_link(tenant.emails[Role.BRANCH_MANAGER])
    await parts.links.reset(token, NEW)
    parts.tell_account(account_id)
    page = await done_by_manager()
    for words in ("Other recovery codes", "Second factor taken away", "Password chosen anew by a mailed link"):
        assert page.count(words) == 1, words
    assert [each for each in (*codes, token, NEW) if each in page] == []


def _step(clock: SetClock) -> int:
    return int(clock.now().timestamp()) // STEP_SECONDS
