"""The wall of a real desk: stations hide nothing of each other and act by themselves; a restart changes nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from replicas import HandClock
from restaurant import CASHIER

from shared.kernel.errors import DomainError
from shared.kitchen.records import KitchenEvent
from shared.orders.records import OrderKind
from sync.records import changes
from terminal.desks.desk import Desk
from terminal.desks.kitchen import KitchenDesk
from terminal.screens.kitchen.view import of_station
from terminal.snapshots.sources import ORDERS, TICKETS
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.real_desk import rows

KITCHEN_DISH, BAR_DRINK = "cev", "chi"


async def send(desk: Desk, *codes: str) -> None:
    """Send a takeout order of these dishes, as the cashier."""
    before, desk.actor = desk.actor, CASHIER
    order = await desk.open_order(OrderKind.TAKEOUT)
    for each in codes:
        code, _, notes = each.partition("/")
        await desk.add_line(order, desk.menu.by_code[code], notes=notes)
    await desk.send(order)
    desk.actor = before


def station_of(desk: Desk, name: str):
    return next(each.id for each in desk.stations if each.name == name)


async def test_a_station_sees_its_newest_and_its_oldest_whatever_others_leave_open(
    till: TillOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal.wall.kitchen_wall.OLDEST_ON_WALL", 4)
    monkeypatch.setattr("terminal.wall.kitchen_wall.NEWEST_ON_WALL", 2)
    clock = HandClock()
    async with till.desk(clock) as desk:
        for _ in range(9):
            await send(desk, BAR_DRINK)
            clock.pass_time(minutes=1)
        await send(desk, KITCHEN_DISH)
        await desk.open()
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
        assert len(of_station(desk.tickets, kitchen)) == 1
        numbers = [ticket.number for ticket in of_station(desk.tickets, bar)]
        assert [number[-1] for number in numbers] == ["1", "2", "3", "4", "8", "9"]
        assert {station: len(ids) for station, ids in desk.aside.items()} == {bar: 3}
        desk.kitchen.choose(bar)
        assert len(await desk.kitchen.aside(50)) == 3


async def test_what_is_hours_old_or_on_the_table_gives_its_place_up_and_is_counted(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        await send(desk, BAR_DRINK)
        clock.pass_time(hours=13)
        await send(desk, BAR_DRINK, KITCHEN_DISH)
        await desk.open()
        bar = station_of(desk, "Barra")
        assert len(of_station(desk.tickets, bar)) == 1
        assert len(desk.aside[bar]) == 1
        desk.actor = CASHIER
        await desk.serve(next(iter(desk.tickets)).order_id)
        await desk.open()
        assert desk.tickets == ()
        assert len(desk.aside[bar]) == 2
        assert desk.kitchen.take_place()
        await desk.kitchen.bump_all(desk.kitchen.aside_ids())
        assert desk.kitchen.aside_ids() == ()


async def test_the_station_acts_without_a_person_and_may_do_no_more_than_the_kitchen(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        assert desk.kitchen.take_place()
        kitchen = station_of(desk, "Cocina")
        desk.kitchen.choose(kitchen)
        await desk.start(desk.tickets[0].id)
        await desk.bump(desk.tickets[0].id)
        assert desk.tickets == ()
        last = (await rows(desk, changes))[-1]
        assert kitchen.bytes in bytes(last.body)
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            await desk.open_order(OrderKind.TAKEOUT)


async def test_a_restart_shows_the_same_station_and_the_same_places(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        for _ in range(3):
            await send(desk, KITCHEN_DISH)
            clock.instant -= timedelta(minutes=10)  # the clock of the device jumps back
        await desk.open()
        desk.kitchen.choose(station_of(desk, "Cocina"))
        before = [ticket.number for ticket in desk.tickets]
    assert before == sorted(before)
    async with till.desk(clock) as desk:
        assert [ticket.number for ticket in desk.tickets] == before
        assert desk.kitchen.station_id == station_of(desk, "Cocina")


async def test_one_line_goes_and_with_the_last_one_the_ticket(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH, f"{KITCHEN_DISH}/sin ají")
        desk.kitchen.take_place()
        (ticket,) = desk.tickets
        await desk.kitchen.bump_line(ticket.lines[1].id)
        (ticket,) = desk.tickets
        assert [bool(line.to_make_milli) for line in ticket.lines] == [True, False]
        await desk.kitchen.bump_line(ticket.lines[0].id)
        assert desk.tickets == ()
        assert desk.bumped[0].id == ticket.id


async def test_a_rush_is_seen_and_can_be_taken_back(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        desk.kitchen.take_place()
        await desk.kitchen.rush([desk.tickets[0].id], rushed=True)
        assert desk.tickets[0].rushed
        await desk.kitchen.rush([desk.tickets[0].id], rushed=False)
        assert not desk.tickets[0].rushed


async def test_an_order_for_later_takes_its_place_when_its_time_comes_and_moves_nobody_else(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        desk.actor = CASHIER
        promised = clock.now() + timedelta(hours=1)
        order = await desk.open_order(OrderKind.TAKEOUT, promised_at=promised)
        await desk.add_line(order, desk.menu.by_code[KITCHEN_DISH])
        await desk.send(order)
        for _ in range(3):
            await send(desk, KITCHEN_DISH)
            clock.pass_time(minutes=20)
        await desk.open()
        assert [ticket.number[-1] for ticket in desk.tickets] == ["2", "3", "1", "4"]
        assert not any(ticket.is_later for ticket in desk.tickets)
        assert clock.now() - desk.tickets[2].waits_since == timedelta(minutes=30)  # it begins before it is promised


async def test_an_order_for_later_stands_at_the_end_until_then(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        desk.actor = CASHIER
        order = await desk.open_order(OrderKind.TAKEOUT, promised_at=clock.now() + timedelta(hours=3))
        await desk.add_line(order, desk.menu.by_code[KITCHEN_DISH])
        await desk.send(order)
        clock.pass_time(minutes=5)
        await send(desk, KITCHEN_DISH)
        await desk.open()
        assert [(ticket.number[-1], ticket.is_later) for ticket in desk.tickets] == [("2", False), ("1", True)]


async def test_the_display_says_once_that_a_ticket_stands_on_it_was_begun_and_is_ready(
    till: TillOnDisk,
) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        assert desk.tickets[0].received_at is None
        desk.kitchen.take_place()
        await asyncio.gather(desk.kitchen.receive(), desk.kitchen.receive())
        (ticket,) = desk.tickets
        assert ticket.received_at is not None
        await desk.kitchen.receive()
        await desk.start(ticket.id)
        await desk.bump(ticket.id)
        await desk.recall(ticket.id)
        await desk.bump(ticket.id)
        kinds = [str(each.kind) for each in await rows(desk, KitchenEvent.__table__)]
        assert sorted(kinds) == ["ready", "ready", "recalled", "received", "started"]


async def test_a_display_shows_its_tickets_before_what_else_is_new(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.kitchen.take_place()
        heard: list[frozenset[str]] = []
        desk.subscribe(heard.append)
        desk.mark_stale(ORDERS, TICKETS)
        while not any(ORDERS.name in names for names in heard):  # noqa: ASYNC110 - a list rings no bell
            await asyncio.sleep(0)
        assert heard[0] == {TICKETS.name}


async def test_a_person_who_looks_at_the_wall_of_a_till_is_no_display(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        await desk.kitchen.receive()
        assert desk.tickets[0].received_at is None


async def test_a_station_covers_another_and_what_that_one_covers(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH, BAR_DRINK)
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
        desk.kitchen.choose(kitchen)
        desk.kitchen.take_place()
        assert desk.kitchen.shown() == {kitchen}
        await desk.kitchen.cover(bar, covered=True)
        assert desk.kitchen.shown() == {kitchen, bar}
        assert len(of_station(desk.tickets, kitchen, desk.kitchen.shown())) == 2
        await desk.kitchen.cover(bar, covered=False)
        assert desk.kitchen.shown() == {kitchen}
        with pytest.raises(DomainError, match="STATION_COVERS_ITSELF"):
            await desk.kitchen.cover(kitchen, covered=True)


@pytest.mark.parametrize("hours", [-1, 13])
async def test_a_clock_of_the_display_that_is_set_leaves_its_cards_as_they_are(till: TillOnDisk, hours: int) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        await send(desk, KITCHEN_DISH)
        clock.pass_time(minutes=5)
        await send(desk, KITCHEN_DISH)
        read = asyncio.Event()
        desk.subscribe(lambda names: read.set() if TICKETS.name in names else None)
        clock.instant += timedelta(hours=hours)
        desk.kitchen.begin_later_ones()
        await read.wait()
        assert [(clock.now() - each.waits_since) // timedelta(minutes=1) for each in desk.tickets] == [5, 0]
        assert not any(each.is_later for each in desk.tickets)
        assert desk.aside == {}
    async with till.desk(clock) as desk:
        assert len(desk.tickets) == 2


async def test_what_somebody_looks_at_who_logged_in_is_not_what_the_display_shows(
    till: TillOnDisk, tmp_path: Path
) -> None:
    async with till.desk() as desk:
        desk.kitchen = KitchenDesk(desk, desk._do, tmp_path, tmp_path)
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
        desk.kitchen.take_place()
        desk.kitchen.choose(kitchen)
        desk.actor = CASHIER
        desk.kitchen.choose(bar)
        desk.kitchen.show_pass(shown=True)
        assert desk.kitchen.station_id == bar
        desk.log_out()
        assert desk.kitchen.take_place()
        assert (desk.kitchen.station_id, desk.kitchen.shows_pass) == (kitchen, False)
        assert KitchenDesk(desk, desk._do, tmp_path, tmp_path).station_id == kitchen
