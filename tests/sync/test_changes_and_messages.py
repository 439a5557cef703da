"""Bytes: changes and messages read back as they were written, and no bytes at all can do more than be refused."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kernel.records import Scope
from sync.change import MAX_BODY_BYTES, MAX_NAME_CHARACTERS, Change, Position, StreamKey, decode, encode, link, links
from sync.messages import (
    MAX_INCARNATION,
    MAX_MARKS,
    MAX_MESSAGE_BYTES,
    MAX_SCOPES,
    MAX_SEQ,
    MAX_TABLES,
    MAX_TRANSACTION_BYTES,
    MAX_TRANSACTION_CHANGES,
    Ack,
    BadMessage,
    Behind,
    Differing,
    Forked,
    Frame,
    Hello,
    Judged,
    Mark,
    Pull,
    Push,
    Refused,
    ScopeDigest,
    Suffixes,
    TableDigest,
    Welcome,
    dump,
    from_marks,
    load,
    to_marks,
)

KEY = StreamKey(UUID(int=1), 1, Scope.BRANCH, UUID(int=2))
SIXTEEN = st.binary(min_size=16, max_size=16)
NATURALS = st.integers(0, (1 << 63) - 1)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.builds(
    Change,
    seq=NATURALS,
    stamp=NATURALS,
    transaction=NATURALS,
    last=st.booleans(),
    epoch=NATURALS,
    table=st.text(max_size=20),
    kind=st.integers(0, 3),
    row=SIXTEEN,
    actor=st.none() | SIXTEEN,
    fields=st.dictionaries(st.text(max_size=9), PLAIN, max_size=4),
)
FRAMES = st.builds(
    Frame,
    device=SIXTEEN,
    incarnation=st.integers(0, MAX_INCARNATION),
    scope=st.sampled_from(Scope),
    scope_id=SIXTEEN,
    first=st.integers(1, 1 << 40),
    previous=SIXTEEN,
    bodies=st.lists(st.binary(max_size=400), max_size=5),
    signature=st.just(b"") | st.binary(min_size=64, max_size=64),
)
MARKS = st.builds(Mark, SIXTEEN, NATURALS, SIXTEEN)
JUDGED = st.lists(st.builds(Judged, SIXTEEN, NATURALS), max_size=3)
EIGHT = st.binary(min_size=8, max_size=8)
NAMES = st.text(max_size=20)
DIGESTS = st.builds(ScopeDigest, SIXTEEN, st.dictionaries(NAMES, st.builds(TableDigest, EIGHT, EIGHT), max_size=3))
MESSAGES = st.one_of(
    st.builds(Hello, NATURALS, NATURALS, st.lists(MARKS, max_size=4)),
    st.builds(Welcome, SIXTEEN, st.lists(MARKS, max_size=4), NATURALS, JUDGED),
    st.builds(Push, FRAMES),
    st.builds(Suffixes, st.lists(FRAMES, max_size=3), st.booleans(), NATURALS, JUDGED, st.lists(DIGESTS, max_size=2)),
    st.builds(Pull, st.lists(MARKS, max_size=4), NATURALS, st.lists(st.builds(Differing, SIXTEEN, NAMES), max_size=2)),
    st.builds(Ack, MARKS),
    st.builds(Behind, MARKS),
    st.builds(Forked, MARKS),
    st.builds(Refused, st.text(max_size=9), st.dictionaries(st.text(max_size=4), NATURALS | st.text(max_size=4))),
)


@given(CHANGES)
def test_a_change_reads_back_as_it_was_written_and_is_written_one_way(change: Change) -> None:
    body = encode(change)
    assert decode(body) == change
    assert encode(decode(body)) == body


def test_a_change_that_could_not_be_sent_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="limit"):
        encode(Change(1, 1, 1, True, 1, "orders", 0, b"r" * 16, None, {"notes": "x" * MAX_BODY_BYTES}))


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=6), st.data())
def test_a_chain_tells_any_change_of_history(bodies: list[bytes], data: st.DataObject) -> None:
    def chain(of: list[bytes], genesis: bytes = KEY.genesis) -> bytes:
        value, values = genesis, []
        for body in of:
            value = link(value, body)
            values.append(value)
        assert links(genesis, of) == values
        return value

    at = data.draw(st.integers(0, len(bodies) - 1))
    assert len(chain(bodies)) == 16
    forged = [*bodies[:at], bodies[at] + b"\x00", *bodies[at + 1 :]]
    assert chain(forged) != chain(bodies)
    assert chain(bodies[:at] + bodies[at + 1 :]) != chain(bodies)
    assert chain(bodies, KEY._replace(incarnation=2).genesis) != chain(bodies)


def test_a_stream_is_another_with_any_part_of_its_name() -> None:
    others = [
        KEY._replace(device_id=UUID(int=9)),
        KEY._replace(incarnation=2),
        KEY._replace(scope=Scope.ORGANIZATION),
        KEY._replace(scope_id=UUID(int=9)),
    ]
    assert len({KEY.id, *(other.id for other in others)}) == 5


@given(MESSAGES)
def test_a_message_reads_back_as_it_was_sent(message: Any) -> None:
    assert load(dump(message)) == message


@given(MESSAGES, st.data())
def test_a_message_cut_anywhere_or_with_any_byte_changed_is_a_message_or_refused(
    message: Any, data: st.DataObject
) -> None:
    whole = dump(message)
    cut = data.draw(st.integers(0, len(whole) - 1))
    for damaged in (whole[:cut], whole[:cut] + bytes([whole[cut] ^ data.draw(st.integers(1, 255))]) + whole[cut + 1 :]):
        refused_or_read(damaged)
    with pytest.raises(BadMessage):
        load(whole[:cut])


@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00")
@example(b"\x01")
@example(b"\x02abc")
@example(b"\x01\x28\xb5\x2f\xfd")
@example(b"\x00\x81\xa1t\xc1")
def test_any_bytes_are_refused_and_nothing_else(noise: bytes) -> None:
    for prefix in (b"", b"\x00", b"\x01"):
        refused_or_read(prefix + noise)


def refused_or_read(data: bytes) -> None:
    with contextlib.suppress(BadMessage):
        load(data)


DEEP = 200_000


@pytest.mark.parametrize(
    "raw",
    [
        b"\x91" * DEEP + b"\xc0",
        b"\x82\xa1t\xa3ack\xa4mark\x94" + b"\xc4\x10" + b"m" * 16 + b"\x01" + b"\xc4\x10" + b"c" * 16 + b"\x91" * DEEP,
        b"\x81\xa1t\xa5\xff\xfe\xfd\xfc\xfb",
        b"\x81\xa5\xff\xfe\xfd\xfc\xfb\xc0",
        b"\x82\xa1t\xa7refused\xa4code\xd9\x04\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
    ],
)
def test_messages_made_to_break_a_reader_are_refused(raw: bytes) -> None:
    for data in (b"\x00" + raw, b"\x01" + zstandard.ZstdCompressor().compress(raw)):
        with pytest.raises(BadMessage):
            load(data)


def test_a_bomb_is_refused_before_it_costs_memory() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(b"\x00" * (MAX_MESSAGE_BYTES + 1))
    assert len(bomb) < 4_096
    with pytest.raises(BadMessage, match="limit"):
        load(b"\x01" + bomb)
    compressor = zstandard.ZstdCompressor(write_content_size=False)
    with pytest.raises(BadMessage):
        load(b"\x01" + compressor.compress(b"\x00" * 1_000))


def test_the_limit_holds_for_what_comes_uncompressed() -> None:
    with pytest.raises(BadMessage, match="limit"):
        load(b"\x00" * (MAX_MESSAGE_BYTES + 2))


def frame(bodies: list[bytes], first: int = 1, incarnation: int = 1) -> Frame:
    return Frame(
        b"d" * 16, incarnation, Scope.BRANCH, b"s" * 16, first=first, previous=b"p" * 16, bodies=bodies, signature=b""
    )


def digests(scopes: int, tables: int) -> Suffixes:
    digest = TableDigest(b"f" * 8, b"d" * 8)
    scope = ScopeDigest(b"s" * 16, {str(number): digest for number in range(tables)})
    return Suffixes([], more=False, now_ms=1, digests=[scope] * scopes)


MARK = Mark(b"s" * 16, 1, b"c" * 16)
HEAD = Judged(b"s" * 16, 1)
HEAVY = [b"x" * MAX_BODY_BYTES] * (MAX_TRANSACTION_BYTES // MAX_BODY_BYTES)


@pytest.mark.parametrize(
    ("largest", "larger"),
    [
        (Push(frame([b"x" * MAX_BODY_BYTES])), Push(frame([b"x" * (MAX_BODY_BYTES + 1)]))),
        (Push(frame([b""] * MAX_TRANSACTION_CHANGES)), Push(frame([b""] * (MAX_TRANSACTION_CHANGES + 1)))),
        (Push(frame(HEAVY)), Push(frame([*HEAVY, b"x"]))),
        (Suffixes([frame(HEAVY)], more=False, now_ms=1), Suffixes([frame([*HEAVY, b"x"])], more=False, now_ms=1)),
        (Push(frame([b"x"], first=MAX_SEQ)), Push(frame([b"x"], first=(1 << 64) - 1))),
        (Push(frame([b"x"], incarnation=MAX_INCARNATION)), Push(frame([b"x"], incarnation=1 << 31))),
        (Pull([MARK] * MAX_MARKS), Pull([MARK] * (MAX_MARKS + 1))),
        (Hello(1, 1, [MARK] * MAX_MARKS), Hello(1, 1, [MARK] * (MAX_MARKS + 1))),
        (Welcome(b"g" * 16, [], 1, [HEAD] * MAX_MARKS), Welcome(b"g" * 16, [], 1, [HEAD] * (MAX_MARKS + 1))),
        (digests(MAX_SCOPES, 1), digests(MAX_SCOPES + 1, 1)),
        (digests(1, MAX_TABLES), digests(1, MAX_TABLES + 1)),
    ],
    ids=[
        "a body",
        "how many bodies",
        "a frame",
        "a frame of others",
        "a position",
        "an incarnation",
        "marks",
        "own",
        "judged heads",
        "scopes",
        "tables",
    ],
)
def test_what_no_honest_replica_sends_is_refused_when_it_is_read(largest: Any, larger: Any) -> None:
    assert load(dump(largest)) == largest
    with pytest.raises(BadMessage):
        load(dump(larger))


def test_names_that_no_table_can_have_are_refused_when_a_change_is_read() -> None:
    name = "n" * MAX_NAME_CHARACTERS
    assert decode(encode(Change(1, 1, 1, True, 1, name, 0, b"r" * 16, None, {name: 1}))).table == name
    for table, field in ((name + "n", name), (name, name + "n")):
        with pytest.raises(msgspec.DecodeError):
            decode(encode(Change(1, 1, 1, True, 1, table, 0, b"r" * 16, None, {field: 1})))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x90",
        b"\x91" * DEEP,
        encode(Change(1, 1, 1, True, 1, "t", 0, b"r" * 16, None, {}))[:-1] + b"\x81\xa1x" + b"\x91" * DEEP + b"\xc0",
        encode(Change(1, 1, 1, True, 1, "t", 0, b"r" * 16, None, {}))[:-1] + b"\x81\xa1x\xd9\x02\xff\xff",
        encode(Change(1, 1, 1, True, 1, "t", 0, b"r" * 16, None, {}))[:-1] + b"\x81\xa1x\xd7\xff" + b"\xff" * 8,
    ],
)
def test_a_body_made_to_break_a_reader_is_told_as_one_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(body)


@given(st.dictionaries(st.uuids(), st.builds(Position, NATURALS, SIXTEEN), max_size=5))
def test_a_vector_survives_the_wire(vector: dict[UUID, Position]) -> None:
    assert from_marks(to_marks(vector)) == vector


def test_messages_may_be_written_and_read_in_several_threads_at_once() -> None:
    def same(number: int) -> bool:
        message = Push(frame([Random(number).randbytes(400) * 50 for _body in range(200)]))
        return all(load(dump(message)) == message for _time in range(10))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(same, range(8)))
