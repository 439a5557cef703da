from __future__ import annotations

from terminal.widgets.command_line import MAX_KEYS_AHEAD, CommandLine, TypedKey


def type_text(line: CommandLine, text: str) -> None:
    for character in text:
        assert line.press("enter") if character == "\n" else line.press(character, character)


def submitted(heard) -> list[str]:
    return [message.text for message in heard if isinstance(message, CommandLine.Submitted)]


async def test_keys_typed_ahead_make_one_command_each_in_order(stage) -> None:
    line = CommandLine()
    async with stage(line) as on:
        type_text(line, "2*lom\n3*chi\n\naj")
        assert submitted(await on.settled()) == ["2*lom", "3*chi", ""]
        assert line.text == "aj"


async def test_a_held_line_keeps_keys_until_the_first_text_is_dealt_with(stage) -> None:
    line = CommandLine(holds=True)
    async with stage(line) as on:
        type_text(line, "2*lom\n3*chi\naj")
        assert submitted(await on.settled()) == ["2*lom"]
        assert line.text == ""
        line.release()
        assert submitted(await on.settled()) == ["2*lom", "3*chi"]
        line.release()
        assert line.text == "aj"
        assert not line.held


async def test_keys_typed_ahead_can_be_handed_to_the_dialog_that_opened(stage) -> None:
    line = CommandLine(holds=True)
    async with stage(line):
        type_text(line, "lom\n2\n")
        assert line.hand_over() == (TypedKey("2", "2"), TypedKey("enter"))
        assert not line.held
        type_text(line, "x")
        assert line.text == "x"


async def test_a_burst_beyond_the_limit_is_refused_not_lost_unseen(stage) -> None:
    line = CommandLine(holds=True)
    async with stage(line):
        line.press("enter")
        taken = [line.press("9", "9") for _ in range(MAX_KEYS_AHEAD + 3)]
        assert taken == [True] * MAX_KEYS_AHEAD + [False] * 3


async def test_keys_that_are_no_text_are_left_to_the_screen(stage) -> None:
    line = CommandLine(holds=True)
    async with stage(line):
        for key in ("f2", "up", "pagedown", "escape"):
            assert not line.press(key)
        line.press("enter")
        assert not line.press("f2")


async def test_the_line_says_what_changed_and_can_be_corrected(stage) -> None:
    line = CommandLine()
    async with stage(line) as on:
        type_text(line, "lom")
        line.press("backspace")
        line.press("ctrl+u")
        line.press("backspace")
        heard = [message.text for message in await on.settled() if isinstance(message, CommandLine.Changed)]
        assert heard == ["l", "lo", "lom", "lo", ""]


async def test_a_pasted_scan_is_submitted(stage) -> None:
    line = CommandLine()
    async with stage(line) as on:
        line.paste("7750182000123\r\n77\x1b[2J501")
        assert submitted(await on.settled()) == ["7750182000123"]
        assert line.text == "77[2J501"


async def test_hint_text_and_answer_are_on_view_and_the_end_of_a_long_text_too(stage) -> None:
    line = CommandLine("Plato o código")
    async with stage(line, (40, 3)) as on:
        assert any("Plato o código" in row for row in await on.grid())
        type_text(line, "a" * 60 + "fin")
        line.answer("nada")
        row = next(row for row in await on.grid() if "fin" in row)
        assert "nada" in row
