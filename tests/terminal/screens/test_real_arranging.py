"""What cooks arrange, on a real desk: a restart undoes nothing of it, and what stands elsewhere is told there."""

from __future__ import annotations

from uuid import uuid4

import pytest
from replicas import HandClock
from restaurant import CASHIER

from shared.kernel.errors import DomainError
from shared.kitchen.records import KitchenTicket
from shared.kitchen.ticket_views import TicketView
from shared.orders.records import OrderKind
from terminal.desks.desk import Desk
from terminal.printing.records import print_job
from terminal.screens.kitchen.view import groups_of
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.test_real_kitchen import KITCHEN_DISH, send, station_of


def numbers(desk: Desk) -> list[str]:
    """The last digit of each card's number, in the order of the wall."""
    return [first.number[-1] for first, *_added in groups_of(desk.tickets)]


def ticket(desk: Desk, last: str) -> TicketView:
    return next(each for each in desk.tickets if each.number[-1] == last)


async def test_a_hand_puts_a_card_before_another_and_neither_a_bump_nor_a_restart_moves_it(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        for _ in range(5):
            await send(desk, KITCHEN_DISH)
            clock.pass_time(minutes=1)
        desk.kitchen.take_place()
        await desk.kitchen.move([ticket(desk, "5").id], ticket(desk, "1").id, ticket(desk, "2").id)
        await desk.kitchen.move([ticket(desk, "1").id], ticket(desk, "4").id, None)
        assert numbers(desk) == ["5", "2", "3", "4", "1"]
        await desk.bump(ticket(desk, "2").id)
        await send(desk, KITCHEN_DISH)
        assert numbers(desk) == ["5", "3", "4", "1", "6"]
        second = desk.bumped[0].id
    async with till.desk(clock) as desk:
        assert numbers(desk) == ["5", "3", "4", "1", "6"]
        desk.kitchen.take_place()
        await desk.recall(second)
        assert numbers(desk) == ["5", "2", "3", "4", "1", "6"]


async def test_what_is_urgent_goes_first_and_back_to_its_place(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        for _ in range(3):
            await send(desk, KITCHEN_DISH)
            clock.pass_time(minutes=1)
        desk.kitchen.take_place()
        await desk.kitchen.rush([ticket(desk, "3").id], rushed=True)
        assert numbers(desk) == ["3", "1", "2"]
        await desk.kitchen.rush([ticket(desk, "3").id], rushed=False)
        assert numbers(desk) == ["1", "2", "3"]


async def test_a_card_whose_first_dishes_are_done_keeps_its_place_with_what_was_added(till: TillOnDisk) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        desk.actor = CASHIER
        order = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(order, desk.menu.by_code[KITCHEN_DISH])
        await desk.send(order)
        clock.pass_time(minutes=5)
        await send(desk, KITCHEN_DISH)
        clock.pass_time(minutes=5)
        desk.actor = CASHIER
        await desk.add_line(order, desk.menu.by_code[KITCHEN_DISH], notes="sin ají")
        await desk.send(order)
        desk.kitchen.take_place()
        first, added = groups_of(desk.tickets)[0]
        await desk.kitchen.bump_line(first.lines[0].id)
        assert groups_of(desk.tickets)[0][0].id == added.id


async def test_another_station_makes_a_card_and_the_same_deed_brings_it_back(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
        desk.kitchen.choose(kitchen)
        desk.kitchen.take_place()
        (card,) = desk.tickets
        await desk.kitchen.transfer([card.id], bar)
        (card,) = desk.tickets
        assert (card.station_id, card.own_station_id) == (bar, kitchen)
        await desk.bump(card.id)
        assert desk.bumped[0].station_id == bar
        await desk.recall(card.id)
        await desk.kitchen.transfer([card.id], kitchen)
        (card,) = desk.tickets
        assert (card.station_id, card.own_station_id) == (kitchen, None)
        with pytest.raises(DomainError, match="NOT_FOUND"):
            await desk.kitchen.transfer([card.id], uuid4())


async def test_a_station_that_cooks_from_paper_gets_the_paper_of_what_comes_to_it_once(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
    papers = {name: str(till.papers.with_name(name)) for name in ("cocina", "barra")}
    till.configure(printers=papers, kitchen_printer="", kitchen_printers={str(kitchen): "cocina", str(bar): "barra"})
    async with till.desk() as desk:
        await send(desk, f"{KITCHEN_DISH}/sin ají")
        desk.kitchen.take_place()
        card = desk.tickets[0].id
        assert [job.printer for job in await rows(desk, print_job)] == ["cocina"]
        for station in (bar, kitchen, bar):
            await desk.kitchen.transfer([card], station)
        jobs = await rows(desk, print_job)
        assert [job.printer for job in jobs] == ["cocina", "barra"]
        assert "sin ají".encode() in jobs[-1].payload
        assert b"Barra" in jobs[-1].payload


@pytest.mark.parametrize(
    ("place", "holds"),
    [
        ([], True),
        ([uuid4().hex, -3], True),
        ([str(uuid4()), 3], False),
        (["", 3], False),
        ([uuid4().hex, True], False),
        ([uuid4().hex, 1 << 63], False),
        ([uuid4().hex], False),
        ({"at": 1}, False),
        ([[], []], False),
    ],
)
def test_no_device_writes_a_place_that_breaks_a_wall(place: object, holds: bool) -> None:
    (rule,) = (each for each in KitchenTicket.__rules__ if each.fields == ("place",))
    assert rule.holds(place) is holds
