"""What the signs of tables mean, for the sheet that one key of the floor shows and for its help. Pure."""

from __future__ import annotations

from shared.kernel.language import Texts
from terminal.screens.explained import HelpLine
from terminal.screens.floor.states import HUES, TOGETHER, FloorState, letter_of
from terminal.theme.palette import Tone

_TONES = {
    FloorState.READY: Tone.READY,
    FloorState.BILL: Tone.WARN,
    FloorState.TOO_LONG: Tone.WARN,
    FloorState.WRONG: Tone.LATE,
}
"""Of the states that have no hue."""
_SHOWN = (
    FloorState.SEATED,
    FloorState.ORDERED,
    FloorState.HELD,
    FloorState.READY,
    FloorState.BILL,
    FloorState.PAID,
    FloorState.TOO_LONG,
    FloorState.WRONG,
    FloorState.RESERVED,
    FloorState.OUT_OF_SERVICE,
)
"""As an evening goes; then what somebody must look at, then tables at which nobody sits."""


def legend_lines(texts: Texts) -> tuple[HelpLine, ...]:
    """The sign of each state in its colour, and what it means."""
    return (
        *(
            HelpLine(letter_of(each), texts(f"floor.sign.{each}"), colour=HUES.get(each, _TONES.get(each)))
            for each in _SHOWN
        ),
        HelpLine(TOGETHER, texts("floor.sign.together")),
    )
