"""A clock that is far off, said large: everything that this device notes by its clock would be on another day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

FAR_OFF = timedelta(hours=1)
"""What is less is a notice of the status line."""


class ClockTrouble(BigDigits):
    """The date that this device has, in big digits, and the true one. Not there while the clock is fine."""

    DEFAULT_CSS = """
    ClockTrouble { width: 1fr; height: 4; }
    """

    def __init__(self) -> None:
        super().__init__(align="left", id="clock_trouble")
        self.display = False

    def show_of(self, desk: Desk) -> None:
        """Show how far off the clock of a desk is."""
        said = clock_trouble_of(desk)
        self.display = said is not None
        if said is not None:
            says = f"{said.day} {said.hour}"
            self.show(says, caption=f"{said.sentence} {desk.texts('app.clock_says')}", tone=Tone.LATE)


@dataclass(frozen=True, slots=True)
class FarOff:
    """Day and hour that this device takes for now, and a sentence with the true ones."""

    day: str
    hour: str
    sentence: str


def clock_trouble_of(desk: Desk) -> FarOff | None:
    """How far off the clock of a desk is. None if it is near enough."""
    skew = timedelta(milliseconds=desk.state.skew_ms)
    if abs(skew) < FAR_OFF:
        return None
    here, true = desk.local_now(), desk.local_now() + skew
    return FarOff(f"{here:%d/%m}", f"{here:%H:%M}", desk.texts("app.clock_far_off", true=f"{true:%d/%m %H:%M}"))
