"""What a hostile name or note does to each widget: it is shown as the characters it is, and steers nothing."""

from __future__ import annotations

import unicodedata

import pytest
from textual.containers import Vertical

from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckPanel, CheckView, CheckWords
from terminal.widgets.command_line import CommandLine
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.line_widget import LineWidget
from terminal.widgets.pin_pad import PinPad
from terminal.widgets.status_line import Notice, Status, StatusLine
from terminal.widgets.ticket_card import WallLine, WallTicket
from terminal.widgets.ticket_wall import TicketWall
from terminal.widgets.tile import Tile
from tests.terminal.looks.gallery import WALL_WORDS

HOSTILE = {
    "unbalanced markup": "Ana [/red] x",
    "path-like": "no [/etc] onion",
    "click action": "[@click=app.bell]Ana[/]",
    "hides text": "[black on black]no nuts[/]",
    "clipboard": "Ana\x1b]52;c;ZXZpbA==\x07",
    "title": "Ana\x1b]0;PWNED\x07",
    "C1 CSI": "Ana\x9b2J",
    "clear screen": "Ana\x1b[2J",
    "bell and return": "Ana\x07\rTOTAL 0.00",
    "right to left": "Ana \u202e00.1$",
    "backspace": "10.00\x08\x08\x08\x08\x08 1.00",
    "new lines": "Ana\n\n\u2028\u2029x",
    "combining": "Z" + "\u0301" * 200,
    "wide and joined": "👨‍👩‍👧‍👦 炒飯 🇵🇪",
    "braces": "{count} {0} {page!r}",
    "endless": "x" * 5000,
    "nothing": "\u200b\u200e",
}


def item_grid(evil: str) -> ItemGrid:
    return ItemGrid(
        [
            Tile(1, evil, evil, evil, evil, evil, Tone.NEW),
            Tile(2, evil, selected=True),
            Tile(3, evil, word=evil, enabled=False),
        ]
    )


def check_panel(evil: str) -> CheckPanel:
    panel = CheckPanel(CheckWords(((LineState.UNSENT, evil),), evil, evil, "{count}", evil))
    lines = tuple(
        CheckLine(n, evil[:6], evil, evil[:9], tuple(Extra(evil, kind, evil[:9]) for kind in ExtraKind), state)
        for n, state in enumerate(LineState)
    )
    sums = ((evil, evil[:9]),)
    panel.show(CheckView(evil, evil[:9], evil, Tone.WARN, evil[:9], lines=lines, sums=sums, total=evil[:9], alert=evil))
    return panel


def ticket_wall(evil: str) -> TicketWall:
    wall = TicketWall(WALL_WORDS)
    extras = tuple(Extra(evil, kind) for kind in ExtraKind)
    lines = (WallLine(evil[:6], evil, extras), WallLine("1", evil, take_off=evil), WallLine("1", evil, done=True))
    wall.show([WallTicket(n, evil[:9], evil, 0, lines, alert=evil, note=evil) for n in range(3)], note=evil)
    return wall


def command_line(evil: str) -> CommandLine:
    line = CommandLine(evil)
    line.answer(evil, Tone.WARN)
    for char in evil[:200]:
        line.press(char, char)
    return line


def pin_pad(evil: str) -> PinPad:
    pad = PinPad(evil)
    pad.tell(evil)
    return pad


WIDGETS = {
    "item grid": item_grid,
    "check panel": check_panel,
    "ticket wall": ticket_wall,
    "command line": command_line,
    "key bar": lambda evil: KeyBar([BarKey(evil[:6], evil, "a"), BarKey("F2", evil, "b", Tone.LATE)]),
    "status line": lambda evil: StatusLine(Status(evil, evil, evil[:9], (Notice(Tone.WARN, evil, evil[:9]),))),
    "pin pad": pin_pad,
    "big digits": lambda evil: BigDigits(evil, caption=evil, tone=Tone.READY),
}


WIDTH, HEIGHT_EACH = 60, 24


def all_widgets(evil: str) -> Vertical:
    widgets = [make(evil) for make in WIDGETS.values()]
    for widget in widgets:
        widget.styles.height = HEIGHT_EACH
        widget.styles.dock = "none"
    return Vertical(*widgets)


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_text_steers_no_widget(stage, name) -> None:
    async with stage(all_widgets(HOSTILE[name]), (WIDTH, HEIGHT_EACH * len(WIDGETS))) as on:
        for widget in on.app.query(LineWidget):
            strips = [widget.render_line(y) for y in range(widget.size.height)]
            drawn = "".join(segment.text for strip in strips for segment in strip)
            leaked = {char for char in drawn if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
            assert drawn, widget
            assert leaked == set(), widget
            assert {strip.cell_length for strip in strips} == {widget.size.width}, widget


async def test_markup_is_shown_as_it_was_written(stage) -> None:
    async with stage(all_widgets("Ana [/red] x"), (WIDTH, HEIGHT_EACH * len(WIDGETS))) as on:
        rows = await on.grid()
        for at, kind in enumerate(WIDGETS):
            text = "\n".join(rows[at * HEIGHT_EACH : (at + 1) * HEIGHT_EACH])
            assert "[/red]" in text or kind == "big digits", kind
