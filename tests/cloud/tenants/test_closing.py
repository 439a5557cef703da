"""Who is closed or suspended is out at once, devices sell on, nothing is deleted, and all of it is noted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.accounts.identity import EnrolledDevice
from cloud.control.audit import Doer
from cloud.database.audit_records import AuditEvent
from cloud.database.control_records import Account, DeviceHealth
from cloud.enrolment.challenge import SIGNED_PREFIX, to_text
from cloud.enrolment.room import enrolment
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.tenancy.records import DeviceKind
from sync.messages import Pull, Refused
from tests.cloud.conftest import Tenant
from tests.cloud.enrolment.devices import enrolled

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
OPERATOR = Doer("root", "command", may_all=True)
SALES = "/api/v1/reports/sales"


@pytest.fixture
async def admin(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of an administrator."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    return client


async def noted(parts: Parts) -> list[tuple[str, str, str, str]]:
    of_house = ~AuditEvent.act.startswith("device.") & ~AuditEvent.act.startswith("account.log_")
    of_people = sa.select(AuditEvent).where(of_house).order_by(AuditEvent.seq)
    async with parts.database.control() as session:
        rows = await session.scalars(of_people)
        return [(each.act, each.actor, each.via, each.reason) for each in rows]


async def token_refusal(parts: Parts, device_id: UUID, key: Any) -> str:
    door = enrolment(parts)
    challenge = door.challenge(device_id)
    try:
        await door.token(
            device_id=device_id, challenge=challenge, signature=to_text(key.sign(SIGNED_PREFIX + challenge.encode()))
        )
    except DomainError as error:
        return error.code
    return ""


async def pulled(parts: Parts, device: EnrolledDevice) -> str:
    answer = await parts.responder.reply(device, Pull([]))
    return answer.code if isinstance(answer, Refused) else ""


async def test_a_suspended_tenant_says_why_and_its_devices_go_on(
    admin: Client, parts: Parts, tenant: Tenant, bearer: Any
) -> None:
    device, key = await enrolled(parts, tenant, DeviceKind.TILL)
    caller = EnrolledDevice(device.device_id, tenant.organization_id, tenant.branch_id)
    program = {**bearer(tenant), "authorization": bearer(tenant)["authorization"]}
    assert (await admin.get(SALES, headers=program)).status_code == 200
    await tenants(parts).suspend(OPERATOR, tenant.organization_id, "Invoice 7 is open.")
    shown = await admin.get("/organization")
    assert (shown.status_code, "Invoice 7 is open." in shown.text) == (403, True)
    assert (await admin.get(SALES, headers=program)).json()["code"] == "ORGANIZATION_SUSPENDED"
    assert (await token_refusal(parts, device.device_id, key), await pulled(parts, caller)) == ("", "")
    await tenants(parts).reopen(OPERATOR, tenant.organization_id)
    assert (await admin.get("/organization")).status_code == 200
    assert [(act, reason) for act, *_, reason in await noted(parts)] == [
        ("organization.suspend", "Invoice 7 is open."),
        ("organization.reopen", ""),
    ]


async def test_a_closed_tenant_is_out_and_comes_back_whole(
    admin: Client, parts: Parts, tenant: Tenant, new_tenant: Any, bearer: Any
) -> None:
    other = await new_tenant("la-boya")
    device, key = await enrolled(parts, tenant, DeviceKind.TILL)
    caller = EnrolledDevice(device.device_id, tenant.organization_id, tenant.branch_id)
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.ORGANIZATION_ADMIN])
    given = await parts.refreshing.begin(account, tenant.organization_id, address="192.0.2.1", program="Tests")
    agreed = (await tenants(parts).open_in_organization(tenant.organization_id)).mark
    await tenants(parts).close(OPERATOR, tenant.organization_id, "They left.", agreed)
    assert (await admin.get("/organization")).status_code == 403
    assert (await admin.get(SALES, headers=bearer(tenant))).json()["code"] == "ORGANIZATION_CLOSED"
    with pytest.raises(DomainError, match="NOT_SIGNED_IN"):
        await parts.refreshing.turn(given.refresh_token)
    assert await token_refusal(parts, device.device_id, key) == "ORGANIZATION_CLOSED"
    assert await pulled(parts, caller) == "ORGANIZATION_CLOSED"
    assert (await admin.get(SALES, headers=bearer(other))).status_code == 200
    await tenants(parts).reopen(OPERATOR, tenant.organization_id)
    assert (await token_refusal(parts, device.device_id, key), await pulled(parts, caller)) == ("", "")
    assert (await admin.get(SALES, headers=bearer(tenant))).status_code == 200


async def test_an_administrator_closes_a_branch_after_what_is_still_open(
    admin: Client, parts: Parts, tenant: Tenant, clock: Any
) -> None:
    device, key = await enrolled(parts, tenant, DeviceKind.TILL, name="Caja <1>")
    async with parts.database.write(tenant.organization_id) as session:
        health = {"program": "1", "waiting": 4, "printers": {}, "heard_at": clock.now()}
        session.add(DeviceHealth(organization_id=tenant.organization_id, device_id=device.device_id, **health))
    path = f"/branches/{tenant.branch_id}"
    asked = await admin.get(f"{path}/closing")
    assert "Caja &lt;1&gt;: 4 changes not sent" in asked.text
    unseen = await admin.post(f"{path}/closing", data={"why": "Rent", "agreed": "0-0-0"})
    assert (unseen.status_code, "Something is still open" in unseen.text) == (409, True)
    without = await admin.post(f"{path}/closing", data={"why": " ", "agreed": "0-4-0"})
    assert (without.status_code, "Say why" in without.text) == (400, True)
    closed = await admin.post(f"{path}/closing", data={"why": "Rent", "agreed": "0-4-0"})
    assert (closed.status_code, "Rent" in closed.text) == (200, True), closed.text
    caller = EnrolledDevice(device.device_id, tenant.organization_id, tenant.branch_id)
    assert (await token_refusal(parts, device.device_id, key), await pulled(parts, caller)) == ("BRANCH_CLOSED",) * 2
    with pytest.raises(DomainError, match="BRANCH_CLOSED"):
        await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 2", address="192.0.2.7")
    new = await admin.post("/devices/new", data={"kind": "till", "names": "Caja 2"})
    assert (new.status_code, "pairing" in new.text.lower()) == (403, False)
    assert "Centro" in (await admin.get("/reports/sales?branch=centro")).text
    assert (await admin.post(f"{path}/reopening")).status_code == 200
    assert (await token_refusal(parts, device.device_id, key), await pulled(parts, caller)) == ("", "")
    assert [(act, via, reason) for act, _, via, reason in await noted(parts)] == [
        ("branch.close", "page", "Rent"),
        ("branch.reopen", "page", ""),
    ]


async def test_neither_a_lower_role_nor_another_tenant_closes_a_branch(
    admin: Client, parts: Parts, tenant: Tenant, new_tenant: Any, cookie: Any
) -> None:
    other = await new_tenant("la-boya")
    for path, status in ((f"/branches/{other.branch_id}", 404), (f"/branches/{UUID(int=7)}", 404)):
        assert (await admin.get(path)).status_code == status
        assert (await admin.get(f"{path}/closing")).status_code == status
        for posted, data in (("", {"slug": "mio"}), ("/closing", {"why": "x", "agreed": "0-0-0"}), ("/reopening", {})):
            assert (await admin.post(path + posted, data=data)).status_code == status, path + posted
    plan = await admin.post("/organization/plan", data={"tier": "enterprise"})
    assert plan.status_code == 403, "only an operator changes plans"
    manager = (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2]
    admin.cookies.set(COOKIE, manager)
    for path in ("/organization", f"/branches/{tenant.branch_id}", f"/branches/{tenant.branch_id}/closing"):
        assert (await admin.get(path)).status_code == 403, path
    for path, data in (
        (f"/branches/{tenant.branch_id}/closing", {"why": "x", "agreed": "0-0-0"}),
        (f"/branches/{tenant.branch_id}/reopening", {}),
        ("/organization/language", {"language": "en"}),
        ("/organization/plan", {"tier": "pro"}),
    ):
        assert (await admin.post(path, data=data)).status_code == 403, path
    assert await noted(parts) == []
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await tenants(parts).suspend(Doer("Rosa", "page"), tenant.organization_id, "x")
