"""Programs of managers look after devices: how they are, another name, another branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.database.control_records import DeviceHealth
from cloud.database.transaction import enter_organization
from cloud.parts import Parts
from cloud.replication.device_rows import NewDevice
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Branch, DeviceKind
from tests.cloud.conftest import Tenant
from tests.cloud.enrolment.devices import asked_with, enrolled, moving_with

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]
DEVICES = "/api/v1/devices"


@pytest.fixture
async def till_and_key(parts: Parts, tenant: Tenant) -> tuple[NewDevice, Ed25519PrivateKey]:
    """A till and its key."""
    return await enrolled(parts, tenant, DeviceKind.TILL)


@pytest.fixture
async def till(parts: Parts, tenant: Tenant, till_and_key: tuple[NewDevice, Ed25519PrivateKey]) -> UUID:
    """A till that was heard a moment ago."""
    device, _key = till_and_key
    async with parts.database.control() as session:
        await enter_organization(session, tenant.organization_id)
        session.add(
            DeviceHealth(
                organization_id=tenant.organization_id,
                device_id=device.device_id,
                heard_at=parts.clock.now(),
                program="1.2.3",
                waiting=7,
                ahead_ms=-1_200,
                disk_free_mb=900,
                printers={"Cocina": ["paper_out", 3]},
            )
        )
    return device.device_id


async def test_how_devices_are_is_told_to_who_sees_their_branch(
    client: Client, tenant: Tenant, new_tenant: Any, till: UUID, bearer: Bearer
) -> None:
    (seen,) = (await client.get(f"{DEVICES}/health", headers=bearer(tenant))).json()["devices"]
    assert (seen["id"], seen["program"], seen["waiting"], seen["ahead_ms"]) == (str(till), "1.2.3", 7, -1_200)
    assert seen["printers"] == [{"name": "Cocina", "fault": "paper_out", "open_jobs": 3}]
    strangers = await new_tenant("la-rosa")
    answer = (await client.get(f"{DEVICES}/health", headers=bearer(strangers))).json()
    assert (answer["devices"], answer["total"]) == ([], 0)


async def test_a_device_gets_another_name_once(client: Client, tenant: Tenant, till: UUID, bearer: Bearer) -> None:
    for _ in range(2):
        answer = await client.patch(f"{DEVICES}/{till}", json={"name": "Caja 9"}, headers=bearer(tenant))
        assert answer.status_code == 204
    assert (await client.get(f"{DEVICES}/{till}", headers=bearer(tenant))).json()["name"] == "Caja 9"
    entries = (await client.get("/api/v1/audit?kind=events", headers=bearer(tenant))).json()["entries"]
    assert [each["act"] for each in entries].count("device.rename") == 1
    empty = await client.patch(f"{DEVICES}/{till}", json={"name": " "}, headers=bearer(tenant))
    assert empty.json()["code"] == "NAME_MISSING"
    missing = await client.patch(f"{DEVICES}/{uuid4()}", json={"name": "X"}, headers=bearer(tenant))
    assert (missing.status_code, missing.json()["code"]) == (404, "DEVICE_UNKNOWN")


async def test_a_device_moves_with_the_code_that_a_program_got(
    client: Client,
    parts: Parts,
    tenant: Tenant,
    till: UUID,
    till_and_key: tuple[NewDevice, Ed25519PrivateKey],
    bearer: Bearer,
) -> None:
    other = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=tenant.organization_id, id=other, name="Playa", zone="America/Lima"))
    parts.hub.tell_organization(tenant.organization_id)
    there = {"branch_id": str(tenant.branch_id)}
    refused = await client.post(f"{DEVICES}/{till}/moving", json=there, headers=bearer(tenant))
    assert refused.json()["code"] == "DEVICE_IS_THERE"
    beyond = await client.post(
        f"{DEVICES}/{till}/moving", json={"branch_id": str(other)}, headers=bearer(tenant, Role.BRANCH_MANAGER)
    )
    assert beyond.json()["code"] == "BRANCH_UNKNOWN"
    given = await client.post(f"{DEVICES}/{till}/moving", json={"branch_id": str(other)}, headers=bearer(tenant))
    assert given.status_code == 201
    key, code = Ed25519PrivateKey.generate(), given.json()["code"]
    proof = moving_with(till_and_key, key, code)
    moves = {"device_id": str(proof.device_id), "signature": proof.signature}
    enrol = {**asked_with(key, code), "kind": "till", "name": "", "moves": moves}
    moved = await client.post(f"{DEVICES}/enroll", json=enrol)
    assert (moved.status_code, moved.json()["branch_id"]) == (201, str(other)), moved.text
    (seen,) = (await client.get(f"{DEVICES}/health", headers=bearer(tenant))).json()["devices"]
    assert (seen["branch_id"], seen["id"] != str(till)) == (str(other), True)
