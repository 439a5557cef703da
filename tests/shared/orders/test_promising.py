"""What people type for the promised time is understood as they mean it, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.orders.promising import promise_of

LIMA = ZoneInfo("America/Lima")
NOON = datetime(2026, 3, 14, 12, 41, 30, tzinfo=LIMA)


def said(text: str, now: datetime = NOON) -> tuple[str, int] | None:
    found = promise_of(text, now)
    return None if found is None else (f"{found.at.astimezone(now.tzinfo):%d %H:%M}", found.minutes)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("20", ("14 13:01", 20)),
        ("+20", ("14 13:01", 20)),
        (" 0 ", ("14 12:41", 0)),
        ("19:30", ("14 19:30", 409)),
        ("1930", ("14 19:30", 409)),
        ("13h", ("14 13:00", 19)),
        ("12:20", ("14 12:20", -21)),
        ("9:00", ("15 09:00", 1219)),
        ("0:10", ("15 00:10", 689)),
    ],
)
def test_minutes_and_clock_times(text: str, wanted: tuple[str, int]) -> None:
    assert said(text) == wanted


@pytest.mark.parametrize("text", ["", "pronto", "25:00", "12:70", "999", "-5", "1:2", "12345", "٣"])
def test_what_says_no_time_is_refused(text: str) -> None:
    assert said(text) is None


def test_a_clock_time_after_midnight_is_tonight() -> None:
    assert said("0:30", NOON.replace(hour=23, minute=50)) == ("15 00:30", 40)


def test_the_hour_that_a_clock_skips_is_still_an_instant() -> None:
    santiago = ZoneInfo("America/Santiago")
    found = promise_of("0:30", datetime(2026, 9, 5, 23, 50, tzinfo=santiago))
    assert found is not None
    assert found.at == datetime(2026, 9, 6, 4, 30, tzinfo=UTC)
