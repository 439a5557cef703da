"""Administrators demand a second factor of each other: from a day on, of which every page tells who has none."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, SetClock, Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}


@pytest.fixture
async def admin(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of an administrator without a second factor."""
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    client.headers.update(OURS)
    return client


async def demand(browser: Client, days: str) -> Any:
    return await browser.post("/organization/second-factor", data={"days": days}, follow_redirects=False)


async def test_pages_remind_until_the_day_and_then_open_nothing(
    admin: Client, tenant: Tenant, clock: SetClock, cookie: Any, bearer: Any
) -> None:
    assert (await demand(admin, "7")).headers["location"] == "/organization?done=code"
    clock.advance(timedelta(days=5, hours=1))
    mine = await cookie(tenant)
    admin.cookies.clear()
    page = await admin.get("/organization", headers=mine)
    assert ("In 2 days your organization asks" in page.text, "Demanded in 2 days" in page.text) == (True, True)
    assert "In 2 days" not in (await admin.get("/exceptions", headers=await cookie(tenant, Role.BRANCH_MANAGER))).text
    clock.advance(timedelta(days=2))
    mine = await cookie(tenant)
    out = await admin.get("/organization", headers=mine, follow_redirects=False)
    assert (out.status_code, out.headers["location"].partition("?")[0]) == (303, "/profile/second-factor")
    program = await admin.get("/api/v1/session", headers=bearer(tenant))
    assert program.json()["code"] == "SECOND_FACTOR_MISSING"


async def test_nobody_locks_themselves_out(admin: Client, parts: Parts, tenant: Tenant, clock: SetClock) -> None:
    refused = await demand(admin, "0")
    assert (refused.status_code, "Set up a second factor of your own first" in refused.text) == (409, True)
    account_id, factor = tenant.accounts[Role.ORGANIZATION_ADMIN], parts.second_factor
    offered = factor.offer()
    code = code_of(offered.secret, int(clock.now().timestamp()) // STEP_SECONDS)
    token = admin.cookies[COOKIE]
    seen = await parts.sessions.of(token)
    await factor.take_up(account_id, offered, code, seen)
    parts.tell_account(account_id)
    assert (await demand(admin, "0")).status_code == 303
    page = await admin.get("/organization")
    assert (page.status_code, "Demanded now" in page.text) == (200, True)
    assert (await demand(admin, "")).status_code == 303


async def test_no_manager_demands_it(client: Client, tenant: Tenant, cookie: Any) -> None:
    mine = {**await cookie(tenant, Role.BRANCH_MANAGER), **OURS}
    assert (await client.post("/organization/second-factor", data={"days": "7"}, headers=mine)).status_code == 403


def form_on(page: str) -> dict[str, str]:
    """What the form of a page sends as it is shown."""
    form = page.partition('action="/organization/second-factor')[2].partition("</form>")[0]
    chosen = re.search(r'value="([^"]*)" selected', form)
    was = re.search(r'name="was" value="([^"]*)"', form)
    assert chosen is not None
    assert was is not None
    return {"days": chosen[1], "was": was[1]}


async def test_who_saves_the_form_as_it_is_changes_nothing(admin: Client, tenant: Tenant, clock: SetClock) -> None:
    await demand(admin, "7")
    clock.advance(timedelta(days=6))
    admin.cookies.clear()
    fresh = await admin.post("/login", data={"email": tenant.emails[Role.ORGANIZATION_ADMIN], "password": PASSWORD})
    assert fresh.status_code == 200
    page = (await admin.get("/organization")).text
    assert "Demanded from 30 Nov 2026" in page
    await admin.post("/organization/second-factor", data=form_on(page))
    assert "Demanded from 30 Nov 2026" in (await admin.get("/organization")).text


async def test_an_old_window_undoes_nothing_that_was_said_since(admin: Client) -> None:
    old = form_on((await admin.get("/organization")).text)
    await demand(admin, "7")
    late = await admin.post("/organization/second-factor", data=old)
    assert (late.status_code, "Somebody else has changed this" in late.text) == (409, True)
    assert "Demanded from 30 Nov 2026" in (await admin.get("/organization")).text
