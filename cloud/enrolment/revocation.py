"""Revoking a device: from then on it gets no token and no answer, and every other device learns of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from cloud.control.audit import note
from cloud.database.control_records import DeviceKey
from cloud.database.transaction import Database, enter_organization
from cloud.enrolment.ports import RevokeDevice
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock


class Revocation:
    """Revokes devices.

    Args:
        revoke_device: marks the replicated row of the device.
        told: called with the organization afterwards, so that nobody goes on being answered from memory.
    """

    def __init__(
        self, database: Database, clock: Clock, revoke_device: RevokeDevice, told: Callable[[UUID], None]
    ) -> None:
        self._told = told
        self._database = database
        self._clock = clock
        self._revoke_device = revoke_device

    async def revoke(self, device_id: UUID, may: Callable[[DeviceKey], bool] = lambda _device: True) -> DeviceKey:
        """Revoke a device for good. Revoking it again changes nothing. What it has sent stays.

        Args:
            may: whether the caller may know of that device.

        Raises:
            DomainError: DEVICE_UNKNOWN.
        """
        async with self._database.control() as session:
            found: DeviceKey | None = await session.scalar(
                select(DeviceKey).where(DeviceKey.id == device_id).with_for_update()
            )
            if found is None or not may(found):
                raise DomainError("DEVICE_UNKNOWN")
            if found.revoked_at is None:
                found.revoked_at = self._clock.now()
                await session.flush()
                note(
                    session,
                    found.revoked_at,
                    "device.revoke",
                    organization_id=found.organization_id,
                    subject_id=found.id,
                    subject=found.name,
                )
                await enter_organization(session, found.organization_id)
                await self._revoke_device(session, found.organization_id, found.id)
        self._told(found.organization_id)
        return found
