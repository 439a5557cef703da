"""On which day a row counts that the close of its own day did not know."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from shared.kernel.closing import Close, closes_of, counted_on
from shared.kernel.numbers import end_of, is_number, number_in, series_of

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, LATE = (f"2026-11-{day}" for day in (23, 24, 25, 26, 30))
NEXT_MONTH = "2026-12-01"


def close(day: str, *last_numbers: str, at: int = 0, missed: tuple[str, ...] = ()) -> SimpleNamespace:
    """A close at an hour of its own day, as days go by."""
    numbers = {"last_numbers": list(last_numbers), "missed_numbers": list(missed)}
    return SimpleNamespace(business_date=day, closed_at=at or int(day.replace("-", "")), **numbers)


def day_of(number: str, day: str, *closes: SimpleNamespace) -> str:
    days = closes_of(closes)

    def next_close(day: str) -> Close | None:
        return next((close for close in days if close.day >= day), None)

    return counted_on(day, number, next_close)


@pytest.mark.parametrize(
    ("number", "closes", "counts"),
    [
        ("A-00000003", [], MONDAY),
        ("A-00000003", [(MONDAY, "A-00000003")], MONDAY),
        ("A-00000004", [(MONDAY, "A-00000003")], TUESDAY),
        ("A-R00000004", [(MONDAY, "A-00000009")], TUESDAY),
        ("A2-00000001", [(MONDAY, "A-00000009")], TUESDAY),
        ("A-00000004", [(MONDAY, "A-00000003"), (TUESDAY, "A-00000007")], TUESDAY),
        ("A-00000004", [(MONDAY, "A-00000003"), (TUESDAY, "A-00000003")], WEDNESDAY),
        ("A-00000004", [(TUESDAY, "A-00000004")], MONDAY),
        ("A-00000004", [(TUESDAY, "A-00000003")], WEDNESDAY),
        ("A-00000004", [(MONDAY, "A-00000003"), (MONDAY, "A-00000004")], MONDAY),
        ("A-00000004", [(MONDAY, "A-00000003"), (WEDNESDAY, "A-00000003")], THURSDAY),
    ],
)
def test_what_a_close_did_not_know_counts_on_the_first_open_day(
    number: str, closes: list[tuple[str, ...]], counts: str
) -> None:
    """A close of a day closes the days before it that nobody closed; of two closes of a day the later number counts."""
    assert day_of(number, MONDAY, *(close(day, *numbers) for day, *numbers in closes)) == counts


def test_a_number_that_a_close_missed_was_not_counted() -> None:
    monday = close(MONDAY, "A-00000005", missed=("A-00000003",))
    assert [day_of(f"A-{place:08}", MONDAY, monday) for place in (2, 3, 5)] == [MONDAY, TUESDAY, MONDAY]
    assert day_of("A-00000003", MONDAY, monday, close(MONDAY, "A-00000003")) == MONDAY, "the other one knew it"


def test_a_day_that_is_closed_again_after_a_later_one_stays_as_it_was() -> None:
    monday, tuesday = close(MONDAY, "A-00000003"), close(TUESDAY, "A-00000007")
    again = close(MONDAY, "A-00000007", at=monday.closed_at + 1)
    too_late = close(MONDAY, "A-00000007", at=tuesday.closed_at + 1)
    assert day_of("A-00000004", MONDAY, monday, again, tuesday) == MONDAY
    assert day_of("A-00000004", MONDAY, monday, tuesday, too_late) == TUESDAY


def test_a_clock_that_is_years_ahead_closes_no_day_of_today() -> None:
    assert day_of("A-00000004", MONDAY, close("2035-01-01", "A-00000003")) == MONDAY
    assert day_of("A-00000004", MONDAY, close(LATE, "A-00000003")) == NEXT_MONTH, "a week is closed at once"


def test_a_series_ends_before_the_next_one_begins() -> None:
    numbers = [
        number_in(letter, kind, place)
        for letter in ("A", "A2", "F001")
        for kind in ("", "P", "R")
        for place in (1, 99_999_999)
    ]
    assert all(map(is_number, numbers))
    ordered = sorted(numbers)
    for low, high in zip(ordered[::2], ordered[1::2], strict=True):
        assert series_of(low) == series_of(high)
        assert high < end_of(series_of(low))
    assert not any(map(is_number, ("A-1", "00000001", "A-500000001", "A\x00-00000001", "A-R0000001", 7, None)))
