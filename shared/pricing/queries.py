"""Reading the dayparts and price rules of a branch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.menu.records import Category
from shared.pricing.records import Daypart, PriceRule
from shared.pricing.rules import DaypartHours, HoursOfSale, Rule, Scope, Window

Reader = AsyncConnection | AsyncSession
NO_HOURS = HoursOfSale()


async def hours_of_sale(reader: Reader, organization_id: UUID, branch_id: UUID | None) -> HoursOfSale:
    """What a branch sells when and at what price: two statements, three if anything is named by its category."""
    given = {"organization": organization_id, "branch": branch_id}
    rules = [_rule(row) for row in await reader.execute(_rules(), given)]
    dayparts = [_daypart(row) for row in await reader.execute(_dayparts(), given)]
    scopes = (*(each.scope for each in rules), *(each.scope for each in dayparts))
    if not any(scope.categories for scope in scopes):
        return HoursOfSale(tuple(rules), tuple(dayparts)) if rules or dayparts else NO_HOURS
    parents = {row.id: row.parent_id for row in await reader.execute(_categories(), given)}
    return HoursOfSale(tuple(rules), tuple(dayparts), parents)


def window_of(row: Any) -> Window:
    """The window that a row says."""
    return Window(frozenset(row.weekdays), row.starts, row.ends)


def scope_of(row: Any) -> Scope:
    """What a row names."""
    return Scope(_ids(row.items), _ids(row.categories))


def _ids(named: Iterable[str]) -> frozenset[UUID]:
    return frozenset(UUID(hex=each) for each in named)


def _rule(row: Any) -> Rule:
    kinds = frozenset(row.kinds)
    return Rule(row.id, row.name, scope_of(row), window_of(row), kinds, row.price_minor, row.rate_millionths)


def _daypart(row: Any) -> DaypartHours:
    return DaypartHours(row.id, row.name, scope_of(row), window_of(row))


@cache
def _rules() -> sa.Select[Any]:
    return _in_force(PriceRule.__table__)


@cache
def _dayparts() -> sa.Select[Any]:
    return _in_force(Daypart.__table__)


@cache
def _categories() -> sa.Select[Any]:
    category = Category.__table__.c
    return sa.select(category.id, category.parent_id).where(category.organization_id == sa.bindparam("organization"))


def _in_force(table: Any) -> sa.Select[Any]:
    """The active rows that hold in a branch. Built once: building it takes longer than running it."""
    here = sa.or_(table.c.only_branch.is_(None), table.c.only_branch == sa.bindparam("branch", type_=Key()))
    organization = table.c.organization_id == sa.bindparam("organization")
    return sa.select(table).where(organization, table.c.active, here).order_by(table.c.id)
