"""Reading families and the sums of checks: what commands and screens ask the ledgers.

The tables are found by name, so that this room stands below the domains whose rows it compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.errors import NotFound
from shared.kernel.records import Base
from shared.kernel.work import Work
from shared.truth.balances import NO_SUMS, CheckSums
from shared.truth.family import FAMILY_TABLES, LINES, RECEIPT_LINES, Family, Part, compare
from shared.truth.records import check_balances

Reader = AsyncConnection | AsyncSession
RowsOfFamily = dict[str, dict[UUID, Any]]
"""By table, by id."""


async def rows_of_families(reader: Reader, organization_id: UUID, roots: Iterable[UUID]) -> dict[UUID, RowsOfFamily]:
    """All rows of some families; one statement a table. What a session holds back is written first."""
    wanted = sorted(set(roots))
    if not wanted:
        return {}
    await _write_first(reader)
    given = {"organization": organization_id, "ids": wanted}
    found: dict[UUID, RowsOfFamily] = {root: {name: {} for name in FAMILY_TABLES} for root in wanted}
    for name in FAMILY_TABLES:
        for row in await reader.execute(_where(name, "root_id"), given):
            found[row.root_id][name][row.id] = row
    return {root: rows for root, rows in found.items() if root in rows[LINES]}


async def families(work: Work, roots: Iterable[UUID]) -> dict[UUID, Family]:
    """Some families as they stand in a unit of work, compared."""
    found = await rows_of_families(work.session, work.organization_id, roots)
    return {root: compare(root, rows) for root, rows in found.items()}


async def look(work: Work, line_id: UUID) -> tuple[Any, Family, Part]:
    """A line's row, its family, and the line as it stands.

    Raises:
        NotFound: this replica has no such line.
    """
    await _write_first(work.session)
    given = {"organization": work.organization_id, "ids": [line_id]}
    row = (await work.session.execute(_where(LINES, "id"), given)).first()
    if row is None:
        raise NotFound(LINES, line_id)
    family = (await families(work, [row.root_id]))[row.root_id]
    return row, family, family.parts[line_id]


async def roots_of_order(work: Work, order_id: UUID) -> set[UUID]:
    """The roots of what was ordered here, and of what stands on a check of this order; of those that joined it, too."""
    await _write_first(work.session)
    given = {"organization": work.organization_id, "order": order_id}
    return set(await work.session.scalars(_roots_of_order(), given))


async def require_check(work: Work, check_id: UUID) -> None:
    """Raise unless this replica has the check: what stands on none would be owed by nobody.

    Raises:
        NotFound: it has none.
    """
    await _write_first(work.session)
    checks = Base.metadata.tables["checks"].c
    there = sa.select(checks.id).where(checks.organization_id == work.organization_id, checks.id == check_id)
    if await work.session.scalar(there) is None:
        raise NotFound("checks", check_id)


async def checks_of_order(work: Work, order_id: UUID, *, with_joined: bool = True) -> set[UUID]:
    """The checks that an order has now, and those of the orders whose parties joined it."""
    await _write_first(work.session)
    given = {"organization": work.organization_id, "order": order_id}
    return set(await work.session.scalars(_checks_of_order() if with_joined else _own_checks(), given))


async def joined_into(work: Work, order_id: UUID) -> set[UUID]:
    """The orders whose parties sit together with that of an order, however many lie between; itself, too."""
    await _write_first(work.session)
    given = {"organization": work.organization_id, "order": order_id}
    return set(await work.session.scalars(_joined(), given))


async def roots_of_checks(work: Work, checks: Iterable[UUID]) -> set[UUID]:
    """The roots of the lines that are on some checks, and of those that their receipts cover."""
    await _write_first(work.session)
    given = {"organization": work.organization_id, "checks": sorted(checks)}
    return set(await work.session.scalars(_roots_of_checks(), given))


async def sums_of_checks(reader: Reader, organization_id: UUID, checks: Iterable[UUID]) -> dict[UUID, CheckSums]:
    """The sums of some checks as they were committed last."""
    rows = await reader.execute(_sums_of_checks(), {"organization": organization_id, "ids": sorted(checks)})
    return {row.check_id: row for row in rows}


async def sums_of_check(work: Work, check_id: UUID) -> CheckSums:
    """The sums of a check as they were before this unit of work."""
    found = await sums_of_checks(work.session, work.organization_id, [check_id])
    return found.get(check_id, NO_SUMS)


async def _write_first(reader: Reader) -> None:
    """Statements on tables see what the session has written, not what it holds back."""
    if isinstance(reader, AsyncSession) and (reader.new or reader.dirty):
        await reader.flush()


@cache
def _where(table: str, column: str) -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    of = Base.metadata.tables[table]
    return sa.select(of).where(
        of.c.organization_id == sa.bindparam("organization"), of.c[column].in_(sa.bindparam("ids", expanding=True))
    )


@cache
def _sums_of_checks() -> sa.Select[Any]:
    of = check_balances.c
    return sa.select(check_balances).where(
        of.organization_id == sa.bindparam("organization"),
        of.check_id.in_(sa.bindparam("ids", expanding=True, type_=Key())),
    )


@cache
def _joined() -> sa.Select[Any]:
    """An order and those that joined it. A ring ends, since a union takes no row twice."""
    orders = Base.metadata.tables["orders"].c
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    found = sa.select(sa.bindparam("order", type_=Key()).label("id")).cte("together", recursive=True)
    joined = sa.select(orders.id).where(orders.organization_id == organization, orders.joined_to_id == found.c.id)
    return sa.select(found.union(joined).c.id)


@cache
def _own_checks() -> sa.Select[Any]:
    checks = Base.metadata.tables["checks"].c
    return sa.select(checks.id).where(
        checks.organization_id == sa.bindparam("organization"), checks.order_id == sa.bindparam("order", type_=Key())
    )


@cache
def _checks_of_order() -> sa.Select[Any]:
    checks = Base.metadata.tables["checks"].c
    return sa.select(checks.id).where(
        checks.organization_id == sa.bindparam("organization"), checks.order_id.in_(_joined())
    )


@cache
def _roots_of_order() -> sa.Select[Any]:
    lines = Base.metadata.tables[LINES].c
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    here = sa.select(lines.root_id).where(lines.organization_id == organization, lines.order_id.in_(_joined()))
    moved_here = sa.select(lines.root_id).where(
        lines.organization_id == organization, lines.check_id.in_(_checks_of_order())
    )
    return sa.select(here.union(moved_here).subquery())


@cache
def _roots_of_checks() -> sa.Select[Any]:
    of_lines, of_receipts = (
        sa.select(table.c.root_id).where(
            table.c.organization_id == sa.bindparam("organization"),
            table.c.check_id.in_(sa.bindparam("checks", expanding=True, type_=Key())),
        )
        for table in (Base.metadata.tables[LINES], Base.metadata.tables[RECEIPT_LINES])
    )
    return sa.select(of_lines.union(of_receipts).subquery())
