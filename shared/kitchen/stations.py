"""How the stations of a branch work: from when their tickets warn and are late, and which station covers another."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.records import LONGEST_SECONDS, Station, StationSettings

Threshold = tuple[str, int, int]
"""The kind of an order ("" for every other one), and from how many seconds on its ticket warns and is late."""


def settings_id(branch_id: UUID, station_id: UUID) -> UUID:
    """The id of the settings of a station in a branch."""
    return derived_id("station settings", branch_id, station_id)


async def set_thresholds(
    work: Work, station_id: UUID, thresholds: Sequence[Threshold], branch_id: UUID | None = None
) -> StationSettings:
    """Say from when the tickets of a station warn and are late, by the kind of their order.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, THRESHOLDS_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_BRANCH)
    if any(not 0 < warn <= late <= LONGEST_SECONDS for _kind, warn, late in thresholds):
        raise DomainError("THRESHOLDS_NOT_SENSIBLE", most=LONGEST_SECONDS // 60)
    settings = await _settings(work, station_id, branch_id)
    settings.thresholds = [list(each) for each in thresholds]
    return settings


async def cover(work: Work, station_id: UUID, by: UUID | None) -> None:
    """Show the tickets of a station on the wall of another, too, or (None) on its own alone again.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, STATION_COVERS_ITSELF.
    """
    work.require(Permission.WORK_KITCHEN)
    if by == station_id:
        raise DomainError("STATION_COVERS_ITSELF")
    if by is not None:
        await work.get(Station, by)
    settings = await _settings(work, station_id, None)
    settings.covered_by = by


async def _settings(work: Work, station_id: UUID, branch_id: UUID | None) -> StationSettings:
    station, branch_id = await work.get(Station, station_id), branch_id or work.branch_id
    key = settings_id(branch_id, station.id)
    found = await work.session.get(StationSettings, (work.organization_id, key))
    if found is not None:
        return found
    return work.add(
        StationSettings(
            organization_id=work.organization_id, branch_id=branch_id, id=key, station_id=station.id, thresholds=[]
        )
    )
