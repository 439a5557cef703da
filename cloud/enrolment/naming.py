"""Naming a device anew: in its replicated row, which all devices read, and beside its key."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from cloud.control.audit import note
from cloud.database.control_records import DeviceKey
from cloud.database.transaction import Database, enter_organization
from cloud.enrolment.ports import RenameDevice
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.permissions import Actor
from shared.kernel.text import clean


class Naming:
    """Names devices.

    Args:
        rename_device: writes the name into the replicated row.
        told: called with the organization afterwards, so that those who wait learn of it.
    """

    def __init__(
        self, database: Database, clock: Clock, rename_device: RenameDevice, told: Callable[[UUID], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._rename_device = rename_device
        self._told = told

    async def rename(self, device_id: UUID, name: str, actor: Actor, may: Callable[[DeviceKey], bool]) -> DeviceKey:
        """Give a device another name.

        Args:
            may: whether the caller may know of that device.

        Raises:
            DomainError: NAME_MISSING, DEVICE_UNKNOWN, NOT_PERMITTED.
        """
        if not clean(name):
            raise DomainError("NAME_MISSING")
        async with self._database.control() as session:
            found: DeviceKey | None = await session.scalar(
                select(DeviceKey).where(DeviceKey.id == device_id).with_for_update()
            )
            if found is None or not may(found):
                raise DomainError("DEVICE_UNKNOWN")
            if found.name == clean(name):
                return found
            note(
                session,
                self._clock.now(),
                "device.rename",
                organization_id=found.organization_id,
                subject_id=found.id,
                subject=clean(name),
                details={"before": found.name, "after": clean(name)},
            )
            found.name = clean(name)
            await session.flush()
            await enter_organization(session, found.organization_id)
            await self._rename_device(session, found.organization_id, found.id, found.name, actor)
        self._told(found.organization_id)
        return found
