"""A paper as text: what stands on it line by line, and in square brackets what else the printer did. Pure."""

from __future__ import annotations

from shared.kernel.language import Texts
from terminal.printing.emulator.elements import (
    Align,
    Asked,
    Barcode,
    Beep,
    CodePageChosen,
    Cut,
    Element,
    Feed,
    NotChinese,
    Paper,
    Picture,
    PrintedLine,
    Pulse,
    QrCode,
    Reset,
    Setting,
    Span,
    Unknown,
)

_MOST_BYTES_TOLD = 16
_QUIET = (Reset, CodePageChosen, NotChinese, Setting, Asked)


def text_of(paper: Paper, columns: int, texts: Texts) -> str:
    """The whole paper.

    Args:
        columns: letters of a line.
        texts: in which the marks are written.
    """
    told = [element_text(element, columns, texts) for element in paper.elements]
    return "\n".join(line for line in told if line is not None)


def element_text(element: Element, columns: int, texts: Texts) -> str | None:
    """One thing that a printer did, None if nobody would see it."""
    match element:
        case PrintedLine():
            return _line(element, columns)
        case Feed(lines, dots):
            return "\n" * (max(lines, dots // 24) - 1) if max(lines, dots // 24) else None
        case _ if isinstance(element, _QUIET):
            return None
    return _indented(f"[{_mark(element, texts)}]", getattr(element, "align", Align.LEFT), columns)


def _mark(element: Element, texts: Texts) -> str:
    match element:
        case Picture():
            size = (element.width * element.wide, element.height * element.tall)
            return texts("printing.emulator.picture", width=size[0], height=size[1])
        case QrCode():
            return f"QR {shown(element.text)}"
        case Barcode():
            return texts("printing.emulator.barcode", text=shown(element.text))
        case Cut():
            return texts("printing.emulator.part_cut" if element.partial else "printing.emulator.cut")
        case Pulse():
            return texts("printing.emulator.drawer", pin=element.pin, ms=element.on_ms)
        case Beep():
            return texts("printing.emulator.beep", times=element.times, tenths=element.tenths)
        case Unknown():
            told = element.raw[:_MOST_BYTES_TOLD].hex(" ")
            return texts("printing.emulator.unknown", bytes=told, count=len(element.raw))
    raise AssertionError(element)


def shown(text: str) -> str:
    """A text without signs that a terminal obeys."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _line(line: PrintedLine, columns: int) -> str:
    return _indented("".join(map(_span, line.spans)), line.align, columns).rstrip()


def _span(span: Span) -> str:
    return "".join(letter + " " * (span.look.wide - 1) for letter in span.text)


def _indented(text: str, align: Align, columns: int) -> str:
    free = max(0, columns - len(text))
    return " " * {Align.LEFT: 0, Align.CENTER: free // 2, Align.RIGHT: free}[align] + text
