"""Reads the bytes for a printer as a printer does: what stands on the paper, and which signals were given.

Bytes come in pieces of any size. Nothing is skipped silently: what no command set knows is an `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from terminal.printing.emulator import commands
from terminal.printing.emulator.commands import Command, Letters, Stray
from terminal.printing.emulator.elements import (
    PLAIN,
    Align,
    Asked,
    Barcode,
    Beep,
    CodePageChosen,
    Cut,
    DrawnLetter,
    Element,
    Feed,
    Look,
    NotChinese,
    Paper,
    Picture,
    PrintedLine,
    Pulse,
    QrCode,
    Reset,
    Setting,
    Unknown,
    joined,
    papers_of,
)
from terminal.printing.emulator.letters import PAGES, Letter, letter_of, spans_of

LINE_DOTS = 30
TAB_CELLS = 8
_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}
_ALIGNS = {0: Align.LEFT, 1: Align.CENTER, 2: Align.RIGHT}
_QUESTIONS = (b"\x10\x04", b"\x10\x05", b"\x1dr", b"\x1dI", b"\x1da", b"\x1bu", b"\x1bv")
_SILENT = (
    b"\x1b ", b"\x1b=", b"\x1bV", b"\x1br", b"\x1bT", b"\x1bW", b"\x1bL", b"\x1bS", b"\x1b\x0c", b"\x1b\\", b"\x1b$",
    b"\x1bc0", b"\x1bc1", b"\x1bc3", b"\x1bc4", b"\x1bc5", b"\x1c-", b"\x1cC", b"\x1cS", b"\x1cW",
    b"\x1c!", b"\x1cp", b"\x1c?", b"\x1c2", b"\x1dH", b"\x1dT", b"\x1db", b"\x1df", b"\x1dh", b"\x1dw", b"\x1d/",
    b"\x1d$", b"\x1dL", b"\x1dP", b"\x1dW", b"\x1d\\", b"\x1d^", b"\x1d:", b"\x1dg0", b"\x1dg1", b"\x1dg2", b"\x1dz0",
    b"\x1dc", b"\x1d*", b"\x1d(", b"\x1b(", b"\x1c(", b"\x1bD", b"\x1bR", b"\x1bK", b"\x1c&", b"\x18", b"\x1b3",
    b"\x1b2",
)  # fmt: skip


def read_papers(raw: bytes, columns: int | None = None, pages: Mapping[int, str] = PAGES) -> list[Paper]:
    """All papers that some bytes make. See `Reader` for the arguments."""
    reader = Reader(columns, pages)
    return papers_of([*reader.feed(raw), *reader.finish()])


def read_paper(raw: bytes, columns: int | None = None, pages: Mapping[int, str] = PAGES) -> Paper:
    """What some bytes make, as one strip of paper."""
    return joined(read_papers(raw, columns, pages))


class Reader:
    """A printer's mind. Feed it bytes; it returns what they did.

    Args:
        columns: letters of normal width on a line; what is wider goes on in the next line. None: lines have no end.
        pages: codec by number of the code page.
    """

    def __init__(self, columns: int | None = None, pages: Mapping[int, str] = PAGES) -> None:
        self._columns = columns
        self._pages = pages
        self._rest = bytearray()
        self._elements: list[Element] = []
        self._row: list[Letter] = []
        self._row_cells = 0
        self._row_wrapped = False
        self._graphics: Picture | None = None
        self._set_up()

    @property
    def pending(self) -> int:
        """Number of bytes that wait for the rest of their command."""
        return len(self._rest)

    def feed(self, raw: bytes) -> list[Element]:
        """What these bytes did. A command whose end is missing waits for it."""
        self._rest += raw
        at = 0
        while at < len(self._rest):
            taken = commands.cut(self._rest, at)
            if taken is None:
                break
            token, at = taken
            self._take(token)
        del self._rest[:at]
        return self._told()

    def finish(self) -> list[Element]:
        """What the end of the bytes does: a line without an end is printed, half a command is told."""
        self._end_row()
        if self._rest:
            self._elements.append(Unknown(bytes(self._rest)))
            self._rest.clear()
        return self._told()

    def _told(self) -> list[Element]:
        told, self._elements = self._elements, []
        return told

    def _set_up(self) -> None:
        self._look, self._align, self._page = PLAIN, Align.LEFT, 0
        self._line_dots = LINE_DOTS
        self._qr_dots, self._qr_level, self._qr_text = 3, "L", ""
        self._drawn: dict[int, DrawnLetter] = {}
        self._uses_drawn = False

    # -- tokens ------------------------------------------------------------------------------------------------------

    def _take(self, token: Command | Letters | Stray) -> None:
        match token:
            case Letters(raw):
                self._print(raw)
            case Stray(raw):
                self._add(Unknown(raw))
            case Command():
                self._obey(token)

    def _obey(self, command: Command) -> None:
        name, arguments = command.name, command.arguments
        deed = _DEEDS.get(name)
        if deed is not None:
            deed(self, arguments)
        elif name[:2] == b"\x1d(" or name == b"\x1d8L":
            self._obey_sized(command)
        elif name in _QUESTIONS:
            self._add(Asked(command.raw))
        elif name in _SILENT or name[:2] in _SILENT:
            self._add(Setting(command.raw))
        else:
            self._add(Unknown(command.raw))

    def _add(self, element: Element) -> None:
        self._elements.append(element)

    # -- letters -----------------------------------------------------------------------------------------------------

    def _print(self, raw: bytes) -> None:
        codec = self._pages.get(self._page)
        for byte in raw:
            drawn = self._drawn.get(byte) if self._uses_drawn else None
            letter = letter_of(byte, codec)
            cells = self._look.wide
            if self._columns is not None and self._row_cells + cells > self._columns and self._row:
                self._end_row(wraps=True)
            self._row.append((letter, self._look, drawn))
            self._row_cells += cells

    def _end_row(self, *, wraps: bool = False, blank: bool = False) -> None:
        if self._row or blank:
            self._add(PrintedLine(spans_of(self._row), self._align, self._row_wrapped))
        self._row, self._row_cells, self._row_wrapped = [], 0, wraps

    def _line_feed(self, _arguments: bytes) -> None:
        self._end_row(blank=not self._row_wrapped or bool(self._row))

    def _tab(self, _arguments: bytes) -> None:
        for _cell in range(TAB_CELLS - self._row_cells % TAB_CELLS):
            self._print(b" ")

    # -- looks -------------------------------------------------------------------------------------------------------

    def _reset(self, _arguments: bytes) -> None:
        if self._row:
            self._add(Unknown("".join(letter for letter, _look, _drawn in self._row).encode()))  # lost, as on a printer
        self._row, self._row_cells, self._row_wrapped = [], 0, False
        self._set_up()
        self._add(Reset())

    def _choose_page(self, arguments: bytes) -> None:
        self._page = arguments[0]
        self._add(CodePageChosen(self._page, self._page in self._pages))

    def _set_bold(self, arguments: bytes) -> None:
        self._look = replace(self._look, bold=bool(arguments[0] & 1))

    def _set_reversed(self, arguments: bytes) -> None:
        self._look = replace(self._look, reversed=bool(arguments[0] & 1))

    def _set_underlined(self, arguments: bytes) -> None:
        self._look = replace(self._look, underlined=arguments[0] in (1, 2, 49, 50))

    def _set_upside_down(self, arguments: bytes) -> None:
        self._look = replace(self._look, upside_down=bool(arguments[0] & 1))

    def _set_font(self, arguments: bytes) -> None:
        self._look = replace(self._look, small=arguments[0] in (1, 49))

    def _set_size(self, arguments: bytes) -> None:
        self._look = replace(self._look, wide=(arguments[0] >> 4 & 7) + 1, tall=(arguments[0] & 7) + 1)

    def _set_mode(self, arguments: bytes) -> None:
        bits = arguments[0]
        self._look = Look(
            wide=2 if bits & 0x20 else 1,
            tall=2 if bits & 0x10 else 1,
            bold=bool(bits & 0x08),
            underlined=bool(bits & 0x80),
            small=bool(bits & 0x01),
            reversed=self._look.reversed,
            upside_down=self._look.upside_down,
        )

    def _set_align(self, arguments: bytes) -> None:
        self._align = _ALIGNS.get(arguments[0] % 48, self._align)

    def _not_chinese(self, _arguments: bytes) -> None:
        self._add(NotChinese())

    # -- own letters -------------------------------------------------------------------------------------------------

    def _draw_letters(self, arguments: bytes) -> None:
        tall, first, last = arguments[:3]
        at = 3
        for byte in range(first, last + 1):
            end = at + 1 + tall * arguments[at]
            self._drawn[byte] = DrawnLetter(arguments[at + 1 : end], tall)
            at = end
        self._add(Setting(b"\x1b&" + arguments))

    def _use_drawn(self, arguments: bytes) -> None:
        self._uses_drawn = bool(arguments[0] & 1)

    def _forget_drawn(self, arguments: bytes) -> None:
        self._drawn.pop(arguments[0], None)

    # -- paper -------------------------------------------------------------------------------------------------------

    def _feed_lines(self, arguments: bytes) -> None:
        self._end_row()
        self._add(Feed(lines=arguments[0]))

    def _feed_dots(self, arguments: bytes) -> None:
        self._end_row()
        self._add(Feed(dots=arguments[0]))

    def _cut(self, arguments: bytes) -> None:
        self._end_row()
        partial = arguments[0] in (1, 49, 66, 98, 104)
        self._add(Cut(partial, arguments[1] if len(arguments) > 1 else 0))

    def _cut_whole(self, _arguments: bytes) -> None:
        self._end_row()
        self._add(Cut())

    def _cut_part(self, _arguments: bytes) -> None:
        self._end_row()
        self._add(Cut(partial=True))

    # -- pictures and codes ------------------------------------------------------------------------------------------

    def _raster(self, arguments: bytes) -> None:
        self._end_row()
        mode, row_bytes = arguments[0] % 48, int.from_bytes(arguments[1:3], "little")
        wide, tall = 1 + (mode & 1), 1 + (mode >> 1 & 1)
        self._add(Picture(row_bytes * 8, arguments[5:], self._align, wide, tall))

    def _column_image(self, arguments: bytes) -> None:
        self._end_row()
        mode, columns = arguments[0], int.from_bytes(arguments[1:3], "little")
        column = 3 if mode in (32, 33) else 1
        rows = _rows_of_columns(arguments[3:], columns, column)
        self._add(Picture(columns, rows, self._align, 1 if mode in (1, 33) else 2, 1 if column == 3 else 3))

    def _barcode(self, arguments: bytes) -> None:
        self._end_row()
        letters = arguments[2:] if arguments[0] >= 65 else arguments[1:-1]
        self._add(Barcode(arguments[0], letters.decode("ascii", "replace"), self._align))

    def _obey_sized(self, command: Command) -> None:
        name, data = command.name, command.arguments[4 if command.name == b"\x1d8L" else 2 :]
        if name == b"\x1d(k" and len(data) >= 2 and data[0] == 49:
            self._qr(command, data[1], data[2:])
        elif name in (b"\x1d(L", b"\x1d8L") and len(data) >= 2:
            self._graphic(command, data[1], data[2:])
        elif name == b"\x1d(H":
            self._add(Asked(command.raw))
        elif name == b"\x1d(k":
            self._add(Unknown(command.raw))
        else:
            self._add(Setting(command.raw))

    def _qr(self, command: Command, function: int, data: bytes) -> None:
        if function == 67 and data:
            self._qr_dots = max(1, min(data[0], 16))
        elif function == 69 and data:
            self._qr_level = _LEVELS.get(data[0], self._qr_level)
        elif function == 80:
            self._qr_text = data[1:].decode("utf-8", "replace")
        elif function == 81:
            self._end_row()
            self._add(QrCode(self._qr_text, self._qr_dots, self._qr_level, self._align))
            return
        elif function not in (65, 82):
            self._add(Unknown(command.raw))
            return
        self._add(Setting(command.raw))

    def _graphic(self, command: Command, function: int, data: bytes) -> None:
        if function == 112 and len(data) >= 8:
            width = int.from_bytes(data[4:6], "little")
            self._graphics = Picture(width, data[8:], self._align, max(1, data[1]), max(1, data[2]))
        elif function in (2, 50) and self._graphics is not None:
            self._end_row()
            self._add(replace(self._graphics, align=self._align))
            self._graphics = None
            return
        self._add(Setting(command.raw))

    # -- signals -----------------------------------------------------------------------------------------------------

    def _pulse(self, arguments: bytes) -> None:
        self._add(Pulse(5 if arguments[0] & 1 else 2, 2 * arguments[1], 2 * arguments[2]))

    def _real_time(self, arguments: bytes) -> None:
        if arguments[0] == 1:
            self._add(Pulse(5 if arguments[1] & 1 else 2, 100 * arguments[2], real_time=True))
        else:
            self._add(Setting(b"\x10\x14" + arguments))

    def _beep(self, arguments: bytes) -> None:
        self._add(Beep(arguments[0], arguments[1]))

    def _ignore(self, _arguments: bytes) -> None:
        """CR and FF do nothing in standard mode."""


_DEEDS: dict[bytes, Callable[[Reader, bytes], None]] = {
    b"\n": Reader._line_feed,
    b"\r": Reader._ignore,
    b"\x0c": Reader._ignore,
    b"\t": Reader._tab,
    b"\x1b@": Reader._reset,
    b"\x1bt": Reader._choose_page,
    b"\x1bE": Reader._set_bold,
    b"\x1bG": Reader._set_bold,
    b"\x1b-": Reader._set_underlined,
    b"\x1b{": Reader._set_upside_down,
    b"\x1bM": Reader._set_font,
    b"\x1b!": Reader._set_mode,
    b"\x1ba": Reader._set_align,
    b"\x1dB": Reader._set_reversed,
    b"\x1d!": Reader._set_size,
    b"\x1c.": Reader._not_chinese,
    b"\x1b&": Reader._draw_letters,
    b"\x1b%": Reader._use_drawn,
    b"\x1b?": Reader._forget_drawn,
    b"\x1bd": Reader._feed_lines,
    b"\x1bJ": Reader._feed_dots,
    b"\x1dV": Reader._cut,
    b"\x1bi": Reader._cut_whole,
    b"\x1bm": Reader._cut_part,
    b"\x1dv0": Reader._raster,
    b"\x1b*": Reader._column_image,
    b"\x1dk": Reader._barcode,
    b"\x1bp": Reader._pulse,
    b"\x10\x14": Reader._real_time,
    b"\x1bB": Reader._beep,
}


def _rows_of_columns(columns: bytes, width: int, column: int) -> bytes:
    """Turn an image of columns, the topmost dot highest, into rows."""
    row_bytes, height = (width + 7) // 8, 8 * column
    rows = bytearray(row_bytes * height)
    for x in range(width):
        bits = int.from_bytes(columns[x * column : (x + 1) * column], "big")
        for y in range(height):
            if bits >> (height - 1 - y) & 1:
                rows[y * row_bytes + x // 8] |= 0x80 >> x % 8
    return bytes(rows)
