"""The wall: done, begun, confirmed, brought back; a key that is held does one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.language import Language
from shared.kernel.quantity import ONE
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from tests.terminal.screens.kitchen_desks import many_tickets, one_taken_back, two_tickets
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import driven


async def test_a_number_and_enter_bump_that_ticket() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        await till.press("2", "enter")
        assert till.desk.done == ["bump A-2"]


async def test_enter_alone_marks_the_oldest_first() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        await till.press("enter")
        assert till.desk.done == []
        await till.press("enter")
        assert till.desk.done == ["bump A-1"]


async def test_twenty_presses_of_enter_bump_one_marked_ticket() -> None:
    async with driven(two_tickets(), "kds", script="1") as till:
        till.desk.gate.clear()
        till.press_ahead(*["enter"] * 20)
        await till.until_asked("bump")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.done == ["bump A-1"]


async def test_a_number_without_a_ticket_marks_nothing() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        await till.press("8", "7")
        assert till.app.screen._marked is None


async def test_two_taps_bump_and_one_only_marks() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        await till.pilot.click(till.app.screen.wall, offset=(3, 1))
        await till.settled()
        assert till.desk.done == []
        await till.pilot.click(till.app.screen.wall, offset=(3, 1))
        await till.settled()
        assert till.desk.done == ["bump A-1"]


async def test_a_bumped_ticket_comes_back_to_its_place() -> None:
    async with driven(two_tickets(), "kds", script="1\n") as till:
        assert "Mesa 7" not in await till.grid()
        await till.press("f6", "enter")
        assert till.desk.done == ["bump A-1", "recall A-1"]
        assert till.desk.tickets[0].number == "A-1"
        assert "RECUPERADA" in await till.grid()


@pytest.mark.parametrize(
    ("language", "done", "back"),
    [
        (Language.SPANISH, "A-1/3: listo. F6 lo recupera. 2 Lomo", "A-1/3 vuelve a la pantalla: 2 Lomo"),
        (Language.ENGLISH, "A-1/3 is done. F6 brings it back. 2 Lomo", "A-1/3 is back on the wall: 2 Lomo"),
    ],
)
async def test_tickets_of_one_order_are_told_apart_when_they_go_and_when_they_come_back(
    language: Language, done: str, back: str
) -> None:
    desk = two_tickets()
    desk.language = language
    desk.tickets = (replace(desk.tickets[0], part=3), *desk.tickets[1:])
    async with driven(desk, "kds", script="1\n") as till:
        assert done in await till.grid()
        await till.press("f6")
        assert "A-1/3 2 Lomo" in await till.grid()
        await till.press("enter")
        grid = await till.grid()
        assert back in grid
        assert done[:14] not in grid


async def test_enter_confirms_a_change_before_it_bumps_and_the_key_says_so() -> None:
    async with driven(one_taken_back(), "kds", script="") as till:
        assert "QUITAR 1" in await till.grid()
        await till.press("1")
        assert "Confirmar A-1" in await till.grid()
        await till.press("enter")
        assert till.desk.done == ["confirm A-1"]
        screen = await till.grid()
        assert "QUITAR" not in screen
        assert "A-1: cambio confirmado" in screen
        assert "Listo A-1" in screen
        till.desk.time += timedelta(seconds=1)
        await till.press("enter")
        assert till.desk.done == ["confirm A-1", "bump A-1"]


async def test_twenty_presses_of_enter_confirm_and_do_not_bump() -> None:
    async with driven(one_taken_back(), "kds", script="1") as till:
        till.desk.gate.clear()
        till.press_ahead(*["enter"] * 20)
        await till.until_asked("confirm")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.done == ["confirm A-1"]


async def test_an_english_cook_is_told_in_english() -> None:
    desk = one_taken_back()
    desk.language = Language.ENGLISH
    async with driven(desk, "kds", script="1") as till:
        screen = await till.grid()
        for words in ("TAKE OFF 1", "Confirm A-1", "CHANGED"):
            assert words in screen


async def test_starting_a_ticket_says_that_it_is_under_way() -> None:
    async with driven(two_tickets(), "kds", script="3") as till:
        await till.press("space")
        assert "EN MARCHA" in await till.grid()


async def test_space_begins_one_ticket_after_the_other() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        for _ in range(3):
            await till.press("space", "space")
            till.desk.time += timedelta(seconds=1)
        assert [ticket.state for ticket in till.desk.tickets] == [TicketState.STARTED] * 3
        await till.press("space")
        assert "Todas las comandas están empezadas." in await till.grid()
        assert till.desk.asked.count("start") == 3


async def test_a_held_enter_bumps_one_ticket_however_long_it_is_held() -> None:
    async with driven(many_tickets(), "kds", script="") as till:
        for _ in range(20):
            till.desk.time += timedelta(milliseconds=400)
            await till.press("enter")
        assert till.desk.done == ["bump A-1"]
        assert "Suelta la tecla" in await till.grid()


async def test_after_a_moment_or_with_its_number_the_next_ticket_goes() -> None:
    async with driven(many_tickets(), "kds", script="") as till:
        await till.press("enter", "enter", "2", "enter")
        assert till.desk.done == ["bump A-1", "bump A-2"]
        till.desk.time += timedelta(seconds=1)
        await till.press("enter", "enter")
        assert till.desk.done == ["bump A-1", "bump A-2", "bump A-3"]


async def test_hammering_one_place_of_the_wall_bumps_one_ticket() -> None:
    async with driven(many_tickets(), "kds", script="") as till:
        for _ in range(10):
            await till.pilot.click(till.app.screen.wall, offset=(3, 1))
            await till.settled()
        assert till.desk.done == ["bump A-1"]


async def test_a_bump_says_how_to_bring_it_back() -> None:
    async with driven(many_tickets(), "kds", (80, 24), script="1\n") as till:
        assert "A-1: listo. F6 lo recupera." in await till.grid()


async def test_one_dish_of_a_ticket_is_done_and_the_others_stay() -> None:
    async with driven(two_tickets(), "kds", script="2<f3>") as till:
        assert "¿Qué está listo de A-2?" in await till.grid()
        await till.press("1")
        assert till.desk.done == ["bump A-2"]  # its only dish: the ticket goes with it
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "2*lom", "cau", "sent")
    async with driven(desk, "kds", script="1<f3>2") as till:
        assert till.desk.done == ["bump a line of A-1"]
        assert [line.to_make_milli for line in till.desk.tickets[0].lines] == [2 * ONE, 0]


async def test_one_card_holds_what_was_added_and_goes_with_all_of_it() -> None:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent", "cau", "sent", ago=9)
    desk.order(OrderKind.DINE_IN, 8, "cha", "sent", ago=2)
    async with driven(desk, "kds", (73, 21)) as till:
        screen = await till.grid()
        assert "+ AGREGADO" in screen
        assert "A-1/2" not in screen
        await till.press("1", "enter")
        assert till.desk.done == ["bump 2"]


async def test_the_digits_of_an_open_list_of_what_was_done_do_not_move() -> None:
    async with driven(many_tickets(5), "kds", script="") as till:
        for ticket in till.desk.tickets[:2]:
            await till.desk.bump(ticket.id)
        await till.press("f6")
        await till.desk.bump(till.desk.tickets[0].id)  # by another display
        await till.settled()
        await till.press("2")
        assert till.desk.done[-1] == "recall A-1"


async def test_two_cards_that_are_named_by_their_numbers_are_begun_in_one_breath() -> None:
    async with driven(many_tickets(3), "kds", (120, 36), script="1020") as till:
        assert till.desk.done[-2:] == ["start A-1", "start A-2"]
        await till.press("3", "0", "0")
        assert till.desk.done[-1:] == ["start A-3"], "the same press twice begins nothing more"
