"""What a finger can do without a keyboard: more and less, notes, search and codes."""

from __future__ import annotations

import pytest

from terminal.widgets.command_line import CommandLine
from terminal.widgets.key_pad import ACCEPT, KeyPad
from terminal.widgets.letter_pad import BLANK, CAPITAL
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_exceptions import exceptions_desk
from tests.terminal.screens.till import DrivenTill, driven

AT_SEVEN = "1234\n7\n"


async def tap_line(till: DrivenTill, at: int) -> None:
    """Put a finger on a line of the check."""
    (order,) = till.desk.orders.values()
    till.app.screen.list.tapped(order.lines[at].id)
    await till.settled()


async def tap_key(till: DrivenTill, *keys: str) -> None:
    """Put a finger on keys of the pad that is shown."""
    for key in keys:
        pads = [pad for pad in till.app.screen.query(KeyPad) if pad.display and any(key in row for row in pad._keys)]
        pads[0].post_message(KeyPad.Pressed(pads[0], key))
        await till.settled()


async def tap_tile(till: DrivenTill, title: str) -> None:
    grid = till.app.screen.tiles
    grid.tapped(next(tile.id for tile in grid.tiles if tile.title == title))
    await till.settled()


def held(till: DrivenTill) -> list[tuple[str, int, str]]:
    (order,) = till.desk.orders.values()
    return [(line.item_name, line.quantity_milli // 1_000, line.notes) for line in order.lines]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_tapped_line_offers_its_keys_and_stays_chosen(size) -> None:
    async with driven(script=f"{AT_SEVEN}lom\ncau\n", size=size) as till:
        while till.screen_name == "options":
            await till.press("1")
        assert not till.app.screen.line_keys.display
        await tap_line(till, 0)
        await tap_key(till, "+ 1", "+ 1", "− 1")
        assert held(till)[0] == ("Lomo saltado", 2, "")
        await tap_key(till, "Quitar")
        assert [name for name, _, _ in held(till)] == ["Causa limeña"]
        assert not till.app.screen.line_keys.display


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_course_and_seat_are_chosen_by_taps_on_a_line(size) -> None:
    async with driven(script=f"{AT_SEVEN}cau\n", size=size) as till:
        for key, number in (("Tiempo", "2"), ("Asiento", "1")):
            await tap_line(till, 0)
            await tap_key(till, key)
            assert till.screen_name == "pick"
            await till.press(number)
        (order,) = till.desk.orders.values()
        assert [(line.course, line.seat) for line in order.lines] == [(2, 1)]


async def test_a_note_is_put_together_from_phrases_and_saved_by_taps() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n") as till:
        await tap_line(till, 0)
        await tap_key(till, "Nota")
        for phrase in ("bien cocido", "alergia al maní", "bien cocido", "sin cebolla"):
            await tap_tile(till, phrase)
        assert held(till) == [("Lomo saltado", 1, "")]
        await tap_tile(till, "Guardar nota")
        assert held(till) == [("Lomo saltado", 1, "alergia al maní, sin cebolla")]
        assert till.app.screen.line.text == ""


async def test_arrows_and_enter_choose_a_phrase_and_a_typed_note_is_saved_as_it_is() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n<f3>") as till:
        await till.press("down", "right", "enter")
        assert till.app.screen.line.text == "/sin cebolla"
        await till.type(", poca sal\n")
        assert held(till) == [("Lomo saltado", 1, "sin cebolla, poca sal")]


async def test_a_dish_is_searched_and_counted_on_the_letters_pad() -> None:
    async with driven(script=AT_SEVEN) as till:
        line = till.app.screen.line
        line.post_message(CommandLine.Tapped(line))
        await till.settled()
        await tap_key(till, "2", "*", "l", "o", "m", ACCEPT)
        assert held(till) == [("Lomo saltado", 2, "")]
        line.post_message(CommandLine.Tapped(line))
        await till.settled()
        assert not till.app.screen.pad.display


async def test_a_table_is_found_on_the_letters_pad_of_the_floor() -> None:
    async with driven(busy_desk(), script="1234\n") as till:
        await till.press("f8")
        await till.type("teclado\n")
        await tap_key(till, "1", "4", ACCEPT)
        assert till.screen_name == "order"
        assert "Mesa 14" in await till.grid()


@pytest.mark.parametrize("keys", ["//para compartir\n", "<f8>nota del pedido\npara compartir\n"])
async def test_the_whole_order_has_a_note_of_its_own(keys) -> None:
    async with driven(script=f"{AT_SEVEN}lom\n{keys}") as till:
        (order,) = till.desk.orders.values()
        assert order.notes == "para compartir"
        assert held(till) == [("Lomo saltado", 1, "")]
        assert "para compartir" in await till.grid()


async def test_a_note_after_sending_says_which_station_sees_it() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n<f5>//para compartir\n") as till:
        assert "Cocina la ve como cambio" in await till.grid()


async def test_a_house_without_phrases_shows_its_dishes_while_a_note_is_written(monkeypatch) -> None:
    monkeypatch.setattr(PaperDesk, "reasons", lambda self, kind: ())
    async with driven(script=f"{AT_SEVEN}lom\n<f3>sin sal") as till:
        assert till.app.screen.tiles.tiles
        await till.press("enter")
        assert held(till) == [("Lomo saltado", 1, "sin sal")]


async def test_a_long_note_is_not_cut_when_it_is_opened_again() -> None:
    note = "sin ají, " * 30
    async with driven(script=f"{AT_SEVEN}lom\n") as till:
        (order,) = till.desk.orders.values()
        await till.desk.change_line(order.id, order.lines[0].id, notes=note)
        (_name, _quantity, kept) = held(till)[0]
        await till.press("f3", "enter")
        assert held(till)[0][2] == kept
        assert len(kept) > 250


async def test_what_waits_is_noted_on_the_letters_pad() -> None:
    async with driven(exceptions_desk(), script="3333\n<ctrl+e>6\n", size=(80, 24)) as till:
        assert till.screen_name == "note"
        line = till.app.screen.line
        line.post_message(CommandLine.Tapped(line))
        await till.settled()
        await tap_key(till, "o", "k", BLANK, "1")
        assert till.app.screen.line.text == "ok 1"
        assert "Guardar nota" in await till.grid()


@pytest.mark.parametrize("name", ["Núñez", "Pérez", "Argüelles", "O'Higgins", "José@perú.pe"])
async def test_a_finger_writes_the_names_of_the_first_market(name: str) -> None:
    async with driven(script="1234\n<ctrl+w>1") as till:
        pad = till.app.screen.pad
        for letter in name:
            if letter.isupper():
                pad.tapped(CAPITAL)
            assert any(letter in row for row in pad._keys)
            pad.tapped(letter)
            await till.settled()
        assert name in await till.grid()
