"""A device gets a token for its own key, one for each challenge, as long as it is not revoked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import update

from cloud.accounts.tokens import DeviceClaims
from cloud.database.control_records import DeviceKey
from cloud.enrolment.challenge import CHALLENGE_LIFETIME, SIGNED_PREFIX, from_text, to_text
from cloud.enrolment.room import enrolment
from cloud.parts import Parts
from shared.kernel.errors import DomainError
from shared.tenancy.records import DeviceKind
from tests.cloud.enrolment.devices import enrolled

Client = AsyncTestClient[Litestar]


class Till:
    """A device that was enrolled, as its own side sees it."""

    def __init__(self, device_id: UUID, key: Ed25519PrivateKey) -> None:
        self.device_id = device_id
        self.key = key

    def answer(self, challenge: str, prefix: bytes = SIGNED_PREFIX) -> dict[str, str]:
        signature = to_text(self.key.sign(prefix + challenge.encode()))
        return {"device_id": str(self.device_id), "challenge": challenge, "signature": signature}


@pytest.fixture
async def till(parts: Parts, tenant: Any) -> Till:
    device, key = await enrolled(parts, tenant, DeviceKind.TILL)
    assert device.name == "Caja 1"
    return Till(device.device_id, key)


async def challenge(client: Client, device_id: UUID) -> str:
    answer = await client.post("/api/v1/devices/challenge", json={"device_id": str(device_id)})
    assert answer.status_code == 200
    given: str = answer.json()["challenge"]
    return given


async def token(client: Client, proof: dict[str, str]) -> tuple[int, str]:
    answer = await client.post("/api/v1/devices/token", json=proof)
    return answer.status_code, answer.json().get("code", "")


async def test_a_signed_challenge_gives_a_token(client: Client, parts: Parts, tenant: Any, till: Till) -> None:
    proof = till.answer(await challenge(client, till.device_id))
    answer = await client.post("/api/v1/devices/token", json=proof)
    assert answer.status_code == 200
    claims = parts.tokens.read(answer.json()["token"])
    assert isinstance(claims, DeviceClaims)
    assert (claims.sub, claims.organization, claims.branch) == (
        till.device_id,
        tenant.organization_id,
        tenant.branch_id,
    )


async def test_a_challenge_is_good_once(client: Client, till: Till, clock: Any) -> None:
    proof = till.answer(await challenge(client, till.device_id))
    assert (await token(client, proof))[0] == 200
    assert await token(client, proof) == (401, "DEVICE_NOT_PROVED")
    clock.advance(timedelta(seconds=1))
    assert await token(client, proof) == (401, "DEVICE_NOT_PROVED")
    assert (await token(client, till.answer(await challenge(client, till.device_id))))[0] == 200


async def test_a_challenge_answered_many_times_at_once_gives_one_token(parts: Parts, till: Till) -> None:
    proof = till.answer(enrolment(parts).challenge(till.device_id))
    asked = [
        enrolment(parts).token(device_id=till.device_id, challenge=proof["challenge"], signature=proof["signature"])
        for _ in range(5)
    ]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert [problem.code for problem in refused] == ["DEVICE_NOT_PROVED"] * 4, outcomes


async def test_a_challenge_ends_after_a_minute(client: Client, till: Till, clock: Any) -> None:
    proof = till.answer(await challenge(client, till.device_id))
    clock.advance(CHALLENGE_LIFETIME)
    assert await token(client, proof) == (401, "DEVICE_NOT_PROVED")


async def test_a_signature_of_anything_else_is_refused(client: Client, parts: Parts, till: Till) -> None:
    given = await challenge(client, till.device_id)
    stranger = Till(till.device_id, Ed25519PrivateKey.generate())
    bit_flipped = bytearray(from_text(given) or b"")
    bit_flipped[20] ^= 1
    for proof in (
        stranger.answer(given),
        till.answer(given, prefix=b""),
        till.answer(given, prefix=b"comanda-device-token:v2:"),
        till.answer(to_text(bytes(bit_flipped))),
        till.answer(to_text(b"x" * 72)),
        till.answer("not a challenge"),
        {**till.answer(given), "signature": ""},
        {**till.answer(given), "signature": "!" * 86},
        {**till.answer(given), "device_id": str(uuid4())},
        till.answer(await challenge(client, uuid4())),
    ):
        assert await token(client, proof) == (401, "DEVICE_NOT_PROVED"), proof
    assert (await token(client, till.answer(given)))[0] == 200


async def test_a_device_that_was_shut_out_gets_no_token(client: Client, parts: Parts, till: Till) -> None:
    async with parts.database.control() as session:
        await session.execute(update(DeviceKey).values(revoked_at=parts.clock.now()))
    assert await token(client, till.answer(await challenge(client, till.device_id))) == (403, "DEVICE_REVOKED")


async def test_strangers_learn_nothing_from_challenges(client: Client, till: Till) -> None:
    known, unknown = await challenge(client, till.device_id), await challenge(client, uuid4())
    assert len(known) == len(unknown)
