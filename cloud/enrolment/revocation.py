"""Shutting a device out: from then on it gets no token and no answer, and every other device knows."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from cloud.control.records import DeviceKey
from cloud.database.transaction import Database, enter_organization
from cloud.enrolment.ports import ShutDeviceOut
from cloud.kernel.problem import Problem
from shared.kernel.instants import Clock


class Revocation:
    """The way out for devices.

    Args:
        shut_device_out: writes it into the replicated row of the device.
    """

    def __init__(self, database: Database, clock: Clock, shut_device_out: ShutDeviceOut) -> None:
        self._database = database
        self._clock = clock
        self._shut_device_out = shut_device_out

    async def revoke(self, device_id: UUID, may: Callable[[DeviceKey], bool] = lambda _device: True) -> DeviceKey:
        """Shut a device out for good; a device that was shut out before stays so. What it has sent stays, too.

        Args:
            may: whether whoever asks may know of that device.

        Raises:
            Problem: DEVICE_UNKNOWN.
        """
        async with self._database.control() as session:
            found: DeviceKey | None = await session.scalar(
                select(DeviceKey).where(DeviceKey.id == device_id).with_for_update()
            )
            if found is None or not may(found):
                raise Problem("DEVICE_UNKNOWN", 404)
            if found.revoked_at is None:
                found.revoked_at = self._clock.now()
                await session.flush()
                await enter_organization(session, found.organization_id)
                await self._shut_device_out(session, found.organization_id, found.id)
        return found
