"""The stations of a house, as they work in a branch."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kitchen.records import Station, StationSettings
from shared.kitchen.rules import LATE_SECONDS, WARN_SECONDS
from shared.kitchen.stations import Threshold


@dataclass(frozen=True, slots=True)
class StationView:
    """A station, as it works in a branch. For `thresholds`, `covered_by`, `prepare_minutes` see `StationSettings`."""

    id: UUID
    name: str
    thresholds: tuple[Threshold, ...] = ()
    covered_by: UUID | None = None
    prepare_minutes: int | None = None

    def limits(self, kind: str) -> tuple[int, int]:
        """From how many seconds on the ticket of an order of this kind warns and is late."""
        said = {of: (warn, late) for of, warn, late in self.thresholds}
        return said.get(kind) or said.get("") or (WARN_SECONDS, LATE_SECONDS)


async def stations(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID | None = None
) -> list[StationView]:
    """The stations of the organization in their order, with what a branch says of them."""
    settings = StationSettings.__table__
    of_station = sa.and_(
        settings.c.organization_id == Station.organization_id,
        settings.c.station_id == Station.id,
        settings.c.branch_id == branch_id,
    )
    rows = await reader.execute(
        sa.select(Station.id, Station.name, settings.c.thresholds, settings.c.covered_by, settings.c.prepare_minutes)
        .outerjoin(settings, of_station)
        .where(Station.organization_id == organization_id, Station.active)
        .order_by(Station.position, Station.id)
    )
    return [
        StationView(
            row.id,
            row.name,
            tuple((each[0], each[1], each[2]) for each in row.thresholds or ()),
            row.covered_by,
            row.prepare_minutes,
        )
        for row in rows
    ]
