"""Turns lines into ESC/POS bytes for one printer's profile. No layout and no sending.

Only this module writes control bytes: texts arrive in letters of the printer's code page and are checked again.
"""

from __future__ import annotations

import logging
import os
import shutil
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

from terminal.printing.codes import QrText, module_dots, picture_of_code
from terminal.printing.documents import Document, KitchenDocument
from terminal.printing.layout import lay_out_for
from terminal.printing.letters import NO_LETTERS, Letters, machine_letters
from terminal.printing.lines import Line, Style
from terminal.printing.pictures import Picture
from terminal.printing.profile import Beep, Cut, DrawerPin, Habit, PrinterProfile, QrMode
from terminal.printing.run import ORIGINAL, Run
from terminal.printing.signals import DrawerSignal

_RESET = b"\x1b@"
_LEAVE_CHINESE_MODE = b"\x1c."
_SELECT_PAGE = b"\x1bt"
_LINE_FEED = b"\n"
_CUT = {Cut.FULL: b"\x1dV\x00", Cut.PART: b"\x1dV\x01", Cut.NONE: b""}
_RASTER = b"\x1dv0\x00"
_NATIVE = b"\x1d(k"
_LEVELS = {"L": b"0", "M": b"1"}
_CENTRE, _LEFT = b"\x1ba\x01", b"\x1ba\x00"
_OPEN_DRAWER = b"\x1bp"
_PULSE_ON, _PULSE_OFF = 50, 250
"""In 2 ms: 100 ms on, which every drawer's magnet takes, then half a second of rest."""
_OPEN_DRAWER_NOW = b"\x10\x14\x01"
_PULSE_NOW = 1
"""In 100 ms."""
_BEEPS = 2
_BEEP_TENTHS = 2


def render(document: Document, profile: PrinterProfile, run: Run = ORIGINAL, letters: Letters | None = None) -> bytes:
    """All bytes of one printing of a document: reset, code page, buzzer, text, feed, one cut.

    The buzzer sounds only for kitchen tickets that were asked for just now. No paper opens a
    drawer: see `drawer_signal`.

    Args:
        letters: what draws letters that the printer lacks; None: the fonts of this machine.
    """
    drawing = machine_letters() if letters is None else letters
    lines = lay_out_for(document, profile, run, drawing)
    beep = profile.beep if isinstance(document, KitchenDocument) and run.is_fresh else Beep.NONE
    return to_bytes(lines, profile, beep=beep, letters=drawing)


def drawer_signal(profile: PrinterProfile) -> DrawerSignal:
    """The bytes that open the drawer, and print nothing."""
    is_second = profile.drawer is DrawerPin.FIVE
    in_order = _OPEN_DRAWER + bytes([is_second, _PULSE_ON, _PULSE_OFF])
    at_once = _OPEN_DRAWER_NOW + bytes([is_second, _PULSE_NOW])
    return DrawerSignal(in_order, None if Habit.NO_REAL_TIME in profile.habits else at_once)


def to_bytes(
    lines: Sequence[Line],
    profile: PrinterProfile,
    *,
    beep: Beep = Beep.NONE,
    letters: Letters = NO_LETTERS,
) -> bytes:
    """The bytes of lines that are laid out.

    Raises:
        ValueError: the printer's page lacks a character of a line that is not drawn, or a line is wider than the paper.
    """
    paper = _library_printer()
    # Some printers start in Chinese mode, where two accented letters print as one ideogram; others keep the last page.
    paper._raw(_RESET + _LEAVE_CHINESE_MODE + _SELECT_PAGE + bytes([profile.page.number]))
    if beep is Beep.BUZZER:
        paper.buzzer(_BEEPS, _BEEP_TENTHS)
    style = Style.NORMAL
    for line in lines:
        if line.cells > profile.columns:
            msg = f"a line of {line.cells} cells on paper of {profile.columns}"
            raise ValueError(msg)
        wanted = Style.NORMAL if line.is_picture else line.style
        if wanted is not style:
            _set_style(paper, wanted)
            style = wanted
        paper._raw(_bytes_of(line, profile, letters))
    if style is not Style.NORMAL:
        _set_style(paper, Style.NORMAL)
    paper.print_and_feed(profile.feed_lines)
    paper._raw(_CUT[profile.cut])
    return bytes(paper.output)


def _bytes_of(line: Line, profile: PrinterProfile, letters: Letters) -> bytes:
    if line.code is not None:
        if (line.qr or profile.qr) is QrMode.NATIVE:
            return _native_code(line.code, module_dots(line.code, profile.columns))
        return _raster(picture_of_code(line.code, profile.columns))
    if line.picture is not None:
        return _raster(line.picture)
    if line.drawn:
        return _raster(letters.draw(line.text, profile.columns, line.style, profile.page.has))
    return profile.page.encode(line.text) + _LINE_FEED


def _raster(picture: Picture) -> bytes:
    """A picture in strips (GS v 0), each of which every printer has room for."""
    raw = bytearray()
    for strip in picture.strips():
        raw += _RASTER + struct.pack("<HH", strip.row_bytes, strip.height) + strip.rows
    return bytes(raw)


def _native_code(code: QrText, dots: int) -> bytes:
    """A code that the printer draws itself (GS ( k): model 2, size, level, text, print; in the middle."""
    data = code.text.encode()
    functions = (b"1A2\x00", b"1C" + bytes([dots]), b"1E" + _LEVELS[code.level], b"1P0" + data, b"1Q0")
    drawn = b"".join(_NATIVE + struct.pack("<H", len(each)) + each for each in functions)
    return _CENTRE + drawn + _LINE_FEED + _LEFT


def load_library() -> None:
    """Load the library now, in a thread, so that the first paper need not wait for it."""
    _library()


def _set_style(paper: Any, style: Style) -> None:
    paper.set(bold=style.bold, invert=style.reversed, custom_size=True, width=style.times_wide, height=style.times_tall)


def _library_printer() -> Any:
    return _library()()


@cache
def _library() -> Any:
    """python-escpos' printer without a connection, imported late (it takes 200 ms) and without its two side effects.

    Version 3.1 installs a log handler on standard error, which would write across the screen, and leaves a temporary
    folder behind for every process.
    """
    root = logging.getLogger()
    handlers = list(root.handlers)
    from escpos import capabilities  # type: ignore[import-untyped]
    from escpos.printer import Dummy  # type: ignore[import-untyped]

    for handler in [added for added in root.handlers if added not in handlers]:
        root.removeHandler(handler)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Dummy
