"""What screens and lists show of food safety: the points with their last entry, and the entries of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Instant
from shared.kernel.language import Language, spoken
from shared.kernel.stamps import stamp_milliseconds, written_at
from shared.safety.records import PointKind, SafetyPoint, SafetyReading, is_within
from shared.safety.rules import due_since

Reader = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class PointView:
    """A point that the branch checks, and when its last entry was found to be so."""

    id: UUID
    name: str
    names: tuple[tuple[str, str], ...]
    kind: PointKind
    unit: str
    low_milli: int | None
    high_milli: int | None
    times: tuple[int, ...]
    every_minutes: int
    last_at: datetime | None
    added_at: datetime | None = None
    """Since when the branch checks it; None if nobody knows."""

    @property
    def is_measured(self) -> bool:
        """Whether a value is written down; else it is done or not done."""
        return self.low_milli is not None or self.high_milli is not None

    def title(self, language: Language) -> str:
        """Its name in a language."""
        return spoken(self.name, dict(self.names), language)

    def passes(self, value_milli: int) -> bool:
        """Whether a value is within its limits."""
        return is_within(value_milli, self.low_milli, self.high_milli)

    def due_since(self, now: datetime, zone: str) -> datetime | None:
        """Since when an entry is due; None if none is."""
        return due_since(self.times, self.every_minutes, self.last_at, now, zone, self.added_at)


@dataclass(frozen=True, slots=True)
class ReadingView:
    """An entry of the log. `corrected`: another entry stands in its place."""

    id: UUID
    point_id: UUID
    point_name: str
    unit: str
    low_milli: int | None
    high_milli: int | None
    value_milli: int | None
    passed: bool
    action: str
    claimed_at: datetime
    typed_at: datetime
    person_name: str
    corrects: UUID | None
    corrected: bool

    @property
    def typed_later(self) -> timedelta:
        """How long after it was found it was typed."""
        return self.typed_at - self.claimed_at


async def points(reader: Reader, organization_id: UUID, branch_id: UUID) -> list[PointView]:
    """The points of a branch in their order, with when their last entries were; one statement."""
    given = {"organization": organization_id, "branch": branch_id}
    return [
        PointView(
            row.id,
            row.name,
            tuple(sorted((row.names or {}).items())),
            row.kind,
            row.unit,
            row.low_milli,
            row.high_milli,
            tuple(row.times),
            row.every_minutes,
            row.last_at,
            _added_at(row.stamps),
        )
        for row in await reader.execute(_statements().points, given)
    ]


async def readings(
    reader: Reader, organization_id: UUID, branch_id: UUID, since: datetime, until: datetime
) -> list[ReadingView]:
    """The entries of a time, by when they were found to be so; those in whose place others stand, too."""
    given = {"organization": organization_id, "branch": branch_id, "since": since, "until": until}
    rows = (await reader.execute(_statements().readings, given)).all()
    return [ReadingView(**{name: getattr(row, name) for name in ReadingView.__dataclass_fields__}) for row in rows]


def _added_at(stamps: bytes) -> datetime | None:
    """When a row was created, by its stamps: no edit of it has the stamp of its id."""
    stamp, _stream = written_at(stamps, "id")
    return datetime.fromtimestamp(stamp_milliseconds(stamp) / 1_000, UTC) if stamp else None


class _Statements(NamedTuple):
    points: sa.Select[Any]
    readings: sa.Select[Any]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    point, reading = SafetyPoint.__table__.c, SafetyReading.__table__
    later = reading.alias("later")
    last = (
        sa.select(sa.func.max(reading.c.claimed_at, type_=Instant()))
        .where(reading.c.organization_id == point.organization_id, reading.c.point_id == point.id)
        .scalar_subquery()
        .label("last_at")
    )
    corrected = sa.exists().where(
        later.c.organization_id == reading.c.organization_id,
        later.c.point_id == reading.c.point_id,
        later.c.corrects == reading.c.id,
    )
    return _Statements(
        points=sa.select(SafetyPoint.__table__, last)
        .where(
            point.organization_id == sa.bindparam("organization"),
            point.branch_id == sa.bindparam("branch"),
            point.active,
        )
        .order_by(point.position, point.id),
        readings=sa.select(reading, corrected.label("corrected"))
        .where(
            reading.c.organization_id == sa.bindparam("organization"),
            reading.c.branch_id == sa.bindparam("branch"),
            reading.c.claimed_at >= sa.bindparam("since"),
            reading.c.claimed_at < sa.bindparam("until"),
        )
        .order_by(reading.c.claimed_at, reading.c.typed_at, reading.c.id),
    )
