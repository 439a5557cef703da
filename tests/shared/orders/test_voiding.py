"""Who may void what was sent: anybody who takes orders, until this device knows that the kitchen has begun it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from evening import ONE, Hands, meet
from restaurant import CASHIER, COOK, MANAGER, SERVER, TILL, WAITER, Village

from shared.kernel.errors import DomainError, LacksRight
from shared.kernel.permissions import Permission
from shared.kitchen.commands import recall, start
from shared.kitchen.records import TicketLine
from shared.orders.correcting import cancel_order, void_line
from shared.orders.records import LineVoid
from shared.staff.approving import Approving
from shared.staff.records import Approval


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


async def sent(till: Hands, quantity: int = 2 * ONE, dish: str = "cev"):
    order = await till.open()
    line = await till.add(order, dish, quantity)
    await till.send(order)
    return order, line


async def void(till: Hands, line, quantity: int = ONE, *, actor=SERVER, **options) -> LineVoid:
    async with till.replica.work(actor) as work:
        work.approver = options.pop("approver", None)
        return await void_line(work, line, work.ids.new(), quantity, "no lo quiere", **options)


async def refused(till: Hands, line, quantity: int = ONE, **options) -> None:
    with pytest.raises(LacksRight) as caught:
        await void(till, line, quantity, **options)
    assert caught.value.acts == ((Permission.VOID_SENT_LINE, 0),)


async def start_all(till: Hands) -> None:
    for ticket in await till.tickets():
        async with till.replica.work(COOK) as work:
            await start(work, ticket.id)


async def test_before_cooking_whoever_takes_orders_voids_for_a_reason(till: Hands) -> None:
    _order, line = await sent(till)
    with pytest.raises(DomainError, match="REASON_MISSING"):
        async with till.replica.work(SERVER) as work:
            await void_line(work, line, work.ids.new(), ONE, " ")
    await void(till, line)
    (row,) = await till.voids()
    assert (row.begun, row.thrown_milli, row.reason, row.voided_by) == (False, 0, "no lo quiere", SERVER.staff_id)
    assert await till.wall() == [("Ceviche", "", ONE, ONE)], "the kitchen is told to make one less"
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await void(till, line, actor=COOK)


async def test_once_the_ticket_is_started_it_takes_the_right_of_the_actor_or_an_approver(till: Hands) -> None:
    _order, line = await sent(till)
    await start_all(till)
    await refused(till, line)
    await void(till, line, approver=Approving(MANAGER))
    await void(till, line, actor=MANAGER)
    assert [row.begun for row in await till.voids()] == [True, True]
    (approval,) = await till.replica.rows(Approval)
    assert (approval.asker_id, approval.approver_id) == (SERVER.staff_id, MANAGER.staff_id)
    assert approval.of_row_id in {row.id for row in await till.voids()}


async def test_what_is_bumped_or_was_recalled_is_begun(till: Hands) -> None:
    _order, line = await sent(till)
    (ticket,) = await till.tickets()
    await till.bump()
    await refused(till, line)
    async with till.replica.work(COOK) as work:
        await recall(work, ticket.id)
    await refused(till, line)


async def test_what_is_on_the_table_is_begun_and_the_rest_is_not(till: Hands) -> None:
    _order, line = await sent(till, 3 * ONE)
    async with till.replica.work(SERVER) as work:
        (row,) = await till.replica.rows(TicketLine)
        (await work.get(TicketLine, row.id)).served_milli = ONE
    await refused(till, line, 3 * ONE)
    await void(till, line, 2 * ONE)
    await refused(till, line)


async def test_a_station_told_on_paper_may_have_begun_at_once(till: Hands) -> None:
    _order, line = await sent(till)
    await refused(till, line, cooks_from_paper=lambda _station: True)
    await void(till, line, actor=MANAGER, cooks_from_paper=lambda _station: True)
    assert [row.begun for row in await till.voids()] == [True]


async def test_waste_takes_the_right_whatever_the_device_knows(till: Hands) -> None:
    _order, line = await sent(till)
    await refused(till, line, was_made=True)


async def test_another_dish_of_the_order_that_is_not_begun_is_free(till: Hands) -> None:
    order, line = await sent(till)
    await start_all(till)
    later = await till.add(order, "cev")
    await till.send(order)
    await void(till, later)
    await refused(till, line)


async def test_a_device_that_has_not_heard_of_the_cooking_voids_honestly_and_people_are_asked(
    village: Village, till: Hands
) -> None:
    other = Hands(village, village.replica(WAITER, "B"))
    _order, line = await sent(till, ONE)
    await meet(till, other)
    await till.bump()
    await void(other, line)
    await meet(till, other)
    for hands in (till, other):
        assert [row.begun for row in await hands.voids()] == [False]
        assert list(await hands.differences()) == ["changed_after_cooking"]


async def test_a_sent_order_is_cancelled_by_who_cancels_until_it_is_begun(till: Hands) -> None:
    for begin in (False, True):
        order, _line = await sent(till)
        if begin:
            await start_all(till)
            with pytest.raises(LacksRight) as caught:
                async with till.replica.work(CASHIER) as work:
                    await cancel_order(work, order, "se fueron")
            assert caught.value.acts == ((Permission.VOID_SENT_LINE, 0),)
        async with till.replica.work(MANAGER if begin else CASHIER) as work:
            await cancel_order(work, order, "se fueron")
    assert sorted(row.begun for row in await till.voids()) == [False, True]


async def test_a_forgotten_question_is_asked_by_the_record(till: Hands) -> None:
    """A command that writes a begun void without asking is refused by what the row declares."""
    _order, line = await sent(till)
    await void(till, line, actor=MANAGER, cooks_from_paper=lambda _station: True)
    (row,) = await till.voids()
    names = ("organization_id", "branch_id", "order_id", "root_id", "line_id", "seen_milli", "quantity_milli")
    copied = {name: getattr(row, name) for name in (*names, "thrown_milli", "voided_at", "lifted")}
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.replica.work(replace(SERVER, name="x")) as work:
            work.add(LineVoid(id=work.ids.new(), begun=True, reason="x", **copied))
