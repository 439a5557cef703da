"""Founding points of food safety, and writing their log. No entry is altered: a correction is an entry of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from shared.kernel.errors import DomainError, NotFound, NotPermitted
from shared.kernel.permissions import Permission
from shared.kernel.quantity import format_quantity
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.safety.records import PointKind, SafetyPoint, SafetyReading, is_within

MAX_ACTION_CHARACTERS = 280
MOST_DAYS_BACK = 7
"""Who writes down what they saw longer ago remembers nothing of it."""
CLOCKS_DIFFER = timedelta(minutes=5)


async def add_point(
    work: Work,
    name: str,
    kind: PointKind,
    *,
    unit: str = "",
    low_milli: int | None = None,
    high_milli: int | None = None,
    times: Sequence[int] = (),
    every_minutes: int = 0,
    position: int = 0,
    names: Mapping[str, str] = MappingProxyType({}),
    branch_id: UUID | None = None,
    point_id: UUID | None = None,
) -> SafetyPoint:
    """A point that a branch checks. Run on the cloud.

    Args:
        low_milli, high_milli: limits in thousandths of the unit; None: none. Without both it is done or not done.
        times: minutes after midnight at which an entry is due.
        every_minutes: after the last entry the next one is due; 0: never.

    Raises:
        DomainError: NOT_PERMITTED, LIMITS_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_BRANCH)
    if low_milli is not None and high_milli is not None and low_milli > high_milli:
        raise DomainError("LIMITS_NOT_SENSIBLE", low=format_quantity(low_milli), high=format_quantity(high_milli))
    return work.add(
        SafetyPoint(
            organization_id=work.organization_id,
            branch_id=branch_id or work.branch_id,
            id=point_id or work.ids.new(),
            name=clean(name, 120),
            names={language: clean(said, 120) for language, said in names.items()},
            kind=kind,
            unit=clean(unit, 12),
            low_milli=low_milli,
            high_milli=high_milli,
            times=sorted(set(times)),
            every_minutes=every_minutes,
            position=position,
        )
    )


async def log_reading(
    work: Work,
    point_id: UUID,
    reading_id: UUID,
    value_milli: int | None = None,
    *,
    was_done: bool = True,
    action: str = "",
    claimed_at: datetime | None = None,
    corrects: UUID | None = None,
) -> SafetyReading:
    """Write down what was found at a point.

    Args:
        value_milli: in thousandths of the point's unit; of a point without limits None.
        was_done: of a point without limits, whether it was done.
        action: what was done about a value out of limits, or about what was not done.
        claimed_at: when it was found; None: now.
        corrects: the entry in whose place this one stands.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, VALUE_MISSING, ACTION_MISSING, CLAIMED_LATER, CLAIMED_LONG_AGO.
    """
    work.require(Permission.LOG_SAFETY)
    if work.actor.staff_id is None:
        raise NotPermitted(Permission.LOG_SAFETY)
    point = await work.get(SafetyPoint, point_id)
    if corrects is not None and (await work.get(SafetyReading, corrects)).point_id != point_id:
        raise NotFound(SafetyReading.__tablename__, corrects)
    is_measured = point.low_milli is not None or point.high_milli is not None
    if is_measured and value_milli is None:
        raise DomainError("VALUE_MISSING", point=point.name)
    passed = was_done if value_milli is None else is_within(value_milli, point.low_milli, point.high_milli)
    action = clean(action, MAX_ACTION_CHARACTERS)
    if not passed and not action:
        raise DomainError("ACTION_MISSING", point=point.name)
    return work.add(
        SafetyReading(
            organization_id=work.organization_id,
            branch_id=point.branch_id,
            id=reading_id,
            point_id=point.id,
            point_name=point.name,
            unit=point.unit,
            low_milli=point.low_milli,
            high_milli=point.high_milli,
            value_milli=value_milli,
            passed=passed,
            action=action,
            claimed_at=_claimed(work, claimed_at),
            typed_at=work.now,
            person_id=work.actor.staff_id,
            person_name=work.actor.name,
            corrects=corrects,
        )
    )


def _claimed(work: Work, at: datetime | None) -> datetime:
    if at is None:
        return work.now
    if at > work.now + CLOCKS_DIFFER:
        raise DomainError("CLAIMED_LATER")
    if at < work.now - timedelta(days=MOST_DAYS_BACK):
        raise DomainError("CLAIMED_LONG_AGO", days=MOST_DAYS_BACK)
    return at
