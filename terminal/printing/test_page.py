"""The test page: shows whether width, letters, codes, density and cut of a printer are set right. Pure."""

from __future__ import annotations

import unicodedata

from shared.countries.currencies import format_minor
from shared.kernel.language import Texts
from terminal.printing.code_pages import CodePage
from terminal.printing.documents import TestDocument
from terminal.printing.letters import Letters
from terminal.printing.lines import Line, Sheet, Style
from terminal.printing.pictures import LINE_DOTS, Picture, paper_dots
from terminal.printing.profile import PrinterProfile, QrMode

_SAMPLE_AMOUNT_MINOR = 1_250
_SAMPLE_CODE = "https://comanda.test/qr"
_OFTEN_LACKING = "€ŁŐășПΩ炒面한ไทย"
"""Letters that menus have and code pages often lack."""


def page(sheet: Sheet, document: TestDocument, text: Texts, profile: PrinterProfile, letters: Letters) -> None:
    """Lay the test page out."""
    sheet.centre(text("printing.test.title"), Style.TALL)
    sheet.centre(document.restaurant)
    sheet.rule()
    sheet.pair(document.printer, document.printed_at.strftime(text("printing.date_time")))
    sheet.write(document.address)
    sheet.rule()
    sheet.lines.append(Line(("1234567890" * sheet.columns)[: sheet.columns]))
    sheet.write(text("printing.test.columns", columns=sheet.columns))
    sheet.gap()
    sheet.write(text("printing.test.letters"))
    sheet.pair("12.50", format_minor(_SAMPLE_AMOUNT_MINOR, document.currency))
    sheet.gap()
    _glyphs(sheet, text, profile.page)
    _lacking(sheet, text, profile.page, letters)
    sheet.gap()
    for style in Style:
        sheet.write(text("printing.test.sizes"), style)
    sheet.gap()
    sheet.write(text("printing.test.density"))
    sheet.lines.append(Line(picture=_bar(paper_dots(sheet.columns))))
    sheet.gap()
    sheet.write(text("printing.test.qr_raster", mode=str(profile.qr)))
    sheet.code(_SAMPLE_CODE, QrMode.RASTER)
    sheet.write(text("printing.test.qr_native"))
    sheet.code(_SAMPLE_CODE, QrMode.NATIVE)
    sheet.rule()
    pin = text("printing.test.drawer_pin", pin=int(profile.drawer)) if profile.drawer else ""
    sheet.write(text("printing.test.drawer", pin=pin or text("printing.test.drawer_none")))
    sheet.write(text("printing.test.beep", beep=text(f"printing.test.beep_.{profile.beep}")))
    sheet.write(text("printing.test.top", lines=profile.top_lines))
    sheet.write(text("printing.test.cut", cut=text(f"printing.test.cut_.{profile.cut}")))
    sheet.write(text("printing.test.feed", lines=profile.feed_lines))


def _glyphs(sheet: Sheet, text: Texts, page: CodePage) -> None:
    """Every letter of the page beyond ASCII, in rows, so that a wrong number of the page is seen at once."""
    sheet.write(text("printing.test.page", page=page.name, number=page.number))
    sheet.write(text("printing.test.glyphs"))
    glyphs = page.glyphs
    for at in range(0, len(glyphs), sheet.columns):
        sheet.lines.append(Line(glyphs[at : at + sheet.columns]))


def _lacking(sheet: Sheet, text: Texts, page: CodePage, letters: Letters) -> None:
    """What this printer cannot print itself, and what comes out instead."""
    lacking = [char for char in _OFTEN_LACKING if page.lacks(char)]
    drawn = [char for char in lacking if letters.can_draw(char)]
    marked = [unicodedata.name(char).split(" ", 1)[0] for char in lacking if char not in drawn]
    for said, how in (("".join(drawn), "drawn"), (", ".join(dict.fromkeys(marked)), "marked")):
        if said:
            sheet.write(text("printing.test.lacks", letters=said))
            sheet.write(text(f"printing.test.{how}"), lead="  ")


def _bar(width: int) -> Picture:
    """A black bar over the whole width."""
    row = ((1 << width) - 1 << (-width % 8)).to_bytes((width + 7) // 8, "big")
    return Picture(width, row * LINE_DOTS)
