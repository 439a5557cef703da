"""Amounts, dates and ages as people read them, in their language."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.countries.currencies import format_minor
from shared.kernel.language import Texts
from shared.kernel.quantity import format_quantity
from shared.kernel.text import clean


def money(amount_minor: int, currency: str) -> str:
    """`S/ 1,234.50`; for an unknown currency, the minor units with the code that the device gave."""
    try:
        return format_minor(amount_minor, currency)
    except ValueError:
        return f"{amount_minor:,} {clean(currency)}"


def quantity(quantity_milli: int) -> str:
    """`1,250` or `3.5`."""
    sign = "-" if quantity_milli < 0 else ""
    whole, point, part = format_quantity(abs(quantity_milli)).partition(".")
    return f"{sign}{int(whole):,}{point}{part}"


def day(texts: Texts, on: date) -> str:
    """`23 nov`."""
    months = texts("words.months").split()
    return f"{on.day} {months[on.month - 1]}"


def whole_day(texts: Texts, on: date) -> str:
    """`23 nov 2026`."""
    return f"{day(texts, on)} {on.year}"


def age(texts: Texts, at: datetime, now: datetime) -> str:
    """`hace 3 min`."""
    passed = max(timedelta(0), now - at)
    if passed < timedelta(minutes=1):
        return texts("words.moment_ago")
    if passed < timedelta(hours=1):
        return texts("words.minutes_ago", count=passed // timedelta(minutes=1))
    if passed < timedelta(hours=48):
        return texts("words.hours_ago", count=passed // timedelta(hours=1))
    return texts("words.days_ago", count=f"{passed.days:,}")
