"""The base of all our widgets: it draws plain state and repaints only changed cells. `TapWidget` can be tapped, too.

A widget implements `draw`, which returns rows of segments for a size. `redraw` draws again, compares with the screen
and refreshes the cells that differ, so that the clock of a kitchen screen costs a few cells a second.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.theme.palette import Ink, Palette
from terminal.theme.wardrobe import palette_of

Row = list[Segment]

LEFT_BUTTON = 1


class LineWidget(Widget, can_focus=False):
    """A widget that draws its own lines. It has no padding and no border."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id, classes=classes)
        self._strips: list[Strip] = []
        self._drawn_for: tuple[int, int, str] | None = None

    def draw(self, width: int, height: int) -> Sequence[Row | Strip]:
        """Draw the rows for a size in cells. Missing rows and cells are filled with the ground.

        A widget may return the very strip of an earlier drawing for a row that is the same: Textual keeps with a strip
        what it made of it.
        """
        raise NotImplementedError

    @property
    def palette(self) -> Palette:
        """The colours of the app's theme."""
        return palette_of(self.app.theme)

    @property
    def ground(self) -> Ink:
        """The ink of the cells that `draw` leaves open."""
        return self.palette.page

    @property
    def is_large(self) -> bool:
        """Whether somebody wants large figures and tiles."""
        return bool(getattr(self.app, "large", False))

    def redraw(self) -> None:
        """Draw again and repaint the cells that changed."""
        if not self.is_mounted or self._drawn_for != self._shape():
            self._drawn_for = None
            self.refresh()
            return
        before, self._strips = self._strips, self._drawn()
        regions = list(changed_regions(before, self._strips))
        if regions:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        """Draw with the inks of another theme."""
        super().notify_style_update()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        """One row for Textual's compositor."""
        shape = self._shape()
        if self._drawn_for != shape:
            self._strips = self._drawn()
            self._drawn_for = shape
        return self._strips[y] if y < len(self._strips) else Strip.blank(shape[0], self.ground.style())

    def _shape(self) -> tuple[int, int, str]:
        return self.size.width, self.size.height, self.app.theme

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        if width <= 0 or height <= 0:
            return []
        fill = self.ground.style()
        rows = self.draw(width, height)[:height]
        strips = [(row if isinstance(row, Strip) else Strip(row)).adjust_cell_length(width, fill) for row in rows]
        return strips + [Strip.blank(width, fill)] * (height - len(strips))


class TapWidget(LineWidget):
    """A widget with targets for taps. It acts when the pressed target is released; sliding off cancels."""

    JUMPS: ClassVar[bool] = True
    """Whether its targets show jump letters (`terminal/screens/jumping.py`)."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id, classes=classes)
        self.pressed: Hashable | None = None
        self._jump_letters: Sequence[tuple[int, int, str]] = ()

    @property
    def is_on_screen(self) -> bool:
        """Whether somebody sees it."""
        return self.is_mounted and self.size.area > 0 and all(each.display for each in self.ancestors_with_self)

    def spots(self) -> Iterator[tuple[Hashable, int, int]]:
        """Each target, and the first of its cells: column and row."""
        known: set[Hashable] = set()
        for y in range(self.size.height):
            for x in range(self.size.width):
                target = self.target_at(x, y)
                if target is not None and target not in known:
                    known.add(target)
                    yield target, x, y

    def show_letters(self, marks: Sequence[tuple[int, int, str]]) -> None:
        """Show jump letters over these columns and rows, and no others."""
        if marks != self._jump_letters:
            self._jump_letters = marks
            self._drawn_for = None
            self.refresh()

    def _drawn(self) -> list[Strip]:
        strips = super()._drawn()
        style = self.palette.lead.style(bold=True)
        for x, y, text in self._jump_letters:
            if y < len(strips):
                row, end = strips[y], x + len(text)
                parts = [row.crop(0, x), Strip([Segment(text, style)]), row.crop(end, self.size.width)]
                strips[y] = Strip.join(parts).crop(0, self.size.width)
        return strips

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The target at this cell. A gap belongs to its nearest target."""
        raise NotImplementedError

    def tapped(self, target: Hashable) -> None:
        """Handle a tap: the target was pressed and released."""
        raise NotImplementedError

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Show which target will be tapped on release."""
        if event.button != LEFT_BUTTON:
            return
        event.stop()
        self.pressed = self.target_at(event.x, event.y)
        if self.pressed is not None:
            self.capture_mouse()
            self.redraw()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Tap the target, if the finger is still on it."""
        pressed, self.pressed = self.pressed, None
        if pressed is None:
            return
        event.stop()
        self.release_mouse()
        inside = event.x in range(self.size.width) and event.y in range(self.size.height)
        if inside and self.target_at(event.x, event.y) == pressed:
            self.tapped(pressed)
        self.redraw()


def changed_regions(before: Sequence[Strip], after: Sequence[Strip]) -> Iterator[Region]:
    """The regions in which two drawings of the same size differ, row by row."""
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is new or old == new:
            continue
        yield from _changed_in_row(list(old), list(new), y)


def _changed_in_row(old: Sequence[Segment], new: Sequence[Segment], y: int) -> Iterator[Region]:
    lengths = [segment.cell_length for segment in new]
    if [segment.cell_length for segment in old] == lengths:
        x = 0
        for one, two, length in zip(old, new, lengths, strict=True):
            if one != two:
                yield Region(x, y, length, 1)
            x += length
        return
    start = 0
    for one, two in zip(old, new, strict=False):
        if one != two:
            break
        start += two.cell_length
    end = sum(lengths)
    for one, two in zip(reversed(old), reversed(new), strict=False):
        if one != two or end <= start:
            break
        end -= two.cell_length
    if end > start:
        yield Region(start, y, end - start, 1)
