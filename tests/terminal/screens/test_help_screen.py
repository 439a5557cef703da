"""The help says everything in full, on the smallest screen too, and what does not fit is reached by arrows."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language, Texts
from terminal.actions import ScreenName
from terminal.screens.help.screen import HelpSheet
from terminal.screens.help.view import help_lines
from tests.terminal.screens.till import driven

WIDTH = 72
"""Cells of the sheet in the dialog of a screen of 80 columns."""


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", list(ScreenName))
def test_no_line_of_the_help_is_cut(name, language) -> None:
    texts = Texts(language, ("terminal",))
    sheet, lines = HelpSheet(texts), help_lines(name, texts)
    sheet._lines = lines
    rows = sheet._rows(WIDTH)
    assert " ".join(does for _keys, does in rows) == " ".join(line.does for line in lines)


async def test_more_than_fits_is_shown_by_arrows_and_pages() -> None:
    async with driven(size=(80, 24), script="1234\n7\n<f1>") as till:
        screen = await till.grid()
        assert "Más teclas" in screen
        assert "Bajar por las líneas del pedido" not in screen
        await till.press("pagedown", "pagedown", "pagedown")
        screen = await till.grid()
        assert "Bajar por las líneas del pedido" in screen
        assert "Más teclas" not in screen


async def test_a_question_mark_asks_for_help_and_is_text_in_a_note() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        await till.press("?")
        assert till.screen_name == "help"
        await till.press("?", "f3", "?")
        assert till.screen_name == "order"
        assert till.app.screen.line.text == "/?"
