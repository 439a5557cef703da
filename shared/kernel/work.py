"""The unit of work: everything that a command may use, and nothing else.

A command is `async def name(work: Work, ...)`. It reads and adds records through the work and takes time and ids from
it. It never commits: the unit commits when its block ends (see `sync/unit.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.errors import DomainError, NotFound, NotPermitted
from shared.kernel.ids import IdSource
from shared.kernel.instants import BusinessDate, business_date, local_time
from shared.kernel.permissions import Actor, Permission
from shared.kernel.records import Record
from shared.kernel.sealed import UNWRAPPED, KeyWrapping

T = TypeVar("T", bound=Record)


@dataclass(frozen=True, slots=True)
class BranchContext:
    """The tenant of a unit of work and, if it is of a branch, the branch with its day, currency and language.

    Attributes:
        letter: the device's own letter, first part of every number that people read.
        zone: IANA time zone of the branch.
        cutoff_minutes: minutes after midnight at which the business day begins.
    """

    organization_id: UUID
    branch_id: UUID | None
    device_id: UUID
    letter: str = ""
    zone: str = "UTC"
    cutoff_minutes: int = 0
    currency: str = "PEN"
    language: str = "es"


class Numbers(Protocol):
    """Counters of numbers. Each belongs to one device, so that no other replica is asked; taken in the transaction."""

    async def next(self, session: AsyncSession, series: str) -> int:
        """The next number of a series, from 1, gapless."""
        ...


class Work:
    """One unit of work.

    Attributes:
        session: the open transaction.
        actor: the person who acts, with their permissions.
        place: the organization and branch.
        ids: gives new keys.
        now: the instant at which the work began, the same for all that it writes.
        wrapping: how this replica stores the keys of sealed fields.
    """

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        place: BranchContext,
        ids: IdSource,
        now: datetime,
        numbers: Numbers,
        wrapping: KeyWrapping = UNWRAPPED,
    ) -> None:
        self.session = session
        self.actor = actor
        self.place = place
        self.ids = ids
        self.now = now
        self.wrapping = wrapping
        self._numbers = numbers

    @property
    def organization_id(self) -> UUID:
        """The tenant."""
        return self.place.organization_id

    @property
    def branch_id(self) -> UUID:
        """The branch of the device; a unit of work without a branch may not touch branch records."""
        if self.place.branch_id is None:
            raise NotFound("branch", "")
        return self.place.branch_id

    @property
    def business_date(self) -> BusinessDate:
        """The branch's business day at `now`."""
        return business_date(self.now, self.place.zone, self.place.cutoff_minutes)

    @property
    def local_date(self) -> date:
        """The civil date in the branch at `now`, which tax law goes by."""
        return local_time(self.now, self.place.zone).date()

    def require(self, permission: Permission, amount_minor: int = 0) -> None:
        """Raise unless the actor has the permission, and for this amount if their role has a limit.

        Raises:
            NotPermitted: the actor lacks it.
            DomainError: ABOVE_LIMIT (params: limit_minor).
        """
        if not self.actor.may(permission):
            raise NotPermitted(permission)
        if not self.actor.may(permission, amount_minor):
            raise DomainError("ABOVE_LIMIT", limit_minor=self.actor.limits[permission])

    def add(self, record: T) -> T:
        """Write a new record."""
        self.session.add(record)
        return record

    async def get(self, kind: type[T], key: UUID) -> T:
        """The record of this tenant with that id.

        Raises:
            NotFound: this replica has none.
        """
        found = await self.session.get(kind, (self.place.organization_id, key))
        if found is None:
            raise NotFound(kind.__tablename__, key)
        return found

    async def next_number(self, series: str) -> int:
        """The next number of one of the device's own series (params: its name, say `order:2026-11-23`)."""
        return await self._numbers.next(self.session, series)
