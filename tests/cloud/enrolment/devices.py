"""Devices as the door sees them: with a key of their own, with which they sign what they ask for."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.enrolment.challenge import ENROLMENT_PREFIX, MOVE_PREFIX, to_text
from cloud.enrolment.commands import MoveProof
from cloud.enrolment.room import enrolment
from cloud.parts import Parts
from cloud.replication.device_rows import NewDevice
from shared.tenancy.records import DeviceKind


def asked_with(key: Ed25519PrivateKey, code: str) -> dict[str, Any]:
    """Code, key and signature, as a device sends them."""
    public = key.public_key().public_bytes_raw()
    signature = to_text(key.sign(ENROLMENT_PREFIX + public + code.encode()))
    return {"code": code, "public_key": to_text(public), "signature": signature}


def moving_with(moving: tuple[NewDevice, Ed25519PrivateKey], key: Ed25519PrivateKey, code: str) -> MoveProof:
    """What a device sends beside, which goes on elsewhere under that key."""
    device, own_key = moving
    said = MOVE_PREFIX + key.public_key().public_bytes_raw() + code.encode()
    return MoveProof(device.device_id, to_text(own_key.sign(said)))


async def enrolled(
    parts: Parts, tenant: Any, kind: DeviceKind, name: str = "Caja 1", address: str = "192.0.2.1"
) -> tuple[NewDevice, Ed25519PrivateKey]:
    """An enrolled device and its key."""
    key = Ed25519PrivateKey.generate()
    async with parts.database.write(tenant.organization_id) as session:
        opened = await enrolment(parts).open_pairing(
            session,
            organization_id=tenant.organization_id,
            branch_id=tenant.branch_id,
            kind=kind,
            name=name,
            created_by=None,
        )
    asked = asked_with(key, opened.code)
    return await enrolment(parts).enrol(**asked, kind=kind, name="", address=address), key
