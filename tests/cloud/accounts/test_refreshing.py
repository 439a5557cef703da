"""Programs stay logged in by refresh tokens for once: who uses an old one ends the whole family."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.refreshing import IDLE, LONGEST, LOST_ANSWER
from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.database.audit_records import AuditEvent
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, Tenant

Client = AsyncTestClient[Litestar]


async def begin(client: Client, tenant: Tenant) -> dict[str, Any]:
    credentials = {"email": tenant.emails[Role.BRANCH_MANAGER], "password": PASSWORD}
    answer = await client.post("/api/v1/session", json=credentials)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def turn(client: Client, token: str) -> Any:
    return await client.post("/api/v1/session/refresh", json={"refresh_token": token})


async def test_a_program_goes_on_for_months_without_the_password(client: Client, tenant: Tenant, clock: Any) -> None:
    session, begun = await begin(client, tenant), clock.now()
    while clock.now() + IDLE < begun + LONGEST:
        clock.advance(IDLE - timedelta(seconds=1))
        answer = await turn(client, session["refresh_token"])
        assert answer.status_code == 200, answer.text
        session = answer.json()
    assert session["refresh_expires_at"] <= (begun + LONGEST).isoformat().replace("+00:00", "Z")
    clock.advance(IDLE)
    assert (await turn(client, session["refresh_token"])).status_code == 401


async def test_an_old_token_ends_the_family_for_thief_and_owner(client: Client, tenant: Tenant, clock: Any) -> None:
    stolen = (await begin(client, tenant))["refresh_token"]
    other = (await begin(client, tenant))["refresh_token"]
    newest = (await turn(client, stolen)).json()["refresh_token"]
    clock.advance(LOST_ANSWER + timedelta(seconds=1))
    refused = await turn(client, stolen)
    assert (refused.status_code, refused.json()["code"]) == (401, "NOT_SIGNED_IN")
    assert (await turn(client, newest)).status_code == 401
    assert (await turn(client, other)).status_code == 200, "another log-in is another family"


async def test_a_lost_answer_is_given_again_for_half_a_minute(client: Client, tenant: Tenant, clock: Any) -> None:
    """It is one answer, however often it is asked for: whoever asks twice is logged out by neither."""
    first = (await begin(client, tenant))["refresh_token"]
    answers = [await turn(client, first)]
    for _ in range(2):
        clock.advance(LOST_ANSWER / 2)
        answers.append(await turn(client, first))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    clock.advance(timedelta(seconds=1))
    assert (await turn(client, first)).status_code == 401, "the half minute began when it was used first"
    assert (await turn(client, answers[0].json()["refresh_token"])).status_code == 401


async def test_logging_out_ends_the_family_and_says_nothing_to_a_guesser(client: Client, tenant: Tenant) -> None:
    token = (await begin(client, tenant))["refresh_token"]
    for sent in (token, token, "x", "A" * 64):
        assert (await client.post("/api/v1/session/end", json={"refresh_token": sent})).status_code == 204
    assert (await turn(client, token)).status_code == 401


async def test_the_audit_says_which_programs_were_ended_and_that_a_token_was_used_twice(
    client: Client, parts: Parts, tenant: Tenant, clock: Any
) -> None:
    stolen, quiet = [(await begin(client, tenant))["refresh_token"] for _ in range(2)]
    await turn(client, stolen)
    clock.advance(LOST_ANSWER + timedelta(seconds=1))
    for _ in range(2):
        await turn(client, stolen)
        await client.post("/api/v1/session/end", json={"refresh_token": quiet})
    third = (await begin(client, tenant))["refresh_token"]
    account_id = tenant.accounts[Role.BRANCH_MANAGER]
    (program,) = await parts.refreshing.programs_of(account_id)
    for _ in range(2):
        await parts.refreshing.end_family(account_id, program.id)
    assert (await turn(client, third)).status_code == 401
    ended = sa.select(AuditEvent.act).where(AuditEvent.act.in_(["account.token_reused", "account.log_out"]))
    async with parts.database.control() as session:
        acts = (await session.scalars(ended.order_by(AuditEvent.seq))).all()
    assert acts == ["account.token_reused", "account.log_out", "account.log_out"], "each once"


async def test_another_second_factor_ends_all_families(client: Client, parts: Parts, tenant: Tenant) -> None:
    session = await begin(client, tenant)
    await parts.second_factor.take_up(
        tenant.accounts[Role.BRANCH_MANAGER], offered := parts.second_factor.offer(), _code(parts, offered.secret), None
    )
    parts.tell_account(tenant.accounts[Role.BRANCH_MANAGER])
    assert (await turn(client, session["refresh_token"])).status_code == 401
    bearer = {"authorization": f"Bearer {session['token']}"}
    assert (await client.get("/api/v1/session", headers=bearer)).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 64, "A" * 100])
async def test_what_is_no_token_gets_one_answer(client: Client, tenant: Tenant, token: str) -> None:
    answer = await turn(client, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")


def _code(parts: Parts, secret: bytes) -> str:
    return code_of(secret, int(parts.clock.now().timestamp()) // STEP_SECONDS)
