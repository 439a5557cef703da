"""Big digits and capitals, three or five rows high, for totals, change and order numbers in a kitchen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import Align, fit, plain, width_of

SMALL_ROWS = 3
LARGE_ROWS = 5
PIXEL_ROWS = 5

# Five rows of pixels, top first, rows separated by blanks; `#` is lit.
_FONT = {
    "0": "#### #..# #..# #..# ####", "1": "##. .#. .#. .#. ###", "2": "#### ...# #### #... ####",
    "3": "#### ...# .### ...# ####", "4": "#..# #..# #### ...# ...#", "5": "#### #... #### ...# ####",
    "6": "#### #... #### #..# ####", "7": "#### ...# ..#. .#.. .#..", "8": "#### #..# #### #..# ####",
    "9": "#### #..# #### ...# ####",
    "A": ".##. #..# #### #..# #..#", "B": "###. #..# ###. #..# ###.", "C": ".### #... #... #... .###",
    "D": "###. #..# #..# #..# ###.", "E": "#### #... ###. #... ####", "F": "#### #... ###. #... #...",
    "G": ".### #... #.## #..# .###", "H": "#..# #..# #### #..# #..#", "I": "### .#. .#. .#. ###",
    "J": "..## ...# ...# #..# .##.", "K": "#..# #.#. ##.. #.#. #..#", "L": "#... #... #... #... ####",
    "M": "#...# ##.## #.#.# #...# #...#", "N": "#..# ##.# #.## #..# #..#", "O": ".##. #..# #..# #..# .##.",
    "P": "###. #..# ###. #... #...", "Q": ".##. #..# #..# #.#. .#.#", "R": "###. #..# ###. #.#. #..#",
    "S": ".### #... .##. ...# ###.", "T": "### .#. .#. .#. .#.", "U": "#..# #..# #..# #..# .##.",
    "V": "#..# #..# #..# #.#. .#..", "W": "#...# #...# #.#.# ##.## #...#", "X": "#..# #..# .##. #..# #..#",
    "Y": "#.# #.# .#. .#. .#.", "Z": "#### ..#. .#.. #... ####",
    ".": ". . . . #", ",": ".. .. .. .# #.", ":": ". # . # .", "/": "..# ..# .#. #.. #..", "-": "... ... ### ... ...",
    "−": "... ... ### ... ...", "+": "... .#. ### .#. ...", "#": ".#.#. ##### .#.#. ##### .#.#.", " ": ".. .. .. .. ..",
    "$": ".#### #.#.. .###. ..#.# ####.", "€": ".### #... ###. #... .###", "%": "#..# ...# .##. #... #..#",
}  # fmt: skip
_UNKNOWN = "..# .#. .#. ... .#."


@lru_cache(maxsize=1024)
def big_rows(text: str, *, large: bool = False, low: bool = False) -> tuple[str, ...]:
    """Draw the text in blocks: three rows of half blocks, or five rows with pixels of two cells.

    Half blocks leave half a row empty: below the drawing, or above it with `low`. Letters become capitals without
    accents; another character that the font lacks becomes a question mark.
    """
    glyphs = [_glyph(char).split() for char in plain(text).upper()]
    lines = [".".join(glyph[row] for glyph in glyphs) for row in range(PIXEL_ROWS)]
    if large:
        return tuple("".join("██" if pixel == "#" else "  " for pixel in line) for line in lines)
    lines.insert(0 if low else PIXEL_ROWS, "." * len(lines[0]))
    return tuple(_half_blocks(lines[row], lines[row + 1]) for row in range(0, PIXEL_ROWS + 1, 2))


def is_drawable(text: str) -> bool:
    """Whether the font has every letter of a text."""
    return all(_glyph(char) is not _UNKNOWN for char in plain(text).upper())


def _glyph(char: str) -> str:
    bare = unicodedata.normalize("NFKD", char)[0]
    return _FONT.get(char) or _FONT.get(bare, _UNKNOWN)


def big_width(text: str, *, large: bool = False) -> int:
    """Width of the drawn text in cells."""
    return len(big_rows(text, large=large)[0])


def figure_and_sign(amount: str) -> tuple[str, str]:
    """Split a formatted amount into figure and currency sign: `S/ 12.50` becomes `12.50` and `S/`."""
    words = plain(amount).split(" ")
    figures = [word for word in words if any(char.isdigit() for char in word)]
    signs = [word for word in words if word not in figures]
    return (" ".join(figures), " ".join(signs)) if figures else (plain(amount), "")


def _half_blocks(upper: str, lower: str) -> str:
    blocks = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}
    return "".join(blocks[top + bottom] for top, bottom in zip(upper, lower, strict=True))


def sized_rows(text: str, width: int, height: int) -> Sequence[str]:
    """The largest drawing of the text that fits: in five rows, in three, or as plain text in one.

    Text in letters that the font lacks is plain: a row of question marks says nothing.
    """
    if not is_drawable(text):
        return (plain(text),)
    if height >= LARGE_ROWS and big_width(text, large=True) <= width:
        return big_rows(text, large=True)
    if height >= SMALL_ROWS and big_width(text) <= width:
        return big_rows(text)
    return (plain(text),)


class BigDigits(LineWidget):
    """A caption and a text in the largest digits that fit. `show` sets both."""

    DEFAULT_CSS = """
    BigDigits { width: 1fr; height: 5; }
    """

    def __init__(
        self,
        text: str = "",
        *,
        caption: str = "",
        tone: Tone | None = None,
        align: Align = "right",
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make the digits. Without a tone they have the panel's ground."""
        super().__init__(id=id, classes=classes)
        self._text, self._caption, self._tone, self._align = text, caption, tone, align

    def show(self, text: str, *, caption: str | None = None, tone: Tone | None = None) -> None:
        """Show another text, and another caption if given. Without a tone it gets the panel's ground."""
        self._text = text
        self._caption = self._caption if caption is None else caption
        self._tone = tone
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The tone's ink, or the panel's."""
        return self.palette.panel if self._tone is None else self.palette.tone(self._tone)

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the caption above the digits. A currency sign without room beside the digits goes into the caption."""
        ink, inner = self.ground, max(0, width - 2)
        caption_rows = 1 if self._caption and height > 1 else 0
        digits, caption = sized_rows(self._text, inner, height - caption_rows), self._captioned()
        figure, sign = figure_and_sign(self._text)
        if len(digits) == 1 and caption_rows and (big_width(figure) <= inner or width_of(self._text) > inner):
            digits, caption = sized_rows(figure, inner, height - caption_rows), f"{caption}  {sign}"
        rows: list[Row] = [[] for _ in range(height - caption_rows - len(digits))]
        if caption_rows:
            rows.insert(0, [Segment(f" {fit(caption, inner, self._align)} ", ink.quiet_style(bold=True))])
        if len(digits) == 1:
            return [*rows, [Segment(f" {fit(digits[0], inner, self._align)} ", ink.style(bold=True))]]
        return [*rows, *([Segment(f" {_aligned(line, inner, self._align)} ", ink.style())] for line in digits)]

    def _captioned(self) -> str:
        glyph = self._tone.glyph.strip() if self._tone else ""
        return f"{glyph} {self._caption}" if glyph else self._caption


def _aligned(line: str, width: int, align: Align) -> str:
    # Not `fit`: it would remove the leading blanks of the drawing.
    return {"left": line.ljust, "right": line.rjust, "center": line.center}[align](width)
