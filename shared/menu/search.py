"""Finding in the menu what somebody typed or scanned. Pure, and quick enough for every key press.

Case and accents do not count. The better a text fits, the earlier an item comes (`Fit`); items that fit equally well
keep the fixed order of the menu. Codes and barcodes are apart from names: an exact one always wins, and a text without
any letter never means a name. Whether an item is sold out does not change what a text means.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain

from shared.kernel.text import search_key
from shared.menu.rules import Menu, MenuItem

GTIN_DIGITS = 14
"""The longest number on a package. Shorter ones are the same number with zeros in front, which scanners add or drop."""


class Fit(IntEnum):
    """How well a text fits, the best first."""

    CODE = 0
    """It is the code or a barcode."""
    NAME = 1
    """It is the whole name, its words in any order."""
    FIRST_WORDS = 2
    """All are whole words of the name, the name's first word among them."""
    WORDS = 3
    """All are whole words of the name."""
    FIRST_BEGINNINGS = 4
    """All are beginnings of words, the first word's among them."""
    BEGINNINGS = 5
    """All are beginnings of words."""
    CODE_BEGINS = 6
    """The code begins so."""
    INSIDE = 7
    """All are somewhere in the name."""

    @property
    def is_of_whole_words(self) -> bool:
        """Whether somebody wrote the words out."""
        return Fit.NAME <= self <= Fit.WORDS


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as a search compares them: `Parrilla (2 personas)` has three."""
    return tuple("".join(char if char.isalnum() else " " for char in search_key(text)).split())


def has_letter(text: str) -> bool:
    """Whether a text may be a name; digits and signs alone are a code, a quantity or a table."""
    return any(char.isalpha() for char in text)


class Typed:
    """A typed text, prepared for being held against many names. It is false without a word in it."""

    __slots__ = ("parts", "solid", "words")

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.words = frozenset(words)
        self.solid = "".join(words)
        self.parts = tuple((word, f" {word}", f" {word} ") for word in words)

    def __bool__(self) -> bool:
        return bool(self.parts)


class Name:
    """A name, prepared for searching."""

    __slots__ = ("_padded", "_solid", "_words")

    def __init__(self, name: str) -> None:
        words = words_of(name)
        self._words = frozenset(words)
        self._padded = f" {' '.join(words)} "
        self._solid = "".join(words)

    def fit(self, typed: Typed) -> Fit | None:
        """How well a text that has a word fits this name. None: it does not."""
        padded, solid = self._padded, self._solid
        if typed.solid == solid:
            return Fit.NAME
        whole, begins, first = True, True, False
        for word, beginning, alone in typed.parts:
            if alone in padded:
                first = first or padded.startswith(alone)
            elif beginning in padded:
                whole, first = False, first or padded.startswith(beginning)
            elif word in solid:  # over a word's end, too: `7up` is in `7 Up 500 ml`
                whole = begins = False
            else:
                return None
        if whole:
            return Fit.NAME if typed.words == self._words else Fit.FIRST_WORDS if first else Fit.WORDS
        if begins:
            return Fit.FIRST_BEGINNINGS if first else Fit.BEGINNINGS
        return Fit.INSIDE


@dataclass(frozen=True, slots=True)
class Found:
    """What a text finds.

    Attributes:
        items: the best first; equal ones in menu order.
        equals: how many of the first fit equally well.
        fit: how well the first fits.
    """

    items: tuple[MenuItem, ...] = ()
    equals: int = 0
    fit: Fit | None = None

    @property
    def sure(self) -> MenuItem | None:
        """What the text means; None if it means nothing, or several things equally well."""
        return self.items[0] if self.equals == 1 else None


_NOTHING = Found()


class MenuSearch:
    """A menu, prepared for searching. Made once for each reading of the menu."""

    def __init__(self, menu: Menu) -> None:
        self._names = [(Name(item.name), search_key(item.code), item) for item in menu.items.values()]
        codes: dict[str, list[MenuItem]] = defaultdict(list)
        barcodes: dict[str, list[MenuItem]] = defaultdict(list)
        for item in menu.items.values():
            if item.code:
                codes[search_key(item.code)].append(item)
            for barcode in dict.fromkeys(map(barcode_key, item.barcodes)):
                barcodes[barcode].append(item)
        self._by_code = {code: tuple(items) for code, items in codes.items()}
        self._by_barcode = {barcode: tuple(items) for barcode, items in barcodes.items()}

    def by_code(self, code: str) -> tuple[MenuItem, ...]:
        """The items with exactly this code: none, one, or several if the menu uses it twice."""
        return self._by_code.get(search_key(code), ())

    def by_barcode(self, code: str) -> tuple[MenuItem, ...]:
        """The items with exactly this barcode: none, one, or several if the menu uses it twice.

        Its check digit is the scanner's business. Zeros in front of a number do not count (UPC-A is EAN-13 with one).
        """
        return self._by_barcode.get(barcode_key(code), ())

    def exact(self, text: str) -> Found:
        """What has this code, else this barcode."""
        items = self.by_code(text) or self.by_barcode(text)
        return Found(items, len(items), Fit.CODE) if items else _NOTHING

    def find(self, text: str) -> Found:
        """What a text finds. Without a letter in it: an exact code, else the codes that begin so, none of them sure."""
        exact = self.exact(text)
        wanted, typed = search_key(text), Typed(text)
        if not typed:
            return exact
        if not has_letter(text):
            begun = tuple(item for _, code, item in self._names if code.startswith(wanted) and item not in exact.items)
            return Found(exact.items + begun, exact.equals, Fit.CODE_BEGINS if not exact.items else Fit.CODE)
        ranked: list[list[MenuItem]] = [[] for _ in Fit]
        ranked[Fit.CODE] += exact.items
        for name, code, item in self._names:
            fit = name.fit(typed)
            if (fit is None or fit > Fit.CODE_BEGINS) and code.startswith(wanted):
                fit = Fit.CODE_BEGINS
            if fit is not None and item not in exact.items:
                ranked[fit].append(item)
        best = next((fit for fit in Fit if ranked[fit]), None)
        if best is None:
            return _NOTHING
        return Found(tuple(chain.from_iterable(ranked)), len(ranked[best]), best)


def barcode_key(code: str) -> str:
    """A barcode as it is compared."""
    key = search_key(code).replace(" ", "")
    return key.zfill(GTIN_DIGITS) if key.isascii() and key.isdigit() else key
