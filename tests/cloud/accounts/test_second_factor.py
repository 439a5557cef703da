"""The second factor: codes for once, recovery codes, tries that are counted, and the demand for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.second_factor import BY_ACCOUNT, RECOVERY_CODES, STEP_SECONDS, code_of
from cloud.database.control_records import Account, ControlOrganization
from cloud.parts import Parts
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
MANAGER = Role.BRANCH_MANAGER


def code(clock: Any, secret: bytes, steps: int = 0) -> str:
    return code_of(secret, int(clock.now().timestamp()) // STEP_SECONDS + steps)


async def taken_up(parts: Parts, tenant: Tenant, role: Role = MANAGER) -> tuple[bytes, list[str]]:
    offered = parts.second_factor.offer()
    codes = await parts.second_factor.take_up(tenant.accounts[role], offered, code(parts.clock, offered.secret), None)
    parts.tell_account(tenant.accounts[role])
    return offered.secret, codes


@pytest.mark.parametrize(
    ("at", "expected"), [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
)  # RFC 6238, appendix B, its last six digits
def test_codes_are_those_of_the_standard(at: int, expected: str) -> None:
    assert code_of(b"12345678901234567890", at // STEP_SECONDS) == expected


async def test_a_code_counts_once_and_aside_by_one_step(parts: Parts, tenant: Tenant, clock: Any) -> None:
    secret, _ = await taken_up(parts, tenant)
    account_id = tenant.accounts[MANAGER]
    clock.advance(timedelta(minutes=5))
    for wrong in (code(clock, secret, -2), code(clock, secret, 2), "", "000000"):
        with pytest.raises(DomainError, match="CODE_WRONG"):
            await parts.second_factor.check(account_id, wrong)
    clock.advance(timedelta(minutes=5))
    right = code(clock, secret, -1)
    await parts.second_factor.check(account_id, f"{right[:3]} {right[3:]}")
    with pytest.raises(DomainError, match="CODE_WRONG"):
        await parts.second_factor.check(account_id, right)
    await parts.second_factor.check(account_id, code(clock, secret))
    with pytest.raises(DomainError, match="CODE_WRONG"):
        await parts.second_factor.check(account_id, code(clock, secret, -1))


async def test_a_recovery_code_counts_once_and_new_ones_replace_the_old(parts: Parts, tenant: Tenant) -> None:
    _, codes = await taken_up(parts, tenant)
    account_id = tenant.accounts[MANAGER]
    assert len(set(codes)) == RECOVERY_CODES
    await parts.second_factor.check(account_id, codes[0].upper().replace("-", " "))
    with pytest.raises(DomainError, match="CODE_WRONG"):
        await parts.second_factor.check(account_id, codes[0])
    assert await parts.second_factor.recovery_codes_left(account_id) == RECOVERY_CODES - 1
    newer = await parts.second_factor.new_recovery_codes(account_id)
    with pytest.raises(DomainError, match="CODE_WRONG"):
        await parts.second_factor.check(account_id, codes[1])
    await parts.second_factor.check(account_id, newer[1])


async def test_codes_cannot_be_guessed(parts: Parts, tenant: Tenant, clock: Any) -> None:
    secret, _ = await taken_up(parts, tenant)
    clock.advance(timedelta(hours=1))
    for _guess in range(BY_ACCOUNT.tries):
        with pytest.raises(DomainError, match="CODE_WRONG"):
            await parts.second_factor.check(tenant.accounts[MANAGER], "000001")
    with pytest.raises(DomainError, match="TOO_MANY_TRIES"):
        await parts.second_factor.check(tenant.accounts[MANAGER], code(clock, secret))
    clock.advance(BY_ACCOUNT.each)
    await parts.second_factor.check(tenant.accounts[MANAGER], code(clock, secret))


async def test_the_secret_lies_sealed_in_the_database(parts: Parts, tenant: Tenant) -> None:
    secret, _ = await taken_up(parts, tenant)
    async with parts.database.control() as session:
        sealed = await session.scalar(sa.select(Account.totp_sealed).where(Account.id == tenant.accounts[MANAGER]))
    assert sealed is not None
    assert secret not in sealed


async def test_a_browser_opens_nothing_before_the_code(
    client: Client, parts: Parts, tenant: Tenant, clock: Any
) -> None:
    secret, _ = await taken_up(parts, tenant)
    clock.advance(timedelta(minutes=1))
    form = {"email": tenant.emails[MANAGER], "password": PASSWORD, "next": "/exceptions"}
    asked = await client.post("/login", data=form, headers=OURS)
    assert (asked.status_code, asked.url.path) == (200, "/login/code")
    assert (await client.get("/exceptions")).url.path == "/login/code"
    assert (await client.post("/live/token", headers=OURS)).status_code == 401
    wrong = await client.post("/login/code", data={"code": "000000", "next": "/exceptions"}, headers=OURS)
    assert (wrong.status_code, "This code is not right" in wrong.text) == (401, True)
    assert (await client.post("/login/code", data={"code": code(clock, secret)})).status_code == 403, "a foreign page"
    right = await client.post("/login/code", data={"code": code(clock, secret), "next": "/exceptions"}, headers=OURS)
    assert (right.status_code, right.url.path) == (200, "/exceptions")


async def test_a_program_gives_the_code_with_the_password(
    client: Client, parts: Parts, tenant: Tenant, clock: Any
) -> None:
    secret, _ = await taken_up(parts, tenant)
    clock.advance(timedelta(minutes=1))
    credentials = {"email": tenant.emails[MANAGER], "password": PASSWORD}
    answers = [
        await client.post("/api/v1/session", json={**credentials, **more})
        for more in ({}, {"code": "000000"}, {"code": code(clock, secret)})
    ]
    assert [answer.json().get("code") for answer in answers] == ["CODE_NEEDED", "CODE_WRONG", None]


async def test_an_organization_may_demand_it_of_its_administrators(
    client: Client, parts: Parts, tenant: Tenant, cookie: Any, bearer: Any
) -> None:
    async with parts.database.control() as session:
        await session.execute(sa.update(ControlOrganization).values(admins_need_code_from=parts.clock.now()))
    parts.hub.tell_organization(tenant.organization_id)
    answer = await client.get("/exceptions", headers=await cookie(tenant), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/profile/second-factor")
    program = await client.get("/api/v1/session", headers=bearer(tenant))
    assert (program.status_code, program.json()["code"]) == (403, "SECOND_FACTOR_MISSING")
    assert (await client.get("/exceptions", headers=await cookie(tenant, MANAGER))).status_code == 200
