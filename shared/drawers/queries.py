"""Reading drawers, open sessions, and what other drawers handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.drawers.records import CashMovement, Drawer, DrawerSession, MovementKind
from shared.drawers.rules import OpenSession
from shared.tenancy.records import Device

Reader = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class DrawerView:
    """A drawer of the branch."""

    id: UUID
    name: str
    most_difference_minor: int


@dataclass(frozen=True, slots=True)
class SessionView:
    """An open session as people see it. `drawer` is its name, that of the device if there is no drawer."""

    session: OpenSession
    drawer: str
    device: str
    opened_at: datetime
    opened_by: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Cash that another drawer gave and nobody has received yet."""

    movement_id: UUID
    to_drawer_id: UUID
    from_drawer: str
    currency: str
    amount_minor: int


async def drawers(reader: Reader, organization_id: UUID, branch_id: UUID) -> list[DrawerView]:
    """The drawers of a branch, in their order."""
    rows = await reader.execute(
        sa.select(Drawer.id, Drawer.name, Drawer.most_difference_minor)
        .where(Drawer.organization_id == organization_id, Drawer.branch_id == branch_id, Drawer.active)
        .order_by(Drawer.position, Drawer.id)
    )
    return [DrawerView(*row) for row in rows]


async def open_sessions(reader: Reader, organization_id: UUID, branch_id: UUID) -> list[SessionView]:
    """The open sessions of a branch, the oldest first."""
    rows = await reader.execute(_open(), {"organization": organization_id, "branch": branch_id})
    return [_view(row) for row in rows]


async def handed_over(reader: Reader, organization_id: UUID, branch_id: UUID) -> list[HandedOver]:
    """What drawers gave to others that have not received it; of what open sessions gave."""
    rows = await reader.execute(_handed(), {"organization": organization_id, "branch": branch_id})
    return [HandedOver(row.id, row.drawer_id, row.name, row.currency, row.taken_minor) for row in rows]


def _view(row: Any) -> SessionView:
    session = OpenSession(row.id, row.drawer_id, row.device_id, row.business_date, row.declared)
    device = row.device or ""
    return SessionView(session, row.drawer or device, device, row.opened_at, row.opened_by_name)


@cache
def _open() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    session, drawer, device = DrawerSession.__table__, Drawer.__table__, Device.__table__
    of = session.c
    return (
        sa.select(session, drawer.c.name.label("drawer"), device.c.name.label("device"))
        .join_from(session, drawer, _same(of.drawer_id, of, drawer.c), isouter=True)
        .join(device, _same(of.device_id, of, device.c), isouter=True)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id == sa.bindparam("branch"),
            of.closed == sa.false(),
        )
        .order_by(of.id)
    )


@cache
def _handed() -> sa.Select[Any]:
    gave, session, drawer, device = (kind.__table__ for kind in (CashMovement, DrawerSession, Drawer, Device))
    of, took = gave.c, CashMovement.__table__.alias("took").c
    received = sa.exists().where(took.organization_id == of.organization_id, took.answers_id == of.id)
    name = sa.func.coalesce(drawer.c.name, device.c.name, "").label("name")
    return (
        sa.select(of.id, of.drawer_id, of.currency, of.taken_minor, name)
        .join_from(session, gave, _same(of.session_id, of, session.c))
        .join(drawer, _same(session.c.drawer_id, of, drawer.c), isouter=True)
        .join(device, _same(session.c.device_id, of, device.c), isouter=True)
        .where(
            of.organization_id == sa.bindparam("organization"),
            session.c.branch_id == sa.bindparam("branch"),
            of.kind == MovementKind.HANDED_OVER,
            of.drawer_id.is_not(None),
            ~received,
        )
        .order_by(of.id)
    )


def _same(reference: Any, of: Any, other: Any) -> sa.ColumnElement[bool]:
    return sa.and_(other.organization_id == of.organization_id, other.id == reference)
