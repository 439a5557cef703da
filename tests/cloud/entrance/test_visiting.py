"""A super admin is in a restaurant for an hour, for a reason that its people read; and never else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.accounts.opening import close_account, reopen_account
from cloud.control.audit import Doer
from cloud.database.control_records import Account
from cloud.live.page_tokens import PageTokens
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.permissions import Role
from tests.cloud.conftest import BOSS, PASSWORD, SetClock, Tenant
from tests.cloud.enrolment.devices import asked_with

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]
OURS = {"origin": "http://testserver.local"}
WHY = "Ticket 4711: the totals"
PAIRING = "/api/v1/devices/pairing-codes"
SALES = "/api/v1/reports/sales?from=2026-11-01&to=2026-11-23"


@pytest.fixture
async def boss(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of a super admin."""
    client.cookies.set(COOKIE, (await cookie(tenant, Role.SUPER_ADMIN))["cookie"].partition("=")[2])
    client.headers.update(OURS)
    return client


async def enter(browser: Client, tenant: Tenant, reason: str = WHY, to: str = "/organization") -> Any:
    form = {"organization": str(tenant.organization_id), "reason": reason, "next": to}
    return await browser.post("/organizations", data=form, follow_redirects=False)


async def where(browser: Client, path: str = "/organization") -> str:
    return str((await browser.get(path)).url.path)


async def test_nobody_enters_without_a_reason(boss: Client, tenant: Tenant) -> None:
    for reason in ("", "  ", "\u200b\u200b\u200b\u200b", "abc"):
        asked = await enter(boss, tenant, reason)
        assert (asked.status_code, "Say why" in asked.text) == (400, True), reason
        assert 'value="/organization"' in asked.text, "the page that was wanted is kept"
    assert await where(boss) == "/organizations"


async def test_a_visit_lasts_an_hour_and_every_page_says_how_long_still(
    boss: Client, tenant: Tenant, clock: SetClock
) -> None:
    assert (await enter(boss, tenant)).headers["location"] == "/organization"
    clock.advance(timedelta(minutes=45))
    shown = await boss.get("/organization")
    assert ("as a super admin, 15 more minutes" in shown.text, "Leave" in shown.text) == (True, True)
    clock.advance(timedelta(minutes=15))
    assert await where(boss) == "/organizations"
    assert (await boss.post("/organization/plan", data={"tier": "pro"})).url.path == "/organizations"


async def test_a_visit_does_not_last_longer_because_a_clock_was_set_back(
    boss: Client, tenant: Tenant, clock: SetClock
) -> None:
    await enter(boss, tenant)
    clock.advance(timedelta(hours=-2))
    assert await where(boss) != "/organization"


async def test_who_leaves_is_out_in_all_browsers_and_programs(
    boss: Client, tenant: Tenant, parts: Parts, bearer: Bearer, cookie: Any
) -> None:
    await enter(boss, tenant)
    program = bearer(tenant, Role.SUPER_ADMIN) | {"comanda-organization": str(tenant.organization_id)}
    assert (await boss.get(SALES, headers=program)).status_code == 200
    left = await boss.post("/organizations/leave", follow_redirects=False)
    assert left.headers["location"] == "/organizations"
    assert await where(boss) == "/organizations"
    refused = await boss.get(SALES, headers=program)
    assert (refused.status_code, refused.json()["code"]) == (403, "VISIT_NEEDED")


async def test_who_leaves_in_an_old_window_leaves_what_that_shows(
    boss: Client, tenant: Tenant, new_tenant: Any, bearer: Bearer
) -> None:
    other = await new_tenant("la-rosa")
    await enter(boss, tenant)
    old = (await boss.get("/organization")).text
    await enter(boss, other)
    action = re.search(r'action="([^"]*/organizations/leave[^"]*)"', old)
    assert action is not None
    await boss.post(html.unescape(action[1]))
    program = bearer(tenant, Role.SUPER_ADMIN)
    for each, status in ((tenant, 403), (other, 200)):
        named = program | {"comanda-organization": str(each.organization_id)}
        assert (await boss.get(SALES, headers=named)).status_code == status
    assert await where(boss) == "/organization", "the other one is still on view"


async def test_a_pairing_code_counts_no_longer_than_the_visit_in_which_it_was_made(
    boss: Client, tenant: Tenant, bearer: Bearer
) -> None:
    await enter(boss, tenant)
    program = bearer(tenant, Role.SUPER_ADMIN) | {"comanda-organization": str(tenant.organization_id)}
    wanted = {"branch_id": str(tenant.branch_id), "kind": "till", "name": "Caja"}

    async def enrolled(code: str) -> int:
        asked = {**asked_with(Ed25519PrivateKey.generate(), code), "kind": "till", "name": ""}
        return (await boss.post("/api/v1/devices/enroll", json=asked)).status_code

    codes = [(await boss.post(PAIRING, json=wanted, headers=program)).json()["code"] for _ in range(2)]
    assert await enrolled(codes[0]) == 201
    await boss.post("/organizations/leave")
    assert await enrolled(codes[1]) == 404


async def test_nobody_visits_without_a_second_factor_who_demands_one(
    boss: Client, parts: Parts, tenant: Tenant
) -> None:
    await tenants(parts).demand_code(Doer("Rosa", "page"), tenant.organization_id, 0)
    asked = await enter(boss, tenant)
    assert asked.headers["location"].partition("?")[0] == "/profile/second-factor"


async def test_whose_account_was_closed_comes_back_to_no_visit(
    boss: Client, parts: Parts, tenant: Tenant, bearer: Bearer
) -> None:
    await enter(boss, tenant)
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.SUPER_ADMIN])
        await close_account(session, account, parts.clock.now())
        await reopen_account(session, account)
    parts.tell_account(account.id)
    standing = await parts.standings.of(account.id, None)
    assert standing is not None
    assert standing.visit(tenant.organization_id, parts.clock.now()) is None


async def test_a_program_says_why_too(client: Client, tenant: Tenant, bearer: Bearer) -> None:
    program = bearer(tenant, Role.SUPER_ADMIN)
    named = program | {"comanda-organization": str(tenant.organization_id)}
    assert (await client.get(SALES, headers=named)).json()["code"] == "VISIT_NEEDED"
    asked = {"organization": str(tenant.organization_id), "reason": " "}
    assert (await client.post("/api/v1/visits", json=asked, headers=program)).json()["code"] == "REASON_MISSING"
    begun = await client.post("/api/v1/visits", json=asked | {"reason": WHY}, headers=program)
    assert (begun.status_code, begun.json()["ends_at"]) == (201, "2026-11-23T19:00:00Z")
    assert (await client.get(SALES, headers=named)).status_code == 200


async def test_a_visit_to_one_restaurant_opens_no_other(
    boss: Client, tenant: Tenant, new_tenant: Any, bearer: Bearer
) -> None:
    other = await new_tenant("la-rosa")
    await enter(boss, tenant)
    program = bearer(tenant, Role.SUPER_ADMIN) | {"comanda-organization": str(other.organization_id)}
    assert (await boss.get(SALES, headers=program)).json()["code"] == "VISIT_NEEDED"
    shown = await boss.get("/o/la-rosa?next=/organization", follow_redirects=False)
    assert (shown.status_code, "Enter la-rosa" in shown.text) == (200, True), "a page that asks why, no jump"


async def test_nobody_but_a_super_admin_visits(client: Client, tenant: Tenant, new_tenant: Any, bearer: Bearer) -> None:
    other = await new_tenant("la-rosa")
    asked = {"organization": str(other.organization_id), "reason": WHY}
    missing = asked | {"organization": str(uuid4())}
    for each in (asked, missing):
        refused = await client.post("/api/v1/visits", json=each, headers=bearer(tenant))
        assert (refused.status_code, refused.json()["code"]) == (403, "NOT_PERMITTED"), "nor learns what there is"


async def test_who_logged_in_long_ago_proves_who_they_are_before(boss: Client, tenant: Tenant, clock: SetClock) -> None:
    clock.advance(timedelta(minutes=16))
    asked = await boss.get("/o/el-faro?next=/organization", follow_redirects=False)
    assert asked.headers["location"].startswith("/profile/proof?next=%2Fo%2Fel-faro")
    assert (await enter(boss, tenant)).headers["location"].startswith("/profile/proof")
    proved = await boss.post("/profile/proof", data={"password": PASSWORD, "next": "/o/el-faro"})
    assert (proved.status_code, "Enter el-faro" in proved.text) == (200, True)
    assert (await enter(boss, tenant)).headers["location"] == "/organization"


async def test_the_people_of_the_restaurant_read_who_was_there_and_why(
    boss: Client, tenant: Tenant, cookie: Any, clock: SetClock
) -> None:
    await enter(boss, tenant)
    clock.advance(timedelta(minutes=1))
    await boss.post("/organizations/leave")
    boss.cookies.clear()
    page = (await boss.get("/audit", headers=await cookie(tenant))).text
    assert (BOSS in page, WHY in page) == (True, True)
    assert "the system</bdi>: A super admin" not in page, "who did it is named"
    assert page.index("A super admin of the server left") < page.index("A super admin of the server entered")


async def test_the_socket_of_a_page_hears_no_more_after_the_visit(
    boss: Client, tenant: Tenant, parts: Parts, clock: SetClock
) -> None:
    await enter(boss, tenant)
    page_tokens = PageTokens(parts.database, parts.standings, parts.sessions, parts.clock)
    token = (await boss.post("/live/token")).json()["token"]
    listener = await page_tokens.take(token)
    assert listener is not None
    assert await page_tokens.may_listen(listener)
    clock.advance(timedelta(minutes=61))
    assert not await page_tokens.may_listen(listener)
