"""The replicated rows of devices: written when one enrols, named anew, marked when one is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cloud.database.transaction import ControlSession
from cloud.replication.units import CloudUnits
from shared.kernel.permissions import SYSTEM, Actor
from shared.tenancy.commands import enrol_device, rename_device, revoke_device
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


class DeviceEnrolled:
    """Writes the replicated row of a device that has just enrolled."""

    def __init__(self, units: CloudUnits) -> None:
        self._units = units

    async def __call__(self, session: ControlSession, device: NewDevice) -> None:
        """Write the row in the enrolling transaction, in the organization's own stream."""
        async with self._units.on(session, device.organization_id, SYSTEM, device.branch_id) as work:
            await enrol_device(work, device.device_id, device.branch_id, device.name, device.kind, device.public_key)


class DeviceRevoked:
    """Marks the replicated row of a device as revoked."""

    def __init__(self, units: CloudUnits) -> None:
        self._units = units

    async def __call__(self, session: ControlSession, organization_id: UUID, device_id: UUID) -> None:
        """Mark the row in the revoking transaction, in the organization's own stream."""
        async with self._units.on(session, organization_id, SYSTEM) as work:
            await revoke_device(work, device_id)


class DeviceRenamed:
    """Writes another name into the replicated row of a device."""

    def __init__(self, units: CloudUnits) -> None:
        self._units = units

    async def __call__(
        self, session: ControlSession, organization_id: UUID, device_id: UUID, name: str, actor: Actor
    ) -> None:
        """Write the name in the renaming transaction, in the organization's own stream."""
        async with self._units.on(session, organization_id, actor) as work:
            await rename_device(work, device_id, name)
