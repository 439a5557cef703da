"""The unit of work: everything that a command may use, and nothing else.

A command is `async def name(work: Work, ...)`. It reads and adds records through the work and takes time and ids from
it. It never commits: the unit commits when its block ends (see `sync/unit.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.errors import AboveLimit, LacksRight, NotFound, NotPermitted
from shared.kernel.ids import IdSource
from shared.kernel.instants import BusinessDate, business_date, local_time
from shared.kernel.permissions import Actor, Permission
from shared.kernel.records import Record
from shared.kernel.sealed import UNWRAPPED, KeyWrapping

T = TypeVar("T", bound=Record)


FIRST_CURRENCY = "PEN"
"""Of an organization that has not said its own yet."""


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
    currency: str = FIRST_CURRENCY
    language: str = "es"


class Numbers(Protocol):
    """Counters of numbers. Each belongs to one device, so that no other replica is asked; taken in the transaction."""

    async def next(self, session: AsyncSession, series: str) -> int:
        """The next number of a series, from 1, gapless."""
        ...


class Approver(Protocol):
    """Somebody who approves what the actor does, with their own rights (`shared/staff/approving.py`)."""

    def may(self, permission: Permission, amount_minor: int = 0) -> bool:
        """Whether they have the permission, for this amount if it is limited."""
        ...

    def approve(self, work: Work, permission: Permission, amount_minor: int, table: str, row: UUID) -> Record:
        """The row that says so, for one row of the command."""
        ...


class Work:
    """One unit of work.

    Attributes:
        session: the open transaction.
        actor: the person who acts, with their permissions.
        place: the organization and branch.
        ids: gives new keys.
        now: the instant at which the work began, the same for all that it writes.
        author: the stream that it writes into. A clone of a device is another author.
        wrapping: how this replica stores the keys of sealed fields.
        approver: who approves what the actor may not do by themselves, if anybody does.
        lent: the rights that a command required and the approver alone has, each with the greatest amount.
        shown: what the approver was shown: rights, each with the greatest amount that they approve. None: all that they
            may.
    """

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        place: BranchContext,
        ids: IdSource,
        now: datetime,
        numbers: Numbers,
        author: UUID,
        wrapping: KeyWrapping = UNWRAPPED,
    ) -> None:
        self.session = session
        self.author = author
        self.actor = actor
        self.place = place
        self.ids = ids
        self.now = now
        self.wrapping = wrapping
        self.approver: Approver | None = None
        self.lent: dict[Permission, int] = {}
        self.shown: Mapping[str, int] | None = None
        self._numbers = numbers
        self._lacking: dict[Permission, LacksRight] | None = None

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
        """Raise unless the actor (or who approves) has the permission, and for this amount if their role has a limit.

        Raises:
            LacksRight: NOT_PERMITTED, ABOVE_LIMIT (params: permission, limit_minor).
        """
        if self.actor.may(permission, amount_minor):
            return
        if self.may_lend(permission, amount_minor):
            self.lent[permission] = max(abs(amount_minor), self.lent.get(permission, 0))
        else:
            self.lacks(permission, amount_minor)

    def may_lend(self, permission: str, amount_minor: int = 0) -> bool:
        """Whether somebody approves this, and was shown as much."""
        if self.approver is None or not self.approver.may(Permission(permission), amount_minor):
            return False
        return self.shown is None or abs(amount_minor) <= self.shown.get(permission, -1)

    def lacks(self, permission: Permission, amount_minor: int = 0) -> None:
        """Refuse what takes a right that the actor lacks. After `finds_out` it is noted, and refused at the end.

        Raises:
            LacksRight: see `require`.
        """
        error: LacksRight = NotPermitted(permission, amount_minor)
        if self.actor.may(permission):
            error = AboveLimit(permission, amount_minor, self.actor.limits[permission])
        if self._lacking is None:
            raise error
        known = self._lacking.get(permission)
        if known is None or known.acts[0][1] < abs(amount_minor):
            self._lacking[permission] = error

    def finds_out(self) -> None:
        """Let the command run on where a right is lacking, and refuse it at its end: then all that lacks is known.

        So an approver is asked once, for all of it with its amounts, and never for what is refused anyway.
        """
        self._lacking = {}

    def refuse_what_lacks(self) -> None:
        """Refuse the command if a right was lacking. The unit of work calls it before it commits.

        Raises:
            LacksRight: the first one, with all that is lacking.
        """
        if self._lacking:
            errors = list(self._lacking.values())
            raise errors[0].needing(act for error in errors for act in error.acts)

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
