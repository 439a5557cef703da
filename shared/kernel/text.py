"""Text that came from people is data: what enters is cleaned of everything that could steer a screen or a printer."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MAX_NAME_CHARACTERS = 120
"""A name longer than this fits no tile, ticket or receipt."""
MAX_NOTE_CHARACTERS = 280
"""A note longer than this is not read in a kitchen."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(maxsize=4096)
def clean(text: str, limit: int = MAX_NAME_CHARACTERS) -> str:
    """One line of plain text: composed (NFC), no control, format or bidi characters, single blanks, at most `limit`.

    Markup stays as the characters it is; showing it as text is the screen's part.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(
        " " if char in "\n\r\t\v\f\u2028\u2029" else char
        for char in composed
        if char in "\n\r\t\v\f" or unicodedata.category(char) not in _UNSAFE_CATEGORIES or char in "\u2028\u2029"
    )
    return " ".join(kept.split())[:limit].rstrip()


@lru_cache(maxsize=8192)
def search_key(text: str) -> str:
    """What a search compares: lower case, without accents, so that `lomo`, `LOMO` and `lómo` meet."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
