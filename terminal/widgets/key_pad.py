"""A pad of keys to tap, laid out as on a telephone, with big digits if there is room.

It knows which key was tapped, not what the key means: that is in `pin_pad.py` and the payment screen.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink
from terminal.widgets.big_digits import big_rows
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit
from terminal.widgets.tile import EDGE

ERASE = "⌫"
ACCEPT = "✓"

BIG_KEY_HEIGHT = 5
"""Rows from which a key shows its digit in three rows of half blocks."""

PIN_KEYS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (ERASE, "0", ACCEPT))


class KeyPad(TapWidget):
    """Rows of keys of equal size. Posts `Pressed` with the key's text."""

    JUMPS = False

    DEFAULT_CSS = """
    KeyPad { width: 1fr; height: 1fr; }
    """

    @dataclass
    class Pressed(Message):
        """A key of the pad was tapped."""

        pad: KeyPad
        key: str

        @property
        def control(self) -> KeyPad:
            """The pad, for `@on(KeyPad.Pressed, "#pad")`."""
            return self.pad

    def __init__(
        self,
        keys: Sequence[Sequence[str]] = PIN_KEYS,
        *,
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make a pad of these rows of keys, each row as long as the first."""
        super().__init__(id=id, classes=classes)
        self._keys = keys

    @property
    def ground(self) -> Ink:
        """The panel's ink."""
        return self.palette.panel

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The key at or nearest to this cell."""
        key_width, key_height = self._key_size(*self.size)
        row = min(y // key_height, len(self._keys) - 1)
        column = min(x // (key_width + 1), len(self._keys[row]) - 1)
        return self._keys[row][column]

    def tapped(self, target: Hashable) -> None:
        """Post the key."""
        self.post_message(self.Pressed(self, str(target)))

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw all keys, each with half a row of gap above it."""
        key_width, key_height = self._key_size(width, height)
        gap = Segment(" ", self.palette.panel.style())
        rows: list[Row] = []
        for keys in self._keys:
            drawn = [self._key(key, key_width, key_height) for key in keys]
            for line in range(key_height):
                row: Row = []
                for key_rows in drawn:
                    row.extend((key_rows[line], gap))
                rows.append(row[:-1])
        return rows

    def _key_size(self, width: int, height: int) -> tuple[int, int]:
        columns = len(self._keys[0])
        return max(1, (width + 1) // columns - 1), max(1, height // len(self._keys))

    def _key(self, key: str, width: int, height: int) -> list[Segment]:
        ink = self._ink(key)
        face = height - 1 if height > 1 else height
        label = big_rows(key, low=True) if height >= BIG_KEY_HEIGHT - self.is_large and key.isdigit() else (key,)
        above = (face - len(label)) // 2
        lines = [Segment(EDGE * width, ink.edge(self.palette.panel))] if height > 1 else []
        for line in range(face):
            at = line - above
            text = label[at] if 0 <= at < len(label) else ""
            shown = text.center(width) if len(label) > 1 else fit(text, width, "center")
            lines.append(Segment(shown, ink.style(bold=True)))
        return lines

    def _ink(self, key: str) -> Ink:
        if key == self.pressed:
            return self.palette.pressed
        return self.palette.lead if key == ACCEPT else self.palette.key
