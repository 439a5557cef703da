"""What enrolment needs from the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cloud.database.transaction import ControlSession
from shared.tenancy.records import DeviceKind


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that has just been let in."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID
    kind: DeviceKind
    name: str
    public_key: bytes
    pin_pepper: bytes = b""


class ShutDeviceOut(Protocol):
    """Marks the replicated `Device` row as revoked, which tells the other devices of it."""

    async def __call__(self, session: ControlSession, organization_id: UUID, device_id: UUID) -> None:
        """Called in the transaction that shuts the device out (by now the tenant's); it never commits."""
        ...


class RegisterDevice(Protocol):
    """Writes the replicated `Device` row, which gives the device its letter and tells the other devices of it."""

    async def __call__(self, session: ControlSession, device: NewDevice) -> None:
        """Called once a device, in the transaction that lets it in (by now the tenant's); it never commits."""
        ...
