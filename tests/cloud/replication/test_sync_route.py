"""POST /api/v1/sync as devices use it: who is heard, who may push what, and how it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import AsyncClient
from msgspec.structs import replace

from cloud.database.control_records import DeviceKey
from cloud.edge.budget import MOST_BYTES
from cloud.parts import Parts
from shared.kernel.permissions import Role
from shared.kernel.records import SCHEMA_EPOCH, Scope
from sync.author import cloud_device
from sync.messages import (
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Ack,
    Behind,
    Forked,
    Frame,
    Hello,
    Mark,
    Pull,
    Push,
    Refused,
    Suffixes,
    Welcome,
    dump,
    signed_bytes,
)
from tests.cloud.replication.house import Hand, end_of, lunch, order
from tests.cloud.replication.tills import SYNC, Till, enrol

# -- who is heard ------------------------------------------------------------------------------------------------------


async def test_nobody_is_heard_without_a_token(client: AsyncClient) -> None:
    answer = await client.post(SYNC, content=dump(Pull([])))
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")


async def test_people_are_not_devices(client: AsyncClient, tenant: Any, bearer: Any) -> None:
    headers = bearer(tenant, Role.ORGANIZATION_ADMIN)
    answer = await client.post(SYNC, content=dump(Pull([])), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "DEVICES_ONLY")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"rubbish",
        b"\x00",
        b"\x00\xc1",
        b"\x00" + dump(Pull([]))[1:-1],
        b"\x01" + b"rubbish",
        b"\x01" + zstandard.compress(bytes(MAX_MESSAGE_BYTES + 1)),
        b"\x01" + zstandard.compress(b"\x91" * 100_000),
    ],
    ids=["nothing", "rubbish", "plain", "no msgpack", "cut off", "no zstd", "a bomb", "nested"],
)
async def test_bytes_that_are_no_message_are_a_problem(till: Till, body: bytes) -> None:
    answer = await till.post(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "MESSAGE_UNREADABLE")
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"]


async def test_a_message_that_is_too_large_is_not_even_read(till: Till) -> None:
    answer = await till.post(bytes(MAX_MESSAGE_BYTES + 2))
    assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")


async def test_a_device_that_was_shut_out_is_told_so(till: Till, parts: Parts) -> None:
    async with parts.database.control() as session:
        await session.execute(sa.update(DeviceKey).values(revoked_at=parts.clock.now()))
    till.order()
    assert await till.push() == Refused("DEVICE_REVOKED")
    assert await till.ask(Pull([])) == Refused("DEVICE_REVOKED")
    assert await till.stored() == 0


async def test_an_answer_is_no_message_for_the_cloud(till: Till) -> None:
    assert await till.ask(Suffixes([], False, 0)) == Refused("MESSAGE_NOT_FOR_THE_CLOUD")


async def test_a_device_that_sends_without_end_is_told_when_it_goes_on(till: Till) -> None:
    packed = b"\x01" + zstandard.compress(bytes(MAX_MESSAGE_BYTES))
    answers = [await till.post(packed) for _ in range(MOST_BYTES // MAX_MESSAGE_BYTES + 1)]
    assert [answer.json()["code"] for answer in answers[:-1]] == ["MESSAGE_UNREADABLE"] * (len(answers) - 1)
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "DEVICE_SENDS_TOO_MUCH")
    assert int(answers[-1].headers["retry-after"]) >= 1


# -- what may be pushed ------------------------------------------------------------------------------------------------


def _moved(till: Till, **identity: Any) -> Frame:
    """A frame of another stream, well chained and signed by this device."""
    frame = replace(till.hand.take(), **identity)
    return till.signed(replace(frame, previous=frame.key.genesis))


def _tampered(till: Till) -> Frame:
    frame = till.signed(till.hand.take())
    return replace(frame, bodies=[*frame.bodies[:-1], frame.bodies[-1].replace(b"A1", b"A2")])


def _strange_key(till: Till) -> Frame:
    frame = till.hand.take()
    key = Ed25519PrivateKey.generate()
    return replace(frame, signature=key.sign(signed_bytes(frame.key.id, frame.last, end_of(frame))))


def _half_transaction(till: Till) -> Frame:
    till.hand.say(order(uuid4(), till.hand.branch_id), order(uuid4(), till.hand.branch_id))
    frame = till.hand.take()
    return till.signed(replace(frame, bodies=frame.bodies[:-1]))


def _with_bodies(till: Till, change: Callable[[list[bytes]], list[bytes]]) -> Frame:
    frame = till.hand.take()
    return till.signed(replace(frame, bodies=change(frame.bodies)))


REFUSED: dict[str, tuple[str, Callable[[Till], Frame]]] = {
    "another device": ("STREAM_OF_ANOTHER_DEVICE", lambda till: _moved(till, device=uuid4().bytes)),
    "the cloud": (
        "FRAME_NOT_SIGNED",
        lambda till: _moved(till, device=cloud_device(till.house.organization_id).bytes),
    ),
    "another branch": (
        "STREAM_OF_ANOTHER_BRANCH",
        lambda till: _moved(till, scope_id=till.house.other.branch_id.bytes),
    ),
    "the organization": (
        "STREAM_OF_ANOTHER_BRANCH",
        lambda till: _moved(till, scope=Scope.ORGANIZATION, scope_id=till.house.organization_id.bytes),
    ),
    "its branch as an organization": (
        "STREAM_OF_ANOTHER_BRANCH",
        lambda till: _moved(till, scope=Scope.ORGANIZATION),
    ),
    "unsigned": ("FRAME_NOT_SIGNED", lambda till: till.hand.take()),
    "signed by another": ("FRAME_NOT_SIGNED", _strange_key),
    "changed after signing": ("FRAME_NOT_SIGNED", _tampered),
    "a short signature": ("FRAME_NOT_SIGNED", lambda till: replace(till.hand.take(), signature=b"yes")),
    "empty": ("FRAME_EMPTY", lambda till: _with_bodies(till, lambda _bodies: [])),
    "no change": ("FRAME_MALFORMED", lambda till: _with_bodies(till, lambda bodies: [*bodies[:-1], b"\xc1"])),
    "out of sequence": ("FRAME_OUT_OF_SEQUENCE", lambda till: _with_bodies(till, lambda bodies: bodies[::-1])),
    "half a transaction": ("FRAME_CUTS_A_TRANSACTION", _half_transaction),
}


@pytest.mark.parametrize(("code", "frame_of"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_frame_that_may_not_be_stored_is_refused_by_its_code(
    till: Till, code: str, frame_of: Callable[[Till], Frame]
) -> None:
    till.order()
    till.order()
    assert await till.ask(Push(frame_of(till))) == Refused(code)
    assert await till.stored() == 0


# -- how it is acknowledged --------------------------------------------------------------------------------------------


async def test_a_push_is_stored_and_a_replay_acknowledged_without_doubling(till: Till) -> None:
    till.hand.sell(lunch())
    frame = till.signed(till.hand.take())
    for _ in range(3):
        assert await till.ask(Push(frame)) == Ack(till.mark())
        await till.house.parts.fold_worker.fold_all(till.house.organization_id)
    assert await till.stored() == len(frame.bodies)
    assert await till.house.takings() == lunch().total_minor


async def test_a_push_that_begins_with_what_is_held_adds_the_rest(till: Till) -> None:
    till.order()
    held = till.hand.frame()
    known = list(held.bodies)
    assert await till.push() == Ack(till.mark())
    till.order()
    rest = till.hand.take()
    both = till.signed(replace(held, first=1, previous=till.hand.key.genesis, bodies=[*known, *rest.bodies]))
    assert await till.ask(Push(both)) == Ack(till.mark())
    assert await till.stored() == 2


async def test_a_gap_is_answered_with_what_is_held(till: Till) -> None:
    till.order()
    await till.push()
    held = till.mark()
    till.order()
    lost = till.hand.take()
    till.order()
    assert await till.push() == Behind(held)
    assert await till.stored() == 1
    assert await till.ask(Push(till.signed(lost))) == Ack(Mark(held.stream, 2, end_of(lost)))


async def test_a_first_push_after_its_begin_was_lost_is_behind(till: Till) -> None:
    till.order()
    till.hand.take()
    till.order()
    assert await till.push() == Behind(Mark(till.hand.key.id.bytes, 0, till.hand.key.genesis))


@pytest.mark.parametrize("longer", [0, 1], ids=["as long", "longer"])
async def test_another_history_is_a_fork(till: Till, longer: int) -> None:
    till.order("A1")
    await till.push()
    copy = Hand(till.hand.organization_id, till.hand.branch_id, till.hand.device_id)
    for _ in range(1 + longer):
        copy.say(order(uuid4(), copy.branch_id, number="B7"))
    assert await till.ask(Push(till.signed(copy.take()))) == Forked(till.mark(), common=0)
    assert await till.stored() == 1


async def test_a_continuation_of_another_history_is_a_fork(till: Till) -> None:
    till.order("A1")
    await till.push()
    copy = Hand(till.hand.organization_id, till.hand.branch_id, till.hand.device_id)
    copy.say(order(uuid4(), copy.branch_id, number="B7"))
    copy.take()
    copy.say(order(uuid4(), copy.branch_id, number="B8"))
    assert await till.ask(Push(till.signed(copy.take()))) == Forked(till.mark())


async def test_a_hello_says_what_the_cloud_holds_of_this_device(till: Till, client: AsyncClient) -> None:
    hello = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [])
    first = await till.ask(hello)
    assert isinstance(first, Welcome)
    assert (first.held, first.now_ms) == ([], till.house.parts.clock.milliseconds())
    neighbour = await enrol(client, till.house, till.hand.branch_id, "Caja 2")
    for each in (till, neighbour):
        each.order()
        await each.push()
    later = await till.ask(hello)
    assert isinstance(later, Welcome)
    assert (later.held, later.generation) == ([till.mark()], first.generation)
