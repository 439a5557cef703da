"""What enrolment needs from `replication/`: writing the replicated rows of devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cloud.database.transaction import ControlSession
from shared.tenancy.records import DeviceKind


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that has just enrolled, and the public key with which it checks what the cloud signed."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID
    kind: DeviceKind
    name: str
    public_key: bytes
    pin_pepper: bytes = b""
    cloud_key: bytes = b""


class RevokeDevice(Protocol):
    """Marks the replicated `Device` row as revoked, so that the other devices learn of it."""

    async def __call__(self, session: ControlSession, organization_id: UUID, device_id: UUID) -> None:
        """Called in the transaction that revokes the device (by then set to the tenant). It never commits."""
        ...


class RegisterDevice(Protocol):
    """Writes the replicated `Device` row: it gives the device its letter, and the other devices learn of it."""

    async def __call__(self, session: ControlSession, device: NewDevice) -> None:
        """Called once per device, in the transaction that enrols it (by then set to the tenant). It never commits."""
        ...
