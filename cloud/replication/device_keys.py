"""The public keys of devices, and which devices of a branch may still ask."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from sync.door import Door

_KEY = """
    SELECT public_key FROM control.device AS d WHERE d.id = ? AND d.revoked_at IS NULL AND NOT EXISTS
    (SELECT 1 FROM devices AS r WHERE r.organization_id = d.organization_id AND r.id = d.id AND r.revoked)
"""
"""The row of a device counts, too: the control plane forgets a revocation when it is put back from a backup."""
_ACTIVE = """
    SELECT id FROM control.device AS d WHERE d.organization_id = ? AND d.branch_id = ? AND d.revoked_at IS NULL
    AND NOT EXISTS
    (SELECT 1 FROM devices AS r WHERE r.organization_id = d.organization_id AND r.id = d.id AND r.revoked)
"""

KeyOf = Callable[[Door, EnrolledDevice], bytes | None]
"""Gives the public key of a device; None if it was revoked."""
ActiveIn = Callable[[Door, UUID, UUID], frozenset[UUID]]
"""Gives the devices of a branch that were not revoked."""


def key_of(door: Door, device: EnrolledDevice) -> bytes | None:
    """The public key in the control plane."""
    key: bytes | None = door.value(_KEY, door.key(device.device_id.bytes))
    return key


def active_in(door: Door, organization_id: UUID, branch_id: UUID) -> frozenset[UUID]:
    """The devices of a branch in the control plane that were not revoked."""
    rows = door.rows(_ACTIVE, door.key(organization_id.bytes), door.key(branch_id.bytes))
    return frozenset(UUID(bytes=row[0]) for row in rows)
