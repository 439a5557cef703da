"""What a manager looks at of the day besides sales: people and their deeds, and the devices heard from. No Textual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.books.people_day import PeopleDay, people_day
from shared.drawers.rules import day_of_money
from shared.kernel.instants import BusinessDate, day_begins, from_microseconds
from shared.kernel.permissions import DeviceKind
from shared.kernel.stamps import COUNTER_BITS
from shared.tenancy.queries import devices_of_branch
from sync.door import through
from sync.log import newest_stamps
from terminal.snapshots.keeping import Snapshots


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """A device of the branch, and the instant of the last thing that is known of it, by its own clock.

    Attributes:
        is_this: whether it is the one that is looked at.
        last_at: None: nothing was ever heard of it.
        is_of_today: whether that was since the business day began.
    """

    id: UUID
    name: str
    kind: DeviceKind
    is_this: bool
    last_at: datetime | None
    is_of_today: bool

    @property
    def is_missing(self) -> bool:
        """Whether lists of today lack its part: it was heard of once, and not today."""
        return not self.is_this and not self.is_of_today and self.last_at is not None


class TodayDesk:
    """See the module. Made by the desk."""

    def __init__(self, desk: Snapshots) -> None:
        self._desk = desk

    @property
    def day(self) -> BusinessDate:
        """The business date for which this device takes money now."""
        desk = self._desk
        sessions = (view.session for view in desk.drawers.sessions)
        return BusinessDate(day_of_money(sessions, desk.store.identity.device_id, desk.business_day))

    async def people(self) -> PeopleDay:
        """What each person sold and did on this day."""
        identity, context = self._desk.store.identity, self._desk.store.branch_context
        async with self._desk.store.reading() as connection:
            return await people_day(
                connection,
                identity.organization_id,
                identity.branch_id,
                self.day,
                context.zone,
                context.cutoff_minutes,
                context.currency,
                self._desk.now(),
            )

    async def devices(self) -> tuple[DeviceNews, ...]:
        """The devices of the branch, by name."""
        identity, context = self._desk.store.identity, self._desk.store.branch_context
        async with self._desk.store.reading(briefly=True) as connection:
            stamps: Mapping[UUID, int] = await through(connection, newest_stamps, identity.organization_id.bytes)
            found = await devices_of_branch(connection, identity.organization_id, identity.branch_id)
        begins = day_begins(self.day, context.zone, context.cutoff_minutes)
        last = {device: from_microseconds((stamp >> COUNTER_BITS) * 1_000) for device, stamp in stamps.items() if stamp}
        return tuple(
            DeviceNews(
                each.id,
                each.name,
                each.kind,
                each.id == identity.device_id,
                last.get(each.id),
                is_of_today=each.id in last and last[each.id] >= begins,
            )
            for each in found
        )
