"""Tells people what waits on this device for more than a day, and when it came right.

What waits on the cloud, too, is one exception with that, by its id; then the cloud says when it came right.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.exceptions.commands import note_event
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind, ParkedAt, exception_id
from shared.kernel.permissions import SYSTEM
from shared.kernel.work import Work
from sync.door import Door
from terminal.store.store import Store

DAY_MS = 24 * 60 * 60 * 1_000
LOOK_EVERY_MS = 10 * 60 * 1_000
"""Nobody waits for it, and an idle device pushes every few seconds."""
ASKED_AT_ONCE = 100
_PARKED = "SELECT stream_id, first_seq, last_seq, reason, parked_ms FROM sync_parked WHERE organization_id = ?"


class Parked(NamedTuple):
    """A transaction that waits on this device."""

    stream: UUID
    first: int
    last: int
    reason: str
    parked_ms: int

    @property
    def event(self) -> UUID:
        """The id of the exception about it, on every replica."""
        return exception_id(EventKind.QUARANTINED, self.stream, self.first)


class ParkedEvents:
    """Keeps the exceptions about what waits on the device of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked_ms: int | None = None

    async def tell(self) -> None:
        """Write and end exceptions, if the last time is a while ago. Waits for the first contact with the cloud."""
        now_ms = self._store.clock.milliseconds()
        if self._store.premises is None:
            return
        if self._looked_ms is not None and 0 <= now_ms - self._looked_ms < LOOK_EVERY_MS:
            return
        self._looked_ms = now_ms
        organization = self._store.identity.organization_id
        parked = await self._store.look(_parked, organization.bytes)
        late = {each.event: each for each in parked if now_ms - each.parked_ms >= DAY_MS}
        async with self._store.reading() as connection:
            rows = await connection.execute(
                sa.select(
                    ExceptionEvent.id,
                    ExceptionEvent.stream_id,
                    ExceptionEvent.size,
                    ExceptionEvent.came_right,
                    ExceptionEvent.details,
                ).where(
                    ExceptionEvent.organization_id == organization,
                    ExceptionEvent.kind == EventKind.QUARANTINED,
                    sa.or_(ExceptionEvent.size > ExceptionEvent.came_right, ExceptionEvent.id.in_(sorted(late))),
                )
            )
            known = {row.id: row for row in rows}
        untold = [each for key, each in late.items() if key not in known or known[key].came_right >= known[key].size]
        waits = {(each.stream, each.first) for each in parked}
        ended = [row.id for row in known.values() if self._is_over(row, waits)]
        for each in untold[:ASKED_AT_ONCE]:
            await self._store.run(SYSTEM, partial(_ask, about=each))
        for key in ended:
            await self._store.run(SYSTEM, partial(_end, key=key))

    def _is_over(self, event: sa.Row[UUID, UUID | None, int, int, Any], waits: set[tuple[UUID, int]]) -> bool:
        """Whether this device has asked, and what it asked about waits no more."""
        at = ParkedAt.told_by(event.details)
        if at is None or at.on != self._store.identity.device_id:
            return False
        return event.size > event.came_right and (event.stream_id, at.first) not in waits


def _parked(door: Door, organization: bytes) -> list[Parked]:
    return [Parked(UUID(bytes=row[0]), *row[1:]) for row in door.rows(_PARKED, door.key(organization))]


async def _ask(work: Work, about: Parked) -> None:
    device_id = work.place.device_id
    details = [{"first": about.first, "last": about.last, "on": device_id.hex if device_id else ""}]
    event = await work.session.get(ExceptionEvent, (work.organization_id, about.event))
    if event is None:
        cause = (about.stream, about.first)
        await note_event(
            work,
            EventKind.QUARANTINED,
            *cause,
            device_id=device_id,
            stream_id=about.stream,
            reason=about.reason,
            details=details,
        )
    elif event.came_right >= event.size:
        event.size, event.details = event.came_right + 1, details


async def _end(work: Work, key: UUID) -> None:
    event = await work.get(ExceptionEvent, key)
    event.came_right = event.size
