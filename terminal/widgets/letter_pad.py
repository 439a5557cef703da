"""A pad of letters to tap, for devices without a keyboard."""

from __future__ import annotations

from collections.abc import Hashable

from terminal.input.strokes import Stroke
from terminal.widgets.key_pad import ACCEPT, ERASE, KeyPad

BLANK = "␣"
CAPITAL = "Aa"
"""Makes the next letter a capital one."""
LETTER_KEYS = (
    ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "/", ":", "@"),
    ("q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "á", "é", "-", ","),
    ("a", "s", "d", "f", "g", "h", "j", "k", "l", "ñ", "í", "ó", "+", "."),
    (CAPITAL, "z", "x", "c", "v", "b", "n", "m", "ú", "ü", "'", BLANK, ERASE, ACCEPT),
)
CAPITAL_KEYS = tuple(tuple(key.upper() if len(key) == 1 else key for key in row) for row in LETTER_KEYS)
FIGURE_KEYS = (
    ("1", "2", "3", "-"),
    ("4", "5", "6", "."),
    ("7", "8", "9", ":"),
    (ERASE, "0", "+", ACCEPT),
)
"""Where no letter is typed: few keys, each large enough for a wet finger."""
_KEYS = {ERASE: "backspace", ACCEPT: "enter"}


class LetterPad(KeyPad):
    """Letters, also those of Spanish names, digits, the signs of the command line, and Enter."""

    DEFAULT_CSS = """
    LetterPad { height: 8; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(LETTER_KEYS, id=id, classes=classes)

    def for_figures(self, *, only: bool) -> None:
        """Show figures and their signs alone, or all letters."""
        keys = FIGURE_KEYS if only else LETTER_KEYS
        if keys is not self._keys:
            self._keys = keys
            self.redraw()

    def tapped(self, target: Hashable) -> None:
        """Post the key; after the key for capitals, the next letter is one."""
        if self._keys is FIGURE_KEYS:
            super().tapped(target)
            return
        is_small = self._keys is LETTER_KEYS
        self._keys = CAPITAL_KEYS if target == CAPITAL and is_small else LETTER_KEYS
        if target == CAPITAL:
            self.redraw()
        else:
            super().tapped(target)


def stroke_of_pad(key: str) -> Stroke:
    """The stroke that a tapped key of a pad stands for."""
    if key in _KEYS:
        return Stroke(_KEYS[key])
    return Stroke("space", " ") if key == BLANK else Stroke(key, key)
