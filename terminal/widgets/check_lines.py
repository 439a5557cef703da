"""One line of a check as a plain value, and how it is drawn."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style

from terminal.theme.palette import Ink, Palette, Tone
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.text_cells import fit, width_of, wrap

LineRow = tuple[Segment, ...]

GUTTER = 3
"""Cells of the state's glyph with a blank on both sides."""
QUANTITY_WIDTH = 3
"""Cells for quantities to 999. A weighed `0.350` takes more."""
MAX_NAME_LINES = 2
MAX_NOTE_LINES = 3


class LineState(StrEnum):
    """State of a line."""

    UNSENT = "unsent"
    HELD = "held"
    SENT = "sent"
    RECEIVED = "received"
    STARTED = "started"
    READY = "ready"
    SERVED = "served"
    PAID = "paid"
    REMOVED = "removed"

    @property
    def tone(self) -> Tone:
        """The tone of the state."""
        return _TONES[self]

    @property
    def glyph(self) -> str:
        """One narrow character for the state."""
        return _GLYPHS.get(self, self.tone.glyph)


_TONES = {
    LineState.UNSENT: Tone.NEW,
    LineState.HELD: Tone.PLAIN,
    LineState.SENT: Tone.COOKING,
    LineState.RECEIVED: Tone.COOKING,
    LineState.STARTED: Tone.COOKING,
    LineState.READY: Tone.READY,
    LineState.SERVED: Tone.PLAIN,
    LineState.PAID: Tone.PLAIN,
    LineState.REMOVED: Tone.VOID,
}


_GLYPHS = {LineState.PAID: "¤", LineState.HELD: "‖", LineState.SENT: "›", LineState.RECEIVED: "○"}
"""Of states that share their tone with another one."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of a check. Quantity and amount are formatted texts; `word` stands in the place of the amount."""

    id: Hashable
    quantity: str
    name: str
    amount: str
    extras: tuple[Extra, ...] = ()
    state: LineState = LineState.UNSENT
    word: str = ""


@lru_cache(maxsize=1024)
def line_rows(line: CheckLine, width: int, removed_word: str, ink: Ink, palette: Palette) -> tuple[LineRow, ...]:
    """Draw one line on a ground: quantity, name and amount, then its extras."""
    removed = line.state is LineState.REMOVED
    quantity = max(QUANTITY_WIDTH, width_of(line.quantity) + 1)
    amount_text = line.word or (removed_word if removed else line.amount)
    amount = width_of(amount_text)
    name = max(1, width - GUTTER - quantity - amount - 2)
    names = wrap(line.name, name, 1 if removed else MAX_NAME_LINES) or ("",)
    glyph = Segment(f" {line.state.glyph} ", _glyph_style(line.state, ink, palette))
    text = ink.quiet_style(strike=True) if removed else ink.style(bold=True)
    strong = ink.quiet_style() if removed else ink.style(bold=True)
    figures = ink.quiet_style() if removed else ink.style()
    rows: list[LineRow] = []
    for at, part in enumerate(names):
        first = at == 0
        rows.append(
            (
                glyph if first else Segment(" " * GUTTER, ink.style()),
                Segment(fit(line.quantity if first else "", quantity), strong),
                Segment(fit(part, min(width_of(part), name)), text),
                Segment(" " * (name - min(width_of(part), name) + 1), ink.style()),
                Segment(fit(amount_text if first else "", amount, "right") + " ", figures),
            )
        )
    for extra in line.extras:
        rows.extend(_extra_rows(extra, width, GUTTER + quantity, ink))
    return tuple(rows)


def _extra_rows(extra: Extra, width: int, indent: int, ink: Ink) -> list[LineRow]:
    amount = width_of(extra.amount) + 1 if extra.amount else 0
    room = max(1, width - indent - 2 - amount - 1)
    lines = wrap(extra.text, room, MAX_NOTE_LINES if extra.kind is ExtraKind.NOTE else 1)
    rows: list[LineRow] = []
    for at, part in enumerate(lines):
        mark = f"{extra.kind.glyph} " if at == 0 else "  "
        rows.append(
            (
                Segment(" " * indent + mark + fit(part, room), ink.quiet_style()),
                Segment(fit(extra.amount if at == 0 else "", amount, "right") + " ", ink.quiet_style()),
            )
        )
    return rows


def _glyph_style(state: LineState, ink: Ink, palette: Palette) -> Style:
    if state is LineState.UNSENT and ink is palette.panel:
        return ink.mark(palette.fresh)
    return ink.quiet_style()
