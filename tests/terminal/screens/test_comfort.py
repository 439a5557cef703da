"""Colours, sounds, the palette of actions and jump letters, by the keys that people press."""

from __future__ import annotations

import pytest
from textual.app import App

from shared.kernel.language import Language
from terminal.actions import BY_SCREEN
from terminal.comfort.settings import Comfort, Comforts
from terminal.screens.every_action import rows
from terminal.screens.jumping import LETTERS, labels
from terminal.theme.ability import Letters
from terminal.theme.palette import CONTRAST, DARK
from terminal.theme.wardrobe import Look
from terminal.widgets.line_widget import TapWidget
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import driven

CASHIER, MANAGER = "1234\n", "3333\n"


async def chosen(till, *digits: str) -> None:
    await till.press(":")
    await till.type("color\n")
    await till.press(*digits)


async def test_a_person_chooses_and_finds_it_again_and_nobody_else_does() -> None:
    async with driven(busy_desk(), script=CASHIER) as till:
        await chosen(till, "3", "escape")
        assert till.app.theme == CONTRAST.name
        await till.press("ctrl+l")
        assert till.app.theme == DARK.name, "the log-in screen is the device's"
        await till.type(MANAGER)
        assert till.app.theme == DARK.name
        await till.press("ctrl+l")
        await till.type(CASHIER)
        assert till.app.theme == CONTRAST.name


async def test_the_dialog_stays_open_and_shows_what_is_chosen() -> None:
    async with driven(busy_desk(), script=CASHIER) as till:
        await chosen(till, "5", "6")
        assert till.screen_name == "pick"
        assert till.app.comfort == Comfort(large=True, sounds=False)
        grid = await till.grid()
        assert "sí" in grid
        assert "no" in grid


async def test_what_is_for_all_holds_for_who_has_chosen_nothing() -> None:
    comforts = Comforts()
    async with driven(busy_desk(), script=CASHIER, comforts=comforts) as till:
        await chosen(till, "2", "8")
        await till.press("ctrl+l")
        await till.type(MANAGER)
        assert till.app.comfort.look is Look.LIGHT


async def test_signs_change_at_once() -> None:
    async with driven(busy_desk(), script=CASHIER) as till:
        await chosen(till, "7", "7", "7")
        assert till.app.comfort.letters is Letters.ASCII
        assert all(ord(char) < 128 for char in await till.grid())


@pytest.mark.parametrize("sounds", [True, False])
async def test_the_bell_rings_where_sounds_are_wanted(sounds, monkeypatch) -> None:
    rung: list[bool] = []
    async with driven(busy_desk(), comforts=Comforts(device=Comfort(sounds=sounds))) as till:
        monkeypatch.setattr(App, "bell", lambda self: rung.append(True))  # what goes to the terminal
        till.app.bell()
        await till.pilot.pause()
        assert any(rung) is sounds


@pytest.mark.parametrize("language", list(Language))
async def test_the_palette_has_every_action_once_by_its_name(language) -> None:
    async with driven(busy_desk(language=language), script="1234\n7\n") as till:
        found = rows(till.app.screen)
        ids = [choice.id for choice in found]
        assert len(ids) == len(set(ids))
        assert {"pay", "send", "bump", "x_report", "refund", "comfort"} <= set(ids)
        assert len({choice.title for choice in found}) == len(found)
        everywhere = {each.id for name, actions in BY_SCREEN.items() for each in actions if name.value == "order"}
        assert everywhere - set(ids) <= {"palette", "menu", "jump"}
        first_blocked = next(at for at, choice in enumerate(found) if choice.why_not)
        assert all(choice.why_not for choice in found[first_blocked:]), "what is possible comes first"


async def test_the_palette_does_what_is_found_and_says_why_not() -> None:
    async with driven(busy_desk(), script="1234\n7\n") as till:
        await till.type(":cobrar\n")
        assert till.screen_name == "payment"
        await till.press("escape")
        await till.type(":informe x")
        await till.press("down", "enter")
        assert till.screen_name == "pick", "a row that cannot be chosen only says why"


@pytest.mark.parametrize(
    ("words", "action"), [("mover mesa", "table"), ("move table", "table"), ("perro muer", "walked_out")]
)
async def test_the_palette_knows_other_words_of_both_languages(words: str, action: str) -> None:
    async with driven(busy_desk(), script="1234\n7\n") as till:
        await till.type(f":{words}")
        tile = till.app.screen.rows.cursor_tile
        assert tile is not None
        assert tile.id[1] == action
        await till.press("escape")
        await till.type(":transferir")
        assert {"table", "move"} <= {each.id[1] for each in till.app.screen.rows.tiles}


async def test_one_key_of_the_floor_says_what_its_signs_mean() -> None:
    async with driven(busy_desk(), script="1234\n=") as till:
        seen = await till.grid()
        signs = ("S   Sentada", "‖   Un tiempo", "¤   Pagada", "R   Reservada", "+   Está junto")
        assert all(sign in seen for sign in signs), seen
        await till.press("escape", "f1")
        await till.type("reservada")
        assert "R " in await till.grid(), "the help finds them, too"


async def test_a_sign_in_a_text_is_no_palette() -> None:
    async with driven(busy_desk(), script="1234\n7\n") as till:
        await till.type("/sin sal: poca; nada")
        assert till.app.screen.line.text == "/sin sal: poca; nada"


async def test_letters_tap_what_they_stand_on() -> None:
    async with driven(busy_desk(), script="1234\n7\n") as till:
        await till.press(";")
        marked = {
            target: text
            for widget in till.app.screen.query(TapWidget)
            if widget is till.app.screen.tiles
            for (target, x, y), (_, _, text) in zip(widget.spots(), widget._jump_letters, strict=True)
        }
        tile = till.app.screen.tiles.tiles[1]
        await till.type(marked[tile.id].lower())
        assert any(tile.title in line.item_name for line in till.app.screen.order.lines)
        assert not any(widget._jump_letters for widget in till.app.screen.query(TapWidget))


async def test_any_other_key_takes_the_letters_away_and_does_nothing() -> None:
    async with driven(busy_desk(), script="1234\n7\n") as till:
        await till.press(";", "escape")
        assert till.screen_name == "order"
        assert not any(widget._jump_letters for widget in till.app.screen.query(TapWidget))
        await till.type("lom")
        assert till.app.screen.line.text == "lom"


def test_no_label_begins_another_one() -> None:
    for count in (1, len(LETTERS), len(LETTERS) + 1, 34, 500):
        made = list(labels(count))
        assert len(set(made)) == count
        assert not any(one != other and one.startswith(other) for one in made for other in made)


def test_of_34_things_25_need_one_letter() -> None:
    assert [len(label) for label in labels(34)] == [1] * 25 + [2] * 9


async def test_letters_pick_a_card_of_the_kitchens_wall() -> None:
    async with driven(busy_desk(), "kds") as till:
        wall = till.app.screen.wall
        await till.press(";")
        assert wall._jump_letters
        (_, _, letters), (target, _, _) = wall._jump_letters[1], list(wall.spots())[1]
        await till.type(letters.lower())
        assert not wall._jump_letters
        assert wall._marked == target
