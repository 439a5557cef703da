"""Reads numbers as people and programs write them into exact integers: `S/ 1.234,50`, `$16.98 `, `(3.50)`, `3.50-`.

Nothing is guessed: a number that does not fit the declared marks raises a `RowError`. No floats.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from shared.kernel.money import MAX_MINOR
from terminal.rehearsal.errors import RowError

_CURRENCY_SYMBOLS = "$¢£¤¥֏؋৲৳૱௹฿៛\u20a0-\u20c0﷼﹩＄￠￡￥￦"
_CURRENCY_WORDS = (
    *("S/.", "S/", "B/.", "Bs.S", "Bs.", "Bs", "Rs.", "Rs", "kr.", "kr", "SFr.", "Fr.", "Fr", "zł", "Kč", "Ft", "lei"),
    *("K.D.", "KD", "د.ك", "Gs.", "Gs", "Q", "L", "R", "TL", "din."),
)
_MINUS_SIGNS = "-−–"
UNIT_DECIMALS = 10
"""Decimals of unit prices: 8.4746 is 10.00 without its tax, and three of it are 25.42."""
_NOISY_DECIMALS = 10
_NOISE = re.compile(r"(?:0{4,}|9{4,})\d{1,3}")
"""Digits that a program that uses floats adds to the decimals it means: 12.600000000000001."""
_EXPONENT = r"(?P<first>\d)(?:{mark}(?P<others>\d+))?E(?P<power>[+-]\d{{1,2}})"
"""The form in which spreadsheets write numbers in narrow columns. The exponent always has a sign."""
_NO_CENTS = re.compile(r"[-–—]{1,2}$")  # "12.-" and "12,–": no cents, not a negative number


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written: one decimal mark, the marks that may group digits, extra currency signs.

    `declared` is False if the mapping does not name the decimal mark. Then `1.500` is ambiguous and rejected, and so is
    `1,500` where any number of decimals is allowed. A blank as a thousands mark means every kind of blank.
    """

    decimal: str = "."
    thousands: tuple[str, ...] = (",", " ", "'", "’")
    currency_signs: tuple[str, ...] = ()
    declared: bool = False


class NumberReader:
    """Reads the numbers of one column into integers scaled by `decimals` (2: hundredths, 3: thousandths).

    Args:
        column: its name in errors.
        any_decimals: allow any number of decimals, as in quantities and unit prices, and not in money.
        most: largest number allowed, scaled.
    """

    def __init__(
        self,
        column: str,
        written: NumberFormat,
        decimals: int,
        currency: str = "",
        *,
        any_decimals: bool = False,
        most: int = MAX_MINOR,
    ) -> None:
        self._column = column
        self._written = written
        self._decimals = decimals
        self._most = most
        marks = "".join(re.escape(mark) for mark in written.thousands)
        point = re.escape(written.decimal)
        grouped = rf"(?!0)\d{{1,3}}(?P<mark>[{marks}])(?:\d{{2,3}}(?P=mark))*\d{{3}}|" if marks else ""
        self._body = re.compile(rf"(?P<whole>{grouped}\d*)(?P<point>{point}(?P<part>\d*))?")
        self._exponent = re.compile(_EXPONENT.format(mark=point), re.IGNORECASE)
        self._ambiguous = None if written.declared else self._two_ways(point, any_decimals=any_decimals)
        words = sorted({*_CURRENCY_WORDS, *written.currency_signs, currency} - {""}, key=len, reverse=True)
        sign = rf"(?:[a-z]{{0,3}}[{_CURRENCY_SYMBOLS}]|{'|'.join(re.escape(word) for word in words)})"
        self._leading_sign = re.compile(rf"{sign}\s*", re.IGNORECASE)
        self._trailing_sign = re.compile(rf"\s*{sign}$", re.IGNORECASE)
        self.exact = functools.lru_cache(maxsize=65_536)(self._exact)
        self.nearest = functools.lru_cache(maxsize=65_536)(self._nearest)

    def _two_ways(self, point: str, *, any_decimals: bool) -> re.Pattern[str] | None:
        """Matches numbers that mean a thousand times as much with the other decimal mark."""
        if any_decimals:
            return re.compile(rf"[1-9]\d{{0,2}}(?:{point}|[.,])\d{{3}}")
        if self._decimals == 3:
            return None
        return re.compile(rf"{'[0-9]+' if self._decimals == 0 else '[1-9][0-9]{0,2}'}{point}\d{{3}}")

    def _exact(self, text: str) -> int:
        """Return the scaled integer; more decimals than fit raise a `RowError` unless they are zeros or noise."""
        negative, whole, part = self._split(text)
        extra = part[self._decimals :]
        if extra.strip("0"):
            if len(part) < _NOISY_DECIMALS or not _NOISE.fullmatch(extra):
                raise RowError("too_many_decimals", column=self._column, value=text, decimals=self._decimals)
            return self._rounded(text, negative, whole, part)
        return self._scaled(text, negative, whole, part)

    def _nearest(self, text: str) -> int:
        """Return the scaled integer, decimals that do not fit rounded half up (away from zero)."""
        return self._rounded(text, *self._split(text))

    def _rounded(self, text: str, negative: bool, whole: str, part: str) -> int:
        scaled = self._scaled(text, negative, whole, part)
        if part[self._decimals : self._decimals + 1] >= "5":
            scaled += -1 if negative else 1
        return scaled

    def _split(self, text: str) -> tuple[bool, str, str]:
        body, negative = self._without_signs(text)
        if power := self._exponent.fullmatch(body):
            return negative, *_moved(power["first"], power["others"] or "", int(power["power"]))
        found = self._body.fullmatch(body)
        if found is None or not (found["whole"] or found["part"]):
            raise RowError("bad_number", column=self._column, value=text)
        part = found["part"] or ""
        meant = not part[self._decimals :].strip("0") or self._decimals == 0
        if self._ambiguous and meant and self._ambiguous.fullmatch(body):
            raise RowError("ambiguous_number", column=self._column, value=text)
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
            raise RowError("bad_number", column=self._column, value=text)
        return body, minus_signs == 1

    def _scaled(self, text: str, negative: bool, whole: str, part: str) -> int:
        digits = whole + part[: self._decimals].ljust(self._decimals, "0")
        if len(digits.lstrip("0")) > len(str(self._most)) or (scaled := int(digits or "0")) > self._most:
            raise RowError("number_too_big", column=self._column, value=text[:40])
        return -scaled if negative else scaled


def _moved(first: str, others: str, power: int) -> tuple[str, str]:
    """The digits before and behind the decimal mark of `first.others` times ten to a power."""
    digits, before = first + others, 1 + power
    if before <= 0:
        return "", "0" * -before + digits
    return digits[:before].ljust(before, "0"), digits[before:]
