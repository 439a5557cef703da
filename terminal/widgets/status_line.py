"""The line that always says where, who, when, and how things stand with cloud, queue, printers and clock.

It is given notices that are already worded; each shows its tone's glyph, so that colour is never alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, plain, width_of

LEAST_PLACE_WIDTH = 8
"""Cells that branch and person keep on the narrowest screen."""

TROUBLE = frozenset({Tone.WARN, Tone.LATE})
"""Notices of these tones stand on their own ground; calm ones are just written."""


@dataclass(frozen=True, slots=True)
class Notice:
    """How one thing stands: `Nube · hace 3 s`, and what to say where there is no room for that."""

    tone: Tone
    text: str
    short: str = ""
    action: Hashable = None
    """What a tap on it asks for."""


@dataclass(frozen=True, slots=True)
class Status:
    """All that the line says; the clock comes formatted."""

    branch: str
    person: str = ""
    clock: str = ""
    notices: tuple[Notice, ...] = ()


class StatusLine(TapWidget):
    """One row at the top of every screen; set with `show`. Posts `Chosen` for a notice that has an action."""

    DEFAULT_CSS = """
    StatusLine { width: 1fr; height: 1; dock: top; }
    """

    @dataclass
    class Chosen(Message):
        """A notice was tapped."""

        action: Hashable

    def __init__(self, status: Status | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make a line, empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self._status = status or Status("")

    def show(self, status: Status) -> None:
        """Show this; only what changed is repainted."""
        self._status = status
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The bar's ink."""
        return self.palette.bar

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The action of the notice at these cells."""
        left = self.size.width - _cells(self._clock())
        notices = self._notices(left - LEAST_PLACE_WIDTH)
        for notice, drawn in reversed(list(zip(self._status.notices, notices, strict=True))):
            left -= drawn.cell_length
            if x >= left:
                return notice.action if x < left + drawn.cell_length else None
        return None

    def tapped(self, target: Hashable) -> None:
        """Say what was asked for."""
        self.post_message(self.Chosen(target))

    def draw(self, width: int, height: int) -> list[Row]:
        """Branch and person at the left, notices and clock at the right; the person gives way first."""
        bar, status = self.palette.bar, self._status
        clock = self._clock()
        room = width - _cells(clock)
        notices = self._notices(room - LEAST_PLACE_WIDTH)
        room -= _cells(notices)
        branch = fit(status.branch, min(width_of(status.branch), max(0, room - 2)))
        left = [Segment(f" {branch}", bar.style(bold=True))]
        person_room = room - _cells(left) - 4
        if status.person and person_room >= min(LEAST_PLACE_WIDTH, width_of(status.person)):
            person = fit(status.person, min(width_of(status.person), person_room))
            left.append(Segment(f"   {person}", bar.quiet_style()))
        space = Segment(" " * max(0, room - _cells(left)), bar.style())
        return [[*left, space, *notices, *clock]]

    def _clock(self) -> list[Segment]:
        clock = self._status.clock
        return [Segment(f" {plain(clock)} ", self.palette.bar.style(bold=True))] if clock else []

    def _notices(self, room: int) -> list[Segment]:
        """As many long forms as fit; the calm ones are shortened first, trouble keeps its words longest."""
        notices = self._status.notices
        texts = [notice.text for notice in notices]
        order = sorted(range(len(notices)), key=lambda at: notices[at].tone in TROUBLE)
        for at in order:
            if sum(width_of(text) + 4 for text in texts) <= room:
                break
            texts[at] = notices[at].short or texts[at]
        return [self._notice(notice.tone, text) for notice, text in zip(notices, texts, strict=True)]

    def _notice(self, tone: Tone, text: str) -> Segment:
        worded = plain(text)
        if tone in TROUBLE:
            return Segment(f" {tone.glyph} {worded} ", self.palette.tone(tone).style(bold=True))
        return Segment(f" {tone.glyph} {worded} ", self.palette.bar.style())


def _cells(segments: Sequence[Segment]) -> int:
    return sum(segment.cell_length for segment in segments)
