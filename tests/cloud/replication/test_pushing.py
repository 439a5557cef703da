"""What an enrolled device may push: only what an honest one could have written; anything else is told by a code."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.testing import AsyncTestClient
from streams import Written

from cloud.accounts.identity import EnrolledDevice
from cloud.exchange.routes import CONTENT_TYPE
from cloud.parts import Parts
from cloud.replication.visible import MOST_INCARNATIONS_AHEAD
from shared.kernel.records import SCHEMA_EPOCH, Scope
from shared.tenancy.records import DeviceKind
from sync.change import StreamKey
from sync.messages import (
    MAX_INCARNATION,
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    Frame,
    Hello,
    Push,
    Refused,
    Welcome,
    dump,
    load,
    signed_bytes,
)
from tests.cloud.enrolment.devices import enrolled

Client = AsyncTestClient[Litestar]


@dataclass
class Till:
    """An enrolled device with a log of its own."""

    parts: Parts
    device: EnrolledDevice
    key: Ed25519PrivateKey

    def written(self, transactions: int, incarnation: int = 1) -> Written:
        """A stream of so many transactions of one change."""
        written = Written(StreamKey(self.device.device_id, incarnation, Scope.BRANCH, self.device.branch_id))
        for number in range(transactions):
            written.commit([("things", 0, UUID(int=number), {})])
        return written

    def push(self, written: Written, after: int, last: int) -> Push:
        """The signed frame of a part of a log."""
        seal = self.key.sign(signed_bytes(written.key.id, last, written.chains[last - 1]))
        return Push(msgspec.structs.replace(written.between(after, last), signature=seal))

    async def say(self, message: AnyMessage) -> AnyMessage:
        """What the cloud answers."""
        return await self.parts.responder.reply(self.device, message)

    async def post(self, client: Client, body: bytes) -> tuple[int, Any]:
        """Status and answer of the sync route."""
        device = self.device
        token, _until = self.parts.tokens.for_device(device.device_id, device.organization_id, device.branch_id)
        headers = {"authorization": f"Bearer {token}", "content-type": CONTENT_TYPE}
        answer = await client.post("/api/v1/sync", content=body, headers=headers)
        return answer.status_code, load(answer.content) if answer.status_code == 200 else answer.json()["code"]


@pytest.fixture
async def till(parts: Parts, tenant: Any) -> Till:
    device, key = await enrolled(parts, tenant, DeviceKind.TILL)
    return Till(parts, EnrolledDevice(device.device_id, device.organization_id, device.branch_id), key)


@pytest.mark.parametrize("wrong", [{"first": (1 << 64) - 1}, {"incarnation": 1 << 31}, {"bodies": [b"x"] * 400_000}])
async def test_numbers_beyond_all_measure_are_unreadable_and_no_fault(
    client: Client, till: Till, wrong: dict[str, Any]
) -> None:
    frame = msgspec.structs.replace(till.push(till.written(1), 0, 1).frame, **wrong)
    assert await till.post(client, dump(Push(frame))) == (400, "MESSAGE_UNREADABLE")


async def test_a_push_arrives_by_the_route_and_once(client: Client, till: Till) -> None:
    written = till.written(2)
    for _again in range(2):
        status, answer = await till.post(client, dump(till.push(written, 0, 2)))
        assert (status, answer.mark.seq) == (200, 2)


async def test_several_first_pushes_at_once_are_all_acknowledged(till: Till) -> None:
    written = till.written(4)
    answers = await asyncio.gather(*(till.say(till.push(written, 0, last)) for last in (1, 2, 3, 4, 4)))
    assert all(isinstance(answer, Ack) for answer in answers), answers
    assert await till.say(till.push(written, 0, 4)) == Ack(answers[-1].mark)  # type: ignore[union-attr]
    assert answers[-1].mark.seq == 4  # type: ignore[union-attr]


async def test_a_device_has_one_new_history_after_the_other_and_not_thousands(till: Till) -> None:
    for incarnation in (MOST_INCARNATIONS_AHEAD + 1, MAX_INCARNATION):
        assert await till.say(till.push(till.written(1, incarnation), 0, 1)) == Refused("INCARNATION_WRONG")
    for incarnation in (1, 2, 5, 3, 1):
        assert isinstance(await till.say(till.push(till.written(1, incarnation), 0, 1)), Ack)
    made_up = till.written(1, 5 + MOST_INCARNATIONS_AHEAD + 1)
    assert await till.say(till.push(made_up, 0, 1)) == Refused("INCARNATION_WRONG")


async def test_a_frame_that_somebody_else_signed_or_changed_is_not_stored(till: Till) -> None:
    written = till.written(2)
    honest = till.push(written, 0, 2).frame
    stranger = Till(till.parts, till.device, Ed25519PrivateKey.generate()).push(written, 0, 2).frame
    cut = msgspec.structs.replace(honest, bodies=honest.bodies[:1])

    async def refused(frame: Frame) -> bool:
        return await till.say(Push(frame)) == Refused("FRAME_NOT_SIGNED")

    assert [await refused(frame) for frame in (stranger, cut, written.between(0, 2))] == [True] * 3
    assert not await refused(honest)


async def test_a_version_that_the_cloud_does_not_speak_is_told_and_not_guessed_at(till: Till) -> None:
    assert isinstance(await till.say(Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [])), Welcome)
    assert await till.say(Hello(PROTOCOL_VERSION + 1, SCHEMA_EPOCH, [])) == Refused("CLOUD_TOO_OLD")
    assert await till.say(Hello(0, SCHEMA_EPOCH, [])) == Refused("DEVICE_TOO_OLD")


async def test_the_handshake_says_both_epochs_and_a_newer_device_is_told_to_the_operator_once(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    for epoch in (0, SCHEMA_EPOCH, SCHEMA_EPOCH + 1, SCHEMA_EPOCH + 1):
        welcome = await till.say(Hello(PROTOCOL_VERSION, epoch, []))
        assert isinstance(welcome, Welcome)
        assert welcome.epoch == SCHEMA_EPOCH
    assert [f"epoch {SCHEMA_EPOCH + 1}" in record.message for record in caplog.records] == [True]
