"""When a reservation is: as the wall clock says it, also in the hour that summer time skips or gives twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.instants import local_time
from shared.reservations.rules import MINUTES_A_DAY, SITS, clashing, is_late, keeps_table, local_moment

EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
SEVEN, EIGHT = UUID(int=7), UUID(int=8)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "at", "moved"),
    [
        ("America/Lima", date(2026, 11, 20), 1_230, datetime(2026, 11, 21, 1, 30, tzinfo=UTC), 0),
        ("Europe/Madrid", date(2026, 3, 29), 150, datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 60),
        ("America/Santiago", date(2026, 9, 6), 30, datetime(2026, 9, 6, 4, 30, tzinfo=UTC), 60),
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, datetime(2026, 10, 3, 15, 45, tzinfo=UTC), 30),
        ("Europe/Madrid", date(2026, 10, 25), 150, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 0),
    ],
    ids=[
        "no summer time",
        "skipped at night",
        "skipped at midnight",
        "half an hour is skipped",
        "the hour comes twice",
    ],
)
def test_a_local_time_is_an_instant_and_what_is_skipped_is_moved_on(
    zone: str, day: date, minute: int, at: datetime, moved: int
) -> None:
    assert local_moment(day, minute, zone) == (at, moved)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (datetime(2026, 4, 5, 2, 10, tzinfo=UTC), datetime(2026, 4, 5, 2, 30, tzinfo=UTC)),
        (datetime(2026, 4, 5, 3, 10, tzinfo=UTC), datetime(2026, 4, 5, 3, 30, tzinfo=UTC)),
        (datetime(2026, 4, 5, 3, 30, 40, tzinfo=UTC), datetime(2026, 4, 5, 3, 30, tzinfo=UTC)),
    ],
    ids=["in the first", "in the second", "in that minute of the second"],
)
def test_in_an_hour_that_comes_twice_it_is_the_next_one_to_come(said: datetime, at: datetime) -> None:
    assert local_moment(date(2026, 4, 4), 23 * 60 + 30, "America/Santiago", said) == (at, 0)


@given(st.dates(date(2020, 1, 1), date(2037, 12, 30)), st.integers(0, MINUTES_A_DAY - 1))
def test_what_was_said_is_what_the_wall_clock_shows_unless_it_was_moved_on(day: date, minute: int) -> None:
    moment = local_moment(day, minute, "America/Santiago")
    shown = local_time(moment.at, "America/Santiago").replace(tzinfo=None)
    said = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall clock
    assert shown - said == timedelta(minutes=moment.moved_minutes)
    assert moment.moved_minutes in (0, 60)


@pytest.mark.parametrize(
    ("minutes", "keeps", "late"),
    [(-46, False, False), (-45, True, False), (0, True, False), (30, True, False), (31, False, True)],
)
def test_a_table_is_kept_from_three_quarters_before_to_half_an_hour_after(
    minutes: int, keeps: bool, late: bool
) -> None:
    now = EVENING + timedelta(minutes=minutes)
    assert (keeps_table(EVENING, now), is_late(EVENING, now)) == (keeps, late)


@dataclass(frozen=True)
class Booked:
    id: UUID
    at: datetime
    table_id: UUID | None


def test_two_parties_of_one_table_within_the_time_that_one_sits_clash() -> None:
    first, near = Booked(UUID(int=1), EVENING, SEVEN), Booked(UUID(int=2), EVENING + SITS - timedelta(minutes=1), SEVEN)
    later, elsewhere = Booked(UUID(int=3), near.at + SITS, SEVEN), Booked(UUID(int=4), EVENING, EIGHT)
    nowhere = (Booked(UUID(int=5), EVENING, None), Booked(UUID(int=6), EVENING, None))
    assert clashing([later, near, elsewhere, first, *nowhere]) == {first.id, near.id}
