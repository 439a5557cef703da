"""A ticket turns to a warning and to late at its seconds, not before."""

from __future__ import annotations

from shared.kitchen.rules import LATE_SECONDS, WARN_SECONDS, Pace, pace


def test_a_ticket_ages_at_its_thresholds() -> None:
    ages = [0, WARN_SECONDS - 1, WARN_SECONDS, LATE_SECONDS - 1, LATE_SECONDS]
    assert [pace(age) for age in ages] == [Pace.NEW, Pace.NEW, Pace.WARN, Pace.WARN, Pace.LATE]
    assert pace(61, warn_seconds=60, late_seconds=60) is Pace.LATE
