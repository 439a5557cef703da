"""A pad of letters to tap, for devices without a keyboard."""

from __future__ import annotations

from terminal.input.strokes import Stroke
from terminal.widgets.key_pad import ACCEPT, ERASE, KeyPad

BLANK = "␣"
LETTER_KEYS = (
    ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "/"),
    ("q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "-", ","),
    ("a", "s", "d", "f", "g", "h", "j", "k", "l", "ñ", "+", "."),
    ("z", "x", "c", "v", "b", "n", "m", "á", "í", BLANK, ERASE, ACCEPT),
)
_KEYS = {ERASE: "backspace", ACCEPT: "enter"}


class LetterPad(KeyPad):
    """Letters, digits, the signs of the command line, and Enter."""

    DEFAULT_CSS = """
    LetterPad { height: 8; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(LETTER_KEYS, id=id, classes=classes)


def stroke_of_pad(key: str) -> Stroke:
    """The stroke that a tapped key of a pad stands for."""
    if key in _KEYS:
        return Stroke(_KEYS[key])
    return Stroke("space", " ") if key == BLANK else Stroke(key, key)
