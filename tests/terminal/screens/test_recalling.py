"""What was made can be brought back at every display, and is called for until it is served, whatever clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from restaurant import CASHIER, MANAGER

from shared.orders.records import OrderKind
from terminal.clock import SystemClock
from terminal.desks.desk import Desk
from terminal.screens.kitchen.view import of_station
from terminal.screens.ready_calls import ready_calls
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.test_real_kitchen import BAR_DRINK, KITCHEN_DISH, send, station_of
from tests.terminal.screens.two_tills import House, two_tills

AHEAD = timedelta(hours=3)


class FastClock(SystemClock):
    """Three hours ahead."""

    def now(self) -> datetime:
        return datetime.now(UTC) + AHEAD

    def milliseconds(self) -> int:
        return super().milliseconds() + AHEAD // timedelta(milliseconds=1)


def stand(*desks: Desk) -> None:
    """The kitchen's station acts at each."""
    for desk in desks:
        desk.kitchen.take_place()
        desk.kitchen.choose(station_of(desk, "Cocina"))


def numbers(desk: Desk) -> list[str]:
    return [ticket.number for ticket in desk.bumped]


async def order_of_two(desk: Desk) -> None:
    desk.actor = CASHIER
    order = await desk.open_order(OrderKind.TAKEOUT)
    for notes in ("uno", "dos"):
        await desk.add_line(order, desk.menu.by_code[KITCHEN_DISH], notes=notes)
    await desk.send(order)


async def met(house: House) -> None:
    await house.meet()
    stand(house.till, house.other)


async def test_what_two_displays_make_line_by_line_is_done_and_comes_back_whole(founded: Path, tmp_path: Path) -> None:
    async with two_tills(founded, tmp_path) as house:
        await order_of_two(house.till)
        await met(house)
        first, second = house.till.tickets[0].lines
        await house.till.kitchen.bump_line(first.id)
        await house.other.kitchen.bump_line(second.id)
        await met(house)
        for desk in (house.till, house.other):
            assert desk.tickets == ()
            assert numbers(desk) == ["A-1"]
        await house.other.recall(house.other.bumped[0].id)
        await met(house)
        for desk in (house.till, house.other):
            (ticket,) = desk.tickets
            assert all(line.to_make_milli for line in ticket.lines)
            assert desk.bumped == ()


async def test_a_ticket_whose_last_dish_is_withdrawn_is_done_with_what_was_made(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await order_of_two(desk)
        stand(desk)
        await desk.kitchen.bump_line(desk.tickets[0].lines[0].id)
        desk.actor = MANAGER
        ((order, view),) = desk.orders.items()
        await desk.corrections.void_line(order, view.lines[1].id, 1_000, "x", was_made=False)
        stand(desk)
        await desk.confirm(desk.tickets[0].id)
        assert desk.tickets == ()
        assert numbers(desk) == ["A-1"]
        assert desk.bumped[0].bumped_at is not None


async def test_what_was_done_last_is_first_whatever_the_clock_of_the_other_display_says(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal.wall.kitchen_wall.MOST_RECALLED", 2)
    async with two_tills(founded, tmp_path) as house:
        for _ in range(4):
            await send(house.till, KITCHEN_DISH)
        await house.meet()
        house.other.store.clock.__class__ = FastClock
        stand(house.till, house.other)
        for ticket in house.other.tickets[:3]:
            await house.other.bump(ticket.id)
        await met(house)
        await house.till.bump(house.till.tickets[0].id)
        assert numbers(house.till) == ["A-4", "A-3"]
        assert all(
            ticket.bumped_at is not None and ticket.bumped_at <= house.till.now() for ticket in house.till.bumped
        )
        await met(house)
        assert numbers(house.other) == ["A-4", "A-3"]


async def test_a_ticket_that_comes_back_after_it_was_served_is_on_the_wall(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        stand(desk)
        (ticket,) = desk.tickets
        await desk.bump(ticket.id)
        desk.actor = CASHIER
        await desk.serve(ticket.order_id)
        stand(desk)
        await desk.recall(ticket.id)
        assert [each.id for each in desk.tickets] == [ticket.id]
        assert desk.aside == {}
        await desk.bump(ticket.id)
        assert desk.tickets == ()


async def test_a_busy_kitchen_pushes_neither_the_bars_last_ticket_out_nor_ends_a_call(
    till: TillOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal.wall.kitchen_wall.MOST_RECALLED", 2)
    async with till.desk() as desk:
        await send(desk, BAR_DRINK, f"{KITCHEN_DISH}/alergia al mani")
        for _ in range(4):
            await send(desk, KITCHEN_DISH)
        stand(desk)
        for ticket in desk.tickets:
            await desk.bump(ticket.id)
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")
        assert [len(of_station(desk.bumped, each)) for each in (kitchen, bar)] == [2, 1]
        calls = ready_calls(desk.orders.values(), desk.made)
        assert [call.number for call in calls] == ["A-1", "A-2", "A-3", "A-4", "A-5"]
        first = next(order for order in desk.passing.orders if order.number == "A-1")
        (dish,) = next(part.lines for part in first.parts if part.station == "Cocina")
        assert (dish.line.notes, dish.is_ready) == ("alergia al mani", True)
        desk.actor = CASHIER
        await desk.serve(first.id)
        assert len(ready_calls(desk.orders.values(), desk.made)) == 4
