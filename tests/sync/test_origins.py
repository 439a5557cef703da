"""A change that its author had to write again, in another stream: it is applied under its origin."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import BRANCH, CLOUD, Replica
from streams import Written, arrive, device, edit, reasons, space, space_names, verdict

from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import MAX_BODY_BYTES, ORIGIN_BYTES, Change, Origin, StreamKey, decode, encode, encode_again

SPACE = UUID(int=101)
ROWS = [space(SPACE, name="garden")], [edit("spaces", SPACE, name="patio")]


def again(written: Written) -> Written:
    """Both transactions of a stream as its author writes them again in its second incarnation."""
    other = Written(written.key._replace(incarnation=2))
    for number, rows in enumerate(ROWS):
        other.commit(rows, 1 + number, origin=(written.key.id, number + 1))
    return other


async def test_what_is_known_under_its_origin_changes_nothing(replica: Replica) -> None:
    written = device("a", *ROWS)
    await arrive(replica, written)
    before = await replica.digests()
    await arrive(replica, again(written))
    assert await replica.digests() == before, "not even a stamp"


async def test_whoever_meets_only_the_second_writing_has_the_same_rows(replica: Replica) -> None:
    """Digests hold the stamps: equal ones say that both name the first stream."""
    written = device("a", *ROWS)
    await arrive(replica, again(written))
    before = await replica.digests()
    await arrive(replica, written)
    assert await replica.digests() == before
    assert await space_names(replica) == {"patio"}


async def test_an_origin_makes_nobody_the_cloud(replica: Replica) -> None:
    """Verdicts count in the stream in which they stand."""
    victim, clouds = device("victim", ROWS[0]), StreamKey(CLOUD, 2, Scope.BRANCH, BRANCH).id
    forged = device("forger")
    forged.commit([verdict(derived_id("v"), victim.key.id, 1, 1)], origin=(clouds, 1))
    await arrive(replica, victim, forged)
    assert await space_names(replica) == {"garden"}
    assert [reason for _first, _last, reason in await reasons(replica)] == ["NOT_THE_CLOUD"]


def test_writing_again_keeps_all_but_the_place() -> None:
    body = encode(Change(7, 8, 9, True, 1, "orders", 0, b"r" * 16, b"a" * 16, {"notes": "n", "deep": [{"x": 1}]}))
    moved = decode(encode_again(body, 2, 3, Origin(b"s" * 16, 7)))
    assert moved == Change(2, 8, 3, True, 1, "orders", 0, b"r" * 16, b"a" * 16, decode(body).fields, moved.origin)
    assert moved.origin == Origin(b"s" * 16, 7)
    third = decode(encode_again(encode(moved), 4, 4, Origin(b"t" * 16, 2)))
    assert third.origin == Origin(b"s" * 16, 7), "the first place of all"


def test_what_may_be_written_may_be_written_again() -> None:
    def sized(notes: int) -> Change:
        return Change(1, 1, 1, True, 1, "orders", 0, b"r" * 16, None, {"notes": "x" * notes})

    room = MAX_BODY_BYTES - ORIGIN_BYTES - len(encode(sized(60_000))) + 60_000
    largest = encode(sized(room))
    again = encode_again(largest, (1 << 63) - 1, (1 << 63) - 1, Origin(b"s" * 16, (1 << 63) - 1))
    assert len(largest) < len(again) <= MAX_BODY_BYTES
    with pytest.raises(ValueError, match="limit"):
        encode(sized(room + 1))
