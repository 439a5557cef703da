"""The stations of a house, as they work in a branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kitchen.records import Setting, Station, StationSettings, settings_id
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
        return limits_of(self.thresholds, kind)


def limits_of(thresholds: Iterable[Sequence[Any]], kind: str) -> tuple[int, int]:
    """From how many seconds on the ticket of an order of this kind warns and is late. Pure."""
    said = {of: (warn, late) for of, warn, late in thresholds}
    return said.get(kind) or said.get("") or (WARN_SECONDS, LATE_SECONDS)


async def stations(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID | None = None
) -> list[StationView]:
    """The stations of the organization in their order, with what a branch says of them; two statements."""
    rows = await reader.execute(
        sa.select(Station.id, Station.name)
        .where(Station.organization_id == organization_id, Station.active)
        .order_by(Station.position, Station.id)
    )
    said = await _settings(reader, organization_id, branch_id)
    return [
        StationView(
            row.id,
            row.name,
            tuple((each[0], each[1], each[2]) for each in said.get((row.id, Setting.THRESHOLDS), ())),
            said.get((row.id, Setting.COVERED_BY)),
            said.get((row.id, Setting.PREPARE_MINUTES)),
        )
        for row in rows
    ]


async def _settings(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID | None
) -> dict[tuple[UUID, Setting], Any]:
    """What a branch says of its stations, each setting by its own row; no statement without a branch."""
    if branch_id is None:
        return {}
    of = StationSettings.__table__.c
    rows = await reader.execute(
        sa.select(StationSettings.__table__).where(of.organization_id == organization_id, of.branch_id == branch_id)
    )
    return {
        (row.station_id, each): getattr(row, each)
        for row in rows
        for each in Setting
        if row.id == settings_id(branch_id, row.station_id, each)
    }
