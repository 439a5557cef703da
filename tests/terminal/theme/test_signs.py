"""What is drawn where a terminal lacks characters: every sign in one that is there, of the same width, told apart."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from shared.kernel.language import Language, catalogue
from terminal.cli import ROOMS
from terminal.theme.ability import Ability, Colours, Letters
from terminal.theme.palette import Tone
from terminal.theme.palettes16 import DARK16
from terminal.theme.signs import DRAWN, UNKNOWN, PlainerLines, in_signs, sign
from terminal.widgets.big_digits import big_rows
from terminal.widgets.check_lines import LineState
from tests.terminal.looks.conftest import BASELINES
from tests.terminal.theme.console_fonts import FONTS, listed_characters, stock_characters

LACKING = [letters for letters in Letters if letters is not Letters.ALL]
TERMINAL = Path(__file__).parents[3] / "terminal"
DRAWING = ("widgets", "dialogs", "screens", "theme", "actions")
EACH_LACKING = pytest.mark.parametrize("letters", LACKING)


def drawn_characters() -> set[str]:
    """Everything that our screens draw of their own: what the looks show, the sentences, and the signs in code."""
    found: set[str] = set()
    for path in BASELINES.glob("*.txt"):
        found.update(path.read_text(encoding="utf-8"))
    for language in Language:
        for room in ROOMS:
            found.update("".join(catalogue(room, language).values()))
    for room in DRAWING:
        for path in (TERMINAL / room).rglob("*.py"):
            constants = (each for each in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            found.update("".join(each.value for each in constants if is_text(each)))
    return {char for char in found if char.isprintable()}


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_every_character_on_a_console_is_in_its_stock_font() -> None:
    drawn = {each for char in drawn_characters() for each in sign(char, Letters.CONSOLE)}
    assert drawn - listed_characters() == set()
    assert DRAWN[Letters.CONSOLE] - listed_characters() == set(), "nor can names and notes bring another one there"


@pytest.mark.skipif(not any(FONTS.glob("Lat15-*")), reason="Debian's console-setup is not installed")
def test_the_list_is_what_the_real_fonts_hold() -> None:
    assert listed_characters() <= stock_characters(FONTS)


@EACH_LACKING
def test_no_sign_of_ours_becomes_a_question_mark(letters: Letters) -> None:
    ours = {char for char in drawn_characters() if cell_len(char) == 1} - {UNKNOWN, "¿"}
    assert {char for char in ours if sign(char, letters) == UNKNOWN} == set()


@EACH_LACKING
@pytest.mark.parametrize("text", ["Año nuevo · S/ 12.50 …", "炒飯 especial", "e\N{COMBINING ACUTE ACCENT}", "👍 ок"])
def test_a_line_keeps_its_width(text: str, letters: Letters) -> None:
    assert cell_len(in_signs(text, letters)) == cell_len(text)


@pytest.mark.parametrize("letters", [Letters.CONSOLE, Letters.LATIN])
def test_letters_of_spanish_stay(letters: Letters) -> None:
    assert in_signs("ÁÉÍÓÚÜÑ áéíóúüñ ¿¡", letters) == "ÁÉÍÓÚÜÑ áéíóúüñ ¿¡"


def test_letters_lose_their_accents_before_they_are_lost() -> None:
    assert in_signs("Ají de gallina, Piña", Letters.ASCII) == "Aji de gallina, Pina"


@EACH_LACKING
def test_states_are_told_apart_by_their_marks(letters: Letters) -> None:
    lines = [
        sign(state.glyph, letters) for state in LineState if state.glyph.strip() and state.tone is not Tone.COOKING
    ]
    assert len(set(lines)) == len(lines)
    tones = {tone: sign(tone.glyph, letters) for tone in Tone if tone not in (Tone.PLAIN, Tone.LATE)}
    assert len(set(tones.values())) == len(tones)


@EACH_LACKING
def test_big_digits_differ_and_keep_their_width(letters: Letters) -> None:
    drawn = {digit: tuple(in_signs(row, letters) for row in big_rows(f" {digit} ")) for digit in "0123456789"}
    assert len(set(drawn.values())) == len(drawn)
    assert all(any(each.strip() for each in rows) for rows in drawn.values())


def test_the_edge_of_an_area_is_a_gap_and_a_digit_is_none() -> None:
    assert in_signs("▄▄▄▄▄▄", Letters.CONSOLE) == "      "
    assert in_signs(" █▀▀█ ", Letters.CONSOLE) == " █■■█ "


def test_bold_makes_no_dull_text_shine_in_sixteen_colours() -> None:
    filtered = PlainerLines(Ability(Colours.SIXTEEN))
    dull = Segment("F5", DARK16.off.style(bold=True))
    black = Segment("F2", DARK16.key.style(bold=True))
    white = Segment("Lomo", DARK16.tile.style(bold=True))
    drawn = filtered.apply([dull, black, white], Color.parse("#000000"))
    assert [segment.style.bold for segment in drawn] == [False, False, True]


def test_a_terminal_that_can_all_draws_as_ever() -> None:
    assert not PlainerLines(Ability()).enabled
