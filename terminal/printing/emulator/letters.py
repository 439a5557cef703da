"""The letters of code pages by their number, and letters put together as spans. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from terminal.printing.emulator.elements import UNPRINTABLE, DrawnLetter, Look, Span

Letter = tuple[str, Look, DrawnLetter | None]
"""A letter, its look, and how the sender drew it if it did."""

PAGES: Mapping[int, str] = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737", 15: "iso8859_7",
    16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 33: "cp775", 34: "cp855", 36: "cp862", 37: "cp864",
    38: "cp869", 39: "iso8859_2", 40: "iso8859_15", 44: "cp1125", 45: "cp1250", 46: "cp1251", 47: "cp1253",
    48: "cp1254", 49: "cp1255", 50: "cp1256", 51: "cp1257", 52: "cp1258",
}  # fmt: skip
"""Python's codec by the number of ESC t, as most printers count. Clones count differently: `Reader(pages=...)`."""


def letter_of(byte: int, codec: str | None) -> str:
    """The letter of a byte, `UNPRINTABLE` if the page has none."""
    if byte < 0x7F:
        return chr(byte)
    letter = UNPRINTABLE if codec is None else bytes([byte]).decode(codec, "replace")
    return letter if letter.isprintable() else UNPRINTABLE


def spans_of(row: Iterable[Letter]) -> tuple[Span, ...]:
    """Put letters of the same look together."""
    spans: list[Span] = []
    for look, group in groupby(row, key=lambda letter: letter[1]):
        letters = list(group)
        drawn = tuple((at, own) for at, (_letter, _look, own) in enumerate(letters) if own is not None)
        spans.append(Span("".join(letter for letter, _look, _own in letters), look, drawn))
    return tuple(spans)
