"""Reads dates and times from cells: by declared formats, by ISO 8601, or by a day-first rule.

Formats look like those of `strptime`, but do not depend on the machine's language: month and day names are Spanish
and English. Nothing is guessed: `03/04/2025` without a format and without the day-first rule is a `RowError`.
The format `excel` is the number that a spreadsheet keeps behind a date: days since 1899-12-30, the time as a fraction.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from shared.kernel.money import divide_half_up
from terminal.rehearsal.errors import RowError
from terminal.rehearsal.plain_text import comparable

_MONTHS = (
    *("ene enero jan january", "feb febrero february", "mar marzo march", "abr abril apr april", "may mayo"),
    *("jun junio june", "jul julio july", "ago agosto aug august", "sep sept set septiembre setiembre september"),
    *("oct octubre october", "nov noviembre november", "dic diciembre dec december"),
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}

_DIRECTIVES = {
    "d": r"(?P<day>\d{1,2})",
    "m": r"(?P<month>\d{1,2})",
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<short_year>\d{2})",
    "b": r"(?P<month_name>[^\W\d_]+)\.?",
    "B": r"(?P<month_name>[^\W\d_]+)\.?",
    "a": r"[^\W\d_]+\.?",
    "A": r"[^\W\d_]+\.?",
    "H": r"(?P<hour>\d{1,2})",
    "I": r"(?P<hour12>\d{1,2})",
    "M": r"(?P<minute>\d{2})",
    "S": r"(?P<second>\d{2})",
    "f": r"(?P<fraction>\d{1,9})",
    "p": r"(?P<half>[ap])\.?\s?m\.?",
    "z": r"(?P<offset>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}
_CLOCK = (
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\.?)?(?:\s?(?P<offset>Z|[+-]\d{2}:?\d{2}))?"
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?:[T ]{_CLOCK})?", re.IGNORECASE
)
_WITHOUT_MARKS = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?"
)
_YEAR_LAST = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second_part>\d{{1,2}})(?P=mark)(?:(?P<year>\d{{4}})|(?P<short_year>\d\d))"
    rf"(?:,?\s{_CLOCK})?",
    re.IGNORECASE,
)
_ONLY_CLOCK = re.compile(_CLOCK, re.IGNORECASE)
_CLOCK_WITHOUT_MARKS = re.compile(r"\d{3,6}")
EXCEL = "excel"
_SERIAL_DATE = re.compile(r"(?P<serial>\d{5})(?:[.,](?P<day_part>\d{1,17}))?")
_SERIAL_TIME = re.compile(r"(?:\d{1,5})?[.,](?P<day_part>\d{1,17})|(?P<serial>0)")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - local to the branch, like all times in files
_SECONDS_A_DAY = 86_400


class BadFormat(ValueError):
    """A date format that cannot be used. The text names the wrong part."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a time, or both, local to the branch, as one cell gives it."""

    date: date | None
    time: time | None


def compile_format(written: str) -> re.Pattern[str]:
    """Turn a format such as `%d/%m/%Y %H:%M` into a pattern.

    Raises:
        BadFormat: an unknown directive, one used twice, or no directive at all (the error's text is the wrong part).
    """
    parts: list[str] = []
    position = 0
    while position < len(written):
        char = written[position]
        if char == "%":
            directive = written[position + 1 : position + 2]
            if directive not in _DIRECTIVES:
                raise BadFormat(f"%{directive}")
            parts.append(_DIRECTIVES[directive])
            position += 2
            continue
        parts.append(r"\s+" if char.isspace() else re.escape(char))
        position += 1
    try:
        pattern = re.compile("".join(parts), re.IGNORECASE)
    except re.error:
        raise BadFormat(written) from None
    if not pattern.groupindex:
        raise BadFormat(written)
    return pattern


def compile_time_format(written: str) -> re.Pattern[str]:
    """Like `compile_format`; also `excel`."""
    return _SERIAL_TIME if written.strip().lower() == EXCEL else compile_format(written)


def compile_date_format(written: str) -> re.Pattern[str]:
    """Like `compile_format`, for a format that must give a whole date (day, month and year); also `excel`.

    If the format has no time, a time may follow the date in the cell.
    """
    if written.strip().lower() == EXCEL:
        return _SERIAL_DATE
    pattern = compile_format(written)
    names = pattern.groupindex.keys()
    whole = "day" in names and names & {"month", "month_name"} and names & {"year", "short_year"}
    if not whole:
        raise BadFormat(written)
    if names & _ONLY_CLOCK.groupindex.keys() or "hour12" in names:
        return pattern
    return re.compile(rf"{pattern.pattern}(?:(?:T|,?\s+){_CLOCK})?", re.IGNORECASE)


class DateReader:
    """Reads cells that hold a date, with or without a time."""

    def __init__(self, formats: Sequence[str], day_first: bool | None, zone: tzinfo) -> None:
        self._formats = tuple(compile_date_format(written) for written in formats)
        self._day_first = day_first
        self._zone = zone
        self.read = functools.lru_cache(maxsize=65_536)(self._read)

    def _read(self, text: str) -> Moment:
        for pattern in (*self._formats, _YEAR_FIRST, _WITHOUT_MARKS):
            found = pattern.fullmatch(text)
            if found and (moment := _moment_or_none(found.groupdict(), self._zone)):
                return moment
        found = _YEAR_LAST.fullmatch(text)
        if found and (self._day_first is not None or not self._formats):
            parts = found.groupdict()
            day_first = self._day_first
            if day_first is None:
                day_first = self._order_of(text, parts)
            day, month = ("first", "second_part") if day_first else ("second_part", "first")
            parts["day"], parts["month"] = parts[day], parts[month]
            if moment := _moment_or_none(parts, self._zone):
                return moment
        raise RowError("bad_date", value=text)

    def _order_of(self, text: str, parts: dict[str, str | None]) -> bool:
        first, second = int(parts["first"] or 0), int(parts["second_part"] or 0)
        if parts["short_year"] or (first <= 12 and second <= 12 and first != second):
            raise RowError("ambiguous_date", value=text)
        return first > 12 or second <= 12


class TimeReader:
    """Reads cells that hold a time of day. A date before it (as databases export it) is ignored."""

    def __init__(self, formats: Sequence[str], zone: tzinfo) -> None:
        self._formats = tuple(compile_time_format(written) for written in formats)
        self._zone = zone
        self.read = functools.lru_cache(maxsize=65_536)(self._read)

    def _read(self, text: str) -> time:
        if _CLOCK_WITHOUT_MARKS.fullmatch(text) and not self._formats:
            digits = text.zfill(6) if len(text) > 4 else text.zfill(4) + "00"
            text = f"{digits[:2]}:{digits[2:4]}:{digits[4:]}"
        for pattern in (*self._formats, _ONLY_CLOCK):
            found = pattern.fullmatch(text)
            if found and (clock := _clock_or_none(found.groupdict())):
                return clock
        for pattern in (_YEAR_FIRST, _YEAR_LAST):
            found = pattern.fullmatch(text)
            if found and found["hour"] and (clock := _clock_or_none(found.groupdict())):
                return clock
        raise RowError("bad_time", value=text)


def _moment_or_none(parts: dict[str, str | None], zone: tzinfo) -> Moment | None:
    if "serial" in parts:
        return _serial_moment(parts)
    try:
        day = date(_year(parts), _month(parts), int(parts["day"] or 0))
    except ValueError:
        return None
    if not (parts.get("hour") or parts.get("hour12")):
        return Moment(day, None)
    clock = _clock_or_none(parts)
    if clock is None:
        return None
    offset = parts.get("offset")
    if not offset:
        return Moment(day, clock)
    try:
        local = datetime.combine(day, clock, _offset(offset)).astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return Moment(local.date(), local.time())


def _serial_moment(parts: dict[str, str | None]) -> Moment:
    """The day of a spreadsheet's number, and the time to the second, since the fraction is a float."""
    day_part = parts["day_part"]
    at = _SERIAL_ZERO + timedelta(days=int(parts["serial"] or 0))
    if day_part is None:
        return Moment(at.date(), None)
    at += timedelta(seconds=divide_half_up(int(day_part) * _SECONDS_A_DAY, 10 ** len(day_part)))
    return Moment(at.date(), at.time())


def _clock_or_none(parts: dict[str, str | None]) -> time | None:
    if "serial" in parts:
        return _serial_moment({"serial": None, "day_part": parts["day_part"] or "0"}).time
    hour = int(parts.get("hour") or parts.get("hour12") or -1)
    half = (parts.get("half") or "").lower()
    if half or parts.get("hour12"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = (parts.get("fraction") or "").ljust(6, "0")[:6]
    try:
        return time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), int(fraction))
    except ValueError:
        return None


def _year(parts: dict[str, str | None]) -> int:
    if short := parts.get("short_year"):
        return 2000 + int(short)
    return int(parts["year"] or 0)


def _month(parts: dict[str, str | None]) -> int:
    if name := parts.get("month_name"):
        return _MONTH_NUMBERS.get(comparable(name), 0)
    return int(parts["month"] or 0)


def _offset(text: str) -> timezone:
    if text in "Zz":
        return timezone(timedelta(0))
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))
