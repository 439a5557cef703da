"""How the stations of a branch work: what is made where, when tickets warn, are late or begin, who covers whom."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.records import LONGEST_SECONDS, MOST_ALSO_AT, Route, Setting, Station, StationSettings, settings_id
from shared.menu.commands import check_course
from shared.orders.records import OrderKind

MOST_PREPARATION_MINUTES = 24 * 60
Threshold = tuple[str, int, int]
"""The kind of an order ("" for every other one), and from how many seconds on its ticket warns and is late."""


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
    settings = await _settings(work, station_id, branch_id, Setting.THRESHOLDS)
    settings.thresholds = [list(each) for each in thresholds]
    return settings


async def set_preparation(
    work: Work, station_id: UUID, minutes: int | None, branch_id: UUID | None = None
) -> StationSettings:
    """Say how long before it is promised an order for later is begun at a station; None: as the house does it.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, PREPARATION_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_BRANCH)
    if minutes is not None and not 0 <= minutes <= MOST_PREPARATION_MINUTES:
        raise DomainError("PREPARATION_NOT_SENSIBLE", most=MOST_PREPARATION_MINUTES)
    settings = await _settings(work, station_id, branch_id, Setting.PREPARE_MINUTES)
    settings.prepare_minutes = minutes
    return settings


async def set_route(
    work: Work,
    route_id: UUID,
    station_id: UUID,
    also_at: Sequence[UUID] = (),
    *,
    category_id: UUID | None = None,
    item_id: UUID | None = None,
    course: int | None = None,
    kind: OrderKind | None = None,
    branch_id: UUID | None = None,
) -> Route:
    """Say at which station dishes are made, and at which they are made, too (`Route`).

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, COURSE_NOT_SENSIBLE, ROUTE_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_BRANCH)
    check_course(course)
    if station_id in also_at or len(set(also_at)) != len(also_at) or len(also_at) > MOST_ALSO_AT:
        raise DomainError("ROUTE_NOT_SENSIBLE", most=MOST_ALSO_AT)
    for each in (station_id, *also_at):
        await work.get(Station, each)
    said = {
        "category_id": category_id,
        "item_id": item_id,
        "course": course,
        "kind": "" if kind is None else str(kind),
        "station_id": station_id,
        "also_at": [str(each) for each in also_at],
        "active": True,
    }
    known = await work.session.get(Route, (work.organization_id, route_id))
    if known is None:
        place = {"organization_id": work.organization_id, "branch_id": branch_id or work.branch_id}
        return work.add(Route(**place, id=route_id, **said))
    for field, value in said.items():
        if getattr(known, field) != value:
            setattr(known, field, value)
    return known


async def end_route(work: Work, route_id: UUID) -> None:
    """Let a route hold no longer.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.EDIT_BRANCH)
    route = await work.get(Route, route_id)
    route.active = False


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
    settings = await _settings(work, station_id, None, Setting.COVERED_BY)
    settings.covered_by = by


async def _settings(work: Work, station_id: UUID, branch_id: UUID | None, setting: Setting) -> StationSettings:
    station, branch_id = await work.get(Station, station_id), branch_id or work.branch_id
    key = settings_id(branch_id, station.id, setting)
    found = await work.session.get(StationSettings, (work.organization_id, key))
    if found is not None:
        return found
    return work.add(
        StationSettings(
            organization_id=work.organization_id, branch_id=branch_id, id=key, station_id=station.id, thresholds=[]
        )
    )
