"""The cloud's own units of work: in a tenant's transaction, under the cloud's identity in that organization."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from cloud.kernel.unavailable import Unavailable
from cloud.replication.dues import Dues, PostgresDues, whole
from cloud.replication.generations import Generations
from cloud.replication.numbers import CloudNumbers, NoNumbers, letter_of
from shared.kernel.errors import NotFound
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import Actor, DeviceKind
from shared.kernel.sealed import UNWRAPPED, KeyWrapping
from shared.kernel.work import BranchContext, Numbers, Work
from shared.records import metadata
from shared.tenancy.records import Branch, Organization
from sync.author import Author, cloud_device
from sync.declared import derivations_of, listeners_of
from sync.feed import Listener
from sync.tables import specs
from sync.unit import unit_of_work
from sync.writing import StreamClosed

MOST_AUTHORS = 2_000
"""Organizations that the cloud writes in at a time; another one's author is made again."""


class CloudUnits:
    """Opens units of work for a tenant.

    Args:
        ids: where the ids of new rows come from.
        generations: in which generation the cloud writes.
        wrapping: how the keys of sealed fields are stored.
        more: a further listener of the feed, by organization.
        dues: where a fold is asked for of what waited for a row that the cloud writes; by default on PostgreSQL.
        written: called with the organization after each unit of work that is committed here.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        generations: Generations | None = None,
        wrapping: KeyWrapping = UNWRAPPED,
        more: Callable[[UUID], Listener] | None = None,
        dues: Dues | None = None,
        written: Callable[[UUID], None] = lambda _organization_id: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self.ids = ids
        self.generations = generations or Generations()
        self._wrapping = wrapping
        self._more = more
        self.dues = dues or PostgresDues(database)
        self._written = written
        self._authors: Recent[UUID, Author] = Recent(MOST_AUTHORS)

    def author(self, organization_id: UUID) -> Author:
        """The cloud as an author in this organization and generation, with all listeners of the feed."""
        author, number = self._authors.get(organization_id), self.generations.number
        if author is None or author.incarnation != number:
            tables = specs(metadata)
            author = Author(
                organization_id,
                cloud_device(organization_id),
                number,
                True,
                self._clock,
                metadata,
                (*listeners_of(organization_id, tables), *([self._more(organization_id)] if self._more else ())),
                derivations_of(organization_id, tables),
                kind=DeviceKind.CLOUD,
                wrapping=self._wrapping,
                woken=lambda door: self.dues.ask(door, whole(organization_id)),
            )
            self._authors.put(organization_id, author)
        return author

    @asynccontextmanager
    async def work(self, organization_id: UUID, actor: Actor, branch_id: UUID | None = None) -> AsyncIterator[Work]:
        """A unit of work of that tenant in a transaction of its own, committed when the block ends."""
        async with (
            self._database.write(organization_id) as session,
            self.on(session, organization_id, actor, branch_id) as work,
        ):
            yield work
        self._written(organization_id)

    @asynccontextmanager
    async def on(
        self, session: AsyncSession, organization_id: UUID, actor: Actor, branch_id: UUID | None = None
    ) -> AsyncIterator[Work]:
        """A unit of work in a transaction that the caller commits.

        Raises:
            DomainError: DATABASE_UNAVAILABLE (another server has begun a generation; the next try writes in that).
        """
        author = self.author(organization_id)
        place = BranchContext(organization_id, None, author.device_id)
        numbers: Numbers = NoNumbers()
        if branch_id is not None:
            generation = self.generations.number
            place = replace(await _within_branch(session, place, branch_id), letter=letter_of(generation))
            numbers = CloudNumbers(organization_id, branch_id, generation)
        try:
            async with unit_of_work(session, author, actor, place, self.ids, numbers, commit=False) as unit:
                yield unit.work
        except StreamClosed as closed:
            await self.generations.look(self._database)
            raise Unavailable from closed


async def _within_branch(session: AsyncSession, place: BranchContext, branch_id: UUID) -> BranchContext:
    """The context of a branch: its zone, day, currency and language, read with one statement.

    Raises:
        NotFound: there is no such branch.
    """
    found = await session.execute(
        sa.select(Branch.zone, Branch.cutoff_minutes, Organization.currency, Organization.language)
        .outerjoin_from(Branch, Organization, Organization.organization_id == Branch.organization_id)
        .where(Branch.organization_id == place.organization_id, Branch.id == branch_id)
    )
    row = found.first()
    if row is None:
        raise NotFound("branches", branch_id)
    return replace(
        place,
        branch_id=branch_id,
        zone=row.zone,
        cutoff_minutes=row.cutoff_minutes,
        currency=row.currency or place.currency,
        language=row.language or place.language,
    )
