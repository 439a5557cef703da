"""The key bar at the bottom of a screen: it shows the actions with their keys, and each key can be tapped.

We do not use Textual's Footer: it keeps two widgets for each focus change and so grows all day.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of
from terminal.widgets.tile import EDGE


@dataclass(frozen=True, slots=True)
class BarKey:
    """One key: its label ("F2"), its title ("Enviar"), and the action that it posts."""

    key: str
    title: str
    action: Hashable
    tone: Tone = Tone.PLAIN
    enabled: bool = True
    short: str = ""
    """Used if the titles do not all fit."""
    leads: bool = False
    """Whether it is probably wanted next. It stands out."""


class KeyBar(TapWidget):
    """Keys side by side over the whole width. Posts `Chosen`, also of a disabled key, which is dimmed in its place."""

    DEFAULT_CSS = """
    KeyBar { width: 1fr; height: 3; dock: bottom; }
    """

    @dataclass
    class Chosen(Message):
        """A key of the bar was tapped."""

        bar: KeyBar
        action: Hashable

        @property
        def control(self) -> KeyBar:
            """The bar, for `@on(KeyBar.Chosen, "#keys")`."""
            return self.bar

    def __init__(self, keys: Sequence[BarKey] = (), *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make a bar of these keys, in this order."""
        super().__init__(id=id, classes=classes)
        self._keys = keys

    def set_keys(self, keys: Sequence[BarKey]) -> None:
        """Show other keys, or the same keys in another state."""
        self._keys = keys
        self.redraw()

    @property
    def keys(self) -> Sequence[BarKey]:
        """The keys on the bar."""
        return self._keys

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The action of the key at this cell. The gap after a key belongs to it."""
        lines = self._lines(*self.size)
        line = lines[min(y, len(lines) - 1)]
        left = 0
        for key, width in zip(line, _widths(line, self.size.width, even=len(lines) > 1), strict=True):
            left += width + 1
            if x < left:
                return key.action
        return None

    def tapped(self, target: Hashable) -> None:
        """Post the action."""
        self.post_message(self.Chosen(self, target))

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw one line of keys under an edge of half a row, or several plain lines if one is too short."""
        lines = self._lines(width, height)
        if len(lines) > 1 or height == 1:
            return [self._line(line, width, 0, even=len(lines) > 1) for line in lines]
        rows = [self._line(lines[0], width, abs(at - (height - 2) // 2)) for at in range(height - 1)]
        return [self._edges(lines[0], width), *rows]

    def _lines(self, width: int, height: int) -> list[Sequence[BarKey]]:
        """The keys in as many lines as their titles need, at most one for each row."""
        keys = self._keys
        for count in range(1, height + 1):
            per_line = max(1, -(-len(keys) // count))
            lines = [keys[at : at + per_line] for at in range(0, len(keys), per_line)] or [keys]
            if all(fit_in_one_line(line, width) for line in lines):
                break
        return lines

    def _edges(self, keys: Sequence[BarKey], width: int) -> Row:
        page = self.palette.page
        row: Row = []
        for key, cells in zip(keys, _widths(keys, width), strict=True):
            row += [Segment(EDGE * cells, self._ink(key).edge(page)), Segment(" ", page.style())]
        return row[:-1]

    def _line(self, keys: Sequence[BarKey], width: int, from_label: int, *, even: bool = False) -> Row:
        """One row of the keys: the labels, or an empty row above or below them."""
        gap = Segment(" ", self.palette.page.style())
        row: Row = []
        for key, cells in zip(keys, _widths(keys, width, even=even), strict=True):
            ink = self._ink(key)
            row += [Segment(" " * cells, ink.style())] if from_label else self._label(key, cells, ink)
            row.append(gap)
        return row[:-1]

    def _label(self, key: BarKey, width: int, ink: Ink) -> list[Segment]:
        label = min(width_of(key.key), max(0, width - 1))
        room = max(0, width - label - 2)
        title = _title(key)
        if width_of(title) > room and key.short:
            title = key.short
        return [
            Segment(" " + fit(key.key, label), ink.quiet_style()),
            Segment(" " * (width - label - 1 - room), ink.style()),
            Segment(fit(title, room), ink.style(bold=True)),
        ]

    def _ink(self, key: BarKey) -> Ink:
        if not key.enabled:
            return self.palette.off
        if key.action == self.pressed:
            return self.palette.pressed
        if key.leads:
            return self.palette.lead
        return self.palette.key if key.tone is Tone.PLAIN else self.palette.tone(key.tone)


def fit_in_one_line(keys: Sequence[BarKey], width: int) -> bool:
    """Whether one line of this width shows all titles in full."""
    return sum(_needed(key) for key in keys) <= width + 1


def _title(key: BarKey) -> str:
    return key.title if key.tone is Tone.PLAIN else f"{key.tone.glyph} {key.title}"


def _needed(key: BarKey) -> int:
    """Cells that a key needs, with its blanks and the gap after it."""
    return width_of(f"{key.key} {_title(key)}") + 3


def _least(key: BarKey) -> int:
    """Cells that a key needs with its shorter title."""
    return width_of(f"{key.key} {key.short or _title(key)}") + 1


def _widths(keys: Sequence[BarKey], width: int, *, even: bool = False) -> list[int]:
    """Cells for each key: what its text needs, and a share of the rest. Missing cells are taken from the longest label.

    `even` gives all keys the same width, so that several lines form columns; unless that cuts a title.
    """
    if not keys:
        return []
    room = max(len(keys), width - (len(keys) - 1))
    wanted = [1 if even else _needed(key) - 1 for key in keys]
    least = [_least(key) for key in keys]
    if even and max(least) > room // len(keys) and sum(least) <= room:
        wanted = least
    while sum(wanted) > room:
        wanted[wanted.index(max(wanted))] -= 1
    spare, more = divmod(room - sum(wanted), len(wanted))
    return [cells + spare + (1 if at < more else 0) for at, cells in enumerate(wanted)]
