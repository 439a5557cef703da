"""The log on a real database: frames hold whole transactions, are stored once, and what is missing is found."""

from __future__ import annotations

from functools import partial
from random import Random
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from restaurant import BRANCH, CLOUD, ORGANIZATION, TILL, Replica, Village
from streams import Written

from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import Position, StreamKey
from sync.door import through
from sync.log import SUFFIX_BYTES, missing_frames, read_suffix, receive, vector
from sync.messages import MAX_MESSAGE_BYTES, Ack, Behind, Forked, Frame, Mark, Refused, Suffixes, dump, load
from sync.records import changes, seals, streams
from sync.signing import in_parts

DEVICE = derived_id("device", "a")


@pytest.fixture
def replica(village: Village) -> Replica:
    return village.empty("receiver")


def here(written: Written, seq: int) -> Mark:
    return Mark(written.key.id.bytes, seq, written.chains[seq - 1] if seq else written.key.genesis)


async def test_a_push_is_stored_once_however_often_it_comes(replica: Replica) -> None:
    written = Written.of(DEVICE, [2, 1, 3])
    whole = written.between(0, 6)
    for _again in range(3):
        assert await replica.receive(whole) == [Ack(here(written, 6))]
    assert await replica.receive(written.between(0, 2), written.between(2, 3)) == [Ack(here(written, 6))] * 2
    assert [change.seq for change in await replica.log()] == [1, 2, 3, 4, 5, 6]
    assert await replica.core(vector, ORGANIZATION.bytes) == {written.key.id: written.head}
    assert await replica.core(vector, ORGANIZATION.bytes, []) == {}


async def test_an_overlapping_frame_adds_only_what_is_new(replica: Replica) -> None:
    written = Written.of(DEVICE, [2, 1, 3])
    assert await replica.receive(written.between(0, 3)) == [Ack(here(written, 3))]
    assert await replica.receive(written.between(2, 6)) == [Ack(here(written, 6))]
    async with replica.connection() as connection:
        stored = (await connection.execute(sa.select(changes.c.body, changes.c.chain).order_by(changes.c.seq))).all()
    assert [tuple(row) for row in stored] == list(zip(written.bodies, written.chains, strict=True))


async def test_a_gap_says_what_is_held_and_stores_nothing(replica: Replica) -> None:
    written = Written.of(DEVICE, [1, 1, 1])
    assert await replica.receive(written.between(1, 2)) == [Behind(here(written, 0))]
    assert await replica.log() == []
    await replica.receive(written.between(0, 1))
    assert await replica.receive(written.between(2, 3)) == [Behind(here(written, 1))]
    assert len(await replica.log()) == 1


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_another_history_is_a_fork_and_overwrites_nothing(replica: Replica, at: int) -> None:
    mine = Written.of(DEVICE, [1, 1, 1])
    theirs = mine.rewritten(at)
    await replica.receive(mine.between(0, 3))
    assert await replica.receive(theirs.between(0, 3)) == [Forked(here(mine, 3), at)], "it says where they part"
    assert await replica.receive(theirs.between(at, at + 1)) == [Forked(here(mine, 3), at)]
    theirs.commit([("things", 0, UUID(int=9), {})])
    assert await replica.receive(theirs.between(3, 4)) == [Forked(here(mine, 3), None)], "not within this frame"
    async with replica.connection() as connection:
        assert list(await connection.scalars(sa.select(changes.c.body).order_by(changes.c.seq))) == mine.bodies


async def test_what_is_refused_is_not_stored(replica: Replica) -> None:
    written = Written.of(DEVICE, [2])
    assert await replica.receive(written.between(0, 1)) == [Refused("FRAME_CUTS_A_TRANSACTION")]
    assert await replica.receive(written.carrying([b"\xff"])) == [Refused("FRAME_MALFORMED")]
    assert await replica.keys() == []


async def test_a_signature_is_kept_with_the_end_of_its_frame(replica: Replica) -> None:
    written = Written.of(DEVICE, [1])
    frame = written.between(0, 1)
    signed = type(frame)(**{name: getattr(frame, name) for name in frame.__struct_fields__} | {"signature": b"s" * 64})
    await replica.receive(signed, signed)
    async with replica.connection() as connection:
        (seal,) = await connection.execute(sa.select(seals.c.stream_id, seals.c.seq, seals.c.signature))
    assert tuple(seal) == (written.key.id, 1, b"s" * 64)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=9), st.integers(1, 12), st.integers(0, 50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
async def test_a_suffix_holds_whole_transactions_and_all_suffixes_are_the_stream(
    village: Village, sizes: list[int], limit: int, salt: int
) -> None:
    written = Written.of(derived_id(*sizes, limit, salt), sizes)
    replica = village.empty(f"suffix {written.key.device_id}")
    await replica.receive(written.between(0, len(written.bodies)))
    after, bodies = 0, []
    while frame := await replica.core(read_suffix, ORGANIZATION.bytes, written.key, after, limit):
        assert frame.first == after + 1
        assert frame.last in written.ends
        assert len(frame.bodies) <= limit or frame.last == min(end for end in written.ends if end > after)
        bodies += frame.bodies
        after = frame.last
        assert frame == written.between(frame.first - 1, frame.last)
    assert bodies == written.bodies
    await replica.close()


async def test_a_suffix_is_sealed_by_whoever_signs_it(replica: Replica) -> None:
    written = Written.of(DEVICE, [1, 2])
    await replica.receive(written.between(0, 3))
    told = []

    def sign(stream: UUID, seq: int, chain: bytes) -> bytes:
        told.append((stream, seq, chain))
        return b"s" * 64

    frame = await replica.core(read_suffix, ORGANIZATION.bytes, written.key, 1, sign=sign)
    assert await replica.core(read_suffix, ORGANIZATION.bytes, written.key, 3) is None
    assert await replica.core(read_suffix, ORGANIZATION.bytes, written.key, 99) is None
    assert frame is not None
    assert frame.signature == b"s" * 64
    assert told == [(written.key.id, 3, written.chains[2])]


async def test_one_transaction_that_is_larger_than_any_limit_still_travels_whole(replica: Replica) -> None:
    written = Written.of(DEVICE, [1, 2_500, 1])
    await replica.receive(written.between(0, len(written.bodies)))
    frame = await replica.core(read_suffix, ORGANIZATION.bytes, written.key, 1, limit=10)
    assert frame is not None
    assert (frame.first, frame.last) == (2, 2_501)


async def test_large_changes_are_sent_in_messages_that_the_receiver_takes(replica: Replica) -> None:
    written = Written.of(DEVICE, [])
    heavy = {"notes": Random(1).randbytes(30_000).hex()}
    for number in range(320):
        written.commit([("things", 0, UUID(int=number), heavy)])
    assert sum(map(len, written.bodies)) > MAX_MESSAGE_BYTES
    await replica.receive(written.between(0, 160), written.between(160, 320))
    after, more = 0, True
    while more:
        held = {written.key.id: Position(after, b"")}
        frames, more = await replica.core(missing_frames, ORGANIZATION.bytes, [written.key], held)
        assert sum(len(body) for frame in frames for body in frame.bodies) <= 2 * SUFFIX_BYTES
        assert len(dump(Suffixes(frames, more, 1))) <= MAX_MESSAGE_BYTES
        after = frames[-1].last
    assert after == 320


async def test_a_large_transaction_does_not_ride_with_others_to_a_size_that_no_peer_takes(replica: Replica) -> None:
    written, heavy = Written.of(DEVICE, [1]), {"notes": Random(1).randbytes(30_000).hex()}
    written.commit([("things", 0, UUID(int=number), heavy) for number in range(60)])
    written.commit([("things", 0, UUID(int=number), heavy) for number in range(130)])
    await replica.receive(written.between(0, 61), written.between(61, 191))
    sizes, after, more = [], 0, True
    while more:
        held = {written.key.id: Position(after, b"")}
        frames, more = await replica.core(missing_frames, ORGANIZATION.bytes, [written.key], held)
        assert load(dump(Suffixes(frames, more, 1)))
        sizes.append([len(frame.bodies) for frame in frames])
        after = frames[-1].last
    assert sizes == [[61], [130]]


async def test_what_a_peer_misses_comes_in_the_order_of_the_streams_until_the_budget_is_spent(replica: Replica) -> None:
    organization = Written(StreamKey(CLOUD, 1, Scope.ORGANIZATION, ORGANIZATION))
    for number in range(5):
        organization.commit([("things", 0, UUID(int=number), {})])
    branch, unknown = Written.of(DEVICE, [1] * 5), Written.of(TILL, [1])
    await replica.receive(organization.between(0, 5), branch.between(0, 5))
    keys = [organization.key, unknown.key, branch.key]
    frames, more = await replica.core(missing_frames, ORGANIZATION.bytes, keys, {}, budget=7)
    assert [(frame.key, frame.first, frame.last) for frame in frames] == [
        (organization.key, 1, 5),
        (branch.key, 1, 2),
    ]
    assert more
    theirs = {organization.key.id: organization.head, branch.key.id: Position(2, branch.chains[1])}
    frames, more = await replica.core(missing_frames, ORGANIZATION.bytes, keys, theirs, budget=7)
    assert [(frame.key, frame.first, frame.last) for frame in frames] == [(branch.key, 3, 5)]
    assert not more
    theirs[branch.key.id] = Position(99, b"x" * 16)
    assert await replica.core(missing_frames, ORGANIZATION.bytes, keys, theirs) == ([], False)


async def test_a_peer_that_misses_nothing_costs_one_statement(replica: Replica) -> None:
    written = [Written.of(derived_id(number), [1]) for number in range(5)]
    await replica.receive(*(each.between(0, 1) for each in written))
    theirs = {each.key.id: each.head for each in written}
    with replica.counted() as statements:
        await replica.core(missing_frames, ORGANIZATION.bytes, [each.key for each in written], theirs)
    assert len(statements) == 1, statements


async def test_a_frame_of_a_hundred_changes_is_stored_in_three_statements(replica: Replica) -> None:
    """Read and lock the head, move it, insert the changes: whatever the size of the frame."""
    written = Written.of(DEVICE, [10] * 11)
    await replica.receive(written.between(0, 10))
    with replica.counted() as statements:
        await replica.receive(written.between(10, 110))
    assert len(statements) == 3, statements


async def test_a_storing_that_is_rolled_back_is_as_if_nothing_came(replica: Replica) -> None:
    written = Written.of(DEVICE, [1, 1])
    await replica.receive(written.between(0, 1))
    with pytest.raises(ConnectionError):  # noqa: PT012
        async with replica.connection() as connection:
            await through(connection, receive, ORGANIZATION.bytes, written.between(1, 2), 1)
            raise ConnectionError
    assert len(await replica.log()) == 1
    assert await replica.receive(written.between(1, 2)) == [Ack(here(written, 2))]


async def test_streams_remember_when_and_for_whom_they_were_stored(replica: Replica) -> None:
    written = Written.of(DEVICE, [1])
    await replica.receive(written.between(0, 1))
    async with replica.connection() as connection:
        (row,) = await connection.execute(sa.select(streams))
        stored_ms = await connection.scalar(sa.select(changes.c.stored_ms))
    assert (row.id, row.device_id, row.scope, row.scope_id) == (written.key.id, DEVICE, Scope.BRANCH, BRANCH)
    assert (row.head_seq, row.folded_seq, row.acked_seq) == (1, 0, 0)
    assert stored_ms == replica.clock.milliseconds()


# -- frames that are relayed -------------------------------------------------------------------------------------------


def sealed(written: Written, after: int, last: int) -> Frame:
    """A frame with a signature that names its end."""
    return msgspec.structs.replace(written.between(after, last), signature=b"%064d" % last)


async def test_what_is_relayed_ends_where_its_author_signed(replica: Replica) -> None:
    written = Written.of(DEVICE, [1] * 9)
    await replica.receive(sealed(written, 0, 2), sealed(written, 2, 7), written.between(7, 9))
    read = partial(replica.core, read_suffix, ORGANIZATION.bytes, written.key)
    assert await read(0) == sealed(written, 0, 7), "over several signatures, up to the last"
    assert await read(0, 4) == sealed(written, 0, 2), "as much as is wanted"
    assert await read(2, 1) == sealed(written, 2, 7), "what was signed as one is not cut"
    assert await read(1, 4) == sealed(written, 1, 2)
    assert await read(0, 9, None, 1) == sealed(written, 0, 2), "nor are bytes a reason"
    assert await read(7) == written.between(7, 9), "what nobody signed bears nothing"


async def test_a_signed_frame_is_stored_in_parts_and_relayed_as_one(replica: Replica) -> None:
    written = Written.of(DEVICE, [2, 1, 3, 1])
    frame = sealed(written, 0, 7)
    parts = in_parts(frame, written.chains[:7], 2)
    assert [len(part.bodies) for part, _chains in parts] == [2, 4, 1], "whole transactions"
    for part, chains in parts:
        assert isinstance((await replica.core(receive, ORGANIZATION.bytes, part, 1, chains)), Ack)
    assert await replica.core(read_suffix, ORGANIZATION.bytes, written.key, 0) == frame
