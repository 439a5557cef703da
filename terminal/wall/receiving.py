"""Which stations have a display, as far as this device knows."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.permissions import DeviceKind
from shared.kitchen.records import Station
from shared.tenancy.records import Device
from terminal.clock import Moment
from terminal.store.heard import MOMENT, Heard, happened, kitchen_heard

DISPLAY_IS_KNOWN = timedelta(days=30)
"""A station has a display if one received something within this, also if the house was closed for holidays."""


async def stations_with_display(
    connection: AsyncConnection, organization_id: UUID, branch_id: UUID, now: Moment
) -> frozenset[UUID]:
    """The stations of which a display (or a paper) received something lately; at most two statements.

    Where none ever did and a display is enrolled, each is to have one: it is the first day, and the display is off.
    """
    received = {
        UUID(bytes=row.row_id): when.at
        for row in await connection.execute(_received())
        if (when := happened(row, now)) is not None
    }
    if received:
        newest = max(received.values())
        return frozenset(station for station, at in received.items() if newest - at < DISPLAY_IS_KNOWN)
    given = {"organization": organization_id, "branch": branch_id, "kitchen": DeviceKind.KITCHEN}
    return frozenset(row.id for row in await connection.execute(_all_where_one_is_enrolled(), given))


@cache
def _received() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    return sa.select(kitchen_heard.c.row_id, *MOMENT).where(kitchen_heard.c.what == Heard.DISPLAY)


@cache
def _all_where_one_is_enrolled() -> sa.Select[Any]:
    devices, stations = Device.__table__.c, Station.__table__.c
    enrolled = sa.exists().where(
        devices.organization_id == sa.bindparam("organization"),
        devices.branch_id == sa.bindparam("branch"),
        devices.kind == sa.bindparam("kitchen"),
        sa.not_(devices.revoked),
    )
    return sa.select(stations.id).where(
        stations.organization_id == sa.bindparam("organization"), stations.active, enrolled
    )
