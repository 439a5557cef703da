"""Printed lines in a few styles, and a sheet that cleans, spells and fits every text written on it.

The sheet knows the width and the letters of a printer. What a receipt or a ticket looks like is in `layout`; the bytes
of a style are in `escpos`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.printers.rules import QrMode
from terminal.printing.code_pages import CodePage
from terminal.printing.codes import QrText, fits
from terminal.printing.letters import NO_LETTERS, Letters, cells_of
from terminal.printing.pictures import Picture, paper_dots

MIN_COLUMNS = 24
"""Below every receipt printer: 58 mm paper has 30 to 32 columns."""
MAX_COLUMNS = 96
"""Above every receipt printer: 112 mm paper has 69 columns in the small font."""
_MIN_NAME_COLUMNS = 8
"""With fewer columns beside the amount a name cannot be read. It then takes whole lines."""
_LEAST_SPELLED = 3
"""Letters of a name that are enough to know the dish by, with its code."""
MAX_TEXT_CHARACTERS = 4 * MAX_NOTE_CHARACTERS
"""Of one paragraph: more than any field holds, and less than a roll of paper."""


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
    """One printed line: letters of the printer's page; or a picture, or a code, without any text.

    `drawn`: the text has letters that the page lacks, and is printed as a picture.
    """

    text: str = ""
    style: Style = Style.NORMAL
    drawn: bool = False
    picture: Picture | None = None
    code: QrText | None = None
    qr: QrMode | None = None
    """How the code is printed; None: as the printer's settings say."""

    @property
    def is_picture(self) -> bool:
        """Whether it is printed as dots."""
        return self.drawn or self.picture is not None or self.code is not None

    @property
    def cells(self) -> int:
        """Columns that the line takes."""
        return cells_of(self.text) * self.style.times_wide


class Sheet:
    """Collects the lines of one paper. Every method cleans and spells its text; no line is wider than the paper.

    Args:
        columns: characters of normal width in a line.
        page: the letters of the printer.
        letters: what draws letters that the page lacks.

    Raises:
        ValueError: no paper has so many columns.
    """

    def __init__(self, columns: int, page: CodePage, letters: Letters = NO_LETTERS) -> None:
        if not MIN_COLUMNS <= columns <= MAX_COLUMNS:
            msg = f"no paper has {columns} columns"
            raise ValueError(msg)
        self.columns = columns
        self.lines: list[Line] = []
        self._page = page
        self._letters = letters

    def plain(self, text: str) -> str:
        """One line in letters that can be printed, without control characters."""
        spelled = self._page.spell(clean(text, MAX_TEXT_CHARACTERS), self._letters.can_draw)
        return clean(spelled, MAX_TEXT_CHARACTERS)

    def name(self, text: str, code: str = "", category: str = "") -> str:
        """The name of a dish. What the printer cannot spell of it is never lost without a trace.

        A name that is spelled in part prints so, with the dish's code; one that is not at all is drawn, or prints as
        code and category.
        """
        text = clean(text, MAX_TEXT_CHARACTERS)
        if not self._page.lacks(text):
            return text
        rest, code = self._page.rest(text), clean(code, MAX_TEXT_CHARACTERS)
        is_spelled = sum(char.isalpha() for char in rest) >= _LEAST_SPELLED
        if code and is_spelled and not self._page.lacks(code):
            return f"{rest} ({code})"
        if not code or all(self._letters.can_draw(char) for char in text if self._page.lacks(char)):
            return text
        return " ".join(filter(None, (code, clean(category, MAX_TEXT_CHARACTERS))))

    def fits(self, text: str) -> bool:
        """Whether a text of normal width fits into one line."""
        return cells_of(self.plain(text)) <= self.columns

    def write(self, text: str, style: Style = Style.NORMAL, *, lead: str = "", tail: str = "") -> None:
        """Write a paragraph at the left, wrapped at words.

        Args:
            lead: stands before its first line and indents the rest.
            tail: stands at its end, and is never broken where it can be avoided.
        """
        width = self.columns // style.times_wide
        lead, text = self._lead(lead, text, width)
        parts, end = wrapped(self.plain(text), width, lead), self.plain(tail)
        if end and parts and cells_of(parts[-1]) + 1 + cells_of(end) <= width:
            parts[-1] = f"{parts[-1]} {end}"
        elif end:
            parts += wrapped(end, width, " " * cells_of(lead))
        for part in parts:
            self._add(part, style)

    def centre(self, text: str, style: Style = Style.NORMAL) -> None:
        """Write a paragraph in the middle."""
        width = self.columns // style.times_wide
        for part in wrapped(self.plain(text), width):
            left = (width - cells_of(part) + (width & 1)) // 2
            whole = " " * left + part
            self._add(whole + " " * (width - cells_of(whole)) if style.reversed else whole, style)

    def banner(self, text: str, style: Style = Style.REVERSED) -> None:
        """Write what nobody may overlook: white on black over the whole width."""
        self.centre(text, style)

    def alarm(self, text: str) -> None:
        """Write a word that is read from across the kitchen: large, white on black."""
        self.centre(text, Style.ALARM)

    def headline(self, text: str) -> None:
        """Write in the middle, as large as fits on one line."""
        cells = cells_of(self.plain(text))
        fitting = (style for style in (Style.HUGE, Style.BIG) if cells * style.times_wide <= self.columns)
        self.centre(text, next(fitting, Style.TALL))

    def pair(self, left: str, right: str, style: Style = Style.NORMAL, *, lead: str = "") -> None:
        """Write a name at the left, and its amount at the right end of the first line.

        A name with a word that is too long for the room beside the amount takes whole lines, and the amount stands at
        the end of the last one if it has room there.
        """
        width = self.columns // style.times_wide
        lead, left = self._lead(lead, left, width)
        name, amount = self.plain(left), self.plain(right)
        room = width - cells_of(amount) - 1 if amount else width
        longest = max((cells_of(word) for word in name.split(" ")), default=0) + cells_of(lead)
        if room >= max(_MIN_NAME_COLUMNS + cells_of(lead), min(longest, width)) or room >= cells_of(name) + cells_of(
            lead
        ):
            first, *rest = wrapped(name, room, lead) or [lead.rstrip()]
            self._add(first + " " * (room - cells_of(first)) + " " + amount if amount else first, style)
            for part in rest:
                self._add(part, style)
            return
        *whole, last = wrapped(name, width, lead) or [lead.rstrip()]
        for part in whole:
            self._add(part, style)
        if cells_of(last) <= room:
            self._add(last + " " * (room - cells_of(last)) + " " + amount, style)
            return
        self._add(last, style)
        for part in wrapped(amount, width):
            self._add(" " * (width - cells_of(part)) + part, style)

    def rule(self, char: str = "-") -> None:
        """Draw a line across the paper."""
        self.lines.append(Line(char * self.columns))

    def gap(self) -> None:
        """Leave an empty line."""
        self.lines.append(Line())

    def picture(self, picture: Picture) -> None:
        """Put a picture in the middle."""
        self.lines.append(Line(picture=picture.centred(paper_dots(self.columns))))

    def code(self, text: str, qr: QrMode | None = None) -> None:
        """Put a QR code in the middle; its text where it does not fit."""
        code = QrText(text)
        if fits(code, self.columns):
            self.lines.append(Line(code=code, qr=qr))
        else:
            self.centre(text)

    def _lead(self, lead: str, text: str, width: int) -> tuple[str, str]:
        """The lead in letters that can be printed, and the text; one that is too long is a part of the text."""
        said = self.plain(lead)
        before, after = lead[: len(lead) - len(lead.lstrip(" "))], lead[len(lead.rstrip(" ")) :]
        if cells_of(said) + len(before) + len(after) > width // 2:
            return "", f"{said} {text}"
        return (before + said + after if said else lead, text)

    def _add(self, text: str, style: Style) -> None:
        self.lines.append(Line(text, style, drawn=not all(map(self._page.has, text))))


_DOT, _SPELLED_DOT = " ·", " *"
"""What parts two things of one line, and how a page without dots spells it."""


def wrapped(text: str, width: int, lead: str = "") -> list[str]:
    """A cleaned text in lines of so many columns, broken at blanks; a word that is wider is broken where it must.

    Where a line ends, a dot that parts it from the next one is left out.
    """
    lines: list[str] = []
    line, cells = lead, cells_of(lead)
    is_begun = False
    for word in text.split(" ") if text else ():
        for part in _parts(word, width - cells_of(lead)):
            wide = cells_of(part)
            if is_begun and cells + 1 + wide <= width:
                line, cells = f"{line} {part}", cells + 1 + wide
                continue
            if is_begun:
                lines.append(line.removesuffix(_DOT).removesuffix(_SPELLED_DOT))
                line, cells = " " * cells_of(lead), cells_of(lead)
            line, cells, is_begun = line + part, cells + wide, True
    return [*lines, line] if is_begun else lines


def _parts(word: str, width: int) -> Iterator[str]:
    """A word, in pieces that fit."""
    part, cells = "", 0
    for char in word:
        wide = cells_of(char)
        if part and cells + wide > width:
            yield part
            part, cells = "", 0
        part, cells = part + char, cells + wide
    if part:
        yield part
