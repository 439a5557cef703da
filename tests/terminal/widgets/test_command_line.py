from __future__ import annotations

from terminal.theme.palette import Tone
from terminal.widgets.command_line import MAX_TYPED_CHARACTERS, CommandLine


def type_text(line: CommandLine, text: str) -> None:
    for character in text:
        assert line.press(character, character)


async def test_keys_that_are_no_text_are_left_to_the_screen(stage) -> None:
    line = CommandLine()
    async with stage(line):
        for key in ("f2", "up", "pagedown", "escape", "enter"):
            assert not line.press(key)


async def test_the_line_can_be_corrected(stage) -> None:
    line = CommandLine()
    async with stage(line):
        type_text(line, "lom")
        line.press("backspace")
        assert line.text == "lo"
        line.press("ctrl+u")
        assert line.text == ""
        assert line.press("backspace")
        assert line.text == ""


async def test_a_stuck_key_fills_the_line_and_no_more(stage) -> None:
    line = CommandLine()
    async with stage(line):
        type_text(line, "9" * (MAX_TYPED_CHARACTERS + 30))
        assert line.text == "9" * MAX_TYPED_CHARACTERS


async def test_hint_text_and_answer_are_on_view_and_the_end_of_a_long_text_too(stage) -> None:
    line = CommandLine("Plato o código")
    async with stage(line, (40, 3)) as on:
        assert any("Plato o código" in row for row in await on.grid())
        type_text(line, "a" * 60 + "fin")
        line.answer("nada")
        row = next(row for row in await on.grid() if "fin" in row)
        assert "nada" in row


async def test_an_answer_that_is_longer_than_its_row_is_said_in_full(stage) -> None:
    line = CommandLine("Plato o código")
    said = "Closed on another device. Did you take Visa/Mastercard S/ 5.00? Tell a manager before the guest goes."
    async with stage(line, (80, 2)) as on:
        line.answer(said, Tone.WARN)
        assert said in " ".join(" ".join(await on.grid()).replace("▲", "").replace("›", "").split())
