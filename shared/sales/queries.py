"""Reading the sums of sales, with the same statements on the cloud and on a device: totals, and groups of one kind.

`totals` and `sales_by` run one statement each, for any number of branches, days and items. Statements are built once a
process: building those of a managers' page anew took half of its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.payments.records import Payment
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method
from shared.sales.rules import hour_of_day
from shared.truth.records import check_balances

MOST_GROUPS = 5_000
"""Far more dishes than a restaurant has; an answer with more says that it was cut."""


_TWO_DIGITS = 10
"""Added to hours of the day that are compared as text: all have two digits then."""


class By(StrEnum):
    """What sales are grouped by."""

    BRANCH = "branch"
    DAY = "day"
    HOUR = "hour"
    ITEM = "item"
    METHOD = "method"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Span:
    """Some branches, and the business dates from `first` to `last`, both included.

    Several branches work on PostgreSQL only; a device has one.
    """

    organization_id: UUID
    branches: tuple[UUID, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Group:
    """The sums of one group in one currency; None where a sum makes no sense for the kind of group.

    Attributes:
        key: id of branch, item or method; ISO date; hour `00` to `23`; name of a category.
        name: for people; of an item or method the newest one in the span. Empty for the other kinds.
        total_minor: what was sold; by method what was paid, with cash rounding and payments on open checks.
    """

    key: str
    name: str
    currency: str
    total_minor: int
    checks: int | None = None
    lines: int | None = None
    payments: int | None = None
    quantity_milli: int | None = None
    gross_minor: int | None = None
    discount_minor: int | None = None
    tax_minor: int | None = None
    rounding_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """All sales of the span in one currency.

    Attributes:
        total_minor: what was sold, less `refunded_minor` and `lost_minor`.
        lost_minor: what parties left without paying.
        tips_minor: beside what was sold.
    """

    currency: str
    checks: int = 0
    total_minor: int = 0
    tax_minor: int = 0
    discount_minor: int = 0
    rounding_minor: int = 0
    service_minor: int = 0
    refunded_minor: int = 0
    lost_minor: int = 0
    tips_minor: int = 0

    @property
    def sold_minor(self) -> int:
        """What was sold before refunds and losses."""
        return self.total_minor + self.refunded_minor + self.lost_minor


@dataclass(frozen=True, slots=True)
class DaySales:
    """The sales of one branch on one business date: methods and items by amount, hours in the order of the day.

    Attributes:
        open_minor: by currency, what was paid that day on orders that are still open: taken, and not sold yet.
    """

    day: date
    totals: tuple[Total, ...]
    methods: tuple[Group, ...]
    items: tuple[Group, ...]
    hours: tuple[Group, ...]
    open_minor: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Source:
    """The table and columns from which the groups of one kind are read."""

    table: sa.Table
    key: sa.Column[Any]
    sums: tuple[str, ...]
    total: str = "total_minor"
    name: sa.Column[Any] | None = None


_OF_CHECKS = ("checks", "discount_minor", "tax_minor", "rounding_minor")
_OF_LINES = ("lines", "quantity_milli", "gross_minor", "discount_minor", "tax_minor")
_SOURCES = {
    By.BRANCH: _Source(sales_by_hour, sales_by_hour.c.branch_id, _OF_CHECKS),
    By.DAY: _Source(sales_by_hour, sales_by_hour.c.business_date, _OF_CHECKS),
    By.HOUR: _Source(sales_by_hour, sales_by_hour.c.local_hour, _OF_CHECKS),
    By.ITEM: _Source(sales_by_item, sales_by_item.c.item_id, _OF_LINES, name=sales_by_item.c.item_name),
    By.CATEGORY: _Source(sales_by_item, sales_by_item.c.category_name, _OF_LINES),
    By.METHOD: _Source(
        takings_by_method,
        takings_by_method.c.method_id,
        ("payments",),
        "amount_minor",
        takings_by_method.c.method_name,
    ),
}


async def totals(reader: AsyncConnection | AsyncSession, span: Span) -> list[Total]:
    """All sales, with one row per currency."""
    rows = await reader.execute(_totals(is_one_branch=_is_one_branch(span)), _parameters(span))
    return [Total(row[0], *map(int, row[1:])) for row in rows]


async def sales_by(
    reader: AsyncConnection | AsyncSession, span: Span, by: By, most: int = MOST_GROUPS + 1
) -> list[Group]:
    """The groups of one kind, at most `most` of them: days in their order, all others by amount, the highest first."""
    source = _SOURCES[by]
    rows = await reader.execute(_groups(by, is_one_branch=_is_one_branch(span)), {**_parameters(span), "most": most})
    return [
        Group(
            _key(by, row[0]),
            row[3],
            row[1],
            int(row[2]),
            **{name: int(value) for name, value in zip(source.sums, row[4:], strict=True)},
        )
        for row in rows
    ]


async def day_sales(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, day: date, cutoff_minutes: int
) -> DaySales:
    """The sales of a branch on a business date.

    Args:
        cutoff_minutes: how many minutes after midnight the branch's business day begins.
    """
    span = Span(organization_id, (branch_id,), day, day)
    hours = await sales_by(reader, span, By.HOUR)
    return DaySales(
        day=day,
        totals=tuple(await totals(reader, span)),
        methods=tuple(await sales_by(reader, span, By.METHOD)),
        items=tuple(await sales_by(reader, span, By.ITEM)),
        hours=tuple(sorted(hours, key=lambda group: hour_of_day(int(group.key), cutoff_minutes))),
    )


async def paid_on_open_orders(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, day: date
) -> dict[str, int]:
    """What came in on a business date for checks whose receipts do not say it yet, in minor units by currency."""
    payments, sums = Payment.__table__.c, check_balances.c
    left = sums.in_minor - sums.refunded_minor - sums.counted_minor
    of_day = (
        sa.select(payments.check_id, payments.currency)
        .where(
            payments.organization_id == organization_id,
            payments.branch_id == branch_id,
            payments.business_date == day,
        )
        .distinct()
        .subquery()
    )
    rows = await reader.execute(
        sa.select(of_day.c.currency, sa.func.sum(left))
        .join_from(of_day, check_balances, sums.check_id == of_day.c.check_id)
        .where(sums.organization_id == organization_id, sums.branch_id == branch_id, left > 0)
        .group_by(of_day.c.currency)
    )
    return {currency: int(amount) for currency, amount in rows}


@cache
def _totals(*, is_one_branch: bool) -> sa.Select[Any]:
    table = sales_by_hour
    names = tuple(each.name for each in fields(Total) if each.name != "currency")
    return (
        sa.select(table.c.currency, *(sa.func.sum(table.c[name]) for name in names))
        .where(*_within(table, is_one_branch=is_one_branch))
        .group_by(table.c.currency)
        .order_by(table.c.currency)
    )


@cache
def _groups(by: By, *, is_one_branch: bool) -> sa.Select[Any]:
    source = _SOURCES[by]
    within = _within(source.table, is_one_branch=is_one_branch)
    rows: sa.FromClause = source.table
    name: sa.ColumnElement[str] = sa.literal("")
    if source.name is not None:
        rows = _by_name(source, source.name, within)
        name, within = sa.func.max(rows.c.newest_name), ()
    key, currency, total = rows.c[source.key.name], rows.c.currency, sa.func.sum(rows.c[source.total])
    return (
        sa.select(key, currency, total, name, *(sa.func.sum(rows.c[amount]) for amount in source.sums))
        .where(*within)
        .group_by(key, currency)
        .order_by(key if by is By.DAY else total.desc(), key, currency)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _by_name(source: _Source, name: sa.Column[str], within: Sequence[sa.ColumnElement[bool]]) -> sa.Subquery:
    """The sums for each key and name, with the newest of the names that the key had.

    Rows are summed by name first, so that few are left among which to find the newest name.
    """
    column, text = source.table.c, sa.Text()
    last_used = sa.func.max(sa.cast(column.business_date, text) + sa.cast(column.local_hour + _TWO_DIGITS, text))
    newest = sa.func.first_value(name).over(
        partition_by=(source.key, column.currency), order_by=(last_used.desc(), name)
    )
    return (
        sa.select(
            source.key,
            column.currency,
            newest.label("newest_name"),
            *(sa.func.sum(column[amount]).label(amount) for amount in (source.total, *source.sums)),
        )
        .where(*within)
        .group_by(source.key, column.currency, name)
        .subquery()
    )


def _key(by: By, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:02}" if by is By.HOUR else str(value)


def _within(table: sa.Table, *, is_one_branch: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions on a span. Any number of branches is one parameter, so that the statement is prepared once."""
    branch = table.c.branch_id
    of_branches: sa.ColumnElement[bool] = (
        branch == sa.bindparam("branches", type_=Key())
        if is_one_branch
        else branch == sa.any_(sa.bindparam("branches", type_=sa.ARRAY(Key())))
    )
    days = sa.bindparam("first", type_=sa.Date()), sa.bindparam("last", type_=sa.Date())
    return (
        table.c.organization_id == sa.bindparam("organization_id", type_=Key()),
        of_branches,
        table.c.business_date.between(*days),
    )


def _is_one_branch(span: Span) -> bool:
    return len(span.branches) == 1


def _parameters(span: Span) -> dict[str, object]:
    branches = span.branches[0] if _is_one_branch(span) else list(span.branches)
    return {
        "organization_id": span.organization_id,
        "branches": branches,
        "first": span.first,
        "last": span.last,
    }
