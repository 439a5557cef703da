"""Finding in the menu what somebody typed or scanned. Pure, and quick enough for every key press.

Case and accents do not count. The better a text fits, the earlier an item comes (`Fit`); items that fit equally well
keep the fixed order of the menu. Codes and barcodes are apart from names: an exact one always wins, and a text without
any letter never means a name. Whether an item is sold out does not change what a text means.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate, chain

from shared.kernel.text import search_key, search_keys
from shared.menu.rules import Menu, MenuItem

GTIN_DIGITS = 14
"""The longest number on a package. Shorter ones are the same number with zeros in front, which scanners add or drop."""
MOST_HOLD_IT = 3
"""Where a part is found more than once in so many names, looking at each is quicker than finding those that hold it."""


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


def _words_of_each(texts: Sequence[str]) -> Iterator[list[str]]:
    """`words_of` many texts, most of it in one go over all of them."""
    joined = "\n".join(search_keys(texts))
    for sign in {char for char in set(joined) if not char.isalnum()} - {"\n"}:
        joined = joined.replace(sign, " ")
    return map(str.split, joined.split("\n")) if texts else iter(())


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

    __slots__ = ("_padded", "solid")

    def __init__(self, name: str) -> None:
        self._take(words_of(name))

    @classmethod
    def of_each(cls, names: Sequence[str]) -> list[Name]:
        """Many names, in a fraction of the time."""
        made = []
        for words in _words_of_each(names):
            name = cls.__new__(cls)
            name._take(words)
            made.append(name)
        return made

    def _take(self, words: Sequence[str]) -> None:
        self._padded = f" {' '.join(words)} "
        self.solid = "".join(words)

    def fit(self, typed: Typed) -> Fit | None:
        """How well a text that has a word fits this name. None: it does not."""
        padded, solid = self._padded, self.solid
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
            return Fit.NAME if typed.words == frozenset(padded.split()) else Fit.FIRST_WORDS if first else Fit.WORDS
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


class Names:
    """Many names, prepared for being searched together."""

    def __init__(self, names: Sequence[str]) -> None:
        self._each = Name.of_each(names)
        self._solid = Lines([name.solid for name in self._each])

    def __getitem__(self, at: int) -> Name:
        """One of them."""
        return self._each[at]

    def holding(self, typed: Typed) -> Iterator[int]:
        """The numbers of those that a text with a word may fit, in order."""
        return self._solid.holding(max(typed.words, key=len))

    def fits(self, typed: Typed) -> list[tuple[int, Fit]]:
        """The numbers of those that a text with a word fits, in order, and how well it does."""
        each = self._each
        return [(at, fit) for at in self.holding(typed) if (fit := each[at].fit(typed)) is not None]


class MenuSearch:
    """A menu, prepared for searching. Made once for each reading of the menu.

    Attributes:
        names: of the items, in menu order.
    """

    def __init__(self, menu: Menu) -> None:
        items = self._items = [*menu.items.values()]
        self.names = Names([item.name for item in items])
        self._codes = search_keys([item.code for item in items])
        codes: dict[str, list[MenuItem]] = defaultdict(list)
        barcodes: dict[str, list[MenuItem]] = defaultdict(list)
        for item, code in zip(items, self._codes, strict=True):
            if code:
                codes[code].append(item)
            for barcode in dict.fromkeys(map(barcode_key, item.barcodes)) if item.barcodes else ():
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
        given = set(map(id, exact.items))
        if not has_letter(text):
            begun = tuple(self._items[at] for at in self._code_begins(wanted) if id(self._items[at]) not in given)
            return Found(exact.items + begun, exact.equals, Fit.CODE_BEGINS if not exact.items else Fit.CODE)
        ranked: list[list[MenuItem]] = [[] for _ in Fit]
        ranked[Fit.CODE] += exact.items
        begun_codes = set(self._code_begins(wanted))
        for at in sorted(begun_codes.union(self.names.holding(typed))):
            item, fit = self._items[at], self.names[at].fit(typed)
            if (fit is None or fit > Fit.CODE_BEGINS) and at in begun_codes:
                fit = Fit.CODE_BEGINS
            if fit is not None and id(item) not in given:
                ranked[fit].append(item)
        best = next((fit for fit in Fit if ranked[fit]), None)
        if best is None:
            return _NOTHING
        return Found(tuple(chain.from_iterable(ranked)), len(ranked[best]), best)

    def _code_begins(self, wanted: str) -> list[int]:
        """The numbers of the items whose codes begin so."""
        return [at for at, code in enumerate(self._codes) if code.startswith(wanted)]


class Lines:
    """Many short texts without line breaks, searched as one."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._joined = "\n".join(texts)
        self._starts = [0, *accumulate(len(text) + 1 for text in texts)]

    def holding(self, part: str) -> Iterator[int]:
        """The numbers of the texts that hold a part, in order; all of them where most do."""
        count = len(self._starts) - 1
        if self._joined.count(part) > count // MOST_HOLD_IT:
            yield from range(count)
            return
        found = self._joined.find(part)
        while found >= 0:
            at = bisect_right(self._starts, found) - 1
            yield at
            found = self._joined.find(part, self._starts[at + 1])


def barcode_key(code: str) -> str:
    """A barcode as it is compared."""
    if code.isascii() and code.isdigit():
        return code.zfill(GTIN_DIGITS)
    key = search_key(code).replace(" ", "")
    return key.zfill(GTIN_DIGITS) if key.isascii() and key.isdigit() else key
