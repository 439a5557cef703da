"""What guests see while they wait: their numbers, large, until they have what they ordered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from terminal.screens.pickup.view import JUST_NOW, READY_FOR, PickupView, ReadySince, page_of, pickup_view
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import driven

SIZES = ((49, 14), (73, 21), (80, 24), (99, 28), (120, 36), (200, 60))


def counter_desk(ready: int, preparing: int) -> PaperDesk:
    """A counter at lunch: the first orders are ready, the others are being made; and a table, which nobody calls."""
    desk = PaperDesk()
    for at in range(ready + preparing):
        order = desk.order(OrderKind.TAKEOUT, None, "lom", "sent", ago=30 - at)
        if at < ready:
            make(desk, order.id, ago=ready - at)
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent", ago=3)
    return desk


def make(desk: PaperDesk, order_id: object, ago: int = 0) -> None:
    ticket = next(each for each in desk.tickets if each.order_id == order_id)
    done = replace(ticket, state=TicketState.BUMPED, bumped_at=desk.time - timedelta(minutes=ago))
    desk.tickets = tuple(each for each in desk.tickets if each.id != ticket.id)
    desk.bumped = (done, *desk.bumped)
    order = desk.orders[order_id]
    desk.orders[order_id] = replace(
        order, lines=tuple(replace(line, made_milli=line.quantity_milli) for line in order.lines)
    )


class Guests:
    """Who looks at the numbers of a desk."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk, self._since = desk, ReadySince()

    def see(self) -> PickupView:
        orders, now = self._desk.orders.values(), self._desk.now()
        return pickup_view(orders, self._since.of(orders, self._desk.bumped, now), now)


async def test_a_number_is_prepared_then_ready_then_gone() -> None:
    desk = counter_desk(1, 2)
    guests = Guests(desk)
    first, second, third = (order.number for order in list(desk.orders.values())[:3])
    assert guests.see().preparing == (second, third)
    assert guests.see().ready == (first,)
    make(desk, next(each.id for each in desk.orders.values() if each.number == third))
    assert guests.see().ready == (third, first), "the newest stands first"
    assert guests.see().new == {third}
    await desk.log_in("1234")
    await desk.serve(next(each.id for each in desk.orders.values() if each.number == first))
    assert guests.see().ready == (third,)
    desk.time += JUST_NOW
    assert guests.see().new == frozenset()
    desk.time += READY_FOR
    assert guests.see().ready == ()


def test_a_display_whose_clock_is_hours_off_hides_no_number() -> None:
    desk = counter_desk(0, 2)
    guests = Guests(desk)
    assert guests.see().ready == ()
    for order, hours in zip(list(desk.orders.values())[:2], (-3, 3), strict=True):
        make(desk, order.id, ago=60 * hours)
        assert guests.see().ready[0] == order.number
    desk.time += READY_FOR
    assert guests.see().ready == ()


def test_what_does_not_fit_takes_turns_and_is_counted() -> None:
    numbers = [f"A-{at}" for at in range(7)]
    shown = [page_of(numbers, 3, turn) for turn in range(4)]
    assert [len(some) for some, _more in shown] == [3, 3, 1, 3]
    assert [more for _some, more in shown] == [4, 4, 6, 4]
    assert {number for some, _more in shown for number in some} == set(numbers)


@pytest.mark.parametrize("size", SIZES)
async def test_the_numbers_are_large_at_every_size_and_say_no_name(size: tuple[int, int]) -> None:
    async with driven(counter_desk(2, 3), "pickup", size=size) as till:
        assert till.screen_name == "pickup"
        screen = await till.grid()
        assert "EN PREPARACIÓN" in screen
        assert "✓ LISTO" in screen
        assert "█" in screen, "digits are drawn"
        assert "Mesa" not in screen
        assert "Rosa" not in screen


async def test_no_single_key_leads_away_and_two_lead_to_the_pin() -> None:
    async with driven(counter_desk(1, 1), "pickup", size=(99, 28)) as till:
        await till.press("enter", "escape", "f1", "f2", "f8", "1", "a", "tab", "space", "f12")
        assert till.screen_name == "pickup"
        await till.press("f10")
        assert till.screen_name == "pickup"
        assert "Otra vez" in await till.grid()
        await till.press("f10")
        assert till.screen_name == "login"


async def test_a_house_without_orders_says_so_and_many_numbers_are_counted() -> None:
    async with driven(PaperDesk(), "pickup", size=(49, 14)) as till:
        assert "Todavía nada listo" in await till.grid()
    async with driven(counter_desk(30, 30), "pickup", size=(80, 24)) as till:
        assert "+2" in await till.grid()


def test_an_order_for_later_is_prepared_from_when_it_is_begun() -> None:
    desk = counter_desk(0, 1)
    (order,) = [each for each in desk.orders.values() if each.kind is OrderKind.TAKEOUT]
    promised = desk.time + timedelta(hours=5)
    desk.orders[order.id] = replace(order, promised_at=promised)
    assert Guests(desk).see().preparing == ()
    desk.time = promised - timedelta(minutes=20)
    assert Guests(desk).see().preparing == (order.number,)
