from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.language import Language
from shared.kernel.quantity import ONE
from shared.kitchen.queries import TicketState
from shared.orders.records import OrderKind
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.till import driven


def two_tickets() -> PaperDesk:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "2*lom", "sent", ago=9)
    desk.order(OrderKind.DINE_IN, 8, "cau", "pis", "sent", ago=2)
    return desk


async def test_a_number_and_enter_bump_that_ticket() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        await till.press("2", "enter")
        assert till.desk.done == ["bump A-2"]


async def test_enter_alone_marks_the_oldest_first() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        await till.press("enter")
        assert till.desk.done == []
        await till.press("enter")
        assert till.desk.done == ["bump A-1"]


async def test_twenty_presses_of_enter_bump_one_marked_ticket() -> None:
    async with driven(two_tickets(), "kds", script="4444\n1") as till:
        till.desk.gate.clear()
        till.press_ahead(*["enter"] * 20)
        await till.until_asked("bump")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.done == ["bump A-1"]


async def test_a_number_without_a_ticket_marks_nothing() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        await till.press("8", "9")
        assert till.app.screen._marked is None


async def test_two_taps_bump_and_one_only_marks() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        await till.pilot.click(till.app.screen.wall, offset=(3, 1))
        await till.settled()
        assert till.desk.done == []
        await till.pilot.click(till.app.screen.wall, offset=(3, 1))
        await till.settled()
        assert till.desk.done == ["bump A-1"]


async def test_a_bumped_ticket_comes_back_to_its_place() -> None:
    async with driven(two_tickets(), "kds", script="4444\n1\n") as till:
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
    async with driven(desk, "kds", script="4444\n1\n") as till:
        assert done in await till.grid()
        await till.press("f6")
        assert "A-1/3 2 Lomo" in await till.grid()
        await till.press("enter")
        grid = await till.grid()
        assert back in grid
        assert done[:14] not in grid


def one_taken_back() -> PaperDesk:
    """Of two dishes of the older ticket one is not wanted any more."""
    desk = two_tickets()
    first, *others = desk.tickets
    line = replace(first.lines[0], quantity_milli=ONE, to_make_milli=ONE, withdrawn_milli=ONE)
    desk.tickets = (replace(first, state=TicketState.CHANGED, lines=(line,)), *others)
    return desk


async def test_enter_confirms_a_change_before_it_bumps_and_the_key_says_so() -> None:
    async with driven(one_taken_back(), "kds", script="4444\n") as till:
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
    async with driven(one_taken_back(), "kds", script="4444\n1") as till:
        till.desk.gate.clear()
        till.press_ahead(*["enter"] * 20)
        await till.until_asked("confirm")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.done == ["confirm A-1"]


async def test_an_english_cook_is_told_in_english() -> None:
    desk = one_taken_back()
    desk.language = Language.ENGLISH
    async with driven(desk, "kds", script="4444\n1") as till:
        screen = await till.grid()
        for words in ("TAKE OFF 1", "Confirm A-1", "CHANGED"):
            assert words in screen


async def test_a_station_shows_its_own_and_its_totals() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        assert "2 Lomo saltado · 1 Causa limeña · 1 Pisco sour" in await till.grid()
        await till.press("tab", "tab")
        screen = await till.grid()
        assert "Barra" in screen
        assert "Pisco sour" in screen
        assert "Lomo saltado" not in screen


async def test_starting_a_ticket_says_that_it_is_under_way() -> None:
    async with driven(two_tickets(), "kds", script="4444\n3") as till:
        await till.press("space")
        assert "EN MARCHA" in await till.grid()


async def test_space_begins_one_ticket_after_the_other() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        for _ in range(3):
            await till.press("space")
        assert [ticket.state for ticket in till.desk.tickets] == [TicketState.STARTED] * 3
        await till.press("space")
        assert "Todas las comandas están empezadas." in await till.grid()
        assert till.desk.asked.count("start") == 3


async def test_a_ticket_grows_late_on_the_wall() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        assert "TARDE" not in await till.grid()
        till.desk.time += timedelta(minutes=7)
        till.app.screen.tick()
        screen = await till.grid()
        assert "TARDE" in screen
        assert "16:00" in screen


async def test_a_new_ticket_arrives_by_itself() -> None:
    async with driven(two_tickets(), "kds", script="4444\n") as till:
        till.desk.order(OrderKind.DELIVERY, None, "cha", "sent")
        await till.settled()
        assert "Chaufa de quinua" in await till.grid()


async def test_who_serves_too_goes_on_to_the_floor() -> None:
    async with driven(busy_desk(), script="3333\n") as till:
        await till.press("f6")
        assert till.screen_name == "kitchen"
        await till.press("f2")
        assert till.screen_name == "floor"


async def test_a_cook_does_not() -> None:
    async with driven(busy_desk(), script="4444\n") as till:
        await till.press("f2")
        assert till.screen_name == "kitchen"
        assert "No tienes permiso" in await till.grid()


def many_tickets(count: int = 12) -> PaperDesk:
    desk = PaperDesk()
    for at in range(count):
        desk.order(OrderKind.DINE_IN, at % 9 + 1, "2*lom", "cau", "sent", ago=30 - at)
    return desk


async def test_a_held_enter_bumps_one_ticket_however_long_it_is_held() -> None:
    async with driven(many_tickets(), "kds", script="4444\n") as till:
        for _ in range(20):
            till.desk.time += timedelta(milliseconds=400)
            await till.press("enter")
        assert till.desk.done == ["bump A-1"]
        assert "Suelta la tecla" in await till.grid()


async def test_after_a_moment_or_with_its_number_the_next_ticket_goes() -> None:
    async with driven(many_tickets(), "kds", script="4444\n") as till:
        await till.press("enter", "enter", "1", "enter")
        assert till.desk.done == ["bump A-1", "bump A-2"]
        till.desk.time += timedelta(seconds=1)
        await till.press("enter", "enter")
        assert till.desk.done == ["bump A-1", "bump A-2", "bump A-3"]


async def test_hammering_one_place_of_the_wall_bumps_one_ticket() -> None:
    async with driven(many_tickets(), "kds", script="4444\n") as till:
        for _ in range(10):
            await till.pilot.click(till.app.screen.wall, offset=(3, 1))
            await till.settled()
        assert till.desk.done == ["bump A-1"]


async def test_a_bump_says_how_to_bring_it_back() -> None:
    async with driven(many_tickets(), "kds", (80, 24), script="4444\n1\n") as till:
        assert "A-1: listo. F6 lo recupera." in await till.grid()


async def test_hidden_tickets_are_named_and_one_key_leads_to_them_and_back() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="4444\n") as till:
        screen = await till.grid()
        hidden = [f"A-{at}" for at in range(1, 17) if f" A-{at} " not in screen.rsplit("9 ▶", 1)[0]]
        assert f"9 ▶ {len(hidden)} más: ▲ {hidden[0]}" in screen
        await till.press("9", "5")
        assert f"Listo {hidden[0]}" in await till.grid()
        await till.press("enter")
        assert till.desk.done == [f"bump {hidden[0]}"]
        await till.press("pageup")
        assert " 1 A-1 " in await till.grid()


async def test_a_card_without_a_key_shows_the_key_that_gives_it_one() -> None:
    async with driven(many_tickets(10), "kds", (80, 24), script="4444\n") as till:
        assert "9▸ A-9" in await till.grid()
        await till.press("9", "1", "enter")
        assert till.desk.done == ["bump A-9"]


async def test_a_ticket_that_nobody_sees_is_not_bumped_by_its_mark() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="4444\n1") as till:
        await till.press("9", "enter")
        assert till.desk.done == []
        await till.press("enter")
        assert till.desk.done != ["bump A-1"]


async def test_the_oldest_are_back_on_view_after_a_while() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="4444\n9") as till:
        assert " 1 A-1 " not in await till.grid()
        for _ in range(31):
            till.app.screen.tick()
        assert " 1 A-1 " in await till.grid()


async def test_a_finger_on_the_count_shows_the_hidden_tickets() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="4444\n") as till:
        wall = till.app.screen.wall
        await till.pilot.click(wall, offset=(3, wall.size.height - 1))
        await till.settled()
        assert " 1 A-1 " not in await till.grid()


async def test_the_marked_card_shows_a_sign_and_not_only_a_colour() -> None:
    for size in ((80, 24), (120, 36)):
        async with driven(two_tickets(), "kds", size, script="4444\n") as till:
            assert "▶2 " not in await till.grid()
            await till.press("2")
            assert "▶2 " in await till.grid()
