"""A paper as a picture of its dots: what is printed in black, what else the printer did as notes in grey."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from shared.kernel.language import Texts
from terminal.printing.emulator.as_text import element_text
from terminal.printing.emulator.elements import (
    UNPRINTABLE,
    Align,
    Cut,
    DrawnLetter,
    Element,
    Feed,
    Look,
    Paper,
    Picture,
    PrintedLine,
    QrCode,
)

LETTER = (12, 24)
"""Dots of a letter of font A, and below of font B."""
SMALL_LETTER = (9, 17)
_LINE_DOTS = 30
_MARGIN = 12
_MOST_ROWS = 40_000
"""Five metres of paper."""
_WHITE, _GREY, _BLACK = 255, 120, 0
_FONTS = (
    "DejaVuSansMono.ttf",
    "LiberationMono-Regular.ttf",
    "NotoSansMono-Regular.ttf",
    "FreeMono.ttf",
    "Menlo.ttc",
    "consola.ttf",
)


def picture_of(paper: Paper, columns: int, texts: Texts) -> Image.Image:
    """The whole paper.

    Args:
        columns: letters of a line.
        texts: in which notes are written.
    """
    width = columns * LETTER[0]
    strips: list[Image.Image] = []
    rows = 0
    for element in paper.elements:
        strip = _strip(element, width, columns, texts)
        if strip is not None and rows + strip.height <= _MOST_ROWS:
            strips.append(strip)
            rows += strip.height
    whole = Image.new("L", (width + 2 * _MARGIN, max(1, rows) + 2 * _MARGIN), _WHITE)
    at = _MARGIN
    for strip in strips:
        whole.paste(strip, (_MARGIN, at))
        at += strip.height
    return whole


def save_picture(paper: Paper, columns: int, texts: Texts, path: Path) -> None:
    """Write the picture as a PNG."""
    picture_of(paper, columns, texts).save(path, "PNG")


def _strip(element: Element, width: int, columns: int, texts: Texts) -> Image.Image | None:
    """The part of the paper that one element makes, None if it makes none."""
    match element:
        case PrintedLine():
            return _line(element, width)
        case Feed():
            rows = element.dots or element.lines * _LINE_DOTS
            return Image.new("L", (width, rows), _WHITE) if rows else None
        case Picture():
            return _placed(_raster(element), width, element.align) if element.height and element.width else None
        case QrCode():
            return _placed(_qr(element), width, element.align)
        case Cut():
            return _cut_line(width, element)
    note = element_text(element, columns, texts)
    return None if note is None else _note(note, width)


def _placed(part: Image.Image, width: int, align: Align) -> Image.Image:
    strip = Image.new("L", (width, part.height), _WHITE)
    free = width - part.width
    strip.paste(part, ({Align.LEFT: 0, Align.CENTER: free // 2, Align.RIGHT: free}[align], 0))
    return strip


# -- letters ---------------------------------------------------------------------------------------------------------


def _line(line: PrintedLine, width: int) -> Image.Image:
    tallest = max((_cell(span.look)[1] * span.look.tall for span in line.spans), default=LETTER[1])
    long = sum(_cell(span.look)[0] * span.cells for span in line.spans)
    row = Image.new("L", (max(1, long), tallest + _LINE_DOTS - LETTER[1]), _WHITE)
    at = 0
    for span in line.spans:
        drawn = dict(span.drawn)
        for index, letter in enumerate(span.text):
            glyph = _glyph(letter, span.look, drawn.get(index))
            row.paste(glyph, (at, tallest - glyph.height))
            at += glyph.width
    return _placed(row, width, line.align)


def _cell(look: Look) -> tuple[int, int]:
    return SMALL_LETTER if look.small else LETTER


def _glyph(letter: str, look: Look, drawn: DrawnLetter | None) -> Image.Image:
    cell = _cell(look)
    glyph = _own_letter(drawn, cell) if drawn is not None else _letter(letter, cell, bold=look.bold)
    glyph = glyph.resize((cell[0] * look.wide, cell[1] * look.tall), Image.Resampling.NEAREST)
    if look.underlined:
        ImageDraw.Draw(glyph).line((0, glyph.height - 1, glyph.width, glyph.height - 1), fill=_BLACK)
    if look.upside_down:
        glyph = glyph.rotate(180)
    return ImageOps.invert(glyph) if look.reversed else glyph


@cache
def _letter(letter: str, cell: tuple[int, int], *, bold: bool) -> Image.Image:
    glyph = Image.new("L", cell, _WHITE)
    pen = ImageDraw.Draw(glyph)
    if letter == UNPRINTABLE:
        pen.rectangle((1, 3, cell[0] - 2, cell[1] - 4), outline=_BLACK)
        return glyph
    for shift in (0, 1) if bold else (0,):
        pen.text((cell[0] / 2 + shift, cell[1] * 0.78), letter, fill=_BLACK, font=_font(cell[1]), anchor="ms")
    return glyph


@cache
def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    size = round(height * 20 / LETTER[1])
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _own_letter(drawn: DrawnLetter, cell: tuple[int, int]) -> Image.Image:
    glyph = Image.new("L", cell, _WHITE)
    for x in range(len(drawn.columns) // max(1, drawn.tall)):
        bits = int.from_bytes(drawn.columns[x * drawn.tall : (x + 1) * drawn.tall], "big")
        for y in range(8 * drawn.tall):
            if bits >> (8 * drawn.tall - 1 - y) & 1 and x < cell[0] and y < cell[1]:
                glyph.putpixel((x, y), _BLACK)
    return glyph


# -- pictures and codes ----------------------------------------------------------------------------------------------


def _raster(picture: Picture) -> Image.Image:
    whole = picture.rows[: picture.row_bytes * picture.height]
    dots = ImageOps.invert(Image.frombytes("1", (picture.width, picture.height), whole).convert("L"))
    if picture.wide == picture.tall == 1:
        return dots
    return dots.resize((dots.width * picture.wide, dots.height * picture.tall), Image.Resampling.NEAREST)


def _qr(code: QrCode) -> Image.Image:
    import qrcode
    from qrcode import constants
    from qrcode.exceptions import DataOverflowError

    levels = {"L": constants.ERROR_CORRECT_L, "M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q}
    maker = qrcode.QRCode(
        error_correction=levels.get(code.level, constants.ERROR_CORRECT_H), box_size=code.module_dots, border=4
    )
    maker.add_data(code.text)
    try:
        rows = maker.get_matrix()
    except (DataOverflowError, ValueError):  # the library raises either for a text that no code holds
        return _note(f"QR {len(code.text)}", 12 * LETTER[0])
    side = len(rows) * code.module_dots
    dots = Image.new("L", (len(rows), len(rows)))
    dots.putdata([_BLACK if dark else _WHITE for row in rows for dark in row])
    return dots.resize((side, side), Image.Resampling.NEAREST)


# -- notes -----------------------------------------------------------------------------------------------------------


def _note(text: str, width: int) -> Image.Image:
    strip = Image.new("L", (width, SMALL_LETTER[1] + 4), _WHITE)
    ImageDraw.Draw(strip).text((0, 2), text.strip(), fill=_GREY, font=_font(SMALL_LETTER[1]))
    return strip


def _cut_line(width: int, cut: Cut) -> Image.Image:
    strip = Image.new("L", (width, 12 + cut.feed_dots), _WHITE)
    pen = ImageDraw.Draw(strip)
    dash = 6 if cut.partial else 10
    for at in range(0, width, 12):
        pen.line((at, strip.height - 6, at + dash, strip.height - 6), fill=_GREY, width=2)
    return strip
