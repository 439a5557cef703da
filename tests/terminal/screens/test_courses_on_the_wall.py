"""Courses, seats and orders for later as the kitchen reads them, over a real desk."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

from replicas import HandClock
from restaurant import CASHIER, MANAGER

from shared.kitchen.stations import set_preparation, set_route
from shared.orders.records import OrderKind
from terminal.desks.desk import Desk
from terminal.screens.kitchen.view import of_station
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.real_desk import played
from tests.terminal.screens.test_real_kitchen import send, station_of
from tests.terminal.screens.till import PlayedApp


async def two_courses(desk: Desk) -> None:
    """A table with a ceviche for two seats first, and another one as its second course."""
    desk.actor = CASHIER
    table = next(iter(desk.tables))
    order = await desk.open_order(OrderKind.DINE_IN, table.id, guests=2)
    for seat, course in ((1, 1), (2, 1), (1, 2)):
        line = await desk.add_line(order, desk.menu.by_code["cev"], notes="sin ají" if course == 2 else "", seat=seat)
        await desk.courses.set_course(order, line, course)
    await desk.send(order)
    desk.log_out()


async def test_a_card_says_its_guests_seats_and_the_course_that_comes_next(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await two_courses(desk)
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "")
            assert "Mesa 1 · 2p" in screen
            assert "A1 A2" in screen
            assert "después: 2.º tiempo (1)" in screen
            assert "en espera: 1" in screen
            screen = await played(app, pilot, "c")
            assert "2.º tiempo: 1 Ceviche" in screen
            assert "Un tiempo lo marcha quien atiende" in await played(app, pilot, "1")


async def test_a_cook_holds_a_card_and_lets_it_go(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await two_courses(desk)
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "p")
            assert "A-1 marcada. P otra vez lo hace" in screen, "nothing is held that nobody chose"
            screen = await played(app, pilot, "p")
            assert "RETENIDA" in screen
            assert desk.tickets[0].is_held
            screen = await played(app, pilot, "p")
            assert "RETENIDA" not in screen
            assert not desk.tickets[0].is_held


async def test_a_fired_course_is_a_block_of_its_card(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await two_courses(desk)
        desk.actor = CASHIER
        (order,) = desk.orders.values()
        await desk.courses.fire(order.id, 2)
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "")
            assert re.search(r"2\.º tiempo \d\d:\d\d", screen), "with the time at which it was fired"
            assert "después" not in screen


async def test_an_order_for_later_takes_its_place_by_itself_as_long_before_as_its_station_needs(
    till: TillOnDisk,
) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        kitchen = station_of(desk, "Cocina")
        desk.actor = MANAGER
        owner = MANAGER.__class__(MANAGER.staff_id, "Owner", frozenset({*MANAGER.permissions, "edit_branch"}))
        await desk.store.run(owner, lambda work: set_preparation(work, kitchen, 50))
        promised = desk.now() + timedelta(minutes=90)
        order = await desk.open_order(OrderKind.TAKEOUT, promised_at=promised)
        await desk.add_line(order, desk.menu.by_code["cev"])
        await desk.send(order)
        assert desk.tickets[0].is_later
        assert desk.next_begins_at == promised - timedelta(minutes=50)
        clock.pass_time(minutes=41)
        async with asyncio.timeout(20):
            while desk.tickets[0].is_later:
                desk.kitchen.begin_later_ones()
                await asyncio.sleep(0.01)
        assert desk.next_begins_at is None


async def test_a_station_that_covers_another_sees_both_parts_of_a_dish_that_is_made_at_both(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
        owner = MANAGER.__class__(MANAGER.staff_id, "Owner", frozenset({*MANAGER.permissions, "edit_branch"}))
        ceviche = desk.menu.by_code["cev"].id
        route = desk.store.ids.new()
        await desk.store.run(owner, lambda work: set_route(work, route, bar, [kitchen], item_id=ceviche))
        await send(desk, "cev")
        desk.kitchen.choose(kitchen)
        assert desk.kitchen.take_place()
        assert [each.station_id for each in of_station(desk.tickets, kitchen, desk.kitchen.shown())] == [kitchen]
        await desk.kitchen.cover(bar, covered=True)
        both = of_station(desk.tickets, kitchen, desk.kitchen.shown())
        assert {each.station_id for each in both} == {kitchen, bar}
        (at_bar,) = [each for each in both if each.station_id == bar]
        await desk.bump(at_bar.id)
        left = of_station(desk.tickets, kitchen, desk.kitchen.shown())
        assert [(each.station_id, each.lines[0].to_make_milli) for each in left] == [(kitchen, 1_000)]
