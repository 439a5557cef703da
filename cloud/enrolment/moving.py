"""Moving a device to another branch: it gets a code with which it enrols anew there, once it has sent what waits.

Its branch and its letter are ledgers: a device that moves is another device afterwards. The old one is revoked in the
transaction that enrols the new one, so that there is never none and never both. Until then nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from cloud.database.control_records import DeviceKey
from cloud.database.transaction import Database
from cloud.enrolment.commands import Enrolment, OpenedPairing
from shared.kernel.errors import DomainError


class Moving:
    """Gives out the codes with which devices move."""

    def __init__(self, database: Database, enrolment: Enrolment) -> None:
        self._database = database
        self._enrolment = enrolment

    async def open(
        self, device_id: UUID, branch_id: UUID, created_by: UUID | None, may: Callable[[DeviceKey], bool]
    ) -> tuple[DeviceKey, OpenedPairing]:
        """Give out a code with which that device enrols itself in another branch. It works for ten minutes.

        Args:
            may: whether the caller may know of that device.

        Raises:
            DomainError: DEVICE_UNKNOWN, also if it is revoked; DEVICE_IS_THERE; BRANCH_UNKNOWN, BRANCH_CLOSED.
        """
        async with self._database.control() as session:
            found = await session.get(DeviceKey, device_id)
        if found is None or found.revoked_at is not None or not may(found):
            raise DomainError("DEVICE_UNKNOWN")
        if found.branch_id == branch_id:
            raise DomainError("DEVICE_IS_THERE")
        async with self._database.write(found.organization_id) as session:
            opened = await self._enrolment.open_pairing(
                session,
                organization_id=found.organization_id,
                branch_id=branch_id,
                kind=found.kind,
                name=found.name,
                created_by=created_by,
                moves_id=found.id,
            )
        return found, opened
