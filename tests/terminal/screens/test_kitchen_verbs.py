"""Every verb of the wall by key, by touch, and by a bump bar with a map of its own; and undone where it can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.orders.records import OrderKind
from terminal.actions import ScreenName, actions_of
from terminal.input.key_map import KeyMap, read_key_map
from terminal.printing.desk import Prints
from terminal.printing.faults import PrinterFault
from terminal.printing.views import PrinterHealth, QueueHealth
from terminal.screens.kitchen.view import card_id
from terminal.wall.settings import WallSettings
from tests.terminal.screens.kitchen_desks import many_tickets, two_tickets
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import PaperState
from tests.terminal.screens.test_by_touch_alone import Finger
from tests.terminal.screens.till import DrivenTill, driven

BUMP_BAR = """
[wall]
q = "tile_1"
w = "tile_2"
e = "tile_3"
f13 = "bump"
f14 = "bump_first"
g = "start"
r = "recall_list"
y = "recall_newest"
l = "lines"
u = "rush"
i = "transfer"
o = "move_card"
p = "review"
j = "wall_on"
k = "wall_back"
d = "station"
c = "cover"
a = "aside"
b = "menu"
x = "back"
z = "fly"

[bar]
shows = ["bump", "rush", "menu", "dance"]
"""
WALL_KEYS = {action.id: action.keys[0] for action in actions_of(ScreenName.KITCHEN) if action.keys}


def three_cards() -> PaperDesk:
    """Three cards of the kitchen, the first of two dishes; one more is done."""
    desk = PaperDesk()
    for table, dishes in ((3, ("lom",)), (7, ("2*lom", "cau")), (8, ("cau",)), (9, ("cha",))):
        desk.order(OrderKind.DINE_IN, table, *dishes, "sent", ago=10 - table)
    desk.bumped = (replace(desk.tickets[0], bumped_at=desk.time),)
    desk.tickets = desk.tickets[1:]
    desk.kitchen.choose(desk.tickets[0].station_id)
    desk.done.clear()
    return desk


VERBS = {
    "bump": (("2", "enter"), ("Mesa 8", "Listo A-3"), ("w", "f13"), ["bump A-3"]),
    "bump first": (("2", "f5"), ("Mesa 8", "Más", "Lista la primera"), ("w", "f14"), ["bump A-2"]),
    "bump line": (("1", "f3", "2"), ("Mesa 7", "Por plato", "1 Causa"), ("q", "l", "w"), ["bump a line of A-2"]),
    "start": (("2", "space"), ("Mesa 8", "Empezar"), ("w", "g"), ["start A-3"]),
    "rush": (("2", "f4"), ("Mesa 8", "Más", "Urgente"), ("w", "u"), ["rush A-3"]),
    "recall last": (("backspace",), ("Más", "Recuperar la última"), ("y",), ["recall A-1"]),
    "recall list": (("f6", "1"), ("Recuperar", "A-1 "), ("r", "q"), ["recall A-1"]),
    "transfer": (("2", "t", "1"), ("Mesa 8", "Más", "Pasar a otra", "1 Barra"), ("w", "i", "q"), ["transfer A-3"]),
    "move": (
        ("3", "m", "1"),
        ("Mesa 9", "Más", "Mover comanda", "Delante de A-2"),
        ("e", "o", "q"),
        ["move A-4"],
    ),
    "review": (("v", "escape"), ("Más", "Mirar comanda", "Volver"), ("p", "x"), []),
    "cover": (("f7", "1"), ("Más", "Cubrir estación", "Cubrir Barra"), ("c", "q"), ["cover"]),
}
"""By verb: keys, what a finger taps, keys of the bump bar; and what is done then."""


@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_works_by_key(verb: str) -> None:
    keys, _taps, _bar, done = VERBS[verb]
    async with driven(three_cards(), "kds") as till:
        await till.press(*keys)
        assert (till.desk.done, till.screen_name) == (done, "kitchen")


@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_works_by_touch(verb: str) -> None:
    _keys, taps, _bar, done = VERBS[verb]
    async with driven(three_cards(), "kds") as till:
        finger = Finger(till.app, till.desk, till.pilot)
        await finger.tap(*taps)
        assert (till.desk.done, till.screen_name) == (done, "kitchen")


@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_works_by_a_bump_bar_with_a_map_of_its_own(verb: str, tmp_path: Path) -> None:
    _keys, _taps, bar, done = VERBS[verb]
    async with driven(_with_bar(three_cards(), tmp_path), "kds") as till:
        await till.press(*bar)
        assert (till.desk.done, till.screen_name) == (done, "kitchen")


@pytest.mark.parametrize("verb", [verb for verb, each in VERBS.items() if each[3]])
async def test_twenty_presses_do_one_thing(verb: str) -> None:
    *first, last = VERBS[verb][0]
    async with driven(three_cards(), "kds") as till:
        await till.press(*first)
        for _ in range(20):
            till.desk.time += timedelta(milliseconds=300)
            await till.press(last)
        assert till.desk.done == VERBS[verb][3]


def _with_bar(desk: PaperDesk, folder: Path) -> PaperDesk:
    (folder / "keys.toml").write_text(BUMP_BAR)
    desk.kitchen.key_map = read_key_map(folder, WALL_KEYS)
    return desk


async def test_a_key_map_chooses_the_buttons_too_and_says_what_it_does_not_know(tmp_path: Path) -> None:
    async with driven(_with_bar(three_cards(), tmp_path), "kds") as till:
        screen = await till.grid()
        assert "z = fly" in screen
        assert "shows = dance" in screen
        assert [key.action for key in till.app.screen.bar.keys] == ["bump", "rush", "menu"]
        await till.press("b")
        assert "Empezar" in await till.grid()  # what the bar does not show stands in the menu


def test_a_key_map_that_cannot_be_read_changes_no_key_and_says_so(tmp_path: Path) -> None:
    assert read_key_map(tmp_path, {}) == KeyMap()
    for text, wrong in (("[wall\nq = ", "keys.toml"), ("wall = 3", "wall"), ("[bar]\nshows = 3", "bar")):
        (tmp_path / "keys.toml").write_text(text)
        assert read_key_map(tmp_path, {}) == KeyMap(mistakes=(wrong,))
    (tmp_path / "keys.toml").write_text("[wall]\nq = [1]")
    assert read_key_map(tmp_path, {}).mistakes == ("q = [1]",)


async def test_who_logs_in_at_a_display_types_letters(tmp_path: Path) -> None:
    async with driven(_with_bar(three_cards(), tmp_path), "kds", script="<ctrl+l>") as till:
        await till.press("ctrl+l")
        await till.type("3333\n")
        assert till.desk.actor.staff_id is not None
        await till.press("q")
        assert till.app.screen._marked is None


@pytest.mark.parametrize("size", [(49, 14), (73, 21), (120, 36)])
async def test_a_finger_reaches_every_action_whatever_the_bar_has_room_for(size: tuple[int, int]) -> None:
    async with driven(three_cards(), "kds", size) as till:
        wall = till.app.screen
        reached = {key.action for key in wall.bar.keys} | {row.id for row in wall.menu_rows()}
        hidden = {action.id for action in actions_of(ScreenName.KITCHEN)} - reached
        # Pages turn by a tap on the count, people's actions are none of a station's.
        assert hidden <= {
            "wall_on",
            "wall_back",
            "help",
            "jump",
            "lock",
            "tables",
            "exceptions",
            "hours",
            "staff_hours",
            "language",
        }


# Undone


async def test_a_rush_stands_out_comes_first_and_its_key_undoes_it_for_three_seconds() -> None:
    async with driven(two_tickets(), "kds", script="2<f4>") as till:
        screen = await till.grid()
        assert "¡URGENTE!" in screen
        assert "F4 lo deshace (3 s)" in screen
        till.desk.time += timedelta(seconds=2)
        await till.press("f4")
        assert till.desk.done == ["rush A-2", "no rush A-2"]
        assert "¡URGENTE!" not in await till.grid()


async def test_a_rush_is_undone_by_its_key_whatever_was_marked_meanwhile() -> None:
    async with driven(three_cards(), "kds", script="3<f4>1") as till:
        till.desk.time += timedelta(seconds=2)
        await till.press("f4")
        assert till.desk.done == ["rush A-4", "no rush A-4"]


async def test_after_three_seconds_the_key_is_of_the_marked_card_again() -> None:
    async with driven(three_cards(), "kds", script="3<f4>1") as till:
        till.desk.time += timedelta(seconds=4)
        await till.press("f4")
        assert till.desk.done == ["rush A-4", "rush A-2"]


async def test_another_deed_ends_the_chance_to_undo() -> None:
    async with driven(three_cards(), "kds", script="3<f4>1<space>") as till:
        till.desk.time += timedelta(seconds=2)
        await till.press("f4")
        assert till.desk.done == ["rush A-4", "start A-2", "rush A-2"]


async def test_a_transferred_card_leaves_the_wall_names_its_station_on_the_other_and_comes_back() -> None:
    desk = three_cards()
    async with driven(desk, "kds", script="2t1") as till:
        assert "Mesa 8" not in await till.grid()
        assert "A-3 la hace Barra. T lo deshace (3 s)." in await till.grid()
        await till.press("t")
        assert "Mesa 8" in await till.grid()
        till.desk.time += timedelta(seconds=4)
        await till.press("2", "t", "1", "tab")
        assert "de Cocina" in await till.grid()


async def test_a_moved_card_stands_where_it_was_put() -> None:
    async with driven(three_cards(), "kds", script="3m1") as till:
        assert _order(till) == ["A-4", "A-2", "A-3"]
        await till.press("m", "3")  # the row "at the end", behind those of the two others
        assert _order(till) == ["A-2", "A-3", "A-4"]


def _order(till: DrivenTill) -> list[str]:
    number = {card_id(ticket): ticket.number for ticket in till.desk.tickets}
    return [number[each] for each in till.app.screen.wall.shown_ids]


async def test_a_card_that_stands_alone_is_not_moved_and_says_why() -> None:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    async with driven(desk, "kds", script="1m") as till:
        assert "no hay otra delante" in await till.grid()


# Looked at


async def test_what_is_done_is_looked_at_whole_without_coming_back_or_beginning_anew() -> None:
    desk = three_cards()
    (done,) = desk.bumped
    note = "sin ají, alergia al maní, el cliente de siempre, con la salsa aparte y el arroz muy graneado"
    desk.bumped = (replace(done, lines=(replace(done.lines[0], notes=note),)),)
    async with driven(desk, "kds", script="v") as till:
        screen = await till.grid()
        assert "Mirar no cambia nada" in screen
        assert "graneado" in screen
        till.desk.time += timedelta(minutes=30)
        await till.press("enter")
        assert till.desk.done == []
        await till.press("v", "f6")
        assert till.desk.done == ["recall A-1"]
        assert till.desk.tickets[0].fired_at == done.fired_at


async def test_a_marked_card_is_looked_at_whole_and_cannot_be_recalled() -> None:
    async with driven(many_tickets(), "kds", (49, 14), script="1v") as till:
        assert "enviada" in await till.grid()
        await till.press("f6")
        assert till.desk.done == []
        assert "sigue abierta" in await till.grid()


async def test_letters_are_keys_with_the_shift_lock_too() -> None:
    async with driven(three_cards(), "kds", script="V") as till:
        assert "Mirar no cambia nada" in await till.grid()


async def test_a_late_undo_does_nothing_else_and_says_so() -> None:
    async with driven(three_cards(), "kds", script="3<f4>") as till:
        till.desk.time += timedelta(seconds=4)
        await till.press("f4")
        assert till.desk.done == ["rush A-4"]
        assert "Tarde para deshacerlo" in await till.grid()


async def test_nothing_is_rushed_or_held_that_nobody_marked() -> None:
    async with driven(three_cards(), "kds", script="<f4>") as till:
        assert till.desk.done == []
        assert "A-2 marcada. F4 otra vez lo hace" in " ".join((await till.grid()).split())
        till.desk.time += timedelta(seconds=2)
        await till.press("f4")
        assert till.desk.done == ["rush A-2"]


async def test_a_mark_is_taken_off_by_esc_by_its_digit_and_by_time() -> None:
    async with driven(three_cards(), "kds", script="2<escape>") as till:
        assert till.app.screen._marked is None
        await till.press("2")
        till.desk.time += timedelta(seconds=2)
        await till.press("2")
        assert till.app.screen._marked is None
        await till.press("2")
        for _second in range(31):
            till.app.screen.tick()
        assert till.app.screen._marked is None


async def test_esc_on_the_wall_of_a_station_says_how_it_is_left() -> None:
    async with driven(three_cards(), "kds", script="<escape>") as till:
        screen = await till.grid()
        assert "dos veces sale de la pantalla de cocina" in screen
        assert "permiso" not in screen


async def test_enter_on_a_held_card_asks() -> None:
    async with driven(three_cards(), "kds", script="2p") as till:
        till.desk.time += timedelta(seconds=2)
        await till.press("enter")
        assert "A-3 está retenida" in await till.grid()
        await till.press("1")
        assert till.desk.done[-1] == "fire A-3"


async def test_the_key_that_a_row_of_the_menu_names_does_the_row() -> None:
    async with driven(three_cards(), "kds", script="2<f8>") as till:
        await till.press("d")
        assert "Todo lo que falta hacer" in await till.grid()
        assert till.desk.done == []


@pytest.mark.parametrize("size", [(80, 24), (49, 14)], ids=["80x24", "49x14"])
async def test_the_menu_of_a_wall_says_that_keys_do_their_rows_and_other_letters_search(size: tuple[int, int]) -> None:
    async with driven(three_cards(), "kds", script="2<f8>", size=size) as till:
        assert "Tecla o número de la fila" in await till.grid()
        await till.press("z")
        assert till.app.screen.line.text == "z", "a letter that no row names searches"


async def test_a_number_pad_leaves_corrects_and_pages_every_dialog() -> None:
    async with driven(three_cards(), "kds", script=".", size=(80, 24)) as till:
        asked = till.app.screen
        await till.press(".")
        assert asked.line.text == "."
        await till.press("*")
        assert asked.line.text == ""
        await till.press("+")
        assert (asked.rows.page, asked.rows.on_view[9].hint) == (0, "1"), "first the others of this page have digits"
        await till.press("+")
        assert asked.rows.page == 1
        assert asked.rows.on_view[0].hint == "1", "rows of every page have a digit"
        await till.press("-")
        assert asked.rows.page == 0
        await till.press("/")
        assert till.app.screen.wall


async def test_signs_are_typed_where_somebody_writes() -> None:
    async with driven(three_cards(), "kds", script="2w") as till:
        asked = till.app.screen
        await till.press("m", "/", "*")
        assert asked.line.text == "m/*"


async def test_bar_menu_and_sentences_name_the_keys_of_the_map_and_none_that_was_taken_away() -> None:
    desk = three_cards()
    desk.kitchen.key_map = KeyMap({"h": "f4", "a": "enter", "f6": "2"}, bar=("bump", "rush", "recall_list", "tell"))
    async with driven(desk, "kds", script="1") as till:
        labels = {key.action: key.key for key in till.app.screen.bar.keys}
        assert labels == {"bump": "A", "rush": "H", "recall_list": "*", "tell": "W", "menu": "F8"}
        await till.press("h")
        assert "H lo deshace (3 s)" in await till.grid()


async def test_with_a_number_pad_alone_the_wall_names_its_keys() -> None:
    desk = three_cards()
    desk.kitchen.settings = WallSettings(pad=True)
    async with driven(desk, "kds", script="") as till:
        labels = {key.action: key.key for key in till.app.screen.bar.keys}
        assert (labels["start"], labels["recall_list"], labels["station"], labels["menu"]) == ("0", "*", "/", ".")


def test_a_key_map_tells_what_it_says_twice_and_takes_the_way_to_the_pin_from_nobody(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(
        '[wall]\nq = "bump"\nQ = "start"\nf10 = "bump"\n"ctrl+l" = "bump"\n[walls]\nw = "bump"\n'
        '[bar]\nshows = ["bump", "bump"]\nshow = 1\n'
    )
    read = read_key_map(tmp_path, {"bump": "enter", "start": "space"})
    assert read.keys == {"q": "enter", "f10": "enter"}
    assert read.bar == ("bump",)
    assert read.mistakes == ("[walls]", "[bar] show", "Q = start (q = …)", "ctrl+l = bump (PIN)")


async def test_notices_and_help_name_the_keys_of_the_map(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('[wall]\nf15 = "help"\nf16 = "printers"\nf13 = "bump"\n')
    health = QueueHealth((PrinterHealth("kitchen", waiting=2, fault=PrinterFault.PAPER_OUT),))
    desk = busy_desk(state=PaperState(prints=Prints(("kitchen",), health)))
    desk.kitchen.key_map = read_key_map(tmp_path, WALL_KEYS)
    async with driven(desk, "kds", (200, 60)) as till:
        screen = await till.grid()
        assert " · F16" in screen.splitlines()[0]
        await till.press("f15")
        assert till.screen_name == "help"
        screen = await till.grid()
        bump = next(line for line in screen.splitlines() if "F13" in line)
        assert "Enter" not in bump
        assert "F16" in screen
