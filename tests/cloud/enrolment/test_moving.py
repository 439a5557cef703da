"""A device moves to another branch: the code enrols it there, and revokes what it was, at once and together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.database.control_records import DeviceKey, Tier
from cloud.enrolment.room import enrolment, moving, revocation
from cloud.parts import Parts
from cloud.replication.device_rows import NewDevice
from cloud.tenants.room import tenants
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Branch, Device, DeviceKind
from tests.cloud.conftest import Tenant
from tests.cloud.enrolment.devices import asked_with, enrolled, moving_with
from tests.cloud.tenants.test_closing import OPERATOR, OURS

Client = AsyncTestClient[Litestar]


@pytest.fixture
async def norte(parts: Parts, tenant: Tenant) -> UUID:
    """A second branch."""
    branch_id = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=tenant.organization_id, id=branch_id, name="Norte", zone="America/Lima"))
    return branch_id


async def go(
    parts: Parts,
    moving_one: tuple[NewDevice, Ed25519PrivateKey] | None,
    code: str,
    key: Ed25519PrivateKey | None = None,
) -> NewDevice:
    """Bring a code, as the device that moves, or (None) as a new one."""
    key = key or Ed25519PrivateKey.generate()
    moves = moving_with(moving_one, key, code) if moving_one is not None else None
    asked = asked_with(key, code)
    return await enrolment(parts).enrol(**asked, kind=DeviceKind.TILL, name="", address="192.0.2.9", moves=moves)


async def code_to(parts: Parts, device: NewDevice, branch_id: UUID) -> str:
    """A code with which a device moves there."""
    return (await moving(parts).open(device.device_id, branch_id, None, lambda _found: True))[1].code


async def test_a_code_moves_the_device_on_which_it_is_typed_and_revokes_no_other(
    parts: Parts, tenant: Tenant, norte: UUID
) -> None:
    mine = await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 1")
    beside = await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 2", address="192.0.2.2")
    code = await code_to(parts, mine[0], norte)
    forged = (mine[0], beside[1])
    for bringing in (None, beside, forged):
        with pytest.raises(DomainError, match="PAIRING_CODE_MOVES") as refused:
            await go(parts, bringing, code)
        assert refused.value.params == {"name": "Caja 1"}
    async with parts.database.control() as session:
        assert (await session.get_one(DeviceKey, mine[0].device_id)).revoked_at is None
    assert (await go(parts, mine, code)).branch_id == norte


async def test_a_code_that_moves_takes_no_place_in_the_plan(parts: Parts, tenant: Tenant, norte: UUID) -> None:
    await tenants(parts).set_plan(OPERATOR, tenant.organization_id, Tier.FREE)
    mine = await enrolled(parts, tenant, DeviceKind.TILL)
    await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 2", address="192.0.2.2")
    code = await code_to(parts, mine[0], norte)
    await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 3", address="192.0.2.3")
    assert (await go(parts, mine, code)).branch_id == norte


async def test_two_codes_move_a_device_once(parts: Parts, tenant: Tenant, norte: UUID) -> None:
    mine = await enrolled(parts, tenant, DeviceKind.TILL)
    codes = [await code_to(parts, mine[0], norte) for _ in range(2)]
    key = Ed25519PrivateKey.generate()
    moved = await go(parts, mine, codes[0], key)
    with pytest.raises(DomainError, match="DEVICE_REVOKED"):
        await go(parts, mine, codes[1])
    again = await go(parts, mine, codes[0], key)
    assert again.device_id == moved.device_id, "its answer was lost"


async def test_a_code_moves_nothing_that_was_revoked_meanwhile(parts: Parts, tenant: Tenant, norte: UUID) -> None:
    mine = await enrolled(parts, tenant, DeviceKind.TILL)
    code = await code_to(parts, mine[0], norte)
    await revocation(parts).revoke(mine[0].device_id)
    with pytest.raises(DomainError, match="DEVICE_REVOKED"):
        await go(parts, mine, code)


async def test_a_code_for_a_new_device_moves_none(parts: Parts, tenant: Tenant) -> None:
    mine = await enrolled(parts, tenant, DeviceKind.TILL)
    async with parts.database.write(tenant.organization_id) as session:
        opened = await enrolment(parts).open_pairing(
            session,
            organization_id=tenant.organization_id,
            branch_id=tenant.branch_id,
            kind=DeviceKind.TILL,
            name="Caja 2",
            created_by=None,
        )
    with pytest.raises(DomainError, match="PAIRING_CODE_NEW"):
        await go(parts, mine, opened.code)


async def test_the_code_enrols_it_there_and_revokes_what_it_was_also_where_the_plan_is_full(
    client: Client, parts: Parts, tenant: Tenant, norte: UUID, cookie: Any
) -> None:
    device, own_key = await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 1")
    await tenants(parts).set_plan(OPERATOR, tenant.organization_id, Tier.FREE)
    for at in (2, 3):
        await enrolled(parts, tenant, DeviceKind.TILL, name=f"Caja {at}", address=f"192.0.2.{at}")
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    path = f"/devices/{device.device_id}/moving"
    asked = await client.get(path)
    assert ("Norte" in asked.text, "Move Caja 1 to another branch?" in asked.text) == (True, True)
    there = await client.post(path, data={"branch": "centro"})
    assert (there.status_code, "in this branch already" in there.text) == (409, True)
    nowhere = await client.post(path, data={"branch": ""})
    assert nowhere.status_code == 404
    given = await client.post(path, data={"branch": "norte"})
    code = given.text.partition("comanda move ")[2].partition("<")[0]
    async with parts.database.control() as session:
        assert (await session.get_one(DeviceKey, device.device_id)).revoked_at is None, "nothing changes until then"
    key = Ed25519PrivateKey.generate()
    moved = await go(parts, (device, own_key), code, key)
    assert (moved.branch_id, moved.name) == (norte, "Caja 1")
    async with parts.database.read(tenant.organization_id) as read:
        before = await read.get_one(Device, (tenant.organization_id, device.device_id))
        after = await read.get_one(Device, (tenant.organization_id, moved.device_id))
    assert (before.revoked, after.revoked, after.branch_id) == (True, False, norte)
    again = await client.post(path, data={"branch": "norte"})
    assert again.status_code == 404, "what it was is revoked"


async def test_nobody_moves_a_device_of_another_tenant_or_branch_nor_to_one(
    client: Client, parts: Parts, tenant: Tenant, norte: UUID, new_tenant: Any, cookie: Any
) -> None:
    other = await new_tenant("la-boya")
    foreign, _ = await enrolled(parts, other, DeviceKind.TILL, name="Ajena", address="192.0.2.5")
    device, _ = await enrolled(parts, tenant, DeviceKind.TILL)
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    for device_id in (foreign.device_id, UUID(int=5)):
        path = f"/devices/{device_id}/moving"
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"branch": "norte"})).status_code == 404
    path = f"/devices/{device.device_id}/moving"
    assert (await client.post(path, data={"branch": str(other.branch_id)})).status_code == 404
    client.cookies.set(COOKIE, (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2])
    assert (await client.post(path, data={"branch": "norte"})).status_code == 404, "a manager of one branch"
    client.cookies.set(COOKIE, (await cookie(tenant, Role.WAITER))["cookie"].partition("=")[2])
    assert (await client.post(path, data={"branch": "norte"})).status_code == 403
    with pytest.raises(DomainError, match="BRANCH_UNKNOWN"):
        await moving(parts).open(device.device_id, other.branch_id, None, lambda _found: True)
