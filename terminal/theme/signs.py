"""Which characters are drawn where a terminal lacks some: marks, borders and big digits in the signs that it has.

Everything is drawn with all characters and translated at the end, line by line, so that no widget and no dialog of
Textual can be forgotten. A sign is always replaced by one of the same width. Letters lose their accent before they
become a question mark.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from terminal.theme.ability import Ability, Colours, Letters

UNKNOWN = "?"
_ASCII = frozenset(map(chr, range(0x20, 0x7F)))
_LATIN = _ASCII | frozenset(map(chr, range(0xA0, 0x100))) - {"\xa0", "\xad"}
_BOXES = frozenset("─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬")
_EVERY_FONT = frozenset("•←↑→↓≤≥█░▒■▲▼♦−–") | _BOXES
"""Marks that all Latin fonts of Debian's console have, and the one inside the kernel nearly all of them."""
DRAWN: dict[Letters, frozenset[str]] = {
    Letters.CONSOLE: _LATIN - frozenset("¤") | _EVERY_FONT | frozenset("€‘’“”—"),
    Letters.LATIN: _LATIN,
    Letters.ASCII: _ASCII,
}
"""Characters that are drawn as they are."""

INSTEAD = {
    "●": "•*", "○": "o", "◐": "▒~", "✓": "v", "✔": "v", "✕": "x", "✗": "x", "✘": "x", "▲": "!", "▼": "v",
    "▶": ">", "▸": ">", "◀": "<", "◂": "←<", "›": ">", "‹": "<", "»": ">", "«": "<", "‖": "║=", "¤": "$",
    "⌫": "←<", "␣": "_", "…": ".", "★": "*", "•": "*", "·": ".", "×": "x", "−": "-", "–": "-", "—": "-", "‐": "-",
    "‑": "-", "‒": "-", "―": "-", "←": "<", "→": ">", "↑": "^", "↓": "v", "↩": "←<", "⇒": "→>", "≤": "<", "≥": ">",
    "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "‚": ",", "°": "o", "º": "o", "ª": "a", "¿": "?", "¡": "!",
    "€": "E", "£": "L", "¥": "Y", "█": "#", "▀": "■=", "▄": "■=", "▌": "│|", "▐": "│|", "▏": "│|", "▕": "│|",
    "▎": "│|", "▊": "█#", "▁": "_", "▂": "░_", "▃": "░.", "▅": "▒:", "▆": "▒*", "▇": "█#", "▔": "─-",
    "░": ".", "▒": ":", "▓": "█#", "■": "#", "♦": "*", "━": "═=", "╸": "═=", "╺": "═=", "┃": "║|", "╹": "║|",
    "─": "-", "│": "|", "═": "=", "║": "|", "┼": "+", "╬": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+",
    "┌": "+", "┐": "+", "└": "+", "┘": "+", "╔": "+", "╗": "+", "╚": "+", "╝": "+", "╠": "+", "╣": "+", "╦": "+",
    "╩": "+", "▛": "╔+", "▜": "╗+", "▙": "╚+", "▟": "╝+", "╭": "┌+", "╮": "┐+", "╰": "└+", "╯": "┘+",
    "ß": "s", "Æ": "A", "æ": "a", "Œ": "O", "œ": "o", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Ð": "D", "ð": "d",
    "Þ": "T", "þ": "t", "Đ": "D", "đ": "d", "ı": "i",
}  # fmt: skip
"""What stands for a sign: the first of these that the terminal has."""
_HALVES = frozenset("▀▄")


@lru_cache(maxsize=4096)
def sign(char: str, letters: Letters) -> str:
    """What is drawn for a character: of the same width, and nothing for a mark that has none."""
    drawn = DRAWN.get(letters)
    if drawn is None or char in drawn:
        return char
    width = cell_len(char)
    if not width:
        return ""
    for other in INSTEAD.get(char, ""):
        if other in drawn:
            return other
    bare = "".join(each for each in unicodedata.normalize("NFKD", char) if each in drawn)
    return bare if cell_len(bare) == width else UNKNOWN * width


@lru_cache(maxsize=8192)
def in_signs(text: str, letters: Letters) -> str:
    """A drawn text in the signs of a terminal. A text of half blocks alone is the edge of an area, and becomes blank.

    Half blocks between others are parts of big digits; those stay readable with small squares.
    """
    if letters is Letters.ALL:
        return text
    if len(text) > 1 and text[0] in _HALVES and text == text[0] * len(text):
        return " " * len(text)
    return "".join(sign(char, letters) for char in unicodedata.normalize("NFC", text))


class PlainerLines(LineFilter):
    """Draws every line with what the terminal has.

    Where there are sixteen colours, bold makes a dark colour a bright one: black would be grey and what is dull would
    shine. So only bright text is bold there.
    """

    def __init__(self, ability: Ability) -> None:
        super().__init__(enabled=ability.letters is not Letters.ALL or ability.colours is Colours.SIXTEEN)
        self._letters = ability.letters
        self._sixteen = ability.colours is Colours.SIXTEEN

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in the terminal's signs."""
        return [
            segment if segment.control else Segment(in_signs(segment.text, self._letters), self._style(segment.style))
            for segment in segments
        ]

    def _style(self, style: Style | None) -> Style | None:
        return _steady(style) if style is not None and self._sixteen else style


_NOT_BOLD = Style(bold=False)
_FIRST_BRIGHT = 8
"""Number of the first of the bright colours."""


@lru_cache(maxsize=1024)
def _steady(style: Style) -> Style:
    if not style.bold or style.color is None:
        return style
    number = style.color.downgrade(ColorSystem.STANDARD).number
    return style if number is not None and number >= _FIRST_BRIGHT else style + _NOT_BOLD
