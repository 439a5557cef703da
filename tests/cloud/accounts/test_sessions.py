"""Log-in sessions of browsers: how long they hold, what ends them, and that whoever is closed or moved is out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE, RENEWAL_HEADER
from cloud.accounts.opening import close_account, close_membership, join
from cloud.accounts.sessions import IDLE, LONGEST, MOST_OF_ACCOUNT
from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.control_records import Account, LogInSession
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import assign, assignment_id, take_on
from shared.staff.pins import NO_PIN
from shared.staff.records import Assignment, StaffMember
from shared.tenancy.records import Branch
from tests.cloud.conftest import PASSWORD, Tenant

Client = AsyncTestClient[Litestar]
Cookie = Callable[..., Awaitable[dict[str, str]]]
Counting = Callable[..., AbstractContextManager[Any]]
PAGE = "/reports/sales"
PERIOD = {"from": "2026-11-01", "to": "2026-11-23"}


async def is_in(client: Client, mine: dict[str, str], **headers: str) -> bool:
    answer = await client.get(PAGE, headers={**mine, **headers}, follow_redirects=False)
    assert answer.status_code in (200, 303), answer.text
    return answer.status_code == 200


async def test_the_cookie_is_opaque_and_only_its_hash_is_kept(client: Client, parts: Parts, tenant: Tenant) -> None:
    form = {"email": tenant.emails[Role.BRANCH_MANAGER], "password": PASSWORD}
    answer = await client.post(
        "/login", data=form, headers={"origin": "http://testserver.local"}, follow_redirects=False
    )
    held = answer.cookies[COOKIE]
    assert (answer.status_code, len(held)) == (303, 43)
    async with parts.database.control() as session:
        row = (await session.scalars(sa.select(LogInSession))).one()
    assert held.encode() not in row.token_hash
    assert (row.account_id, row.organization_id) == (tenant.accounts[Role.BRANCH_MANAGER], tenant.organization_id)


async def test_a_manager_of_400_branches_logs_in_with_a_small_cookie_and_sees_them(
    client: Client, parts: Parts, tenant: Tenant
) -> None:
    many = [parts.ids.new() for _branch in range(400)]
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        for at, branch_id in enumerate(many):
            work.add(
                Branch(organization_id=tenant.organization_id, id=branch_id, name=f"Local {at}", zone="America/Lima")
            )
            await assign(work, tenant.staff[Role.BRANCH_MANAGER], branch_id)
    credentials = {"email": tenant.emails[Role.BRANCH_MANAGER], "password": PASSWORD}
    answer = await client.post("/login", data=credentials, headers={"origin": "http://testserver.local"})
    assert answer.status_code == 200
    assert sum(map(len, client.cookies.values())) < 100
    wanted = {**PERIOD, "branch": str(many[-1])}
    assert (await client.get(PAGE, params=wanted)).status_code == 200
    program = (await client.post("/api/v1/session", json=credentials)).json()
    assert (len(program["token"]) < 1_000, program["branches"]) == (True, None)
    bearer = {"authorization": f"Bearer {program['token']}"}
    assert len((await client.get("/api/v1/session", headers=bearer)).json()["branches"]) == 401
    assert (await client.get("/api/v1/reports/sales", params=wanted, headers=bearer)).status_code == 200


async def test_an_evening_of_watching_needs_one_log_in_and_a_session_ends_after_twelve_idle_hours(
    client: Client, tenant: Tenant, cookie: Cookie, clock: Any
) -> None:
    mine = await cookie(tenant)
    for _hour in range(3 * 24):
        clock.advance(timedelta(hours=1))
        assert await is_in(client, mine)
    clock.advance(IDLE - timedelta(minutes=1))
    assert await is_in(client, mine, **{RENEWAL_HEADER: "1"}), "what a page does by itself keeps no session alive"
    clock.advance(timedelta(minutes=1))
    assert not await is_in(client, mine)


async def test_a_session_ends_after_thirty_days_however_often_it_is_used(
    client: Client, tenant: Tenant, cookie: Cookie, clock: Any
) -> None:
    mine, begun = await cookie(tenant), clock.now()
    while clock.now() + timedelta(hours=11) < begun + LONGEST:
        clock.advance(timedelta(hours=11))
        assert await is_in(client, mine)
    clock.advance(timedelta(hours=11))
    assert not await is_in(client, mine)


async def test_logging_out_ends_this_session_and_everywhere_all(
    client: Client, parts: Parts, tenant: Tenant, cookie: Cookie
) -> None:
    first, second, other = await cookie(tenant), await cookie(tenant), await cookie(tenant, Role.BRANCH_MANAGER)
    left = await client.post("/logout", headers={**first, "origin": "http://testserver.local"}, follow_redirects=False)
    assert left.status_code == 303
    assert [await is_in(client, each) for each in (first, second, other)] == [False, True, True]
    await parts.sessions.end(tenant.accounts[Role.ORGANIZATION_ADMIN])
    assert [await is_in(client, each) for each in (second, other)] == [False, True]
    assert await parts.sessions.open_sessions(tenant.accounts[Role.ORGANIZATION_ADMIN]) == []


async def test_the_api_takes_no_cookie(client: Client, tenant: Tenant, cookie: Cookie) -> None:
    answer = await client.get("/api/v1/reports/sales", params=PERIOD, headers=await cookie(tenant))
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")


@pytest.mark.parametrize("value", ["", "x", "x" * 3_000, "A" * 43])
async def test_a_cookie_that_is_none_of_ours_opens_nothing(client: Client, tenant: Tenant, value: str) -> None:
    assert not await is_in(client, {"cookie": f"{COOKIE}={value}"})


async def test_a_page_costs_no_statement_to_know_who_asks(
    client: Client, parts: Parts, tenant: Tenant, cookie: Cookie, counting: Counting
) -> None:
    mine = await cookie(tenant)
    parts.hub.is_linked = True
    await client.get("/organizations", headers=mine)
    with counting(parts.database.writer) as statements:
        assert (await client.post("/live/token", headers={**mine, "sec-fetch-site": "same-origin"})).status_code == 200
    assert not [each for each in statements.seen if "log_in_session" in each]
    with counting(parts.database.writer) as statements:
        await client.post("/live/token", headers={**mine, "sec-fetch-site": "same-origin"})
    assert not [each for each in statements.seen if "membership" in each or "log_in_session" in each]


async def test_an_account_has_so_many_sessions_and_the_oldest_makes_room(
    parts: Parts, tenant: Tenant, clock: Any
) -> None:
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.WAITER])
    tokens = []
    for _browser in range(MOST_OF_ACCOUNT + 1):
        clock.advance(timedelta(seconds=1))
        tokens.append(await parts.sessions.open(account, None, address="", browser="", awaits_code=False))
    assert await parts.sessions.of(tokens[0]) is None
    assert await parts.sessions.of(tokens[1]) is not None


async def _close_account(parts: Parts, tenant: Tenant) -> None:
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.BRANCH_MANAGER])
        await close_account(session, account, parts.clock.now())
    parts.tell_account(account.id)


async def _close_membership(parts: Parts, tenant: Tenant) -> None:
    async with parts.database.control() as session:
        account_id = tenant.accounts[Role.BRANCH_MANAGER]
        await close_membership(session, tenant.organization_id, account_id, parts.clock.now())
    parts.tell_account(account_id)


async def _dismiss(parts: Parts, tenant: Tenant) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        key = (tenant.organization_id, tenant.staff[Role.BRANCH_MANAGER])
        (await work.session.get_one(StaffMember, key)).active = False


async def _lower(parts: Parts, tenant: Tenant) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        key = (tenant.organization_id, tenant.staff[Role.BRANCH_MANAGER])
        (await work.session.get_one(StaffMember, key)).role = Role.WAITER


async def _move(parts: Parts, tenant: Tenant) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        key = assignment_id(tenant.staff[Role.BRANCH_MANAGER], tenant.branch_id)
        (await work.session.get_one(Assignment, (tenant.organization_id, key))).active = False


@pytest.mark.parametrize(
    ("way", "statuses"),
    [
        (_close_account, (303, 401)),
        (_close_membership, (303, 401)),
        (_dismiss, (303, 401)),
        (_lower, (403, 403)),
        (_move, (400, 404)),
    ],
    ids=["account closed", "membership closed", "dismissed", "lower role", "moved"],
)
async def test_who_is_closed_or_moved_is_out_at_once_here_and_within_a_second_elsewhere(
    parts: Parts, settings: Settings, tenant: Tenant, cookie: Cookie, bearer: Any, way: Any, statuses: tuple[int, int]
) -> None:
    """The other process hears no hint: it has none of the works that listen. So it believes nothing for long."""
    other = assemble(settings, database=parts.database, clock=parts.clock)
    mine, program = await cookie(tenant, Role.BRANCH_MANAGER), bearer(tenant, Role.BRANCH_MANAGER)
    wanted = {**PERIOD, "branch": str(tenant.branch_id)}

    async def seen(client: Client) -> tuple[int, int]:
        page = await client.get(PAGE, params=wanted, headers=mine, follow_redirects=False)
        api = await client.get("/api/v1/reports/sales", params=wanted, headers=program)
        return page.status_code, api.status_code

    async with AsyncTestClient(create_app(parts)) as here, AsyncTestClient(create_app(other)) as there:
        for client in (here, there):
            assert await seen(client) == (200, 200)
        await way(parts, tenant)
        assert await seen(here) == statuses
        async with asyncio.timeout(10):
            while await seen(there) != statuses:  # noqa: ASYNC110 - it is told nothing
                await asyncio.sleep(0.05)


async def test_a_membership_that_was_closed_and_opened_again_gives_no_old_token_back(
    client: Client, parts: Parts, tenant: Tenant, bearer: Any
) -> None:
    old = bearer(tenant, Role.BRANCH_MANAGER)
    await _close_membership(parts, tenant)
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.BRANCH_MANAGER])
        await join(session, account, tenant.organization_id, tenant.staff[Role.BRANCH_MANAGER], parts.clock.now())
    parts.tell_account(account.id)
    assert (await client.get("/api/v1/session", headers=old)).status_code == 401
    fresh = await client.post(
        "/api/v1/session", json={"email": tenant.emails[Role.BRANCH_MANAGER], "password": PASSWORD}
    )
    assert fresh.status_code == 200


async def test_a_person_acts_as_the_member_of_staff_that_they_are(parts: Parts, tenant: Tenant) -> None:
    standing = await parts.standings.of(tenant.accounts[Role.WAITER], tenant.organization_id)
    assert standing is not None
    assert standing.staff_id == tenant.staff[Role.WAITER]
    assert (standing.role, standing.branches) == (Role.WAITER, frozenset({tenant.branch_id}))


async def test_nobody_is_somebody_of_another_organization(
    parts: Parts, tenant: Tenant, new_tenant: Callable[[str], Any]
) -> None:
    other = await new_tenant("la-rosa")
    assert await parts.standings.of(tenant.accounts[Role.ORGANIZATION_ADMIN], other.organization_id) is None
    assert await parts.standings.of(tenant.accounts[Role.ORGANIZATION_ADMIN], None) is None
    foreign = parts.ids.new()
    async with parts.database.control() as session:  # a membership that names a member of another staff
        account = await session.get_one(Account, tenant.accounts[Role.WAITER])
        await join(session, account, other.organization_id, foreign, parts.clock.now())
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await take_on(work, foreign, "Rosa", Role.ORGANIZATION_ADMIN, NO_PIN)
    assert await parts.standings.of(tenant.accounts[Role.WAITER], other.organization_id) is None
