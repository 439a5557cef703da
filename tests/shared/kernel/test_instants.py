"""Time: instants refuse naive values and keep their microseconds; business days follow the branch's wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.instants import business_date, from_microseconds, to_microseconds, utc


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_its_stored_form_to_the_microsecond(instant: datetime) -> None:
    assert from_microseconds(to_microseconds(instant)) == instant


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001
    assert utc(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=-5)))) == datetime(2026, 1, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "cutoff_minutes", "day"),
    [
        # Lima, UTC-5, the day begins at 04:00.
        ("2026-11-24T06:30+00:00", "America/Lima", 240, "2026-11-23"),
        ("2026-11-24T08:59:59.999999+00:00", "America/Lima", 240, "2026-11-23"),
        ("2026-11-24T09:00+00:00", "America/Lima", 240, "2026-11-24"),
        ("2026-11-24T04:59+00:00", "America/Lima", 0, "2026-11-23"),
        # Madrid, the night when clocks go forward at 02:00 (01:00 UTC): the wall shows 03:59, then 04:00.
        ("2026-03-29T01:59+00:00", "Europe/Madrid", 240, "2026-03-28"),
        ("2026-03-29T02:00+00:00", "Europe/Madrid", 240, "2026-03-29"),
        # Madrid, the night when clocks go back at 03:00: the wall shows 02:30 twice, and 02:30 is yesterday twice.
        ("2026-10-25T00:30+00:00", "Europe/Madrid", 180, "2026-10-24"),
        ("2026-10-25T01:30+00:00", "Europe/Madrid", 180, "2026-10-24"),
        ("2026-10-25T02:00+00:00", "Europe/Madrid", 180, "2026-10-25"),
        # Santiago, the midnight that does not exist: 23:59 is followed by 01:00.
        ("2026-09-06T03:59+00:00", "America/Santiago", 0, "2026-09-05"),
        ("2026-09-06T04:00+00:00", "America/Santiago", 0, "2026-09-06"),
        # Kiritimati is a day ahead of the rest.
        ("2026-12-31T11:00+00:00", "Pacific/Kiritimati", 0, "2027-01-01"),
    ],
)
def test_a_business_day_begins_at_its_cutoff_on_the_branchs_wall(
    instant: str, zone: str, cutoff_minutes: int, day: str
) -> None:
    assert business_date(datetime.fromisoformat(instant), zone, cutoff_minutes) == date.fromisoformat(day)
