"""No screen says that the kitchen has what only this device knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from replicas import HandClock
from restaurant import BRANCH

from shared.kernel.language import Language
from shared.kernel.permissions import DeviceKind
from shared.orders.records import OrderKind
from shared.tenancy.commands import enrol_device
from terminal.desks.desk import Desk
from terminal.papers.print_plan import PrintPlan
from terminal.printing.faults import PrinterFault
from terminal.printing.views import PrinterHealth, QueueHealth
from terminal.screens.not_received import not_received
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import NOON, PaperState
from tests.terminal.screens.test_real_kitchen import BAR_DRINK, KITCHEN_DISH, send, station_of
from tests.terminal.screens.till import driven

FIVE = timedelta(seconds=5)
AWAY = PaperState(cloud="offline", last_contact=NOON - timedelta(minutes=4), pending=3, oldest_pending=NOON)
SEND = "2222\n7\nlom\n<f5>"


async def test_without_a_cloud_a_sending_says_that_the_kitchen_must_be_told_and_the_floor_goes_on_saying_it() -> None:
    async with driven(PaperDesk(state=AWAY), size=(80, 24), script=SEND) as till:
        screen = await till.grid()
        assert "Anotado. Sin nube no llega a otros equipos: avisa a la cocina." in screen
        assert "▲ sin salir" in screen
        await till.press("f2")
        assert "sin salir" in await till.grid()
        await till.press("7", "enter", "+", "f5")
        till.desk.state = PaperState()
        till.desk.publish("state")
        screen = await till.grid()
        assert "enviado" in screen
        assert "Sin nube" not in screen


@pytest.mark.parametrize("desk", [PaperDesk(), PaperDesk(state=AWAY, plan=PrintPlan(default_kitchen="cocina"))])
async def test_with_a_cloud_or_a_printer_it_was_sent(desk) -> None:
    async with driven(desk, script=SEND) as till:
        screen = await till.grid()
        assert "Enviado a cocina" in screen
        assert "sin salir" not in screen


async def test_a_printer_that_does_not_answer_is_not_the_kitchen() -> None:
    desk = PaperDesk(plan=PrintPlan(default_kitchen="cocina"), language=Language.ENGLISH)
    health = QueueHealth((PrinterHealth("cocina", failed=1, fault=PrinterFault.UNREACHABLE),))
    desk.state = replace(desk.state, prints=replace(desk.state.prints, health=health))
    async with driven(desk, script=SEND) as till:
        assert "Noted. The printer does not answer: tell the kitchen." in await till.grid()


async def test_who_serves_is_told_of_a_ticket_that_stands_on_no_display() -> None:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent", ago=9)
    desk.order(OrderKind.DINE_IN, 8, "lom", "pis", "sent")
    first, second, drink = desk.tickets
    desk.tickets = (replace(first, received_at=first.fired_at), second, drink)
    async with driven(desk, script="2222\n") as till:
        assert "sin recibir" not in await till.grid()
        till.desk.time += timedelta(seconds=6)
        till.app.screen.tick()
        screen = await till.grid()
        assert "Cocina no ha recibido A-2" in screen or "A-2 sin recibir" in screen
        desk.tickets = tuple(replace(each, received_at=till.desk.time) for each in desk.tickets)
        desk.publish("tickets")
        screen = await till.grid()
        assert "no ha recibido" not in screen
        assert "sin recibir" not in screen


def test_a_station_without_a_display_or_with_a_printer_is_not_missed() -> None:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent", ago=9)
    desk.order(OrderKind.DINE_IN, 8, "lom", "sent", ago=2)
    first, second = desk.tickets
    seen, displays = (replace(first, received_at=first.fired_at), second), {first.station_id}
    assert not_received(seen, (), PrintPlan(), desk.now(), FIVE) == ()
    assert not_received(seen, displays, PrintPlan(), desk.now(), FIVE) == (second,)
    assert not_received(seen, displays, PrintPlan(default_kitchen="cocina"), desk.now(), FIVE) == ()


async def test_a_display_that_is_dead_at_opening_is_missed(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        await send(desk, KITCHEN_DISH)
        assert missed(desk) == [], "the house has no display"
        desk.kitchen.take_place()
        await desk.kitchen.receive()
        clock.pass_time(days=2)
        await send(desk, KITCHEN_DISH)
        clock.pass_time(minutes=20)
        assert missed(desk) == ["A-1"]


async def test_on_the_first_day_of_an_enrolled_display_each_station_is_to_have_one(tmp_path: Path) -> None:
    clock = HandClock()
    await found_till(tmp_path, lambda work: enrol_device(work, UUID(int=77), BRANCH, "Cocina", DeviceKind.KITCHEN))
    async with copy_till(tmp_path, tmp_path / "own").desk(clock) as desk:
        await send(desk, KITCHEN_DISH)
        clock.pass_time(minutes=20)
        assert missed(desk) == ["A-1"]


async def test_what_is_handed_over_to_a_station_whose_display_is_dead_is_missed_there(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        await send(desk, KITCHEN_DISH, BAR_DRINK)
        desk.kitchen.take_place()
        await desk.kitchen.receive()
        dish = next(each for each in desk.tickets if each.station_id == station_of(desk, "Cocina"))
        await desk.start(dish.id)
        await desk.kitchen.transfer([dish.id], station_of(desk, "Barra"))
        clock.pass_time(minutes=10)
        assert missed(desk) == ["A-1"]
        await desk.kitchen.receive()
        assert missed(desk) == []


def missed(desk: Desk) -> list[str]:
    """The tickets that stand on no display, though their station has one and prints nothing."""
    return [each.number for each in not_received(desk.tickets, desk.with_display, PrintPlan(), desk.now(), FIVE)]
