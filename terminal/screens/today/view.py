"""The content of the screen of today's sales: pure, from the sums of one business day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.kernel.language import Texts
from shared.kernel.money import divide_half_up
from shared.kernel.quantity import format_quantity
from shared.sales.queries import DaySales, Group, Total
from shared.sales.rules import HOURS_A_DAY
from terminal.screens.voice import Voice


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its name: `Recibos` `42`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class RankRow:
    """A line of a ranking. `weight` gives the length of its bar."""

    name: str
    count: str
    amount: str
    weight: int


@dataclass(frozen=True, slots=True)
class HourColumn:
    """One hour of the clock with its sales. Hours without sales between others are empty."""

    hour: str
    amount: str
    weight: int


@dataclass(frozen=True, slots=True)
class TodayView:
    """All of the screen.

    `caption` names the total: sold, or what is left of it. `note` says that nothing was sold, else it is empty.
    """

    title: str
    caption: str
    total: str
    figures: tuple[Figure, ...]
    methods: tuple[RankRow, ...]
    items: tuple[RankRow, ...]
    hours: tuple[HourColumn, ...]
    best_hour: str
    note: str


def today_view(day: DaySales, currency: str, voice: Voice) -> TodayView:
    """Show the sales of a business day in the branch's currency, which all its receipts have."""
    texts = voice.texts
    total = next((total for total in day.totals if total.currency == currency), Total(currency))
    hours = _hours(_of(day.hours, currency), voice)
    best = max(hours, key=lambda hour: hour.weight, default=None)
    return TodayView(
        title=long_date(day.day, texts),
        caption=texts("today.net" if total.total_minor != total.sold_minor else "today.total"),
        total=voice.money(total.total_minor),
        figures=_figures(total, day.open_minor.get(currency, 0), voice),
        methods=_ranking(_of(day.methods, currency), "payments", voice),
        items=_ranking(_of(day.items, currency), "quantity_milli", voice),
        hours=hours,
        best_hour=texts("today.best_hour", hour=best.hour, amount=best.amount) if best else "",
        note="" if total.checks or day.methods or total.lost_minor else texts("today.nothing_sold"),
    )


def long_date(day: date, texts: Texts) -> str:
    """`sábado 14 mar 2026`."""
    weekday, month = texts("today.weekdays").split()[day.weekday()], texts("today.months").split()[day.month - 1]
    return f"{weekday} {day.day} {month} {day.year}"


def _figures(total: Total, open_minor: int, voice: Voice) -> tuple[Figure, ...]:
    """The figures; sold, less refunds and losses, with rounding and what was paid on open orders makes what was taken.

    What did not happen is left out.
    """
    texts, money = voice.texts, voice.money
    average = divide_half_up(total.total_minor, total.checks) if total.checks else 0
    return (
        Figure(texts("today.checks"), f"{total.checks:,}"),
        Figure(texts("today.average"), money(average)),
        *_apart(total, voice),
        Figure(texts("today.tax"), money(total.tax_minor)),
        Figure(texts("today.discount"), money(total.discount_minor)),
        *((Figure(texts("today.service"), money(total.service_minor)),) if total.service_minor else ()),
        *((Figure(texts("today.tips"), money(total.tips_minor)),) if total.tips_minor else ()),
        Figure(texts("today.rounding"), money(total.rounding_minor)),
        *((Figure(texts("today.open"), money(open_minor)),) if open_minor else ()),
    )


def _apart(total: Total, voice: Voice) -> tuple[Figure, ...]:
    """What was sold, and what of it was given back or never paid."""
    taken_off = (("today.refunds", total.refunded_minor), ("today.losses", total.lost_minor))
    found = tuple(Figure(voice.texts(code), voice.money(-amount)) for code, amount in taken_off if amount)
    return (Figure(voice.texts("today.sales"), voice.money(total.sold_minor)), *found) if found else ()


def _of(groups: Sequence[Group], currency: str) -> tuple[Group, ...]:
    return tuple(group for group in groups if group.currency == currency)


def _ranking(groups: Sequence[Group], counted: str, voice: Voice) -> tuple[RankRow, ...]:
    rows = []
    for group in groups:
        count = getattr(group, counted)
        shown = format_quantity(count) if counted == "quantity_milli" else f"{count:,}"
        rows.append(RankRow(group.name, shown, voice.money(group.total_minor), max(0, group.total_minor)))
    return tuple(rows)


def _hours(groups: Sequence[Group], voice: Voice) -> tuple[HourColumn, ...]:
    """The hours from the first with sales to the last, in the order of the business day."""
    if not groups:
        return ()
    sold = {int(group.key): group.total_minor for group in groups}
    first, last = int(groups[0].key), int(groups[-1].key)
    span = range(first, first + (last - first) % HOURS_A_DAY + 1)
    return tuple(
        HourColumn(f"{hour % HOURS_A_DAY}", voice.money(amount), max(0, amount))
        for hour in span
        for amount in (sold.get(hour % HOURS_A_DAY, 0),)
    )
