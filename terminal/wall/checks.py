"""When the points of food safety were checked last, by the clock of this device.

An entry says when it was found and when it was typed, both by the clock of the device on which it was typed. A clock
that is a day ahead would keep every other device quiet for a day: an entry is as old as this device heard of it,
corrected as `store/heard.py` does, less what lay between finding and typing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.columns import Key
from shared.safety.queries import PointView
from shared.safety.records import SafetyReading
from terminal.clock import Moment
from terminal.store.heard import MOMENT, Heard, happened, kitchen_heard

MOST_CHECKS = 500
"""So many of the newest entries are looked at: weeks of a house, so that each point that is checked is among them."""


async def last_checks(connection: AsyncConnection, organization_id: UUID, now: Moment) -> Mapping[UUID, datetime]:
    """By point, when its last entry was found to be so, of the entries of which this device heard; one statement."""
    found: dict[UUID, datetime] = {}
    for row in await connection.execute(_newest(), {"organization": organization_id}):
        when = happened(row, now)
        if when is not None:
            at = min(when.at - (row.typed_at - row.claimed_at), when.at)
            found[row.point_id] = max(at, found.get(row.point_id, at))
    return found


def as_heard(point: PointView, checked_at: datetime | None, now: datetime) -> PointView:
    """A point with when it was checked last. What claims to be later than now, and was not heard of, says nothing.

    Args:
        checked_at: as this device heard of it; None: it heard of no entry.
    """
    if checked_at is not None:
        return replace(point, last_at=checked_at)
    is_possible = point.last_at is None or point.last_at <= now
    return point if is_possible else replace(point, last_at=None)


@cache
def _newest() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    heard, reading = kitchen_heard.c, SafetyReading.__table__.c
    newest = (
        sa.select(kitchen_heard)
        .where(heard.what == Heard.SAFETY)
        .order_by(heard.place.desc())
        .limit(MOST_CHECKS)
        .subquery()
    )
    moment = [newest.c[each.name] for each in MOMENT]
    same = reading.id == sa.type_coerce(newest.c.row_id, reading.id.type)
    return (
        sa.select(reading.point_id, reading.claimed_at, reading.typed_at, *moment)
        .join_from(newest, SafetyReading.__table__, same)
        .where(reading.organization_id == sa.bindparam("organization", type_=Key()))
    )
