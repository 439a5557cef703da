"""Each code enrols one device, the first that brings it, and guessing a code never succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import func, select, text, update

from cloud.app import create_app
from cloud.cli import DEVICE_KINDS
from cloud.database.control_records import DeviceKey, Pairing
from cloud.database.transaction import ControlSession
from cloud.enrolment import codes
from cloud.enrolment.challenge import SIGNED_PREFIX, to_text
from cloud.enrolment.commands import BY_ADDRESS, MOST_ATTEMPTS, PAIRING_LIFETIME
from cloud.enrolment.room import ROOM, enrolment
from cloud.enrolment.schemas import EnrolledKind
from cloud.parts import Parts
from cloud.replication.device_rows import NewDevice
from cloud.rooms import ROOMS
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.tenancy.records import DeviceKind
from tests.cloud.enrolment.devices import asked_with

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]


new_key = Ed25519PrivateKey.generate


async def open_pairing(client: Client, tenant: Any, headers: dict[str, str], **changes: Any) -> Any:
    wanted = {"branch_id": str(tenant.branch_id), "kind": "till", "name": "Caja 1", **changes}
    return await client.post("/api/v1/devices/pairing-codes", json=wanted, headers=headers)


async def enroll(client: Client, code: str, key: Ed25519PrivateKey | None = None, **changes: Any) -> Any:
    wanted = {**asked_with(key or new_key(), code), "kind": "till", "name": "Caja", **changes}
    return await client.post("/api/v1/devices/enroll", json=wanted)


@pytest.fixture
async def code(client: Client, tenant: Any, bearer: Bearer) -> str:
    answer = await open_pairing(client, tenant, bearer(tenant, Role.BRANCH_MANAGER))
    assert answer.status_code == 201, answer.text
    pairing_code: str = answer.json()["code"]
    return pairing_code


async def test_a_manager_opens_a_pairing_and_a_device_enrols(client: Client, tenant: Any, code: str) -> None:
    assert len(code) == codes.LENGTH + 2
    assert codes.typed(code) is not None
    answer = await enroll(client, code.lower().replace("-", " "))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["organization_id"], body["branch_id"]) == (str(tenant.organization_id), str(tenant.branch_id))
    assert (body["kind"], body["name"]) == ("till", "Caja")


async def test_the_code_is_nowhere_in_the_database(parts: Parts, code: str) -> None:
    async with parts.database.control() as session:
        stored = (await session.execute(text("select pairing::text from control.pairing"))).scalar_one()
    assert code.replace("-", "") not in stored


async def test_a_lost_reply_is_repeated_and_another_device_is_refused(client: Client, parts: Parts, code: str) -> None:
    key = new_key()
    first, again = await enroll(client, code, key), await enroll(client, code, key)
    assert first.json() == again.json()
    other = await enroll(client, code)
    assert (other.status_code, other.json()["code"]) == (409, "PAIRING_CODE_USED")
    assert await devices(parts) == 1


async def test_a_used_code_says_nothing_once_its_time_is_over(client: Client, clock: Any, code: str) -> None:
    """Whoever kept code and key of a device would get the organization's pepper for ever."""
    key = new_key()
    assert (await enroll(client, code, key)).status_code == 201
    clock.advance(PAIRING_LIFETIME)
    answer = await enroll(client, code, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "PAIRING_CODE_USED")


async def test_a_device_that_was_shut_out_is_not_told_again_who_it_is(client: Client, parts: Parts, code: str) -> None:
    key = new_key()
    assert (await enroll(client, code, key)).status_code == 201
    async with parts.database.control() as session:
        await session.execute(update(DeviceKey).values(revoked_at=parts.clock.now()))
    answer = await enroll(client, code, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "PAIRING_CODE_USED")


async def test_a_key_enrols_only_by_the_hand_that_owns_it(client: Client, parts: Parts, code: str) -> None:
    key, stranger = new_key(), new_key()
    asked = asked_with(key, code)
    wrong = [
        asked_with(stranger, code)["signature"],
        asked_with(key, "AAAA-AAAA-AAAA")["signature"],
        to_text(key.sign(SIGNED_PREFIX + code.encode())),
        "",
    ]
    for signature in wrong:
        answer = await enroll(client, code, key, signature=signature)
        assert (answer.status_code, answer.json()["code"]) == (401, "DEVICE_NOT_PROVED")
    assert await devices(parts) == 0
    assert (await client.post("/api/v1/devices/enroll", json={**asked, "kind": "till"})).status_code == 201


async def test_of_several_devices_at_once_one_gets_in(parts: Parts, code: str) -> None:
    async def dawdle(session: ControlSession, device: NewDevice) -> None:
        await asyncio.sleep(0.2)  # so that the others arrive while the first is not committed yet

    slow = enrolment(parts, dawdle)  # called directly: the test client sends one request after the other
    outcomes = await asyncio.gather(
        *(
            slow.enrol(**asked_with(new_key(), code), kind=DeviceKind.TILL, name="", address=str(number))
            for number in range(4)
        ),
        return_exceptions=True,
    )
    refused = [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)]
    assert refused == ["PAIRING_CODE_USED"] * 3, outcomes
    assert await devices(parts) == 1


async def test_a_code_ends_after_ten_minutes(client: Client, parts: Parts, clock: Any, code: str) -> None:
    clock.advance(PAIRING_LIFETIME - timedelta(seconds=1))
    clock.advance(timedelta(seconds=1))
    answer = await enroll(client, code)
    assert (answer.status_code, answer.json()["code"]) == (410, "PAIRING_CODE_EXPIRED")
    assert await devices(parts) == 0


async def test_a_code_is_good_to_its_last_second(client: Client, clock: Any, code: str) -> None:
    clock.advance(PAIRING_LIFETIME - timedelta(seconds=1))
    assert (await enroll(client, code)).status_code == 201


async def test_five_failures_with_the_right_code_end_it(client: Client, parts: Parts, clock: Any, code: str) -> None:
    for _ in range(MOST_ATTEMPTS):
        answer = await enroll(client, code, kind="kitchen")
        assert (answer.status_code, answer.json()["code"]) == (409, "PAIRING_KIND_WRONG")
        assert answer.json()["params"] == {"kind": "till"}
    clock.advance(BY_ADDRESS.each)
    answer = await enroll(client, code)
    assert (answer.status_code, answer.json()["code"]) == (410, "PAIRING_CODE_EXHAUSTED")
    async with parts.database.control() as session:
        assert await session.scalar(select(Pairing.attempts)) == MOST_ATTEMPTS


async def test_a_guesser_is_stopped_after_five_tries(client: Client, code: str, clock: Any) -> None:
    for _ in range(BY_ADDRESS.tries):
        answer = await enroll(client, "AAAA-AAAA-AAAA")
        assert (answer.status_code, answer.json()["code"]) == (404, "PAIRING_CODE_UNKNOWN")
    stopped = await enroll(client, code)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "TOO_MANY_TRIES")
    clock.advance(timedelta(seconds=int(stopped.headers["retry-after"])))
    assert (await enroll(client, code)).status_code == 201


async def test_no_success_pays_for_the_guesses_before_it(
    client: Client, parts: Parts, tenant: Any, bearer: Bearer, code: str
) -> None:
    """Neither one's own code again and again, nor a new one: guessing goes on being counted."""
    key = new_key()
    assert (await enroll(client, code, key)).status_code == 201
    fresh = (await open_pairing(client, tenant, bearer(tenant))).json()["code"]
    guesses = [await enroll(client, "AAAA-AAAA-AAAA") for _ in range(BY_ADDRESS.tries - 2)]
    assert {guess.status_code for guess in guesses} == {404}
    assert (await enroll(client, code, key)).status_code == 201
    assert (await enroll(client, fresh)).status_code == 201
    assert (await enroll(client, "AAAA-AAAA-AAAA")).status_code == 404
    assert (await enroll(client, "AAAA-AAAA-AAAA")).status_code == 429
    async with parts.database.control() as session:
        whole_at = (await session.scalars(text("select whole_at from control.throttle order by whole_at"))).all()
    assert [at - parts.clock.now() for at in whole_at] == [BY_ADDRESS.tries * BY_ADDRESS.each]


@pytest.mark.parametrize("kind", ["cloud", "printer", ""])
async def test_only_a_device_is_enrolled(client: Client, tenant: Any, bearer: Bearer, code: str, kind: str) -> None:
    opened = await open_pairing(client, tenant, bearer(tenant, Role.BRANCH_MANAGER), kind=kind)
    assert (opened.status_code, opened.json()["code"]) == (400, "INVALID_REQUEST")
    assert (await enroll(client, code, kind=kind)).status_code == 400
    assert (await enroll(client, code)).status_code == 201, "the code was not spent"


def test_every_kind_of_device_but_the_cloud_itself_is_enrolled() -> None:
    assert set(get_args(EnrolledKind)) == set(DeviceKind) - {DeviceKind.CLOUD}
    assert {str(kind) for kind in get_args(EnrolledKind)} == set(DEVICE_KINDS)


async def test_a_guesser_with_many_addresses_closes_enrolment_for_nobody_else(parts: Parts, code: str) -> None:
    doors = enrolment(parts)
    for number in range(400):
        with pytest.raises(DomainError, match="PAIRING_CODE_UNKNOWN"):
            await doors.enrol(
                **asked_with(new_key(), "AAAA-AAAA-AAAA"), kind=DeviceKind.TILL, name="", address=f"a{number}"
            )
    await doors.enrol(**asked_with(new_key(), code), kind=DeviceKind.TILL, name="", address="the restaurant")
    assert await devices(parts) == 1


async def test_a_whole_restaurant_enrols_from_one_address(
    client: Client, parts: Parts, tenant: Any, bearer: Bearer
) -> None:
    for number in range(BY_ADDRESS.tries * 2):
        opened = await open_pairing(client, tenant, bearer(tenant), name=f"Caja {number}")
        assert (await enroll(client, opened.json()["code"])).status_code == 201
    assert await devices(parts) == BY_ADDRESS.tries * 2


async def test_an_enrolled_key_cannot_enrol_again(client: Client, tenant: Any, bearer: Bearer, code: str) -> None:
    key = new_key()
    await enroll(client, code, key)
    second = (await open_pairing(client, tenant, bearer(tenant))).json()["code"]
    answer = await enroll(client, second, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "DEVICE_KEY_TAKEN")


@pytest.mark.parametrize("key", ["", "AAAA", "not base64!", "A" * 42, "A" * 44])
async def test_something_else_than_a_key_is_refused(client: Client, code: str, key: str) -> None:
    answer = await enroll(client, code, public_key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "DEVICE_KEY_WRONG")


async def test_only_managers_of_the_branch_open_pairings(
    client: Client, tenant: Any, new_tenant: Callable[[str], Any], bearer: Bearer
) -> None:
    other = await new_tenant("la-rosa")
    assert (await open_pairing(client, tenant, {})).status_code == 401
    assert (await open_pairing(client, tenant, bearer(tenant, Role.WAITER))).status_code == 403
    for somebody in (bearer(other), bearer(other, Role.BRANCH_MANAGER)):
        answer = await open_pairing(client, tenant, somebody)
        assert (answer.status_code, answer.json()["code"]) == (404, "BRANCH_UNKNOWN")
    unknown = await open_pairing(client, tenant, bearer(tenant), branch_id=str(uuid4()))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "BRANCH_UNKNOWN")
    assert (await open_pairing(client, tenant, bearer(tenant), name=" \u202e ")).json()["code"] == "NAME_MISSING"
    assert (await open_pairing(client, tenant, bearer(tenant), kind="cash drawer")).json()["code"] == "INVALID_REQUEST"


async def test_the_replicated_row_appears_with_the_device_or_not_at_all(
    parts: Parts, tenant: Any, bearer: Bearer
) -> None:
    told: list[NewDevice] = []

    async def register(session: ControlSession, device: NewDevice) -> None:
        tenant_now = await session.execute(text("select current_setting('comanda.organization_id')"))
        assert tenant_now.scalar_one() == str(device.organization_id)
        told.append(device)
        if len(told) == 1:
            msg = "the letter is taken"
            raise RuntimeError(msg)

    hooked = replace(ROOM, provide=lambda parts: {**ROOM.provide(parts), "enrolment": enrolment(parts, register)})
    rooms = [hooked if room is ROOM else room for room in ROOMS]
    async with AsyncTestClient(create_app(parts, rooms=rooms), raise_server_exceptions=False) as client:
        code = (await open_pairing(client, tenant, bearer(tenant))).json()["code"]
        assert (await enroll(client, code)).status_code == 500
        assert await devices(parts) == 0
        assert (await enroll(client, code)).status_code == 201
        assert [device.branch_id for device in told] == [tenant.branch_id] * 2


@given(st.text(max_size=20))
def test_what_people_type_is_a_code_or_nothing(text: str) -> None:
    typed = codes.typed(text)
    assert typed is None or (len(typed) == codes.LENGTH and codes.typed(codes.shown(typed)) == typed)


@given(st.lists(st.integers(0, len(codes.ALPHABET) - 1), min_size=codes.LENGTH, max_size=codes.LENGTH))
def test_every_code_survives_being_shown_and_typed(picks: list[int]) -> None:
    chosen = iter(picks)
    code = codes.new_code(lambda _: next(chosen))
    assert codes.typed(codes.shown(code).lower()) == code


def test_no_two_characters_of_a_code_look_alike() -> None:
    for alike in ("0OQ", "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set(alike) & set(codes.ALPHABET)) <= 1


async def devices(parts: Parts) -> int:
    async with parts.database.control() as session:
        counted: int = (await session.execute(select(func.count()).select_from(DeviceKey))).scalar_one()
        return counted
