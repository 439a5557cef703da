"""Printed lines in a few styles, and a sheet that cleans, spells and fits every text written on it.

The sheet knows the width and the letters of a printer. What a receipt or a ticket looks like is in `layout`; the bytes
of a style are in `escpos`.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import Enum

from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from terminal.printing.code_pages import CodePage

MIN_COLUMNS = 24
"""Below every receipt printer: 58 mm paper has 30 to 32 columns."""
MAX_COLUMNS = 96
"""Above every receipt printer: 112 mm paper has 69 columns in the small font."""
_MIN_NAME_COLUMNS = 10
"""With fewer columns a name cannot be read. Its amount then gets a line of its own."""


class Style(Enum):
    """How a line looks: (times as wide, times as tall, bold, white on black)."""

    NORMAL = (1, 1, False, False)
    BOLD = (1, 1, True, False)
    TALL = (1, 2, True, False)
    BIG = (2, 2, True, False)
    HUGE = (4, 4, True, False)
    REVERSED = (1, 1, True, True)
    LOUD = (1, 2, True, True)
    ALARM = (2, 2, True, True)

    @property
    def times_wide(self) -> int:
        """Columns that one character takes."""
        return self.value[0]

    @property
    def times_tall(self) -> int:
        """Lines that one character takes."""
        return self.value[1]

    @property
    def bold(self) -> bool:
        """Whether the line is bold."""
        return self.value[2]

    @property
    def reversed(self) -> bool:
        """Whether the line is white on black."""
        return self.value[3]


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line, in letters of the printer's page."""

    text: str = ""
    style: Style = Style.NORMAL

    @property
    def cells(self) -> int:
        """Columns that the line takes."""
        return len(self.text) * self.style.times_wide


class Sheet:
    """Collects the lines of one paper. Every method cleans and spells its text; no line is wider than the paper.

    Args:
        columns: characters of normal width in a line.
        page: the letters of the printer.

    Raises:
        ValueError: no paper has so many columns.
    """

    def __init__(self, columns: int, page: CodePage) -> None:
        if not MIN_COLUMNS <= columns <= MAX_COLUMNS:
            msg = f"no paper has {columns} columns"
            raise ValueError(msg)
        self.columns = columns
        self.lines: list[Line] = []
        self._page = page

    def plain(self, text: str) -> str:
        """One line in letters of this printer, without control characters."""
        return clean(self._page.spell(clean(text, MAX_NOTE_CHARACTERS)), MAX_NOTE_CHARACTERS)

    def write(self, text: str, style: Style = Style.NORMAL, *, lead: str = "") -> None:
        """Write a paragraph at the left, wrapped at words. `lead` stands before its first line and indents the rest."""
        for part in self._wrap(self.plain(text), self.columns // style.times_wide, lead):
            self.lines.append(Line(part, style))

    def centre(self, text: str, style: Style = Style.NORMAL) -> None:
        """Write a paragraph in the middle."""
        width = self.columns // style.times_wide
        for part in self._wrap(self.plain(text), width):
            self.lines.append(Line(part.center(width) if style.reversed else part.center(width).rstrip(), style))

    def banner(self, text: str, style: Style = Style.REVERSED) -> None:
        """Write what nobody may overlook: white on black over the whole width."""
        self.centre(text, style)

    def alarm(self, text: str) -> None:
        """Write a word that is read from across the kitchen: large, white on black."""
        self.centre(text, Style.ALARM)

    def headline(self, text: str) -> None:
        """Write in the middle, as large as fits on one line."""
        plain = self.plain(text)
        fitting = (style for style in (Style.HUGE, Style.BIG) if len(plain) * style.times_wide <= self.columns)
        self.centre(text, next(fitting, Style.TALL))

    def pair(self, left: str, right: str, style: Style = Style.NORMAL, *, lead: str = "") -> None:
        """Write a name at the left, and its amount at the right end of the first line."""
        width = self.columns // style.times_wide
        amount = self.plain(right)
        room = width - len(amount) - 1 if amount else width
        if room < _MIN_NAME_COLUMNS + len(lead):
            self.write(left, style, lead=lead)
            for part in self._wrap(amount, width):
                self.lines.append(Line(part.rjust(width), style))
            return
        first, *rest = self._wrap(self.plain(left), room, lead) or [lead.rstrip()]
        self.lines.append(Line(first.ljust(room) + " " + amount if amount else first, style))
        self.lines.extend(Line(part, style) for part in rest)

    def rule(self, char: str = "-") -> None:
        """Draw a line across the paper."""
        self.lines.append(Line(char * self.columns))

    def gap(self) -> None:
        """Leave an empty line."""
        self.lines.append(Line())

    @staticmethod
    def _wrap(plain: str, width: int, lead: str = "") -> list[str]:
        return textwrap.wrap(
            plain, width, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False
        )
