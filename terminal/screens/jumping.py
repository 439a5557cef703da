"""Jump letters: each thing that could be tapped shows a letter or two, and typing them taps it.

For who has no mouse, no touch, or no arrow keys. Everything that takes taps takes part by itself, since the letters
stand where `target_at` finds a target; keys that are typed anyway (pads, the command line) do not.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from terminal.widgets.line_widget import TapWidget

if TYPE_CHECKING:
    from terminal.input.strokes import Stroke

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""The ones below the fingers first."""


def labels(count: int) -> Sequence[str]:
    """So many different labels, as many of one letter as there can be; none begins another one."""
    firsts = 0
    while len(LETTERS) - firsts + firsts * len(LETTERS) < count and firsts < len(LETTERS):
        firsts += 1
    single = LETTERS[: len(LETTERS) - firsts]
    double = [first + second for first in LETTERS[len(single) :] for second in LETTERS]
    return [*single, *double][:count]


class Jumping:
    """The letters over the targets of one screen, from the key that shows them to the one that ends it."""

    def __init__(self, screen: Screen[Any]) -> None:
        shown = [widget for widget in screen.query(TapWidget) if widget.JUMPS and widget.is_on_screen]
        # One letter has room beside the name of a key, two would cover it; on a tile there is room for both.
        low_first = sorted(shown, key=lambda each: each.size.height)
        spots = [(widget, *spot) for widget in low_first for spot in widget.spots()]
        self._widgets = shown
        self._typed = ""
        self._spots: dict[str, tuple[TapWidget, Hashable]] = {}
        marks: dict[TapWidget, list[tuple[int, int, str]]] = {widget: [] for widget in shown}
        for label, (widget, target, x, y) in zip(labels(len(spots)), spots, strict=False):
            self._spots[label] = (widget, target)
            marks[widget].append((x, y, label.upper()))
        for widget, its in marks.items():
            widget.show_letters(its)

    @property
    def is_over(self) -> bool:
        """Whether no letter is on view."""
        return not self._spots

    def press(self, stroke: Stroke) -> None:
        """Take a letter. The last one of a label taps its target; what is no letter of any label ends it."""
        self._typed += (stroke.character or "").casefold()
        found = self._spots.get(self._typed)
        if found is not None:
            self.end()
            found[0].tapped(found[1])
        elif not stroke.character or not any(label.startswith(self._typed) for label in self._spots):
            self.end()

    def end(self) -> None:
        """Take the letters away."""
        self._spots = {}
        for widget in self._widgets:
            widget.show_letters(())
