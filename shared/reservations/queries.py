"""Who is to come and who waits, as screens list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.sealed import (
    NAME_BYTES,
    UNWRAPPED,
    KeyWrapping,
    PersonKey,
    SealBroken,
    keys_named,
    sealed_subjects,
)
from shared.reservations.commands import place_of
from shared.reservations.records import Reservation, ReservationKind, ReservationStatus
from shared.reservations.rules import local_moment

FIELDS = ("name", "phone", "notes")
MOST_LISTED = 500
"""The next reservations that screens keep at hand: more than a house takes in weeks."""


@dataclass(frozen=True, slots=True)
class ReservationView:
    """A party that is to come, or that waits, as people read it.

    Attributes:
        day, minute: the local time that was said.
        at: the instant of it; `moved_minutes` later than said, where summer time skips it.
        forgotten: nobody can read name, phone and notes any more.
        unreadable: their key is not here (yet).
    """

    id: UUID
    kind: ReservationKind
    day: date
    minute: int
    at: datetime
    moved_minutes: int
    guests: int
    table_id: UUID | None
    status: ReservationStatus
    order_id: UUID | None
    made_at: datetime
    subject_id: UUID
    name: str = ""
    phone: str = ""
    notes: str = ""
    forgotten: bool = False
    unreadable: bool = False

    def __repr__(self) -> str:
        return "ReservationView(...)"  # no log line may hold a guest's name

    @property
    def is_open(self) -> bool:
        """Whether they are still to come, or wait."""
        return self.status in (ReservationStatus.ASKED, ReservationStatus.CONFIRMED)


async def reservations_from(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    day: date,
    zone: str,
    wrapping: KeyWrapping = UNWRAPPED,
) -> list[ReservationView]:
    """Those of a local day and later, by time; at most three statements."""
    rows = (await reader.execute(_from_day(), {"organization": organization_id, "branch": branch_id, "day": day})).all()
    values = [getattr(row, field) for row in rows for field in FIELDS if not row.forgotten]
    keys = await keys_named(reader, organization_id, values, wrapping)
    found = [_view(row, organization_id, zone, keys) for row in rows]
    return sorted(found, key=lambda each: (each.at, each.made_at, each.id))


def _view(row: Any, organization_id: UUID, zone: str, keys: Mapping[bytes, PersonKey]) -> ReservationView:
    moment = local_moment(row.day, row.minute, zone, row.made_at)
    texts, unreadable = dict.fromkeys(FIELDS, ""), False
    for field in FIELDS:
        value = getattr(row, field)
        if value is None or row.forgotten:
            continue
        try:
            texts[field] = keys[value[:NAME_BYTES]].open(place_of(organization_id, row.id, field), value)
        except (KeyError, SealBroken):
            unreadable = True
    return ReservationView(
        id=row.id,
        kind=row.kind,
        day=row.day,
        minute=row.minute,
        at=moment.at,
        moved_minutes=moment.moved_minutes,
        guests=row.guests,
        table_id=row.table_id,
        status=row.status.status,
        order_id=row.order_id,
        made_at=row.made_at,
        subject_id=row.subject_id,
        forgotten=bool(row.forgotten),
        unreadable=unreadable,
        **texts,
    )


@cache
def _from_day() -> sa.Select[Any]:
    of, subject = Reservation.__table__.c, sealed_subjects.c
    is_subject = sa.and_(
        subject.organization_id == of.organization_id,
        subject.scope_id == of.branch_id,
        subject.id == of.subject_id,
    )
    return (
        sa.select(Reservation.__table__, subject.forgotten)
        .select_from(Reservation.__table__.outerjoin(sealed_subjects, is_subject))
        .where(
            of.organization_id == sa.bindparam("organization", type_=Key()),
            of.branch_id == sa.bindparam("branch", type_=Key()),
            of.day >= sa.bindparam("day"),
        )
        .order_by(of.day, of.minute, of.id)
        .limit(MOST_LISTED)
    )
