"""Periods as people read them, in their language."""

from __future__ import annotations

from cloud.pages.words import day
from cloud.reports.period import Period
from shared.kernel.language import Texts


def period(texts: Texts, period: Period) -> str:
    """`lunes 23 nov 2026`, or both ends of a longer one: `1 nov – 23 nov 2026`."""
    first, last = period.first, period.last
    if first == last:
        weekdays = texts("reports.weekdays").split()
        return f"{weekdays[first.weekday()]} {day(texts, first)} {first.year}"
    begins = day(texts, first) if first.year == last.year else f"{day(texts, first)} {first.year}"
    return f"{begins} – {day(texts, last)} {last.year}"
