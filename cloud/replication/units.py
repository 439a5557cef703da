"""The cloud's own writing: units of work in a tenant's transaction, under the cloud's identity in that organization."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.transaction import ControlSession, Database
from cloud.enrolment.ports import NewDevice
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import SYSTEM, Actor
from shared.kernel.work import Place, Work
from shared.records import metadata
from shared.tenancy.commands import let_device_in, shut_device_out
from sync.author import Author, cloud_device
from sync.unit import unit_of_work


class NoNumbers:
    """The cloud opens no orders yet, so it has no series of its own."""

    async def next(self, session: AsyncSession, series: str) -> int:
        """Always raises: see the class."""
        msg = f"the cloud has no series {series}"
        raise LookupError(msg)


class CloudUnits:
    """Opens units of work for a tenant.

    Args:
        incarnation: the cloud's generation; raised when the cloud is restored from a backup.
    """

    def __init__(self, database: Database, clock: Clock, ids: IdSource, incarnation: int = 1) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._incarnation = incarnation

    def author(self, organization_id: UUID) -> Author:
        """The cloud as the author of this organization's scope."""
        cloud = cloud_device(organization_id)
        return Author(organization_id, cloud, self._incarnation, True, self._clock, metadata)

    @asynccontextmanager
    async def work(
        self, organization_id: UUID, actor: Actor, branch_id: UUID | None = None, currency: str = "PEN"
    ) -> AsyncIterator[Work]:
        """A unit of work of that tenant in a transaction of its own, committed when the block ends."""
        async with (
            self._database.write(organization_id) as session,
            self.on(session, organization_id, actor, branch_id, currency) as work,
        ):
            yield work

    @asynccontextmanager
    async def on(
        self,
        session: AsyncSession,
        organization_id: UUID,
        actor: Actor,
        branch_id: UUID | None = None,
        currency: str = "PEN",
    ) -> AsyncIterator[Work]:
        """A unit of work in a transaction that somebody else commits."""
        author = self.author(organization_id)
        place = Place(organization_id, branch_id, author.device_id, currency=currency)
        async with unit_of_work(session, author, actor, place, self._ids, NoNumbers(), commit=False) as unit:
            yield unit.work


class LetIn:
    """Implements `enrolment.ports.RegisterDevice`: the replicated row of a device that was just let in."""

    def __init__(self, units: CloudUnits) -> None:
        self._units = units

    async def __call__(self, session: ControlSession, device: NewDevice) -> None:
        """Write the row in the enrolling transaction, in the organization's own stream."""
        async with self._units.on(session, device.organization_id, SYSTEM, device.branch_id) as work:
            await let_device_in(work, device.device_id, device.branch_id, device.name, device.kind)


class ShutOut:
    """Implements `enrolment.ports.ShutDeviceOut`."""

    def __init__(self, units: CloudUnits) -> None:
        self._units = units

    async def __call__(self, session: ControlSession, organization_id: UUID, device_id: UUID) -> None:
        """Write it in the revoking transaction, in the organization's own stream."""
        async with self._units.on(session, organization_id, SYSTEM) as work:
            await shut_device_out(work, device_id)
