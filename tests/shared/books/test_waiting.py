"""What is paid and not handed over is still a matter of the floor; what nobody waits for is none."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, ORGANIZATION, TILL, WAITER, Village

from shared.books.queries import open_orders
from shared.books.waiting import COOKED_BY, LONGEST_WAIT, is_waiting, waiting_orders


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


async def paid(hands: Hands, order: UUID, *dishes: str) -> UUID:
    """An order of these dishes, sent and paid."""
    for dish in dishes:
        await hands.add(order, dish)
    await hands.send(order)
    check = await hands.check(order)
    await hands.pay(check.id, check.due_minor)
    return order


async def on_floor(hands: Hands) -> set[UUID]:
    """The open orders; each reading of one order says the same as the reading of all."""
    now = hands.replica.clock.now()
    async with hands.replica.connection() as reader:
        waiting = await waiting_orders(reader, ORGANIZATION, BRANCH, now)
        listed = {view.id: view for view in await open_orders(reader, ORGANIZATION, BRANCH, {}, waiting)}
        for view in listed.values():
            assert not view.is_free or await is_waiting(reader, ORGANIZATION, BRANCH, view, now)
    return set(listed)


async def test_what_is_taken_away_waits_until_it_is_handed_over(till: Hands) -> None:
    order = await paid(till, await till.take_out(), "cev", "pan")
    assert await on_floor(till) == {order}
    await till.bump()
    assert await on_floor(till) == {order}
    await till.serve(order, only_ready=True)
    assert await on_floor(till) == set()


async def test_a_table_that_paid_waits_while_a_kitchen_that_tells_makes_it(till: Hands, village: Village) -> None:
    first = await paid(till, await till.open(), "cev")
    await till.bump()
    assert await on_floor(till) == set(), "it is made: at a table people pay what they ate"
    order = await paid(till, await till.open(), "cev", "pan")
    assert order != first
    village.clock.instant += COOKED_BY + timedelta(hours=1)
    assert await on_floor(till) == {order}
    await till.bump()
    assert await on_floor(till) == set()


async def test_a_table_of_a_kitchen_that_cooks_from_paper_waits_for_a_while(till: Hands, village: Village) -> None:
    order = await paid(till, await till.open(), "cev")
    assert await on_floor(till) == {order}
    village.clock.instant += COOKED_BY
    assert await on_floor(till) == set()


async def test_what_was_given_back_or_is_of_yesterday_waits_for_nobody_unless_it_was_promised_for_today(
    till: Hands, village: Village
) -> None:
    order = await paid(till, await till.take_out(), "cev")
    (bought,) = await till.receipt_lines()
    await till.refund((await till.check(order)).id, {bought.id: bought.quantity_milli})
    await till.confirm()
    assert await on_floor(till) == set()
    await paid(till, await till.take_out(), "cev")
    cake = await paid(till, await till.take_out(), "cev")
    await till.promise(cake, village.clock.now() + LONGEST_WAIT)
    village.clock.instant += LONGEST_WAIT + timedelta(minutes=1)
    assert await on_floor(till) == {cake}


async def test_two_tills_know_what_waits_and_reading_it_takes_two_statements(till: Hands, village: Village) -> None:
    other = Hands(village, village.replica(WAITER, "B"))
    orders = {await paid(till, await till.take_out(), "cev") for _each in range(3)}
    await meet(till, other)
    assert await on_floor(other) == orders
    async with other.replica.connection() as reader:
        with other.replica.counted() as issued:
            await waiting_orders(reader, ORGANIZATION, BRANCH, other.replica.clock.now())
        assert len(issued) <= 2


async def test_a_promised_time_is_on_the_order_and_can_be_taken_back(till: Hands) -> None:
    order, at = await till.take_out(), till.replica.clock.now() + timedelta(minutes=20)
    await till.promise(order, at)
    assert (await till.order(order)).promised_at == at
    await till.promise(order, None)
    assert (await till.order(order)).promised_at is None
