"""The cloud refuses a revoked device at once, and the other devices learn of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import select

from cloud.accounts.identity import EnrolledDevice
from cloud.enrolment.room import revocation
from cloud.parts import Parts
from cloud.replication.device_rows import NewDevice
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.kernel.records import SCHEMA_EPOCH, Scope
from shared.tenancy.records import Device, DeviceKind
from sync.author import cloud_device
from sync.change import StreamKey, decode
from sync.messages import PROTOCOL_VERSION, Hello, Pull, Refused, Suffixes, Welcome
from tests.cloud.enrolment.devices import enrolled

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]
HELLO = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [])


def known(device: NewDevice) -> EnrolledDevice:
    return EnrolledDevice(device.device_id, device.organization_id, device.branch_id)


@pytest.fixture
async def lost(parts: Parts, tenant: Any) -> NewDevice:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja perdida")
    return device


async def test_a_device_that_is_shut_out_is_refused_though_its_token_lives(
    client: Client, parts: Parts, tenant: Any, bearer: Bearer, lost: NewDevice
) -> None:
    other, _key = await enrolled(parts, tenant, DeviceKind.KITCHEN)
    assert isinstance(await parts.responder.reply(known(lost), HELLO), Welcome)
    path, headers = f"/api/v1/devices/{lost.device_id}/revocation", bearer(tenant, Role.BRANCH_MANAGER)
    answers = [await client.post(path, headers=headers) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["name"] == "Caja perdida"
    assert await parts.responder.reply(known(lost), HELLO) == Refused("DEVICE_REVOKED")
    assert isinstance(await parts.responder.reply(known(other), HELLO), Welcome)


async def test_the_other_devices_learn_of_it(parts: Parts, tenant: Any, lost: NewDevice) -> None:
    other, _key = await enrolled(parts, tenant, DeviceKind.KITCHEN)
    await revocation(parts).revoke(lost.device_id)
    answer = await parts.responder.reply(known(other), Pull([]))
    assert isinstance(answer, Suffixes)
    organization_id = tenant.organization_id
    ours = StreamKey(cloud_device(organization_id), 1, Scope.ORGANIZATION, organization_id)
    said = [decode(body) for frame in answer.frames if frame.key == ours for body in frame.bodies]
    assert [change.row for change in said if change.fields.get("revoked")] == [lost.device_id.bytes]
    async with parts.database.read(organization_id) as session:
        revoked = await session.scalars(select(Device.id).where(Device.revoked))
        assert revoked.all() == [lost.device_id]


async def test_only_managers_of_its_branch_shut_a_device_out(
    client: Client, parts: Parts, tenant: Any, new_tenant: Callable[[str], Any], bearer: Bearer, lost: NewDevice
) -> None:
    path, other = f"/api/v1/devices/{lost.device_id}/revocation", await new_tenant("la-rosa")
    assert (await client.post(path)).status_code == 401
    assert (await client.post(path, headers=bearer(tenant, Role.WAITER))).status_code == 403
    for somebody in (bearer(other), bearer(other, Role.BRANCH_MANAGER)):
        answer = await client.post(path, headers=somebody)
        assert (answer.status_code, answer.json()["code"]) == (404, "DEVICE_UNKNOWN")
    assert isinstance(await parts.responder.reply(known(lost), HELLO), Welcome)


async def test_a_device_that_is_none_is_told(parts: Parts) -> None:
    with pytest.raises(DomainError, match="DEVICE_UNKNOWN"):
        await revocation(parts).revoke(uuid4())
