"""Reading the roll-ups: which branches somebody sees, sums by branch, day, hour, item, category or method, and totals.

Every function is one statement, whatever the number of branches, days and items. How fresh the sums are is
`freshness.py`'s part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.reports.period import Period
from cloud.reports.records import sales_by_hour, sales_by_item, takings_by_method
from shared.kernel.columns import Key
from shared.kernel.permissions import Role
from shared.tenancy.records import Branch

MOST_GROUPS = 5_000
"""Far more dishes than a restaurant has; an answer with more says that it was cut."""
HOURS_A_DAY = 24


class By(StrEnum):
    """What a report groups by."""

    BRANCH = "branch"
    DAY = "day"
    HOUR = "hour"
    ITEM = "item"
    METHOD = "method"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class BranchSeen:
    """A branch that somebody may see."""

    id: UUID
    name: str
    zone: str
    cutoff_minutes: int


@dataclass(frozen=True, slots=True)
class Group:
    """The sums of one group in one currency; None where a sum makes no sense for the kind of group.

    Attributes:
        key: id of branch, item or method; ISO date; hour `00` to `23`; name of a category.
        name: for people; of an item or method the newest one in the period. Empty: the key says it all, or nothing.
        total_minor: what was sold; by method what was taken, cash rounding and payments on open checks included.
    """

    key: str
    name: str
    currency: str
    total_minor: int
    receipts: int | None = None
    lines: int | None = None
    payments: int | None = None
    quantity_milli: int | None = None
    gross_minor: int | None = None
    discount_minor: int | None = None
    tax_minor: int | None = None
    rounding_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """All sales of the period in one currency."""

    currency: str
    receipts: int
    total_minor: int
    tax_minor: int
    discount_minor: int
    rounding_minor: int


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the groups of one kind come from."""

    table: sa.Table
    key: sa.Column[Any]
    sums: tuple[str, ...]
    total: str = "total_minor"
    name: sa.Column[Any] | None = None


_OF_RECEIPTS = ("receipts", "discount_minor", "tax_minor", "rounding_minor")
_OF_LINES = ("lines", "quantity_milli", "gross_minor", "discount_minor", "tax_minor")
_SOURCES = {
    By.BRANCH: _Source(sales_by_hour, sales_by_hour.c.branch_id, _OF_RECEIPTS),
    By.DAY: _Source(sales_by_hour, sales_by_hour.c.business_date, _OF_RECEIPTS),
    By.HOUR: _Source(sales_by_hour, sales_by_hour.c.local_hour, _OF_RECEIPTS),
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


async def branches_seen_by(read: ReadSession, organization_id: UUID, person: Person) -> list[BranchSeen]:
    """The branches of their organization that somebody may see, by name."""
    query = (
        sa.select(Branch.id, Branch.name, Branch.zone, Branch.cutoff_minutes)
        .where(Branch.organization_id == organization_id)
        .order_by(Branch.name, Branch.id)
    )
    if person.role not in (Role.ORGANIZATION_ADMIN, Role.SUPER_ADMIN):
        query = query.where(_among(Branch.id, sorted(person.branches)))
    seen = [BranchSeen(*row) for row in await read.execute(query)]
    return [branch for branch in seen if person.sees_branch(branch.id)]


async def totals(read: ReadSession, organization_id: UUID, branches: Sequence[UUID], period: Period) -> list[Total]:
    """All sales, a row a currency."""
    table = sales_by_hour
    names = ("receipts", "total_minor", "tax_minor", "discount_minor", "rounding_minor")
    rows = await read.execute(
        sa.select(table.c.currency, *(sa.func.sum(table.c[name]) for name in names))
        .where(*_within(table, organization_id, branches, period))
        .group_by(table.c.currency)
        .order_by(table.c.currency)
    )
    return [Total(row[0], *map(int, row[1:])) for row in rows]


async def sales_by(
    read: ReadSession, organization_id: UUID, branches: Sequence[BranchSeen], period: Period, by: By
) -> list[Group]:
    """The groups of one kind, at most `MOST_GROUPS` + 1 of them (the one too many tells that there are more).

    Days stand in their order, hours as they follow from the beginning of the business day, all others by what they
    brought.
    """
    source = _SOURCES[by]
    total = sa.func.sum(source.table.c[source.total])
    rows = await read.execute(
        sa.select(
            source.key,
            source.table.c.currency,
            total,
            sa.literal("") if source.name is None else _newest(source.name),
            *(sa.func.sum(source.table.c[name]) for name in source.sums),
        )
        .where(*_within(source.table, organization_id, [branch.id for branch in branches], period))
        .group_by(source.key, source.table.c.currency)
        .order_by(source.key if by is By.DAY else total.desc(), source.key, source.table.c.currency)
        .limit(MOST_GROUPS + 1)
    )
    names = {branch.id: branch.name for branch in branches}
    groups = [
        Group(
            _key(by, row[0]),
            names.get(row[0], "") if by is By.BRANCH else row[3],
            row[1],
            int(row[2]),
            **{name: int(value) for name, value in zip(source.sums, row[4:], strict=True)},
        )
        for row in rows
    ]
    return sorted(groups, key=lambda group: hour_of_day(int(group.key), branches)) if by is By.HOUR else groups


def hour_of_day(hour: int, branches: Sequence[BranchSeen]) -> int:
    """How many hours after the beginning of the business day an hour of the clock comes, 0 to 23."""
    begins = min((branch.cutoff_minutes for branch in branches), default=0) // 60
    return (hour - begins) % HOURS_A_DAY


def _key(by: By, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:02}" if by is By.HOUR else str(value)


def _newest(name: sa.Column[Any]) -> sa.ColumnElement[str]:
    table = name.table
    order = (table.c.business_date.desc(), table.c.local_hour.desc(), name)
    return sa.func.array_agg(aggregate_order_by(name, *order), type_=ARRAY(sa.Text))[1]


def _within(
    table: sa.Table, organization_id: UUID, branches: Sequence[UUID], period: Period
) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.organization_id == organization_id,
        _among(table.c.branch_id, branches),
        table.c.business_date.between(period.first, period.last),
    )


def _among(column: Any, ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """One parameter however many ids, so that the statement is prepared once."""
    among: sa.ColumnElement[bool] = column == sa.any_(sa.literal(list(ids), ARRAY(Key())))
    return among
