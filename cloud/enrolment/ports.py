"""What enrolment needs from `replication/`: writing the replicated rows of devices."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from cloud.database.transaction import ControlSession
from cloud.replication.device_rows import NewDevice
from shared.kernel.permissions import Actor


class RevokeDevice(Protocol):
    """Marks the replicated `Device` row as revoked, so that the other devices learn of it."""

    async def __call__(self, session: ControlSession, organization_id: UUID, device_id: UUID) -> None:
        """Called in the transaction that revokes the device (by then set to the tenant). It never commits."""
        ...


class RenameDevice(Protocol):
    """Writes another name into the replicated `Device` row."""

    async def __call__(
        self, session: ControlSession, organization_id: UUID, device_id: UUID, name: str, actor: Actor
    ) -> None:
        """Called in the transaction that renames the device (by then set to the tenant). It never commits."""
        ...


class RegisterDevice(Protocol):
    """Writes the replicated `Device` row: it gives the device its letter, and the other devices learn of it."""

    async def __call__(self, session: ControlSession, device: NewDevice) -> None:
        """Called once per device, in the transaction that enrols it (by then set to the tenant). It never commits."""
        ...
