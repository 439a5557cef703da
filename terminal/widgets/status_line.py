"""The status line: branch, person, time, and the state of cloud, unsent changes, printers and clock.

The caller words the notices. Each shows its tone's glyph, so that colour is never the only sign.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, plain, width_of

LEAST_NOTICE_WIDTH = 6
"""A notice is cut down to this before the clock loses anything."""
LEAST_PLACE_WIDTH = 8
"""Least cells for branch and person."""

TROUBLE = frozenset({Tone.WARN, Tone.LATE})
"""Notices of these tones have their own ground."""


@dataclass(frozen=True, slots=True)
class Notice:
    """State of one thing: `Nube · hace 3 s`, and a short form if there is no room."""

    tone: Tone
    text: str
    short: str = ""
    action: Hashable = None
    """The action of a tap on the notice."""


@dataclass(frozen=True, slots=True)
class Status:
    """Content of the line. The clock is a formatted text."""

    branch: str
    person: str = ""
    clock: str = ""
    notices: tuple[Notice, ...] = ()
    tone: Tone = Tone.PLAIN
    """Of the whole line, where something holds for all that is on the screen."""


class StatusLine(TapWidget):
    """One row at the top of every screen. Posts `Chosen` for a tap on a notice with an action."""

    DEFAULT_CSS = """
    StatusLine { width: 1fr; height: 1; dock: top; }
    """

    @dataclass
    class Chosen(Message):
        """A notice with an action was tapped."""

        action: Hashable

    def __init__(self, status: Status | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make a line. It is empty until `show`."""
        super().__init__(id=id, classes=classes)
        self._status = status or Status("")

    def show(self, status: Status) -> None:
        """Show a status. Only changed cells are repainted."""
        self._status = status
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The bar's ink, or the tone's."""
        return self.palette.bar if self._status.tone is Tone.PLAIN else self.palette.tone(self._status.tone)

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The action of the notice at this cell."""
        left = self.size.width - _cells(self._clock())
        notices = self._notices(left - LEAST_PLACE_WIDTH)
        for notice, drawn in reversed(list(zip(self._status.notices, notices, strict=True))):
            left -= drawn.cell_length
            if x >= left:
                return notice.action if x < left + drawn.cell_length else None
        return None

    def tapped(self, target: Hashable) -> None:
        """Post the action."""
        self.post_message(self.Chosen(target))

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw branch and person at the left, notices and clock at the right. Without room the person goes first."""
        bar, status = self.ground, self._status
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
        return [Segment(f" {plain(clock)} ", self.ground.style(bold=True))] if clock else []

    def _notices(self, room: int) -> list[Segment]:
        """The notices, with as many long forms as fit. Those without trouble are shortened first."""
        notices = self._status.notices
        texts = [notice.text for notice in notices]
        order = sorted(range(len(notices)), key=lambda at: notices[at].tone in TROUBLE)
        for at in order:
            if sum(width_of(text) + 4 for text in texts) <= room:
                break
            texts[at] = notices[at].short or texts[at]
        while texts and sum(width_of(text) + 4 for text in texts) > room:  # the clock is never cut
            longest = max(range(len(texts)), key=lambda at: width_of(texts[at]))
            if width_of(texts[longest]) <= LEAST_NOTICE_WIDTH:
                break
            excess = sum(width_of(text) + 4 for text in texts) - room
            texts[longest] = fit(texts[longest], max(LEAST_NOTICE_WIDTH, width_of(texts[longest]) - excess))
        return [self._notice(notice.tone, text) for notice, text in zip(notices, texts, strict=True)]

    def _notice(self, tone: Tone, text: str) -> Segment:
        worded = plain(text)
        if tone in TROUBLE:
            return Segment(f" {tone.glyph} {worded} ", self.palette.tone(tone).style(bold=True))
        return Segment(f" {tone.glyph} {worded} ", self.ground.style())


def _cells(segments: Sequence[Segment]) -> int:
    return sum(segment.cell_length for segment in segments)
