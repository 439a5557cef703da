"""Single-byte code pages: the letters that a printer has, and how to spell a text with only those letters.

Each printer has one fixed page. Libraries choose the page letter by letter, which fails on cheap printers, since they
number their pages differently. No layout here, and no commands.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_UNSPELLABLE = "\0"
"""Stands for a letter that the page lacks and nobody can spell."""
_MARK_DIGITS = 4

_SPELLINGS = {
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": '"', "‹": "<", "›": ">", "«": "<<", "»": ">>",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "⁄": "/", "―": "-", "−": "-", "…": "...", "•": "*", "·": "*",
    "×": "x", "→": "->", "←": "<-", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "✓": "v", "✔": "v", "✗": "x",
    "✘": "x", "¿": "?", "¡": "!", "°": "o", "º": "o", "ª": "a", "ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o",
    "Œ": "OE", "œ": "oe", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i",
    "Ħ": "H", "ħ": "h", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "Rs", "₲": "Gs", "₡": "CRC", "₱": "PHP", "₩": "KRW",
    "₿": "BTC", "¢": "c", "©": "(c)", "®": "(R)", "™": "TM", "★": "*", "☆": "*", "♥": "<3", "❤": "<3", "👍": "(ok)",
    "👌": "(ok)",
}  # fmt: skip
_SMALL_LETTERS = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g",
}  # fmt: skip


def _never(_char: str) -> bool:
    """Nothing can be drawn."""
    return False


@dataclass(frozen=True, slots=True)
class CodePage:
    """A code page of a printer.

    Attributes:
        name: as in the printer's manual.
        number: the argument of ESC t; clones may count differently from Epson.
        codec: Python's name of a single-byte codec that contains ASCII.
    """

    name: str
    number: int
    codec: str

    def __post_init__(self) -> None:
        if not 0 <= self.number <= 255:
            msg = f"a code page number is one byte: {self.number}"
            raise ValueError(msg)
        if not _is_single_byte(self.codec):
            msg = f"not a single-byte code page: {self.codec}"
            raise ValueError(msg)

    def has(self, char: str) -> bool:
        """Whether the page prints this character. Control bytes never count as letters."""
        return _has(self.codec, char)

    def spell(self, text: str, can_draw: Callable[[str], bool] = _never) -> str:
        """Spell a text in letters of this page. One character is one byte and one cell.

        A letter that the page lacks loses its accent, and a symbol becomes its name (`[peanuts]`). Other letters stay
        where they can be drawn; else a run of them becomes a mark such as `[#3fa2]`, which is another one for other
        letters: two different dishes never look alike.
        """
        if all(map(self.has, text)):
            return text
        spelled: list[str] = []
        lacking = ""
        for char in text:
            part = _spell_char(self, char)
            if part == _UNSPELLABLE and can_draw(char):
                part = char
            elif not part and spelled and _is_mark(char) and can_draw(char) and not self.has(spelled[-1][-1]):
                part = char  # a vowel sign belongs to a letter that is drawn
            if part == _UNSPELLABLE:
                lacking += char
                continue
            if part and lacking:
                spelled.append(_mark(lacking))
                lacking = ""
            if part:
                spelled.append(part)
        if lacking:
            spelled.append(_mark(lacking))
        return "".join(spelled)

    def lacks(self, text: str) -> bool:
        """Whether a text has letters that nobody can spell with this page."""
        return any(_spell_char(self, char) == _UNSPELLABLE for char in text)

    def rest(self, text: str) -> str:
        """What is left of a text without the letters that nobody can spell."""
        kept = "".join(char for char in text if _spell_char(self, char) != _UNSPELLABLE)
        return " ".join(self.spell(kept).split())

    @property
    def glyphs(self) -> str:
        """Every letter of the page beyond ASCII, in the order of their bytes."""
        letters = (bytes([byte]).decode(self.codec, "ignore") for byte in range(0x80, 0x100))
        return "".join(letter for letter in letters if letter and self.has(letter) and letter != "\xa0")

    def encode(self, text: str) -> bytes:
        """Encode a spelled text. No byte of the result is a control byte.

        Raises:
            ValueError: the page lacks a character.
        """
        if not all(map(self.has, text)):
            msg = f"not spelled for {self.name}"
            raise ValueError(msg)
        return text.encode(self.codec)


def _mark(letters: str) -> str:
    """What stands for letters that cannot be printed."""
    return f"[#{zlib.crc32(letters.encode('utf-8', 'replace')) & 0xFFFF:0{_MARK_DIGITS}x}]"


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


@lru_cache(maxsize=4096)
def _has(codec: str, char: str) -> bool:
    if unicodedata.category(char).startswith("C"):
        return False
    try:
        raw = char.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(raw) == 1 and raw[0] >= 0x20 and raw[0] != 0x7F


@lru_cache(maxsize=32)
def _is_single_byte(codec: str) -> bool:
    ascii_letters = bytes(range(0x20, 0x7F))
    highest = sum(len(bytes([byte]).decode(codec, errors="ignore")) for byte in range(0x80, 0x100))
    return ascii_letters.decode(codec, errors="replace") == ascii_letters.decode("ascii") and highest > 64


@lru_cache(maxsize=4096)
def _spell_char(page: CodePage, char: str) -> str:
    if page.has(char):
        return char
    if char.isspace():
        return " "
    if unicodedata.category(char)[0] == "C" or unicodedata.combining(char) or "\ufe00" <= char <= "\ufe0f":
        return ""
    spelling = _SPELLINGS.get(char, _small_letter(char))
    if spelling is not None:
        return spelling
    parts = [part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)]
    if parts and parts != [char]:
        spelled = [_spell_char(page, part) for part in parts]
        return _UNSPELLABLE if _UNSPELLABLE in spelled else "".join(spelled)
    if unicodedata.category(char) == "So":
        return f"[{unicodedata.name(char, 'symbol').lower()}]"
    return _UNSPELLABLE


def _small_letter(char: str) -> str | None:
    spelling = _SMALL_LETTERS.get(char.lower())
    return spelling if spelling is None or char.islower() else spelling.capitalize()


PC850 = CodePage("PC850", 2, "cp850")
"""The default: it has all of Spanish, and its number is 2 on every printer we know of."""
PC437 = CodePage("PC437", 0, "cp437")
PC858 = CodePage("PC858", 19, "cp858")
WPC1252 = CodePage("WPC1252", 16, "cp1252")
CODE_PAGES = {page.name: page for page in (PC850, PC437, PC858, WPC1252)}
