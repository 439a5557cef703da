"""Undoing a step gives the lines back as they were, and nothing that was told is undone."""

from __future__ import annotations

import pytest
from evening import ONE, Hands, meet
from restaurant import TILL, WAITER, Village

from shared.kernel.errors import DomainError
from shared.orders.undoing import LineBefore


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


async def held(hands: Hands, order) -> list[tuple[int, str]]:
    return [(line.quantity_milli, line.notes) for line in (await hands.order(order)).lines]


async def test_a_removed_line_comes_back_as_it_was(till: Hands) -> None:
    order = await till.open()
    line = await till.add(order, "cev", 2 * ONE)
    await till.note(line, "sin ají")
    before = (await till.order(order)).lines[0]
    await till.remove(line)
    await till.undo({line: LineBefore(quantity_milli=2 * ONE)})
    assert (await till.order(order)).lines[0] == before


async def test_an_added_line_goes_and_a_changed_one_becomes_what_it_was(till: Hands) -> None:
    order = await till.open()
    first, second = await till.add(order, "cev"), await till.add(order, "chi")
    await till.set(first, 3 * ONE)
    await till.note(first, "sin ají")
    await till.undo({first: LineBefore(quantity_milli=ONE, notes=""), second: LineBefore(quantity_milli=0)})
    assert await held(till, order) == [(ONE, "")]


async def test_what_the_kitchen_knows_is_not_undone(till: Hands) -> None:
    order = await till.open()
    line = await till.add(order, "cev")
    await till.send(order)
    for before in (LineBefore(quantity_milli=0), LineBefore(quantity_milli=2 * ONE)):
        with pytest.raises(DomainError, match="LINE_ALREADY_SENT"):
            await till.undo({line: before})
    assert await held(till, order) == [(ONE, "")]


async def test_a_step_is_undone_whole_or_not_at_all(till: Hands) -> None:
    order = await till.open()
    sent = await till.add(order, "cev")
    await till.send(order)
    fresh = await till.add(order, "chi")
    with pytest.raises(DomainError, match="LINE_ALREADY_SENT"):
        await till.undo({fresh: LineBefore(quantity_milli=0), sent: LineBefore(quantity_milli=0)})
    assert len((await till.order(order)).lines) == 2


async def test_an_undone_addition_that_another_device_sends_is_to_be_taken_back(village: Village, till: Hands) -> None:
    other = Hands(village, village.replica(WAITER, "B"))
    order = await till.open()
    line = await till.add(order, "cev", 2 * ONE)
    await meet(till, other)
    await till.undo({line: LineBefore(quantity_milli=0)})
    await other.send(order)
    await meet(till, other)
    for hands in (till, other):
        (shown,) = (await hands.order(order)).lines
        assert (shown.quantity_milli, shown.withdrawn_milli) == (0, 2 * ONE)


async def test_a_cancelled_order_whose_dishes_were_made_is_waste_and_asks_the_kitchen_nothing(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev", 2 * ONE)
    await till.send(order)
    await till.bump()
    await till.cancel(order, was_made=True)
    (void,) = await till.voids()
    assert (void.quantity_milli, void.thrown_milli) == (2 * ONE, 2 * ONE)
    assert await till.tickets() == []
