"""What is added again before it was sent is one line; and of a sold-out dish a line may change, but not grow."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import CLOUD, MANAGER, Village

from shared.kernel.errors import DomainError
from shared.menu.availability import set_out
from shared.menu.records import Item
from shared.orders.commands import change_line, first_check_id
from shared.orders.equal_lines import add_to_equal
from shared.payments.commands import check_for_more


async def again(hands: Hands, order: UUID, line: UUID, quantity: int = ONE, notes: str = "") -> bool:
    async with hands.replica.work(MANAGER) as work:
        check = await check_for_more(work, order)
        return await add_to_equal(work, line, hands.house.items["cev"], (), quantity, notes, check)


async def set_at_the_office(village: Village, hands: Hands, **values: object) -> None:
    """The organization changes the ceviche, and the till hears of it."""
    cloud = village.replica(CLOUD)
    async with cloud.work() as work:
        item = await work.get(Item, hands.house.items["cev"])
        for name, value in values.items():
            setattr(item, name, value)
    await hands.replica.pull(cloud)


async def test_forty_equal_taps_are_one_line(till: Hands, order: UUID, line: UUID) -> None:
    for _ in range(39):
        assert await again(till, order, line)
    (only,) = (await till.order(order)).lines
    assert (only.id, only.quantity_milli) == (line, 40 * ONE)


async def test_growth_on_both_devices_adds_up_and_is_told_once(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    elsewhere = await other.add(order)
    assert await again(till, order, line, 2 * ONE)
    assert await again(other, order, elsewhere, 3 * ONE)
    await meet(till, other)
    assert not await again(other, order, line), "a line of another device does not grow here"
    for hands in (till, other):
        assert sorted(each.quantity_milli for each in (await hands.order(order)).lines) == [3 * ONE, 4 * ONE]
    assert await till.send(order) == 7 * ONE
    await meet(till, other)
    assert await other.send(order) == 0


async def test_what_differs_or_was_sent_is_another_line(
    village: Village, till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    assert not await again(till, order, line, notes="sin ají")
    async with till.replica.work(MANAGER) as work:
        assert not await add_to_equal(work, line, till.house.items["pan"], (), ONE, "", first_check_id(order))
    await till.send(order)
    assert not await again(till, order, line)


async def test_a_new_price_begins_a_new_line_and_leaves_the_old_one_as_it_is(
    village: Village, till: Hands, order: UUID, line: UUID
) -> None:
    await set_at_the_office(village, till, price_minor=4_500)
    assert not await again(till, order, line)
    assert (await till.line(order, line)).unit_minor == 4_250


async def test_a_line_of_what_is_sold_out_may_change_and_shrink_but_not_grow(
    village: Village, till: Hands, order: UUID, line: UUID
) -> None:
    await till.set(line, 3 * ONE)
    async with till.replica.work(MANAGER) as work:
        await set_out(work, till.house.items["cev"])
    for grow in (lambda: till.one_more(line), lambda: till.set(line, 4 * ONE), lambda: again(till, order, line)):
        with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
            await grow()
    async with till.replica.work(MANAGER) as work:
        await change_line(work, line, notes="bien frío", modifier_ids=())
    await till.set(line, 2 * ONE)
    await till.set(line, 2 * ONE)
    assert (await till.line(order, line)).quantity_milli == 2 * ONE
    await till.remove(line)


async def test_a_line_of_what_left_the_menu_does_not_grow_either(
    village: Village, till: Hands, order: UUID, line: UUID
) -> None:
    await set_at_the_office(village, till, active=False)
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await till.one_more(line)
    await till.remove(line)


async def test_growing_costs_no_more_statements_than_one_more(till: Hands, order: UUID, line: UUID) -> None:
    with till.replica.counted() as growing:
        assert await again(till, order, line)
    with till.replica.counted() as more:
        await till.one_more(line)
    assert len(growing) <= len(more) + 1, "it asks which check takes more"
