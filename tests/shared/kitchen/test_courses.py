"""Courses: the first one is sent, later ones wait, a fire tells them once; what waits is counted and can be paid."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import COOK, MANAGER, SERVER, TILL, WAITER, Replica, Village

from shared.books.views import LineState
from shared.kernel.errors import DomainError
from shared.kitchen import commands as kitchen
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.kitchen.sending import Sent, fire_course, send_order
from shared.kitchen.ticket_views import TicketState
from shared.orders.coursing import set_course, set_seat


def usual(hands: Hands, dish: str) -> tuple[UUID, ...]:
    return (hands.house.modifiers["jugoso"],) if dish == "lom" else ()


async def ordered(hands: Hands, courses: Mapping[str, int]) -> tuple[UUID, dict[str, UUID]]:
    """An order with a line of each of these dishes, in these courses."""
    order, lines = await hands.open(), {}
    for dish, course in courses.items():
        lines[dish] = await hands.add(order, dish, chosen=usual(hands, dish))
        async with hands.replica.work(MANAGER) as work:
            await set_course(work, lines[dish], course)
    return order, lines


async def fire(hands: Hands, order: UUID, course: int | None = None) -> Sent:
    async with hands.replica.work(MANAGER) as work:
        return await fire_course(work, order, course)


async def send(hands: Hands, order: UUID) -> Sent:
    async with hands.replica.work(MANAGER) as work:
        return await send_order(work, order)


async def states(hands: Hands, order: UUID) -> dict[str, LineState]:
    return {line.item_name: line.state for line in (await hands.order(order)).lines}


async def test_the_first_course_is_sent_and_later_ones_wait_for_their_fire(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, _lines = await ordered(hands, {"cev": 1, "lom": 2, "chi": 0, "pan": 3})
    sent = await send(hands, order)
    assert [(each.course, each.dishes, each.portions_milli) for each in sent.held] == [(2, 1, ONE), (3, 1, ONE)]
    assert await states(hands, order) == {
        "Ceviche": LineState.SENT,
        "Lomo saltado": LineState.HELD,
        "Chicha morada": LineState.SENT,
        "Pan": LineState.HELD,
    }
    assert (await send(hands, order)).portions_milli == 0, "what waits is not to send"
    fired = await fire(hands, order)
    assert (fired.course, fired.portions_milli) == (2, ONE)
    (ticket,) = fired.tickets.values()
    assert ticket.course == 2
    assert [each.course for each in (await fire(hands, order)).held] == []
    with pytest.raises(DomainError, match="NOTHING_HELD"):
        await fire(hands, order)


async def test_what_is_added_to_a_course_goes_with_it(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, _lines = await ordered(hands, {"cev": 1, "lom": 2})
    await send(hands, order)
    for dish, course in (("pan", 1), ("chi", 2)):
        line = await hands.add(order, dish)
        async with till.work(MANAGER) as work:
            await set_course(work, line, course)
    assert (await send(hands, order)).portions_milli == ONE
    assert [(each.course, each.dishes) for each in (await send(hands, order)).held] == [(2, 2)]
    assert (await fire(hands, order, 2)).portions_milli == 2 * ONE


async def test_a_named_course_is_fired_before_the_next_one_and_only_once(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, _lines = await ordered(hands, {"cev": 1, "lom": 2, "chi": 3})
    await send(hands, order)
    assert [each.course for each in (await fire(hands, order, 3)).held] == [2]
    with pytest.raises(DomainError, match="COURSE_NOT_HELD"):
        await fire(hands, order, 3)


async def test_two_devices_that_fire_at_once_fire_once(village: Village) -> None:
    one, other = Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))
    order, _lines = await ordered(one, {"cev": 1, "lom": 2, "chi": 2})
    await send(one, order)
    await other.replica.pull(one.replica)
    here, there = await fire(one, order), await fire(other, order)
    assert here.tickets.keys() == there.tickets.keys()
    await meet(one, other)
    for hands in (one, other):
        tickets = [row for row in await hands.replica.rows(KitchenTicket) if row.course]
        assert len(tickets) == 2, "one for each station"
        assert {row.told_milli for row in await hands.replica.rows(TicketLine)} == {ONE}
        assert set((await states(hands, order)).values()) == {LineState.SENT}


async def test_what_one_device_held_and_another_sent_is_changed_and_sent_again(village: Village) -> None:
    one, other = Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))
    order, lines = await ordered(one, {"cev": 1, "lom": 2})
    await meet(one, other)
    await send(one, order)
    async with other.replica.work(MANAGER) as work:
        await set_course(work, lines["lom"], 1)
    await send(other, order)
    await meet(one, other)
    await one.note(lines["lom"], "sin cebolla")

    sent = await send(one, order)
    assert [(each.course, each.portions_milli) for each in sent.held] == [(1, ONE)]
    assert [(dish.name, dish.quantity_milli) for of in sent.waiting.values() for dish in of] == [("Lomo saltado", ONE)]


async def test_an_order_that_is_taken_away_is_sent_whole(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order = await hands.take_out()
    for dish, course in (("cev", 1), ("lom", 2)):
        line = await hands.add(order, dish, chosen=usual(hands, dish))
        async with till.work(MANAGER) as work:
            await set_course(work, line, course)
    assert (await send(hands, order)).portions_milli == 2 * ONE


async def test_a_course_is_changed_until_the_kitchen_heard_of_it(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, lines = await ordered(hands, {"cev": 1, "lom": 2})
    await send(hands, order)
    async with till.work(MANAGER) as work:
        await set_course(work, lines["lom"], 0)
    assert (await states(hands, order))["Lomo saltado"] == LineState.OPEN, "without a course nothing waits"
    with pytest.raises(DomainError, match="LINE_ALREADY_SENT"):
        async with till.work(MANAGER) as work:
            await set_course(work, lines["cev"], 2)


async def test_what_waits_is_paid_and_stays_to_be_fired(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, _lines = await ordered(hands, {"cev": 1, "lom": 2})
    await send(hands, order)
    await hands.pay((await hands.check(order)).id, (await hands.check(order)).due_minor)
    view = await hands.order(order)
    assert not view.is_free, "its table is not free while a course waits"
    assert (await fire(hands, order)).portions_milli == ONE


async def test_a_held_line_that_is_removed_waits_no_more(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, lines = await ordered(hands, {"cev": 1, "lom": 2})
    await send(hands, order)
    await hands.remove(lines["lom"])
    with pytest.raises(DomainError, match="NOTHING_HELD"):
        await fire(hands, order)


async def test_a_cook_fires_no_course(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, _lines = await ordered(hands, {"cev": 1, "lom": 2})
    await send(hands, order)
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(COOK) as work:
            await fire_course(work, order)


async def test_a_cook_holds_a_ticket_and_anybody_of_the_house_fires_it(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, _lines = await ordered(hands, {"cev": 1})
    (ticket_id,) = (await send(hands, order)).tickets
    async with till.work(COOK) as work:
        await kitchen.hold(work, ticket_id)
        await kitchen.hold(work, ticket_id)
    (ticket,) = await hands.tickets()
    assert (ticket.is_held, ticket.state) == (True, TicketState.FIRED)
    async with till.work(SERVER) as work:
        await kitchen.fire(work, ticket_id)
    (ticket,) = await hands.tickets()
    assert not ticket.is_held


async def test_a_seat_is_said_of_a_line_and_of_what_is_split_off_it(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    order, lines = await ordered(hands, {"cev": 0})
    await hands.set(lines["cev"], 3 * ONE)
    async with till.work(MANAGER) as work:
        await set_seat(work, lines["cev"], 2)
    part = await hands.split(lines["cev"], ONE)
    async with till.work(MANAGER) as work:
        await set_seat(work, part, 4)
    await send(hands, order)
    assert {line.id: line.seat for line in (await hands.order(order)).lines} == {lines["cev"]: 2, part: 4}
    (ticket,) = await hands.tickets()
    assert [line.seats for line in ticket.lines] == [(2, 4)]
    with pytest.raises(DomainError, match="SEAT_NOT_SENSIBLE"):
        async with till.work(MANAGER) as work:
            await set_seat(work, part, 100)
