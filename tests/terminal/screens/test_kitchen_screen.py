from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.kernel.language import Language
from shared.kernel.quantity import ONE
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from terminal.actions import ScreenName, actions_of
from terminal.input.key_map import KeyMap, read_key_map
from terminal.input.strokes import FUNCTION_KEYS
from terminal.screens.kitchen.ear import Ear
from terminal.sounds import Sound
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import NOON, PaperState
from tests.terminal.screens.till import driven


def two_tickets() -> PaperDesk:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "2*lom", "sent", ago=9)
    desk.order(OrderKind.DINE_IN, 8, "cau", "pis", "sent", ago=2)
    return desk


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


def one_taken_back() -> PaperDesk:
    """Of two dishes of the older ticket one is not wanted any more."""
    desk = two_tickets()
    first, *others = desk.tickets
    line = replace(first.lines[0], quantity_milli=ONE, to_make_milli=ONE, withdrawn_milli=ONE)
    desk.tickets = (replace(first, state=TicketState.CHANGED, lines=(line,)), *others)
    return desk


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


async def test_a_station_shows_its_own_and_its_totals() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        assert "2 Lomo saltado · 1 Causa limeña · 1 Pisco sour" in await till.grid()
        await till.press("tab", "tab")
        screen = await till.grid()
        assert "Barra" in screen
        assert "Pisco sour" in screen
        assert "Lomo saltado" not in screen


async def test_starting_a_ticket_says_that_it_is_under_way() -> None:
    async with driven(two_tickets(), "kds", script="3") as till:
        await till.press("space")
        assert "EN MARCHA" in await till.grid()


async def test_space_begins_one_ticket_after_the_other() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        for _ in range(3):
            await till.press("space")
        assert [ticket.state for ticket in till.desk.tickets] == [TicketState.STARTED] * 3
        await till.press("space")
        assert "Todas las comandas están empezadas." in await till.grid()
        assert till.desk.asked.count("start") == 3


async def test_a_ticket_grows_late_on_the_wall() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        assert "TARDE" not in await till.grid()
        till.desk.time += timedelta(minutes=7)
        till.app.screen.tick()
        screen = await till.grid()
        assert "TARDE" in screen
        assert "16:00" in screen


async def test_a_new_ticket_arrives_by_itself() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
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


async def test_hidden_tickets_are_named_and_one_key_leads_to_them_and_back() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="") as till:
        screen = await till.grid()
        hidden = [f"A-{at}" for at in range(1, 17) if f" A-{at} " not in screen.rsplit("+ ▶", 1)[0]]
        assert f"+ ▶ {len(hidden)} más: ▲ {hidden[0]}" in screen
        await till.press("+")
        await till.press(till.app.screen.wall.key_of(till.desk.tickets[-1].id))
        assert "Listo A-16" in await till.grid()
        await till.press("enter")
        assert till.desk.done == ["bump A-16"]
        await till.press("pageup")
        assert " 1 A-1 " in await till.grid()


async def test_a_card_without_a_key_shows_the_key_that_gives_it_one() -> None:
    async with driven(many_tickets(12), "kds", script="") as till:
        assert "+▸ Mesa" in await till.grid()
        await till.press("+", "1", "enter")
        assert till.desk.done == ["bump A-10"]


async def test_a_ticket_that_nobody_sees_is_not_bumped_by_its_mark() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="1") as till:
        await till.press("+", "enter")
        assert till.desk.done == []
        await till.press("enter")
        assert till.desk.done != ["bump A-1"]


async def test_the_oldest_are_back_on_view_after_a_while() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="+") as till:
        assert " 1 A-1 " not in await till.grid()
        for _ in range(31):
            till.app.screen.tick()
        assert " 1 A-1 " in await till.grid()


async def test_a_finger_on_the_count_shows_the_hidden_tickets() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="") as till:
        wall = till.app.screen.wall
        await till.pilot.click(wall, offset=(3, wall.size.height - 1))
        await till.settled()
        assert " 1 A-1 " not in await till.grid()


async def test_the_marked_card_shows_a_sign_and_not_only_a_colour() -> None:
    for size in ((80, 24), (120, 36)):
        async with driven(two_tickets(), "kds", size, script="") as till:
            assert "▶2 " not in await till.grid()
            await till.press("2")
            assert "▶2 " in await till.grid()


async def test_a_display_starts_on_its_wall_without_a_pin() -> None:
    async with driven(two_tickets(), "kds") as till:
        assert till.screen_name == "kitchen"
        assert till.desk.actor.staff_id is None
        assert till.desk.actor.station_id is not None


async def test_no_single_key_leaves_the_wall_of_a_display() -> None:
    keys = [*FUNCTION_KEYS, "escape", "ctrl+l", "tab", "ctrl+e", "ctrl+r", "ctrl+t", "q"]
    async with driven(two_tickets(), "kds") as till:
        for key in keys:
            await till.press(key, "escape")
            assert till.screen_name == "kitchen", key
            for _ in range(4):
                till.app._tick()


async def test_the_same_key_twice_leads_to_the_pin_and_escape_or_time_back_to_the_wall() -> None:
    async with driven(two_tickets(), "kds", script="<ctrl+l>") as till:
        assert "otra vez sale" in await till.grid()
        await till.press("ctrl+l")
        assert till.screen_name == "login"
        await till.press("escape")
        assert till.screen_name == "kitchen"
        await till.press("ctrl+l", "ctrl+l")
        for _ in range(61):
            till.app._tick()
        await till.settled()
        assert till.screen_name == "kitchen"


async def test_somebody_who_logs_in_at_a_display_leaves_it_on_its_wall() -> None:
    async with driven(two_tickets(), "kds", script="<ctrl+l>") as till:
        await till.press("ctrl+l")
        await till.type("3333\n")
        assert till.desk.actor.staff_id is not None
        await till.press("ctrl+l")
        assert till.screen_name == "kitchen"
        assert till.desk.actor.station_id is not None


async def test_the_station_key_says_where_it_leads_and_cards_of_all_stations_name_theirs() -> None:
    async with driven(two_tickets(), "kds") as till:
        screen = await till.grid()
        assert "Tab Ver Cocina" in screen
        assert "NUEVO Barra" in screen
        await till.press("tab")
        screen = await till.grid()
        assert "Tab Ver Barra" in screen
        assert "NUEVO Cocina" not in screen


async def test_a_new_ticket_a_change_and_what_is_taken_back_sound_different_and_a_burst_sounds_once() -> None:
    desk = two_tickets()
    ear = Ear()
    assert ear.hear(desk.tickets, desk.time) is None
    desk.order(OrderKind.DINE_IN, 5, "lom", "sent")
    assert ear.hear(desk.tickets, desk.time) is Sound.NEW
    desk.order(OrderKind.DINE_IN, 6, "lom", "sent")
    assert ear.hear(desk.tickets, desk.time + timedelta(seconds=4)) is None
    first, *others = desk.tickets
    line = replace(first.lines[0], quantity_milli=ONE, to_make_milli=ONE, withdrawn_milli=ONE)
    taken = (replace(first, state=TicketState.CHANGED, lines=(line,)), *others)
    assert ear.hear(taken, desk.time + timedelta(seconds=5)) is Sound.WITHDRAWN
    rushed = (replace(taken[0], rushed=True), *others)
    assert ear.hear(rushed, desk.time + timedelta(seconds=6)) is Sound.RUSH
    assert ear.hear(rushed, desk.time + timedelta(seconds=30)) is None


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


async def test_a_rush_stands_out_and_the_same_key_undoes_it() -> None:
    async with driven(two_tickets(), "kds", script="2<f4>") as till:
        assert "¡URGENTE!" in await till.grid()
        await till.press("f4")
        assert till.desk.done == ["rush A-2", "no rush A-2"]
        assert "¡URGENTE!" not in await till.grid()


async def test_what_has_no_place_on_the_wall_is_counted_and_can_be_ended() -> None:
    desk = two_tickets()
    desk.kitchen.forgotten = tuple(replace(desk.tickets[0], id=UUID(int=900 + at)) for at in range(3))
    async with driven(desk, "kds") as till:
        assert "F9 ▶ 3 de antes" in await till.grid()
        await till.press("f9", "1")
        assert till.desk.done == ["bump 3"]
        assert "de antes" not in await till.grid()


async def test_a_wall_that_hears_from_nobody_says_since_when() -> None:
    away = PaperState(cloud="offline", last_contact=NOON - timedelta(minutes=4))
    async with driven(PaperDesk(state=away), "kds", (73, 21)) as till:
        assert "SIN NOTICIAS DESDE" in await till.grid()
    here = PaperState(cloud="offline", last_contact=NOON - timedelta(seconds=30))
    async with driven(PaperDesk(state=here), "kds", (73, 21)) as till:
        assert "SIN NOTICIAS" not in await till.grid()


async def test_the_menu_of_a_station_is_reached_by_a_number_pad_and_has_nothing_of_people() -> None:
    async with driven(two_tickets(), "kds", script=".") as till:
        screen = await till.grid()
        assert "Urgente" in screen
        assert "horas" not in screen.lower()


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


async def test_tickets_do_not_wander() -> None:
    async with driven(many_tickets(8), "kds", (200, 60)) as till:
        before = list(till.app.screen.wall.shown_ids)
        await till.press("3", "enter")
        till.desk.order(OrderKind.DINE_IN, 4, "lom", "sent")
        till.desk.order(OrderKind.DINE_IN, 5, "lom", "sent")
        await till.settled()
        after = list(till.app.screen.wall.shown_ids)
        assert after[:7] == [each for each in before if each != before[2]]
        assert len(after) == 9
        await till.press("f6", "enter")
        assert list(till.app.screen.wall.shown_ids)[:8] == before


async def test_a_closed_station_is_covered_by_another_with_one_key() -> None:
    async with driven(two_tickets(), "kds", script="<tab>") as till:
        assert "Pisco" not in await till.grid()
        await till.press("f7", "1")
        screen = await till.grid()
        assert "Pisco sour" in screen
        assert "Barra" in screen.replace("Ver Barra", "")
        await till.press("f7", "1")
        assert till.desk.done == ["cover", "uncover"]
        assert "Pisco" not in await till.grid()


async def test_a_station_says_when_its_tickets_are_late_by_kind_of_order() -> None:
    desk = two_tickets()
    kitchen, bar = desk.stations[:2]
    desk.stations = (replace(kitchen, thresholds=(("dine_in", 60, 120), ("", 600, 1_200))), bar, *desk.stations[2:])
    desk.order(OrderKind.TAKEOUT, None, "lom", "sent", ago=5)
    async with driven(desk, "kds", (73, 21), script="<tab>") as till:
        rows = (await till.grid()).splitlines()
        words = [word for row in rows for word in ("NUEVO", "APURA", "TARDE") for _ in range(row.count(word))]
        assert sorted(words) == ["NUEVO", "TARDE", "TARDE"]


BUMP_BAR = """
[wall]
q = "tile_1"
w = "tile_2"
f13 = "bump"
g = "start"
r = "recall_list"
l = "lines"
u = "rush"
x = "back"
z = "fly"
"""


async def test_an_evening_works_by_a_bump_bar_with_a_map_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(BUMP_BAR)
    wall = {action.id: action.keys[0] for action in actions_of(ScreenName.KITCHEN) if action.keys}
    desk = two_tickets()
    desk.kitchen.key_map = read_key_map(tmp_path, wall)
    async with driven(desk, "kds") as till:
        assert "z = fly" in await till.grid()
        await till.press("w", "g", "u")
        assert till.desk.done == ["start A-1", "rush A-1"] or till.desk.done == ["start A-2", "rush A-2"]
        await till.press("q", "f13")
        assert till.desk.done[-1] == "bump A-1"
        await till.press("r", "f13")
        assert till.desk.done[-1] == "recall A-1"
        await till.press("r", "x")
        assert till.screen_name == "kitchen"


def test_a_key_map_that_cannot_be_read_changes_no_key_and_says_so(tmp_path: Path) -> None:
    assert read_key_map(tmp_path, {}) == KeyMap()
    (tmp_path / "keys.toml").write_text("[wall\nq = ")
    assert read_key_map(tmp_path, {}) == KeyMap(mistakes=("keys.toml",))


async def test_another_station_numbers_its_cards_anew() -> None:
    async with driven(two_tickets(), "kds", (73, 21), script="<tab><tab>") as till:
        (drink,) = [each.id for each in till.desk.tickets if each.station_id == till.desk.kitchen.station_id]
        assert till.app.screen.wall.key_of(drink) == "1"
