"""Numbers as people and programs write them, read into exact integers: `S/ 1.234,50`, `$16.98 `, `(3.50)`, `3.50-`.

Nothing is guessed: a number that does not fit the declared marks is a `RowProblem`, never a wrong number. No floats.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from shared.kernel.money import MAX_MINOR
from terminal.rehearsal.problems import RowProblem

_CURRENCY_SYMBOLS = "$¢£¤¥֏؋৲৳૱௹฿៛\u20a0-\u20c0﷼﹩＄￠￡￥￦"
_CURRENCY_WORDS = (
    *("S/.", "S/", "B/.", "Bs.S", "Bs.", "Bs", "Rs.", "Rs", "kr.", "kr", "SFr.", "Fr.", "Fr", "zł", "Kč", "Ft", "lei"),
    *("K.D.", "KD", "د.ك", "Gs.", "Gs", "Q", "L", "R", "TL", "din."),
)
_MINUS_SIGNS = "-−–"
_NO_CENTS = re.compile(r"[-–—]{1,2}$")  # "12.-" and "12,–": no cents, not a negative number


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written: one decimal mark, the marks that may group digits, extra currency signs.

    `declared` is False while nobody said which decimal mark the file uses; then `1.500` in a currency without
    decimals is ambiguous and not read. A blank as a thousands mark stands for every kind of blank.
    """

    decimal: str = "."
    thousands: tuple[str, ...] = (",", " ", "'", "’")
    currency_signs: tuple[str, ...] = ()
    declared: bool = False


class NumberReader:
    """Reads the numbers of one column into integers scaled by `decimals` (2: hundredths, 3: thousandths)."""

    def __init__(self, column: str, written: NumberFormat, decimals: int, currency: str = "") -> None:
        self._column = column
        self._written = written
        self._decimals = decimals
        marks = "".join(re.escape(mark) for mark in written.thousands)
        grouped = rf"\d{{1,3}}(?P<mark>[{marks}])(?:\d{{2,3}}(?P=mark))*\d{{3}}|" if marks else ""
        self._body = re.compile(rf"(?P<whole>{grouped}\d*)(?P<point>{re.escape(written.decimal)}(?P<part>\d*))?")
        words = sorted({*_CURRENCY_WORDS, *written.currency_signs, currency} - {""}, key=len, reverse=True)
        sign = rf"(?:[a-z]{{0,3}}[{_CURRENCY_SYMBOLS}]|{'|'.join(re.escape(word) for word in words)})"
        self._leading_sign = re.compile(rf"{sign}\s*", re.IGNORECASE)
        self._trailing_sign = re.compile(rf"\s*{sign}$", re.IGNORECASE)
        self.exact = functools.lru_cache(maxsize=65_536)(self._exact)
        self.nearest = functools.lru_cache(maxsize=65_536)(self._nearest)

    def _exact(self, text: str) -> int:
        """Return the scaled integer; more decimals than fit are a `RowProblem` unless they are zeros."""
        negative, whole, part = self._split(text)
        if part[self._decimals :].strip("0"):
            raise RowProblem("too_many_decimals", column=self._column, value=text, decimals=self._decimals)
        return self._scaled(text, negative, whole, part)

    def _nearest(self, text: str) -> int:
        """Return the scaled integer, decimals that do not fit rounded half up (away from zero)."""
        negative, whole, part = self._split(text)
        scaled = self._scaled(text, negative, whole, part)
        if part[self._decimals : self._decimals + 1] >= "5":
            scaled += -1 if negative else 1
        return scaled

    def _split(self, text: str) -> tuple[bool, str, str]:
        body, negative = self._without_signs(text)
        found = self._body.fullmatch(body)
        if found is None or not (found["whole"] or found["part"]):
            raise RowProblem("bad_number", column=self._column, value=text)
        part = found["part"] or ""
        if self._decimals == 0 and len(part) == 3 and not self._written.declared:
            raise RowProblem("ambiguous_number", column=self._column, value=text)
        return negative, "".join(filter(str.isdecimal, found["whole"])), part

    def _without_signs(self, text: str) -> tuple[str, bool]:
        body, minus_signs = " ".join(text.split()), 0
        if not body.isascii():  # ١٢ is 12
            body = "".join(str(unicodedata.decimal(char, char)) for char in body)
        while body:
            before = body
            if body[0] == "(" and body[-1] == ")":
                body, minus_signs = body[1:-1], minus_signs + 1
            elif body[0] in _MINUS_SIGNS:
                body, minus_signs = body[1:], minus_signs + 1
            elif body[0] == "+":
                body = body[1:]
            elif found := self._leading_sign.match(body):
                body = body[found.end() :]
            elif found := self._trailing_sign.search(body):
                body = body[: found.start()]
            elif (dashes := _NO_CENTS.search(body)) and body[: dashes.start()].endswith((".", ",")):
                body = body[: dashes.start() - 1]
            elif body[-1] in _MINUS_SIGNS:
                body, minus_signs = body[:-1], minus_signs + 1
            body = body.strip()
            if body == before:
                break
        if minus_signs > 1:
            raise RowProblem("bad_number", column=self._column, value=text)
        return body, minus_signs == 1

    def _scaled(self, text: str, negative: bool, whole: str, part: str) -> int:
        digits = whole + part[: self._decimals].ljust(self._decimals, "0")
        if len(digits.lstrip("0")) > len(str(MAX_MINOR)) or (scaled := int(digits or "0")) > MAX_MINOR:
            raise RowProblem("number_too_big", column=self._column, value=text[:40])
        return -scaled if negative else scaled
