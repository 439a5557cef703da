"""Questions that come at once are one question, and nobody's trouble is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import pytest

from cloud.accounts import together
from cloud.accounts.together import Together


class Book:
    """What there is, how often it was looked into, and a gate before each look."""

    def __init__(self, *there: bytes) -> None:
        self.there = frozenset(there)
        self.looks: list[list[bytes]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble: Exception | None = None

    async def read(self, keys: Sequence[bytes]) -> Collection[bytes]:
        self.looks.append(list(keys))
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return self.there & set(keys)


async def test_a_hundred_who_ask_at_once_are_asked_for_together_and_each_hears_of_their_own() -> None:
    book = Book(b"7", b"8")
    asking = Together(book.read)
    found = await asyncio.gather(*(asking.of([b"%d" % number, b"8"]) for number in range(100)))
    assert found[7] == {b"7", b"8"}
    assert found[9] == {b"8"}
    assert len(book.looks) == 1


async def test_who_comes_while_one_is_under_way_waits_for_the_next_one() -> None:
    book = Book(b"1")
    asking = Together(book.read)
    book.gate.clear()
    first = asyncio.create_task(asking.of([b"1"]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(asking.of([b"%d" % number])) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    later[2].cancel()
    book.gate.set()
    assert await first == await later[0] == {b"1"}
    assert await later[1] == frozenset()
    assert book.looks == [[b"1"], [b"1", b"2"]], "and not for who has gone away"


async def test_trouble_is_told_to_who_asked_and_the_next_one_is_answered() -> None:
    book = Book(b"1")
    asking = Together(book.read)
    book.trouble = ConnectionError("away")
    told = await asyncio.gather(asking.of([b"1"]), asking.of([b"2"]), return_exceptions=True)
    assert [str(each) for each in told] == ["away", "away"]
    book.trouble = None
    assert await asking.of([b"1"]) == {b"1"}


async def test_no_statement_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_AT_ONCE", 4)
    book = Book()
    asking = Together(book.read)
    await asyncio.gather(*(asking.of([b"a%d" % number, b"b%d" % number]) for number in range(5)))
    assert [len(look) for look in book.looks] == [4, 4, 2]
