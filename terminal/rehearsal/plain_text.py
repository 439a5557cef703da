"""Cleans text from a file: no control or bidirectional characters, one kind of blank, one spelling.

Numbers and dates are read in `number_text` and `date_text`.
"""

from __future__ import annotations

from shared.kernel.text import clean

UNDECODABLE = "\udcff"
"""In place of bytes that could not be decoded. A lone surrogate: no valid text contains it."""


def plain(text: str) -> str:
    """Return `text` as people should see it and programs should compare it.

    Runs of blanks (no-break ones and line ends too) become one space, the ends are trimmed, control, format and
    bidirectional characters are dropped, accents are composed (NFC), and the guard `="0012"` that spreadsheets write
    around codes is taken off.
    """
    if not (text.isascii() and text.isprintable()):
        text = clean(text.replace(UNDECODABLE, "\ufffd"), max(len(text), 1))
    text = " ".join(text.split())
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].strip()
    return text


def comparable(text: str) -> str:
    """Return `text` in a form in which spellings of one word (case, blanks, composed accents) are equal."""
    return plain(text).casefold()
