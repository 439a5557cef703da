"""What the kitchen had taken back and is wanted after all is told anew, on a ticket of its own time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import TILL, WAITER, Village

from shared.kitchen.records import KitchenTicket


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


async def restored(till: Hands) -> tuple[UUID, UUID]:
    """Two dishes were sent; one was voided, the cook confirmed, and 40 minutes later the void is lifted."""
    order = await till.open()
    dish = await till.add(order, "cev", 2 * ONE)
    await till.note(await till.add(order), "sin ají")
    await till.send(order)
    void = await till.void(dish, 2 * ONE)
    await till.confirm()
    till.replica.clock.pass_time(minutes=40)
    await till.lift(void)
    return order, dish


async def test_it_is_as_old_as_it_was_told_anew_and_what_was_cooking_stays_on_its_ticket(till: Hands) -> None:
    order, _dish = await restored(till)
    (before,) = await till.tickets()
    assert await till.send(order) == 2 * ONE
    assert await till.send(order) == 0
    old, new = await till.tickets()
    assert [(line.notes, line.to_make_milli) for line in old.lines] == [("sin ají", ONE)]
    assert [(line.notes, line.to_make_milli) for line in new.lines] == [("", 2 * ONE)]
    assert old.fired_at == before.fired_at
    assert new.fired_at - old.fired_at >= timedelta(minutes=40)
    assert (new.part, new.number) == (2, old.number)
    await till.bump()
    assert await till.tickets() == []


async def test_two_devices_that_tell_it_anew_at_once_leave_one_ticket_that_asks_for_it(
    till: Hands, village: Village
) -> None:
    other = Hands(village, village.replica(WAITER, "B"))
    order, _dish = await restored(till)
    await meet(till, other)
    for each in (till, other):
        await each.send(order)
    await meet(till, other)
    for each in (till, other):
        asked = [line for ticket in await each.tickets() for line in ticket.lines if not line.notes]
        assert [line.to_make_milli for line in asked] == [2 * ONE]
        assert len(await each.replica.rows(KitchenTicket)) == 3
    assert {ticket.id for ticket in await till.tickets()} == {ticket.id for ticket in await other.tickets()}
