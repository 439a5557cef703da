"""Reading orders for screens: few statements whatever they hold, and each line says what its ledgers say."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands
from restaurant import BRANCH, MANAGER, ORGANIZATION, Replica, Village

from shared.books import queries
from shared.books.queries import open_orders, order_view
from shared.books.views import LineState, OrderState
from shared.kitchen.queries import open_tickets
from shared.kitchen.serving import serve_order
from shared.kitchen.ticket_views import TicketState
from shared.truth.balances import CheckState
from tests.done_tickets import done_tickets

MOST_STATEMENTS = 11
"""Orders, checks, lines, what else is there; where it is: voids, told, receipts, refunds, and what adjusts a bill."""


@pytest.fixture
def hands(village: Village, till: Replica) -> Hands:
    return Hands(village, till)


async def statements(till: Replica, order_id: UUID | None = None) -> int:
    """How many statements it takes to read one order, or all open ones."""
    async with till.connection() as reader:
        with till.counted() as issued:
            if order_id is None:
                await open_orders(reader, ORGANIZATION, BRANCH, {})
            else:
                await order_view(reader, ORGANIZATION, order_id, {})
            return len(issued)


async def test_an_order_of_forty_lines_takes_as_many_statements_as_one_of_one(hands: Hands, till: Replica) -> None:
    small, large = await hands.open(), await hands.open("2")
    await hands.add(small)
    for _line in range(40):
        await hands.add(large)
    assert await statements(till, small) == await statements(till, large) == 4
    for order in (small, large):
        await hands.send(order)
    assert await statements(till, large) == 5
    assert await statements(till) == 7, "all orders: which they are, who sits together, and then the same"


async def test_an_order_with_all_that_can_be_takes_no_more_than_a_few(hands: Hands, till: Replica) -> None:
    order = await hands.open()
    line = await hands.add(order, quantity=3 * ONE)
    await hands.send(order)
    check = (await hands.order(order)).check_id
    await hands.void(line, ONE)
    await hands.pay(check, 2 * 4_250)
    (bought,) = await hands.receipt_lines()
    await hands.refund(check, {bought.id: ONE})
    await hands.add(order)
    await hands.discount((await hands.order(order)).check_id, amount_minor=100)
    assert await statements(till, order) <= MOST_STATEMENTS


async def test_a_kitchen_reads_no_money(hands: Hands, till: Replica) -> None:
    order = await hands.open()
    await hands.add(order)
    await hands.send(order)
    async with till.connection() as reader:
        with till.counted() as issued:
            await open_tickets(reader, ORGANIZATION, BRANCH)
        assert len(issued) == 7, "with who sits together, and what they may not eat"
        assert not any("receipt" in statement for statement in issued)


async def test_lines_and_order_go_through_their_states(hands: Hands, till: Replica) -> None:
    order = await hands.open()
    dish, bread = await hands.add(order), await hands.add(order, "pan")

    async def states() -> tuple[LineState, LineState, OrderState]:
        view = await hands.order(order)
        lines = {line.id: line.state for line in view.lines}
        return lines[dish], lines[bread], view.state

    assert await states() == (LineState.OPEN, LineState.OPEN, OrderState.PENDING)
    await hands.send(order)
    assert (await states())[:2] == (LineState.SENT, LineState.READY), "no station makes bread: it can be served"
    await hands.bump()
    assert await states() == (LineState.READY, LineState.READY, OrderState.READY)
    async with till.work(MANAGER) as work:
        await serve_order(work, order)
    assert await states() == (LineState.SERVED, LineState.SERVED, OrderState.SERVED)


async def test_the_check_that_is_worked_on_owes_something_or_needs_somebody(hands: Hands) -> None:
    order = await hands.open()
    first = (await hands.order(order)).check_id
    line = await hands.add(order)
    await hands.send(order)
    second = await hands.another_check(order)
    await hands.move(line, second)
    view = await hands.order(order)
    assert (view.check_id, view.is_owed, view.owed_minor) == (second, True, 4_250)
    await hands.pay(second, 4_250)
    assert (await hands.order(order)).is_free
    await hands.add(order, "chi", check=first)
    assert (await hands.order(order)).check_id == first


async def test_money_to_give_back_and_money_that_is_missing_are_told(hands: Hands) -> None:
    order = await hands.open()
    await hands.add(order)
    await hands.send(order)
    check = (await hands.order(order)).check_id
    await hands.pay(check, 3_000)
    await hands.pay(check, 2_000, method="Efectivo")
    assert (await hands.order(order)).is_free
    (bought,) = await hands.receipt_lines()
    assert await hands.refund(check, {bought.id: ONE}) == 4_250
    view = await hands.order(order)
    assert (view.check.state, view.to_give_back_minor, view.short_minor) == (CheckState.SETTLED, 0, 0)


async def test_what_comes_in_the_place_of_a_change_is_seen_on_the_ticket(hands: Hands, till: Replica) -> None:
    order = await hands.open()
    line = await hands.add(order)
    await hands.send(order)
    await hands.note(line, "ALERGIA")
    (ticket,) = await hands.tickets()
    assert ticket.state is TicketState.CHANGED
    assert [(each.withdrawn_milli, each.comes, each.notes) for each in ticket.lines] == [
        (ONE, False, ""),
        (0, True, "ALERGIA"),
    ]
    await hands.confirm()
    (ticket,) = await hands.tickets()
    assert [(each.to_make_milli, each.comes, each.notes) for each in ticket.lines] == [(ONE, False, "ALERGIA")]
    await hands.bump()
    async with till.connection() as reader:
        (done,) = await done_tickets(reader, ORGANIZATION, BRANCH)
    assert done.state is TicketState.BUMPED


async def test_orders_that_are_read_in_parts_say_what_they_say_together(
    hands: Hands, till: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [await hands.open(table) for table in "121"]
    lines = [await hands.add(order, quantity=2 * ONE) for order in orders]
    await hands.split(lines[0], ONE)
    await hands.move(lines[1], (await hands.order(orders[0])).check_id)
    await hands.send(orders[0])
    await hands.discount((await hands.order(orders[0])).check_id, amount_minor=100)
    async with till.connection() as reader:
        together = await open_orders(reader, ORGANIZATION, BRANCH, {})
        monkeypatch.setattr(queries, "ORDERS_AT_ONCE", 1)
        assert await open_orders(reader, ORGANIZATION, BRANCH, {}) == together
    assert len(together) >= 2
