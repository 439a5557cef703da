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


async def test_what_is_said_of_a_typed_text_is_said_in_full_beside_it_or_above_it(stage) -> None:
    line = CommandLine("Plato o código")
    said = "«inca kola» es un plato: antes su mesa (número, Enter) o F7 Llevar."
    async with stage(line, (80, 2)) as on:
        type_text(line, "inca kola")
        line.answer(said, Tone.WARN)
        rows = await on.grid()
        assert said in rows[0]
        assert "› inca kola" in rows[1]
        line.answer("Inca Kola 500 ml · Enter pregunta por el precio")
        assert "inca kola" in (await on.grid())[1]
        assert "Enter pregunta por el precio" in (await on.grid())[1]


async def test_a_hint_leaves_whole_parts_out_where_a_message_stands(stage) -> None:
    line = CommandLine("Mesa o pedido, Enter · 4*7: 4 personas · 7+: otro")
    async with stage(line, (80, 2)) as on:
        line.answer("Pedido A-1 anulado: todo volvió atrás", Tone.READY)
        row = (await on.grid())[1]
        assert "Mesa o pedido, Enter " in row
        assert "4*7" not in row
        assert "…" not in row
