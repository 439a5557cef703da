"""Dates and times as files write them; what can be read in two ways is refused."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.rehearsal.date_text import BadFormat, DateReader, TimeReader, compile_date_format, compile_format
from terminal.rehearsal.errors import RowError

LIMA = ZoneInfo("America/Lima")
APRIL_3 = date(2025, 4, 3)


def moment(text: str, *formats: str, day_first: bool | None = None) -> tuple[date | None, time | None]:
    found = DateReader(formats, day_first, LIMA).read(text)
    return found.date, found.time


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2025-04-03", None),
        ("2025/4/3", None),
        ("20250403", None),
        ("2025-04-03 21:05", time(21, 5)),
        ("2025-04-03T21:05:09", time(21, 5, 9)),
        ("2025-04-03T21:05:09.5", time(21, 5, 9, 500_000)),
        ("2025-04-04T02:05:00Z", time(21, 5)),
        ("2025-04-03T21:05:00-05:00", time(21, 5)),
        ("20250403210509", time(21, 5, 9)),
        ("2025-04-03 0:05", time(0, 5)),
    ],
)
def test_iso_is_always_read(text: str, clock: time | None) -> None:
    assert moment(text, "%d.%m.%Y", day_first=False) == (APRIL_3, clock)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("03/04/2025", "%d/%m/%Y"),
        ("3/4/2025", "%d/%m/%Y"),
        ("04/03/2025", "%m/%d/%Y"),
        ("3-abr-2025", "%d-%b-%Y"),
        ("03 Apr. 2025", "%d %b %Y"),
        ("jueves 3 de Abril de 2025", "%A %d de %B de %Y"),
        ("20250304", "%Y%d%m"),
        ("3.4.25", "%d.%m.%y"),
    ],
)
def test_a_declared_format_comes_first(text: str, written: str) -> None:
    assert moment(text, written) == (APRIL_3, None)


@pytest.mark.parametrize(
    ("text", "written", "clock"),
    [
        ("03/04/2025 09:05 p. m.", "%d/%m/%Y %I:%M %p", time(21, 5)),
        ("03/04/2025 12:05 AM", "%d/%m/%Y %I:%M %p", time(0, 5)),
        ("03/04/2025   21:05:09", "%d/%m/%Y %H:%M:%S", time(21, 5, 9)),
    ],
)
def test_date_and_time_in_one_cell(text: str, written: str, clock: time) -> None:
    assert moment(text, written) == (APRIL_3, clock)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("3/4/2025", None),
        ("3/4/2025 9:05", time(9, 5)),
        ("03/04/2025 09:05:00 p.m.", time(21, 5)),
        ("03/04/2025, 21:05:09", time(21, 5, 9)),
        ("03/04/2025T21:05", time(21, 5)),
    ],
)
def test_a_clock_may_follow_a_format_that_says_nothing_of_the_time(text: str, clock: time | None) -> None:
    assert moment(text, "%d/%m/%Y") == (APRIL_3, clock)


@pytest.mark.parametrize("text", ["03/04/2025 25:00", "03/04/2025 hoy", "03/04/2025 9"])
def test_what_follows_a_date_must_be_a_clock(text: str) -> None:
    with pytest.raises(RowError, match="bad_date"):
        moment(text, "%d/%m/%Y")


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("45750", APRIL_3, None),
        ("45750.38", APRIL_3, time(9, 7, 12)),
        ("45750,878472222222", APRIL_3, time(21, 5)),
        ("45749.9999999", APRIL_3, time(0)),
        ("03/04/2025", APRIL_3, None),
    ],
)
def test_the_numbers_behind_a_spreadsheets_dates_are_read_if_the_mapping_says_so(
    text: str, day: date, clock: time | None
) -> None:
    assert moment(text, "excel", "%d/%m/%Y") == (day, clock)
    if clock:
        assert TimeReader(("excel",), LIMA).read("0" + text[5:]) == clock


def test_several_formats_are_tried_in_order() -> None:
    assert moment("03-04-2025", "%d/%m/%Y", "%d-%m-%Y") == (APRIL_3, None)


def test_the_day_first_rule_decides_and_does_not_swap() -> None:
    assert moment("03/04/2025 21:05", day_first=True) == (APRIL_3, time(21, 5))
    assert moment("04.03.25", day_first=False) == (APRIL_3, None)
    with pytest.raises(RowError, match="bad_date"):
        moment("04/13/2025", day_first=True)


def test_without_a_rule_only_what_can_be_meant_in_one_way_is_read() -> None:
    assert moment("13/04/2025")[0] == date(2025, 4, 13)
    assert moment("04/13/2025")[0] == date(2025, 4, 13)
    assert moment("04/04/2025")[0] == date(2025, 4, 4)
    for text in ("03/04/2025", "13/04/25"):
        with pytest.raises(RowError, match="ambiguous_date"):
            moment(text)


@pytest.mark.parametrize(
    "text", ["30/02/2025", "2025-13-01", "0000-01-01", "hoy", "2025", "45750", "2025-04-03 25:00", "1/1"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(RowError, match="bad_date"):
        moment(text, day_first=True)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("21:05", time(21, 5)),
        ("9:05:07", time(9, 5, 7)),
        ("9:05 pm", time(21, 5)),
        ("9:05 a.m.", time(9, 5)),
        ("12:00 AM", time(0)),
        ("930", time(9, 30)),
        ("2105", time(21, 5)),
        ("93015", time(9, 30, 15)),
        ("21h05", time(21, 5)),
        ("21:05:09.123", time(21, 5, 9, 123_000)),
        ("1899-12-30 21:05:00", time(21, 5)),
        ("30/12/1899 21:05", time(21, 5)),
    ],
)
def test_times_of_day(text: str, clock: time) -> None:
    assert TimeReader((), LIMA).read(text) == clock


@pytest.mark.parametrize("text", ["24:00", "12:60", "13:00 pm", "noon", "2400", "-1:00", "2025-04-03"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RowError, match="bad_time"):
        TimeReader((), LIMA).read(text)


@pytest.mark.parametrize("written", ["%d/%m", "dd/mm/yyyy", "%d/%m/%Q", "%d/%m/%Y %", "%H:%M", "%d%d%m%Y", ""])
def test_a_format_that_gives_no_date_is_refused(written: str) -> None:
    with pytest.raises(BadFormat):
        compile_date_format(written)


def test_a_format_for_times_needs_no_date() -> None:
    assert compile_format("%H.%M").fullmatch("21.05")


@given(
    day=st.dates(date(2000, 1, 1), date(2068, 12, 31)),
    clock=st.times(),
    written=st.sampled_from(
        ["%d/%m/%Y %H:%M:%S", "%m-%d-%y %I:%M:%S %p", "%Y%m%d %H%M%S", "%d %b %Y %H.%M.%S", "%Y-%m-%dT%H:%M:%S"]
    ),
)
def test_what_strftime_writes_is_read_back(day: date, clock: time, written: str) -> None:
    when = datetime.combine(day, clock.replace(microsecond=0))
    assert moment(when.strftime(written), written) == (when.date(), when.time())


@given(st.text(alphabet="0123456789/-.: TZapm", max_size=20))
def test_any_text_is_a_date_or_a_row_problem(text: str) -> None:
    code = ""
    try:
        day, _clock = moment(text, day_first=True)
        assert day is not None
    except RowError as problem:
        code = problem.code
    assert code in {"", "bad_date"}
