"""On which day a row counts that the close of its own day did not know."""

from __future__ import annotations

import pytest

from shared.kernel.closing import Close, close_of, counted_on
from shared.kernel.numbers import end_of, is_number, number_in, series_of

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (f"2026-11-{day}" for day in (23, 24, 25, 26))


def day_of(number: str, day: str, *closes: Close) -> str:
    def next_close(day: str) -> Close | None:
        return next((close for close in sorted(closes) if close.day >= day), None)

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
    days = {day: [numbers for closed, *numbers in closes if closed == day] for day, *_numbers in closes}
    assert day_of(number, MONDAY, *(close_of(day, said) for day, said in days.items())) == counts


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
