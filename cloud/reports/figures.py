"""The sums as the page shows them: tables and charts of one currency, and each branch with its freshness.

Names come from people and devices: they are cleaned here and escaped by the template.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from cloud.accounts.branches import BranchSeen
from cloud.pages import words
from cloud.reports.charts import Chart, Value, column_chart
from cloud.reports.freshness import BranchFreshness
from cloud.reports.period import Period
from cloud.reports.queries import day_begins
from shared.kernel.language import Texts
from shared.kernel.money import divide_half_up
from shared.kernel.text import clean
from shared.sales.queries import By, Group, Total
from shared.sales.rules import HOURS_A_DAY, hour_of_day

MOST_DAILY_COLUMNS = 45
"""More days than this are drawn as weeks: a column must stay wide enough to be seen on a phone."""
ITEMS_AT_FIRST = 15
RECENT = timedelta(minutes=15)
OLD = timedelta(hours=24)
"""Every branch closes at night; one that was silent for a whole day deserves a look."""
LAGGING = timedelta(hours=24)
"""How far a device may be behind its branch before it is named."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. `share` is the width of its bar, in percent of the widest one."""

    name: str
    count: str
    amount: str
    share: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a branch is, in words; `state` is recent, settled, old or silent."""

    state: str
    glyph: str
    words: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch, its sales (None: nothing sold) and its freshness."""

    name: str
    sales: Row | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one currency. `sums`: their names and values, what was sold first."""

    currency: str
    sums: tuple[tuple[str, str], ...]
    hours: Chart | None
    days: Chart | None
    days_are_weeks: bool
    branches: tuple[BranchRow, ...]
    methods: tuple[Row, ...]
    items: tuple[Row, ...]
    more_items: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The results of a page's queries."""

    totals: Sequence[Total]
    groups: dict[By, list[Group]]
    freshness: Sequence[BranchFreshness]
    branches: Sequence[BranchSeen]
    period: Period
    now: datetime


def figures_of(texts: Texts, sums: Sums, *, all_items: bool) -> list[Figures]:
    """The figures of each currency, the one with the most checks first; empty when nothing was sold.

    The first one lists all branches, also those that sold nothing; the others only those that sold in their currency.
    """
    ordered = sorted(sums.totals, key=lambda total: (-total.checks, total.currency))
    several = len(ordered) > 1
    return [
        _figures(texts, sums, total, first=at == 0, several=several, all_items=all_items)
        for at, total in enumerate(ordered)
    ]


def branch_rows(texts: Texts, sums: Sums, groups: Sequence[Group], *, silent_too: bool) -> tuple[BranchRow, ...]:
    """Branches, the one with the most sales first; those that sold nothing last."""
    sold = {UUID(group.key): row for group, row in zip(groups, _rows(groups, "checks"), strict=True)}
    order = {branch: at for at, branch in enumerate(sold)}
    listed = [fresh for fresh in sums.freshness if silent_too or fresh.branch.id in sold]
    listed.sort(key=lambda fresh: order.get(fresh.branch.id, len(order)))
    return tuple(
        BranchRow(clean(fresh.branch.name), sold.get(fresh.branch.id), _freshness(texts, fresh, sums.now))
        for fresh in listed
    )


def _figures(texts: Texts, sums: Sums, total: Total, *, first: bool, several: bool, all_items: bool) -> Figures:
    currency = total.currency
    groups = {by: [group for group in found if group.currency == currency] for by, found in sums.groups.items()}
    items = groups[By.ITEM] if all_items else groups[By.ITEM][:ITEMS_AT_FIRST]
    weeks = len(sums.period.days) > MOST_DAILY_COLUMNS
    return Figures(
        currency=clean(currency),
        sums=_sums(texts, total, several=several),
        hours=_hours(texts, groups[By.HOUR], sums.branches),
        days=_days(texts, groups[By.DAY], sums.period, weeks=weeks) if sums.period.first < sums.period.last else None,
        days_are_weeks=weeks,
        branches=branch_rows(texts, sums, groups[By.BRANCH], silent_too=first),
        methods=_rows(groups[By.METHOD], "payments"),
        items=_rows(items, "quantity_milli"),
        more_items=len(groups[By.ITEM]) - len(items),
    )


def _sums(texts: Texts, total: Total, *, several: bool) -> tuple[tuple[str, str], ...]:
    currency = total.currency
    sold = f"{texts('reports.sold')} · {clean(currency)}" if several else texts("reports.sold")
    always = (
        (sold, words.money(total.total_minor, currency)),
        (texts("reports.checks"), f"{total.checks:,}"),
        (texts("reports.average"), words.money(divide_half_up(total.total_minor, max(1, total.checks)), currency)),
        (texts("reports.tax"), words.money(total.tax_minor, currency)),
    )
    some = (("reports.discount", total.discount_minor), ("reports.rounding", total.rounding_minor))
    there_is = ((texts(name), words.money(amount, currency)) for name, amount in some if amount)
    return (*always, *_apart(texts, total), *there_is)


def _apart(texts: Texts, total: Total) -> tuple[tuple[str, str], ...]:
    """Sales before what was taken off them, refunds, losses, service and tips: what there is of it."""
    off = total.refunded_minor or total.lost_minor
    amounts = (
        ("reports.sales", total.sold_minor if off else 0),
        ("reports.refunds", -total.refunded_minor),
        ("reports.losses", -total.lost_minor),
        ("reports.service", total.service_minor),
        ("reports.tips", total.tips_minor),
    )
    return tuple((texts(code), words.money(amount, total.currency)) for code, amount in amounts if amount)


def _rows(groups: Sequence[Group], count: str) -> tuple[Row, ...]:
    widest = max((group.total_minor for group in groups), default=0)
    rows = []
    for group in groups:
        counted = getattr(group, count)
        shown = words.quantity(counted) if count == "quantity_milli" else f"{counted:,}"
        part = 100 * max(0, group.total_minor) / widest if widest > 0 else 0
        rows.append(Row(clean(group.name), shown, words.money(group.total_minor, group.currency), f"{part:.2f}%"))
    return tuple(rows)


def _hours(texts: Texts, groups: Sequence[Group], branches: Sequence[BranchSeen]) -> Chart | None:
    """The hours from the first to the last one with sales, in the order of the business day."""
    by_hour = {int(group.key) % HOURS_A_DAY: group for group in groups}
    if not by_hour:
        return None
    begins = day_begins(branches)
    open_hours = sorted(range(HOURS_A_DAY), key=lambda hour: hour_of_day(hour, begins))
    sold = [at for at, hour in enumerate(open_hours) if hour in by_hour]
    values = []
    for hour in open_hours[sold[0] : sold[-1] + 1]:
        group = by_hour.get(hour)
        amount = group.total_minor if group else 0
        words_of_hour = texts("reports.of_hour", first=f"{hour:02}:00", last=f"{(hour + 1) % HOURS_A_DAY:02}:00")
        values.append(Value(amount, words.money(amount, groups[0].currency), str(hour), words_of_hour))
    return column_chart(values, most_labels=16)


def _days(texts: Texts, groups: Sequence[Group], period: Period, *, weeks: bool) -> Chart | None:
    """Every day of the period, or every week (from Monday), also those without sales."""
    sold: dict[date, int] = defaultdict(int)
    for on in period.days:
        sold[_begin(on, period, weeks=weeks)] += 0
    for group in groups:
        sold[_begin(date.fromisoformat(group.key), period, weeks=weeks)] += group.total_minor
    values = []
    for on, amount in sold.items():
        label = words.day(texts, on)
        words_of_day = texts("reports.week_of", day=label) if weeks else label
        values.append(Value(amount, words.money(amount, groups[0].currency if groups else ""), label, words_of_day))
    return column_chart(values, most_labels=6)


def _begin(on: date, period: Period, *, weeks: bool) -> date:
    return max(period.first, on - timedelta(days=on.weekday())) if weeks else on


def _freshness(texts: Texts, fresh: BranchFreshness, now: datetime) -> Freshness:
    at = fresh.last_stored_at
    notes = tuple(_notes(texts, fresh, now))
    if at is None:
        return Freshness("silent", "○", texts("reports.never_heard"), notes)
    state, glyph = ("recent", "●") if now - at < RECENT else ("settled", "◐") if now - at < OLD else ("old", "▲")
    return Freshness(state, glyph, texts("reports.fresh", age=words.age(texts, at, now)), notes)


def _notes(texts: Texts, fresh: BranchFreshness, now: datetime) -> Iterable[str]:
    if fresh.waiting_changes:
        yield texts("reports.waiting", count=f"{fresh.waiting_changes:,}")
    if fresh.parked_transactions:
        yield texts("reports.parked", count=f"{fresh.parked_transactions:,}")
    newest = fresh.last_stored_at
    for device in fresh.devices:
        at = device.last_stored_at
        if newest is not None and at is not None and newest - at > LAGGING:
            yield texts("reports.lagging", device=clean(device.name), age=words.age(texts, at, now))
