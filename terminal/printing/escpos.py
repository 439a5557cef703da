"""Turns lines into ESC/POS bytes for one printer's profile. No layout and no sending.

Only this module writes control bytes: texts arrive in letters of the printer's code page and are checked again.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from functools import cache
from typing import Any

from terminal.printing.documents import Document, KitchenDocument, QrDocument
from terminal.printing.layout import ORIGINAL, Run, lay_out
from terminal.printing.lines import Line, Style
from terminal.printing.printers import Beep, Cut, DrawerPin, PrinterProfile

_RESET = b"\x1b@"
_LEAVE_CHINESE_MODE = b"\x1c."
_SELECT_PAGE = b"\x1bt"
_LINE_FEED = b"\n"
_CUT = {Cut.FULL: b"\x1dV\x00", Cut.PART: b"\x1dV\x01", Cut.NONE: b""}
_OPEN_DRAWER = b"\x1bp"
_PULSE_ON, _PULSE_OFF = 50, 250
"""In 2 ms: 100 ms on, which every drawer's magnet takes, then half a second of rest."""
_OPEN_DRAWER_NOW = b"\x10\x14\x01"
_PULSE_NOW = 1
"""In 100 ms."""
_QR_DOTS = 6
"""Of a module's side: 0.75 mm, which every phone reads."""
_BEEPS = 2
_BEEP_TENTHS = 2


def render(document: Document, profile: PrinterProfile, run: Run = ORIGINAL) -> bytes:
    """All bytes of one printing of a document: reset, code page, buzzer, text, feed, one cut.

    The buzzer sounds only for kitchen tickets. No paper opens a drawer: see `pulse`.
    """
    lines = lay_out(document, profile.columns, profile.page, run)
    beep = profile.beep if isinstance(document, KitchenDocument) else Beep.NONE
    code = document.text if isinstance(document, QrDocument) else ""
    return to_bytes(lines, profile, beep=beep, code=code)


def pulse(profile: PrinterProfile, *, is_ready: bool) -> bytes:
    """The bytes that open the drawer, and print nothing.

    Args:
        is_ready: a printer that cannot print keeps the usual command until it can, and opens the drawer then, hours
            later. It takes the real-time command (DLE DC4), which most printers carry out at once or never.
    """
    is_second = profile.drawer is DrawerPin.FIVE
    if is_ready:
        return _OPEN_DRAWER + bytes([is_second, _PULSE_ON, _PULSE_OFF])
    return _OPEN_DRAWER_NOW + bytes([is_second, _PULSE_NOW])


def to_bytes(
    lines: Sequence[Line],
    profile: PrinterProfile,
    *,
    beep: Beep = Beep.NONE,
    code: str = "",
) -> bytes:
    """The bytes of lines that are laid out, and of a QR code below them.

    Raises:
        ValueError: the printer's page lacks a character, or a line is wider than the paper.
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
        if line.style is not style:
            _set_style(paper, line.style)
            style = line.style
        paper._raw(profile.page.encode(line.text) + _LINE_FEED)
    if style is not Style.NORMAL:
        _set_style(paper, Style.NORMAL)
    if code:
        paper.set(align="center")
        paper.qr(code, size=_QR_DOTS, native=False)
        paper.set(align="left")
    paper.print_and_feed(profile.feed_lines)
    paper._raw(_CUT[profile.cut])
    return bytes(paper.output)


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
