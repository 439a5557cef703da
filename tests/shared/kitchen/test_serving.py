"""Serving by line and by what is ready: served portions add up, on one device and on two."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import MANAGER, TILL, WAITER, Village

from shared.kernel.errors import DomainError
from shared.kitchen.serving import HandedOver, serve_order, take_back


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Hands:
    return Hands(village, village.replica(WAITER, "B"))


async def served(hands: Hands, order: UUID) -> list[int]:
    """Whole portions of each line."""
    return [line.served_milli // ONE for line in (await hands.order(order)).lines]


async def test_a_line_is_served_by_itself_and_again_changes_nothing(till: Hands) -> None:
    order = await till.open()
    dish, drink = await till.add(order, "cev", 2 * ONE), await till.add(order, "chi")
    await till.send(order)
    assert await till.serve(order, drink) == 1
    assert await till.serve(order, drink) == 0
    assert await served(till, order) == [0, 1]
    assert await till.serve(order, dish) == 1
    assert await served(till, order) == [2, 1]


async def test_only_what_is_ready_is_served(till: Hands) -> None:
    order = await till.open()
    dish, _bread = await till.add(order, "cev"), await till.add(order, "pan")
    await till.send(order)
    assert await till.serve(order, only_ready=True) == 1
    assert await till.serve(order, dish, only_ready=True) == 0
    assert await served(till, order) == [0, 1]
    await till.bump()
    assert await till.serve(order, only_ready=True) == 1
    assert await served(till, order) == [1, 1]


async def test_what_was_not_sent_is_not_served(till: Hands) -> None:
    order = await till.open()
    dish = await till.add(order, "cev")
    with pytest.raises(DomainError, match="NOTHING_SENT"):
        await till.serve(order, dish)
    await till.send(order)
    late = await till.one_more(dish)
    assert await till.serve(order, late) == 0
    assert await till.serve(order) == 1
    assert await served(till, order) == [1, 0]


async def test_a_part_is_served_by_itself(till: Hands) -> None:
    order = await till.open()
    dish = await till.add(order, "cev", 3 * ONE)
    await till.send(order)
    part = await till.split(dish, ONE)
    assert await till.serve(order, part) == 1
    assert sum(await served(till, order)) == 1
    await till.serve(order, dish, part)
    assert sum(await served(till, order)) == 3


async def test_handed_over_on_both_is_handed_over_once(till: Hands, other: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev", 2 * ONE)
    await till.send(order)
    await meet(till, other)
    for each in (till, other):
        assert await each.serve(order) == 1
    await meet(till, other)
    for each in (till, other):
        assert await served(each, order) == [2]
        assert await each.serve(order) == 0


async def hand_over(hands: Hands, order: UUID) -> HandedOver:
    async with hands.replica.work(MANAGER) as work:
        return await serve_order(work, order)


async def give_back(hands: Hands, handed: HandedOver) -> None:
    async with hands.replica.work(MANAGER) as work:
        await take_back(work, handed.portions)


async def test_what_was_handed_over_by_mistake_is_taken_back_and_handed_over_again(till: Hands, other: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev", 2 * ONE)
    await till.add(order, "pan")
    await till.send(order)
    await till.bump()
    handed = await hand_over(till, order)
    assert handed.dishes == 2
    await meet(till, other)
    for each in (till, other):  # both at once: it came back once
        await give_back(each, handed)
    await meet(till, other)
    for each in (till, other):
        assert await served(each, order) == [0, 0]
    assert await other.serve(order, only_ready=True) == 2
    await give_back(other, handed)
    assert await other.serve(order) == 2
    await meet(till, other)
    for each in (till, other):
        assert await served(each, order) == [2, 1]


async def test_only_what_is_on_the_table_comes_back(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev", 2 * ONE)
    await till.send(order)
    await till.bump()
    handed = await hand_over(till, order)
    for _twice in range(2):
        await give_back(till, handed)
    assert await till.serve(order) == 1
    assert await served(till, order) == [2]
