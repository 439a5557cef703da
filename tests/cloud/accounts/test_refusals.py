"""Log-ins that were refused stand in the audit, whoever tried, and a flood of them is one line an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.database.audit_records import AuditEvent
from cloud.database.control_records import RefusedLogIn
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import BOSS, PASSWORD, SetClock, Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
Said = list[tuple[str, int]]


async def log_in(client: Client, email: str, password: str) -> int:
    form = {"email": email, "password": password}
    return (await client.post("/login", data=form, headers=OURS, follow_redirects=False)).status_code


async def noted(parts: Parts, **of: Any) -> Said:
    """Acts and tries that were noted by now in one chain, the newest last."""
    await parts.refusals.note()
    refused = sa.select(AuditEvent).filter_by(**of).where(AuditEvent.act.contains("refused")).order_by(AuditEvent.seq)
    async with parts.database.control() as session:
        return [(each.act, each.details["tries"]) for each in await session.scalars(refused)]


async def test_who_is_known_there_and_who_is_not_are_told_apart(
    client: Client, parts: Parts, tenant: Tenant, cookie: Any
) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    for _ in range(2):
        assert await log_in(client, email, "a guess") == 401
    assert await log_in(client, email, PASSWORD) == 303
    assert await log_in(client, email, "mistyped") == 401
    said = await noted(parts, organization_id=tenant.organization_id)
    assert sorted(said) == [("account.refused", 2), ("account.refused_there", 1)]
    client.cookies.clear()
    page = await client.get(f"/audit/people/{tenant.staff[Role.BRANCH_MANAGER]}", headers=await cookie(tenant))
    for words in ("somebody</bdi>: Log-in refused", "refused where they have been", "tries"):
        assert words in page.text, words
    assert "a guess" not in page.text


async def test_a_flood_is_one_line_an_hour(client: Client, parts: Parts, tenant: Tenant, clock: SetClock) -> None:
    email, house = tenant.emails[Role.BRANCH_MANAGER], tenant.organization_id
    for minutes in range(0, 120, 5):
        clock.advance(timedelta(minutes=5))
        for _ in range(2):
            await log_in(client, email, "a guess")
        assert len(await noted(parts, organization_id=house)) == 1 + minutes // 60
    clock.advance(timedelta(hours=1))
    said = await noted(parts, organization_id=house)
    assert [tries for _act, tries in said] == [2, 24, 22], "none is lost"
    clock.advance(timedelta(hours=1))
    await parts.refusals.note()
    async with parts.database.control() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(RefusedLogIn)) == 0


async def test_addresses_that_nobody_has_are_one_line_of_the_operators_without_what_was_typed(
    client: Client, parts: Parts, tenant: Tenant
) -> None:
    for number in range(5):
        assert await log_in(client, f"nobody{number}@example.com", PASSWORD) == 401
    assert await log_in(client, BOSS, "a guess") == 401
    said = await noted(parts, organization_id=None)
    assert sorted(said) == [("account.refused", 1), ("account.refused_nobody", 5)]
    async with parts.database.control() as session:
        subjects = await session.scalars(sa.select(AuditEvent.subject).where(AuditEvent.act.contains("refused")))
        assert set(subjects) == {"", BOSS}
    assert await noted(parts, organization_id=tenant.organization_id) == []


async def test_whoever_had_the_password_and_no_code_is_told_apart(
    client: Client, parts: Parts, tenant: Tenant, clock: SetClock
) -> None:
    account_id, factor = tenant.accounts[Role.BRANCH_MANAGER], parts.second_factor
    offered = factor.offer()
    step = int(clock.now().timestamp()) // STEP_SECONDS
    await factor.take_up(account_id, offered, code_of(offered.secret, step), None)
    assert await log_in(client, tenant.emails[Role.BRANCH_MANAGER], PASSWORD) == 303
    assert (await client.post("/login/code", data={"code": "000000"}, headers=OURS)).status_code == 401
    program = {"email": tenant.emails[Role.BRANCH_MANAGER], "password": PASSWORD, "code": "000000"}
    assert (await client.post("/api/v1/session", json=program)).status_code == 401
    assert await noted(parts, organization_id=tenant.organization_id) == [("account.code_refused", 2)]


async def test_an_account_costs_what_none_costs(
    client: Client, parts: Parts, tenant: Tenant, counting: Any, sweeper: object
) -> None:
    await log_in(client, tenant.emails[Role.BRANCH_MANAGER], "a guess")
    counts = []
    for email in (tenant.emails[Role.BRANCH_MANAGER], "nobody@example.com"):
        with counting(parts.database.writer) as statements:
            await log_in(client, email, "another guess")
        counts.append(statements.count)
    assert counts[0] == counts[1], "else the clock says who has an account"
