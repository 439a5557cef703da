"""Reading the routes of a branch."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.work import Work
from shared.kitchen.records import Route, Station
from shared.kitchen.routes import NO_ROUTES, Routes, RouteView, known_stations
from shared.menu.records import Category


async def routes_of(work: Work) -> Routes:
    """The routes of the branch of a unit of work."""
    return await load_routes(work.session, work.organization_id, work.branch_id)


async def load_routes(reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID) -> Routes:
    """The routes of a branch; one statement where it has none, as most, else three."""
    given = {"organization": organization_id, "branch": branch_id}
    rows = (await reader.execute(_routes(), given)).all()
    if not rows:
        return NO_ROUTES
    stations = frozenset(row.id for row in await reader.execute(_stations(), given))
    above = {row.id: row.parent_id for row in await reader.execute(_categories(), given)}
    found = (
        RouteView(
            row.id, row.station_id, tuple(map(UUID, row.also_at)), row.category_id, row.item_id, row.course, row.kind
        )
        for row in rows
    )
    return Routes(known_stations(found, stations), above)


@cache
def _routes() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    of = Route.__table__.c
    return sa.select(Route.__table__).where(
        of.organization_id == sa.bindparam("organization"),
        of.branch_id == sa.bindparam("branch", type_=Key()),
        of.active,
    )


@cache
def _stations() -> sa.Select[Any]:
    of = Station.__table__.c
    return sa.select(of.id).where(of.organization_id == sa.bindparam("organization"), of.active)


@cache
def _categories() -> sa.Select[Any]:
    of = Category.__table__.c
    return sa.select(of.id, of.parent_id).where(of.organization_id == sa.bindparam("organization"))
