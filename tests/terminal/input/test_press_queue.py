"""Presses keep order, lose nothing, and never do twice what is meant once. No screen is needed to see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from terminal.input.press_queue import MAX_WAITING, Act, PressQueue


@asynccontextmanager
async def working(trouble: list[Exception] | None = None) -> AsyncIterator[PressQueue]:
    async def note(error: Exception, _act: Act) -> None:
        (trouble if trouble is not None else []).append(error)

    presses = PressQueue(note)
    task = asyncio.create_task(presses.work())
    yield presses
    task.cancel()


def writes(book: list[str], word: str, gate: asyncio.Event | None = None, *, once: bool = False):
    async def act() -> bool:
        if gate is not None:
            await gate.wait()
        book.append(word)
        return once

    return act


async def test_turns_run_in_the_order_in_which_they_were_taken() -> None:
    book: list[str] = []
    async with working() as presses:
        for word in "abcdef":
            presses.take(word, writes(book, word))
        await presses.idle()
    assert book == list("abcdef")


async def test_a_slow_turn_holds_the_later_ones_back_and_loses_none() -> None:
    book, gate = [], asyncio.Event()
    async with working() as presses:
        presses.take("slow", writes(book, "slow", gate))
        presses.take("quick", writes(book, "quick"))
        await asyncio.sleep(0)
        assert book == []
        gate.set()
        await presses.idle()
    assert book == ["slow", "quick"]


async def test_twenty_presses_of_what_is_meant_once_count_once() -> None:
    book: list[str] = []
    async with working() as presses:
        for _ in range(20):
            presses.take("f5", writes(book, "sent", once=True))
        presses.take("f9", writes(book, "paid"))
        await presses.idle()
    assert book == ["sent", "paid"]


async def test_the_same_key_after_another_one_is_meant_again() -> None:
    book: list[str] = []
    async with working() as presses:
        presses.take("enter", writes(book, "first", once=True))
        presses.take("7", writes(book, "7"))
        presses.take("enter", writes(book, "second", once=True))
        await presses.idle()
    assert book == ["first", "7", "second"]


async def test_repeated_keys_that_may_repeat_all_count() -> None:
    book: list[str] = []
    async with working() as presses:
        for _ in range(5):
            presses.take("+", writes(book, "more"))
        await presses.idle()
    assert book == ["more"] * 5


async def test_a_turn_that_fails_is_told_and_the_next_one_runs() -> None:
    book: list[str] = []
    trouble: list[Exception] = []

    async def fails() -> bool:
        raise LookupError("no such table")

    async with working(trouble) as presses:
        for _ in range(3):
            presses.take("f5", fails)
        presses.take("7", writes(book, "7"))
        await presses.idle()
    assert [type(error) for error in trouble] == [LookupError]
    assert book == ["7"]


async def test_a_stuck_key_is_refused_at_the_limit() -> None:
    async with working() as presses:
        taken = [presses.take("x", writes([], "x")) for _ in range(MAX_WAITING + 2)]
        assert taken.count(False) == 2
        await presses.idle()


async def test_a_slow_turn_can_be_told_from_a_new_one() -> None:
    gate = asyncio.Event()
    async with working() as presses:
        assert presses.running is None
        presses.take("slow", writes([], "slow", gate))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        slow = presses.running
        assert slow is not None
        assert presses.running == slow
        gate.set()
        await presses.idle()
        assert presses.running is None


async def test_the_first_presses_are_dropped_only_if_all_of_them_have_these_names() -> None:
    book: list[str] = []
    async with working() as presses:
        for name in "1212":
            presses.take(name, writes(book, name))
        assert not presses.drop_first("1", "1")
        assert presses.drop_first("1", "2")
        assert not presses.drop_first("1", "2", "3")
        await presses.idle()
    assert book == ["1", "2"]
