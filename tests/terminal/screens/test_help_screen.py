"""The help says everything in full, on the smallest screen too, and what does not fit is reached by arrows."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language, Texts
from terminal.actions import ScreenName
from terminal.screens.help.screen import HelpSheet
from terminal.screens.help.view import found_lines, help_lines
from tests.terminal.screens.till import driven

WIDTH = 72
"""Cells of the sheet in the dialog of a screen of 80 columns."""


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", list(ScreenName))
def test_no_line_of_the_help_is_cut(name, language) -> None:
    texts = Texts(language, ("terminal",))
    sheet, lines = HelpSheet(), help_lines(name, texts)
    sheet._lines = lines
    rows = sheet._rows(WIDTH)
    assert " ".join(does for _keys, does, _colour in rows) == " ".join(line.does for line in lines)


def test_what_works_now_comes_first_and_what_does_not_last() -> None:
    texts = Texts(Language.ENGLISH, ("terminal",))
    does = [line.does for line in help_lines(ScreenName.PAYMENT, texts, {"undo_tender": "nothing is noted"})]
    assert does[0].startswith("This help")
    assert does[-2] == "Take the last payment back, to note it anew · nothing is noted"


def test_a_search_takes_all_words_in_any_order_and_no_accents() -> None:
    lines = help_lines(ScreenName.ORDER, Texts(Language.SPANISH, ("terminal",)))
    assert [line.keys for line in found_lines(lines, "LINEAS bajar")] == ["Ctrl ↓  Ctrl N"]
    assert [line.keys for line in found_lines(lines, "f5")] == ["F5"]
    assert found_lines(lines, "nada así") == ()
    assert found_lines(lines, "") == lines


async def test_more_than_fits_is_shown_by_arrows_pages_and_touch() -> None:
    async with driven(size=(80, 24), script="1234\n7\n<f1>") as till:
        screen = await till.grid()
        assert "Escribe para buscar · filas 1–" in screen
        assert "Algunas ventanas se quedan" not in screen
        await till.press(*["pagedown"] * 9)
        assert "Algunas ventanas se quedan" in await till.grid()
        dialog = till.app.screen
        for _page in range(9):
            dialog.tap_action("page_back")
            await till.settled()
        assert "filas 1–" in await till.grid()


async def test_letters_search_the_help_and_escape_deletes_them_before_it_closes() -> None:
    async with driven(size=(80, 24), script="1234\n7\n?") as till:
        await till.type("serv")
        screen = await till.grid()
        assert "Buscar: serv" in screen
        assert "F7" in screen
        assert "Anular el pedido entero" not in screen
        await till.type("zz")
        assert "nada se llama así" in await till.grid()
        await till.press("backspace", "backspace")
        assert "F7" in await till.grid()
        await till.press("escape")
        assert "Escribe para buscar" in await till.grid()
        await till.press("escape")
        assert till.screen_name == ScreenName.ORDER


async def test_a_question_mark_asks_for_help_and_is_text_in_a_note() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        await till.press("?")
        assert till.screen_name == "help"
        await till.press("?", "f3", "?")
        assert till.screen_name == "order"
        assert till.app.screen.line.text == "/?"


async def test_what_is_on_another_screen_is_found_and_says_where() -> None:
    async with driven(script="1234\n?", size=(80, 24)) as till:
        assert "está en" not in await till.grid()
        await till.type("dividir")
        assert "está en: Pedido (Ctrl V), Cobro (F7)" in _sentence(await till.grid())
        await till.press("escape")
        assert "está en" not in await till.grid()


async def test_a_search_over_all_screens_says_who_may() -> None:
    async with driven(script="2222\n?", size=(80, 24)) as till:
        await till.type("corte x")
        found = _sentence(await till.grid())
        assert "está en: Turno abierto (F7)" in found
        assert "Carmen" in found


def _sentence(grid: str) -> str:
    """What stands in the dialog, with its wrapped lines joined."""
    return " ".join(" ".join(line[3:-3] for line in grid.splitlines()).split())
