"""Where dishes are made: the route that says most, several stations for one dish, each with its own part of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from replicas import ROLES
from restaurant import COOK, MANAGER, WAITER, Replica, Village

from shared.books.views import LineState
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.kitchen import commands as kitchen
from shared.kitchen.routes import Routed, Routes, RouteView
from shared.kitchen.sending import send_order
from shared.kitchen.stations import end_route, set_route
from shared.kitchen.ticket_views import TicketState, TicketView
from shared.orders.records import OrderKind

OWNER = ROLES[Role.ORGANIZATION_ADMIN]
ITEM, DISHES, SOUPS, GRILL, BAR, COLD = (UUID(int=number) for number in range(1, 7))
ABOVE = {SOUPS: DISHES, DISHES: None}


def dish(category: UUID = SOUPS, course: int = 1, kind: str = "dine_in") -> Routed:
    return Routed(ITEM, category, course, kind, BAR)


def routes(*views: RouteView) -> Routes:
    return Routes(views, ABOVE)


def view(number: int, station: UUID, **said: object) -> RouteView:
    return RouteView(UUID(int=100 + number), station, **said)  # type: ignore[arg-type]


def test_the_menu_says_where_a_dish_is_made_unless_a_route_does() -> None:
    assert routes().stations_of(dish()) == (BAR,)
    assert routes(view(1, GRILL, course=2)).stations_of(dish()) == (BAR,)
    assert routes(view(1, GRILL)).stations_of(dish()) == (GRILL,)
    assert routes().stations_of(dish()._replace(station_id=None)) == ()


def test_a_dish_goes_before_its_category_and_the_nearest_category_before_those_above() -> None:
    above, near = view(1, COLD, category_id=DISHES), view(2, GRILL, category_id=SOUPS)
    assert routes(above).stations_of(dish()) == (COLD,)
    assert routes(near, above).stations_of(dish()) == (GRILL,)
    assert routes(near, above, view(3, BAR, item_id=ITEM)).stations_of(dish()) == (BAR,)


def test_of_one_category_the_course_says_more_than_the_kind_of_order() -> None:
    taken_away, second = view(1, COLD, category_id=SOUPS, kind="takeout"), view(2, GRILL, category_id=SOUPS, course=2)
    both = routes(taken_away, second)
    assert both.stations_of(dish(course=2, kind="takeout")) == (GRILL,)
    assert both.stations_of(dish(course=1, kind="takeout")) == (COLD,)


def test_categories_that_name_each_other_end() -> None:
    ring = Routes((view(1, GRILL, category_id=DISHES),), {SOUPS: DISHES, DISHES: SOUPS})
    assert ring.stations_of(dish()) == (GRILL,)


# -- a dish at two stations -------------------------------------------------------------------------------------------


@pytest.fixture
async def hands(village: Village, till: Replica) -> Hands:
    """Ceviche is made in the kitchen and at the bar."""
    house = village.house
    async with till.work(OWNER) as work:
        where = (UUID(int=50), house.stations["Cocina"], [house.stations["Barra"]])
        await set_route(work, *where, item_id=house.items["cev"])
    return Hands(village, till)


async def at(hands: Hands, station: str) -> list[TicketView]:
    return [each for each in await hands.tickets() if each.station_id == hands.house.stations[station]]


async def sent(hands: Hands, dish: str = "cev") -> tuple[UUID, UUID]:
    order = await hands.open()
    line = await hands.add(order, dish)
    await hands.send(order)
    return order, line


async def test_each_station_makes_its_own_part_and_the_dish_is_ready_when_all_have(hands: Hands, till: Replica) -> None:
    order, line = await sent(hands)
    (kitchen_ticket,), (bar_ticket,) = await at(hands, "Cocina"), await at(hands, "Barra")
    async with till.work(COOK) as work:
        await kitchen.bump(work, kitchen_ticket.id)
    assert not await at(hands, "Cocina")
    assert [each.to_make_milli for each in (await at(hands, "Barra"))[0].lines] == [ONE]
    assert (await hands.line(order, line)).state is LineState.SENT
    async with till.work(COOK) as work:
        await kitchen.bump(work, bar_ticket.id)
    assert (await hands.line(order, line)).state is LineState.READY
    await hands.serve(order)
    assert (await hands.line(order, line)).state is LineState.SERVED
    async with till.work(COOK) as work:
        await kitchen.recall(work, bar_ticket.id)
    assert [each.id for each in await hands.tickets()] == [bar_ticket.id]


async def test_more_of_a_dish_is_told_both_stations_and_the_portions_count_once(hands: Hands, till: Replica) -> None:
    order, line = await sent(hands)
    await hands.note(line, "sin ají")
    assert (await hands.line(order, line)).to_send_milli == ONE
    async with till.work(MANAGER) as work:
        assert (await send_order(work, order)).portions_milli == ONE
    told = [(each.notes, each.to_make_milli) for ticket in await at(hands, "Barra") for each in ticket.lines]
    assert ("sin ají", ONE) in told


async def test_each_station_confirms_its_own_part_of_what_is_taken_back(hands: Hands, till: Replica) -> None:
    order, line = await sent(hands)
    await hands.note(line, "sin ají")
    for station in ("Barra", "Cocina"):
        (ticket,) = await at(hands, station)
        assert ticket.state is TicketState.CHANGED
        async with till.work(COOK) as work:
            await kitchen.confirm(work, ticket.id)
    for station in ("Barra", "Cocina"):
        (ticket,) = await at(hands, station)
        assert [(each.notes, each.to_make_milli, each.withdrawn_milli) for each in ticket.lines] == [
            ("sin ají", ONE, 0)
        ]
    assert not await hands.differences()
    assert not (await hands.order(order)).unsent


async def test_a_dish_at_two_stations_is_charged_once(hands: Hands) -> None:
    order, _line = await sent(hands)
    check = await hands.check(order)
    assert check.due_minor == (await hands.check(order)).bill.total_minor
    await hands.pay(check.id, check.due_minor)
    assert not await hands.differences()


async def test_a_route_names_each_station_once_and_ends(hands: Hands, village: Village, till: Replica) -> None:
    cook, bar = (village.house.stations[name] for name in ("Cocina", "Barra"))
    with pytest.raises(DomainError, match="ROUTE_NOT_SENSIBLE"):
        async with till.work(OWNER) as work:
            await set_route(work, UUID(int=51), cook, [cook])
    async with till.work(OWNER) as work:
        await set_route(work, UUID(int=52), bar, kind=OrderKind.DINE_IN)
        await end_route(work, UUID(int=50))
    await sent(hands)
    assert {ticket.station_id for ticket in await hands.tickets()} == {bar}


# -- devices that know other routes -----------------------------------------------------------------------------------


def portions(tickets: list[TicketView]) -> list[tuple[int, int]]:
    """What the lines of some tickets ask to make, and take back."""
    return [(line.to_make_milli, line.withdrawn_milli) for ticket in tickets for line in ticket.lines]


async def test_a_station_that_confirmed_what_was_voided_hears_that_the_void_was_lifted(
    hands: Hands, till: Replica
) -> None:
    order, line = await sent(hands)
    void = await hands.void(line, ONE)
    (bar_ticket,) = await at(hands, "Barra")
    async with till.work(COOK) as work:
        await kitchen.confirm(work, bar_ticket.id)
    await hands.lift(void)
    assert portions(await at(hands, "Cocina")) == [(ONE, 0)]
    assert (await hands.line(order, line)).to_send_milli == ONE, "the bar knows nothing of it any more"

    assert await hands.send(order) == ONE
    assert portions(await at(hands, "Cocina")) == [(ONE, 0)], "the kitchen was told, and is not told again"
    assert portions(await at(hands, "Barra")) == [(ONE, 0)]
    assert await hands.send(order) == 0


@pytest.mark.parametrize("first", ["Cocina", "Barra"])
async def test_two_devices_that_know_other_routes_ask_each_station_once(
    first: str, hands: Hands, village: Village
) -> None:
    """The waiter's station has not heard yet that the dish begins at the other station now."""
    waiter = Hands(village, village.replica(WAITER, "B"))
    await meet(hands, waiter)
    order = await hands.open()
    await hands.add(order)
    await meet(hands, waiter)
    house = village.house
    async with hands.replica.work(OWNER) as work:
        where = (UUID(int=50), house.stations["Barra"], [house.stations["Cocina"]])
        await set_route(work, *where, item_id=house.items["cev"])
    senders = (waiter, hands) if first == "Cocina" else (hands, waiter)
    for each in senders:
        await each.send(order)
        village.clock.pass_time(seconds=3)
    await meet(hands, waiter)
    for station in ("Cocina", "Barra"):
        for each in senders:
            assert portions(await at(each, station)) == [(ONE, 0)]
    for station in ("Cocina", "Barra"):
        (ticket,) = await at(hands, station)
        async with hands.replica.work(COOK) as work:
            await kitchen.bump(work, ticket.id)
    assert not await hands.tickets()
    assert await hands.serve(order) == 1
    assert not (await hands.order(order)).unsent


async def test_what_one_device_sent_without_the_route_is_to_send_to_the_other_station(
    hands: Hands, village: Village
) -> None:
    """The waiter's station has not heard yet that the dish is made at the bar, too, and sends two."""
    async with hands.replica.work(OWNER) as work:
        await end_route(work, UUID(int=50))
    waiter = Hands(village, village.replica(WAITER, "B"))
    order = await hands.open()
    line = await hands.add(order)
    await meet(hands, waiter)
    house = village.house
    async with hands.replica.work(OWNER) as work:
        where = (UUID(int=50), house.stations["Cocina"], [house.stations["Barra"]])
        await set_route(work, *where, item_id=house.items["cev"])
    await waiter.set(line, 2 * ONE)
    assert (await waiter.send(order), await hands.send(order)) == (2 * ONE, ONE)
    await meet(hands, waiter)
    assert portions(await at(waiter, "Barra")) == [(ONE, 0)]
    assert (await waiter.line(order, line)).to_send_milli == ONE

    assert await waiter.send(order) == ONE
    for station in ("Cocina", "Barra"):
        assert portions(await at(waiter, station)) == [(2 * ONE, 0)]
