"""Amounts, dates and ages as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cloud.accounts.branches import BranchSeen
from cloud.pages import words
from cloud.reports.charts import BASE, CEILING, Value, column_chart
from cloud.reports.period import MOST_DAYS, Period, period_of, today_of
from cloud.reports.words import period as words_of_period
from cloud.rooms import TEXT_ROOMS
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts

SPANISH, ENGLISH = (Texts(language, TEXT_ROOMS) for language in (Language.SPANISH, Language.ENGLISH))
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def branch(zone: str, cutoff_minutes: int = 240) -> BranchSeen:
    from uuid import uuid4

    return BranchSeen(uuid4(), zone, zone, cutoff_minutes)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(123_450, "PEN", "S/ 1,234.50"), (-4, "PEN", "-S/ 0.04"), (1_500, "JPY", "¥ 1,500"), (900, "<i>", "900 <i>"),
     (900, "", "900 ")],
)  # fmt: skip
def test_money_of_any_currency_can_be_shown(amount: int, currency: str, shown: str) -> None:
    assert words.money(amount, currency) == shown


@pytest.mark.parametrize(
    ("milli", "shown"),
    [(2_000, "2"), (1_250_500, "1,250.5"), (350, "0.35"), (-500, "-0.5"), (-1_234_000, "-1,234"), (0, "0")],
)
def test_quantities_have_thousands_and_no_idle_decimals(milli: int, shown: str) -> None:
    assert words.quantity(milli) == shown


@pytest.mark.parametrize(
    ("passed", "spanish", "english"),
    [
        (timedelta(seconds=-90), "hace un momento", "a moment ago"),
        (timedelta(seconds=59), "hace un momento", "a moment ago"),
        (timedelta(minutes=3, seconds=59), "hace 3 min", "3 min ago"),
        (timedelta(hours=47, minutes=59), "hace 47 h", "47 h ago"),
        (timedelta(days=2), "hace 2 días", "2 days ago"),
    ],
)
def test_an_age_in_words(passed: timedelta, spanish: str, english: str) -> None:
    assert words.age(SPANISH, NOW - passed, NOW) == spanish
    assert words.age(ENGLISH, NOW - passed, NOW) == english


def test_every_month_and_weekday_has_its_word() -> None:
    for texts in (SPANISH, ENGLISH):
        assert len({words.day(texts, date(2026, month, 1)) for month in range(1, 13)}) == 12
        shown = {
            words_of_period(texts, Period(on, on)).split()[0] for on in (date(2026, 1, day) for day in range(1, 8))
        }
        assert len(shown) == 7
    assert words_of_period(SPANISH, Period(date(2025, 12, 31), TODAY)) == "31 dic 2025 – 23 nov 2026"


def test_a_period_ends_today_and_is_one_day_unless_said() -> None:
    assert period_of(None, None, TODAY) == Period(TODAY, TODAY)
    assert period_of(date(2026, 11, 1), None, TODAY) == Period(date(2026, 11, 1), TODAY)
    assert period_of(None, date(2026, 11, 1), TODAY) == Period(date(2026, 11, 1), date(2026, 11, 1))
    assert len(period_of(TODAY - timedelta(days=MOST_DAYS - 1), TODAY, TODAY).days) == MOST_DAYS
    for first, last, code in (
        (TODAY, TODAY - timedelta(days=1), "PERIOD_BACKWARDS"),
        (TODAY - timedelta(days=MOST_DAYS), TODAY, "PERIOD_TOO_LONG"),
        (date.min, date.max, "PERIOD_TOO_LONG"),
    ):
        with pytest.raises(DomainError) as refused:
            period_of(first, last, TODAY)
        assert refused.value.code == code


def test_today_is_the_newest_business_date_of_the_branches() -> None:
    late = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)  # 23:30 in Lima, 05:30 in Madrid
    assert today_of([branch("America/Lima")], late) == TODAY
    assert today_of([branch("America/Lima"), branch("Europe/Madrid")], late) == date(2026, 11, 24)
    assert today_of([branch("Europe/Madrid", 360)], late) == TODAY
    assert today_of([branch("Nowhere/At_All"), branch("../etc"), branch("America/Lima")], late) == TODAY
    assert today_of([], late) == date(2026, 11, 24)


def value(amount: int) -> Value:
    return Value(amount, str(amount), "label", "told")


def test_the_highest_column_reaches_the_ceiling_and_a_small_one_is_seen() -> None:
    chart = column_chart([value(0), value(1), value(100_000), value(-5)], most_labels=2)
    assert chart is not None
    assert [column.height for column in chart.columns] == [0, 1, BASE - CEILING, 0]
    assert chart.peak is chart.columns[2]
    assert [column.label for column in chart.columns] == ["label", "", "label", ""]


@pytest.mark.parametrize("amounts", [[], [0, 0], [-1]])
def test_nothing_sold_is_no_chart(amounts: list[int]) -> None:
    assert column_chart([value(amount) for amount in amounts], most_labels=5) is None


@pytest.mark.parametrize("count", [1, 2, 12, 58])
def test_columns_stay_within_the_width(count: int) -> None:
    chart = column_chart([value(5)] * count, most_labels=5)
    assert chart is not None
    ends = [float(column.x[:-1]) + float(column.width[:-1]) for column in chart.columns]
    assert float(chart.columns[0].x[:-1]) >= 0
    assert ends[-1] <= 100
    assert all(end < float(after.x[:-1]) for end, after in zip(ends, chart.columns[1:], strict=False))
