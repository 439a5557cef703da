"""The public keys of devices, which devices of a branch may still ask, and why another one may not.

A device of a branch or an organization that is closed may not ask, either. It keeps what it sells, and sends that once
the branch is open again.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from sync.door import Door

_IS_REVOKED = """
    (d.revoked_at IS NOT NULL OR EXISTS
    (SELECT 1 FROM devices AS r WHERE r.organization_id = d.organization_id AND r.id = d.id AND r.revoked))
"""
"""The row of a device counts, too: the control plane forgets a revocation when it is put back from a backup."""
_IN_CLOSED_ORGANIZATION = """
    EXISTS (SELECT 1 FROM control.organization AS o WHERE o.id = d.organization_id AND o.closed_at IS NOT NULL)
"""
_IN_CLOSED_BRANCH = """
    EXISTS (SELECT 1 FROM control.branch AS b WHERE b.organization_id = d.organization_id
    AND b.branch_id = d.branch_id AND b.closed_at IS NOT NULL)
"""
_MAY_ASK = f"NOT {_IS_REVOKED} AND NOT {_IN_CLOSED_ORGANIZATION} AND NOT {_IN_CLOSED_BRANCH}"
_KEY = f"SELECT public_key FROM control.device AS d WHERE d.id = ? AND {_MAY_ASK}"  # noqa: S608 our own texts
_ACTIVE = f"SELECT id FROM control.device AS d WHERE d.organization_id = ? AND d.branch_id = ? AND {_MAY_ASK}"  # noqa: S608
_WHY_NOT = f"""
    SELECT CASE WHEN {_IS_REVOKED} THEN 'DEVICE_REVOKED' WHEN {_IN_CLOSED_ORGANIZATION} THEN 'ORGANIZATION_CLOSED'
    WHEN {_IN_CLOSED_BRANCH} THEN 'BRANCH_CLOSED' END FROM control.device AS d WHERE d.id = ?
"""  # noqa: S608 our own texts

REVOKED = "DEVICE_REVOKED"
KeyOf = Callable[[Door, EnrolledDevice], bytes | None]
"""Gives the public key of a device; None if it may not ask (any more)."""
ActiveIn = Callable[[Door, UUID, UUID], frozenset[UUID]]
"""Gives the devices of a branch that may ask."""
WhyNot = Callable[[Door, EnrolledDevice], str]
"""Gives the code of why a device may not ask."""


def key_of(door: Door, device: EnrolledDevice) -> bytes | None:
    """The public key in the control plane."""
    key: bytes | None = door.value(_KEY, door.key(device.device_id.bytes))
    return key


def active_in(door: Door, organization_id: UUID, branch_id: UUID) -> frozenset[UUID]:
    """The devices of a branch in the control plane that may ask."""
    rows = door.rows(_ACTIVE, door.key(organization_id.bytes), door.key(branch_id.bytes))
    return frozenset(UUID(bytes=row[0]) for row in rows)


def why_not(door: Door, device: EnrolledDevice) -> str:
    """The code of why a device may not ask: DEVICE_REVOKED, BRANCH_CLOSED or ORGANIZATION_CLOSED."""
    code: str | None = door.value(_WHY_NOT, door.key(device.device_id.bytes))
    return code or REVOKED


def always_revoked(_door: Door, _device: EnrolledDevice) -> str:
    """For devices that are kept elsewhere than in the control plane."""
    return REVOKED
