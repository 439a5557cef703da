from __future__ import annotations

import dataclasses

import pytest
from rich.segment import Segment

from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckPanel, CheckView
from tests.terminal.looks.gallery import CHECK, CHECK_WORDS

SIZE = (46, 30)


@pytest.fixture
def panel() -> CheckPanel:
    return CheckPanel(CHECK_WORDS)


def many(count: int) -> CheckView:
    return CheckView(
        "Mesa 1", lines=tuple(CheckLine(n, "1", f"Plato {n}", "S/ 1.00") for n in range(count)), total="S/ 9"
    )


async def test_unsent_lines_stand_under_a_word_and_a_glyph(stage, panel) -> None:
    async with stage(panel, SIZE) as on:
        panel.show(CHECK)
        rows = await on.grid()
        heading = next(at for at, row in enumerate(rows) if "● Por enviar" in row)
        assert all("●" not in row for row in rows[3:heading])
        assert any(row.startswith(" ● 3  Chicha morada") for row in rows[heading:])


async def test_a_removed_line_is_struck_and_says_so_instead_of_its_amount(stage, panel) -> None:
    async with stage(panel, SIZE) as on:
        panel.show(CHECK)
        row = next(row for row in await on.grid() if "Causa" in row)
        assert row.rstrip().endswith("anulado")
        assert "24.00" not in row
        struck = [segment for strip in panel._strips for segment in strip if segment.style and segment.style.strike]
        assert [segment.text for segment in struck] == ["Causa limeña"]


@pytest.mark.parametrize("width", [26, 30, 46, 60])
async def test_amounts_are_never_cut(stage, panel, width) -> None:
    panel.styles.width = width
    async with stage(panel, (80, 40)) as on:
        panel.show(dataclasses.replace(CHECK, total="S/ 1,207.00"))
        text = "\n".join(await on.grid())
        for amount in ("S/ 76.00", "S/ 72.00", "S/ 24.00", "S/ 6.00", "S/ 180.51", "S/ 32.49", "−S/ 6.00"):
            assert amount in text


async def test_a_long_check_follows_its_end_and_counts_what_is_above(stage, panel) -> None:
    async with stage(panel, (46, 18)) as on:
        panel.show(many(40))
        rows = await on.grid()
        assert any("Plato 39" in row for row in rows)
        shown = sum("Plato" in row for row in rows)
        assert any(f"▲ {40 - shown} más" in row for row in rows)


async def test_the_cursor_is_always_on_view_and_leaves_below_the_end(stage, panel) -> None:
    async with stage(panel, (46, 18)) as on:
        panel.show(many(40))
        for step in range(1, 41):
            panel.move(-1)
            assert panel.cursor_line is not None
            assert panel.cursor_line.id == 40 - step
            await on.settled()
            assert panel.cursor_line.id in {row.line for row in panel._on_view}
        panel.move(-1)
        assert panel.cursor_line.id == 0
        panel.move(40)
        assert panel.cursor_line is None


async def test_a_tap_on_any_row_of_a_line_picks_it(stage, panel) -> None:
    async with stage(panel, SIZE) as on:
        panel.show(CHECK)
        rows = await on.grid()
        for text, line_id in (("Término medio", 1), ("sin hielo", 4), ("Chaufa especial", 5)):
            y = next(at for at, row in enumerate(rows) if text in row)
            await on.pilot.click(panel, offset=(20, y))
            assert panel.cursor_line is not None
            assert panel.cursor_line.id == line_id
        picked = [message.line_id for message in await on.settled() if isinstance(message, CheckPanel.Picked)]
        assert picked == [1, 4, 5]


async def test_the_cursor_goes_with_its_line(stage, panel) -> None:
    async with stage(panel, SIZE):
        panel.show(CHECK)
        panel.put_cursor(5)
        panel.show(dataclasses.replace(CHECK, lines=CHECK.lines[1:]))
        assert panel.cursor_line is not None
        panel.show(dataclasses.replace(CHECK, lines=CHECK.lines[:2]))
        assert panel.cursor_line is None
        panel.show(CheckView("Mesa 1"))
        panel.move(-1)
        assert panel.cursor_line is None


async def test_an_empty_check_says_so(stage, panel) -> None:
    async with stage(panel, SIZE) as on:
        assert any(CHECK_WORDS.empty in row for row in await on.grid())


async def test_no_state_depends_on_colour_alone() -> None:
    from terminal.theme.palette import DARK
    from terminal.widgets.check_lines import line_rows

    drawn = set()
    for state in LineState:
        rows = line_rows(CheckLine(1, "1", "Plato", "S/ 1.00", (), state), 30, "anulado", DARK.panel, DARK)
        drawn.add("".join(segment.text for segment in rows[0]))
        assert all(isinstance(segment, Segment) for row in rows for segment in row)
    assert len(drawn) == len(LineState)
