"""Bodies of the enrolment routes. Keys, challenges and signatures are URL-safe base64 without padding."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cloud.edge.body import Body
from shared.kernel.text import MAX_NAME_CHARACTERS
from shared.tenancy.records import DeviceKind

EnrolledKind = Literal[DeviceKind.TILL, DeviceKind.WAITER, DeviceKind.KITCHEN, DeviceKind.MANAGER]
"""A kind of device that may be enrolled: all but the cloud's own."""
_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
_EXAMPLE_ID = "019a0c3e-5d2b-7c4e-9a51-3f0b6d1c2e4f"


class PairingWanted(Body):
    """For which device a code is wanted."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"branch_id": _EXAMPLE_ID, "kind": "till", "name": "Caja 1"}]},
    )
    branch_id: UUID
    kind: EnrolledKind
    name: str = Field(max_length=MAX_NAME_CHARACTERS)


class PairingCode(BaseModel):
    """The code, to be typed on the device."""

    pairing_id: UUID
    code: str
    expires_at: datetime


class Moves(Body):
    """Which device moves, proved by the key that it has had so far."""

    model_config = _STRICT
    device_id: UUID
    signature: str = Field(
        max_length=120, description="by its key: `comanda-device-move:v1:`, then the new key's bytes, then the code"
    )


class Enrol(Body):
    """A device that asks to be enrolled."""

    model_config = _STRICT
    code: str = Field(max_length=40)
    public_key: str = Field(max_length=64, description="Ed25519, 32 bytes")
    signature: str = Field(
        max_length=120, description="by that key: `comanda-device-enrolment:v1:`, then the key's bytes, then the code"
    )
    name: str = Field(default="", max_length=MAX_NAME_CHARACTERS, description="empty: as the manager named it")
    kind: EnrolledKind
    moves: Moves | None = Field(default=None, description="of a device that moves to another branch")


class Enrolled(BaseModel):
    """Who the device is from now on."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID
    name: str
    kind: DeviceKind
    cloud_key: str = Field(description="public key (Ed25519) of what the cloud signs")
    pin_pepper: str = Field(description="the organization's secret for PINs; kept outside the device's database")


class ChallengeWanted(Body):
    """Which device wants a challenge."""

    model_config = _STRICT
    device_id: UUID


class Challenge(BaseModel):
    """What to sign: the bytes `comanda-device-token:v1:` followed by the challenge."""

    challenge: str
    expires_in: int = Field(description="seconds")


class Proof(Body):
    """A signed challenge."""

    model_config = _STRICT
    device_id: UUID
    challenge: str = Field(max_length=200)
    signature: str = Field(max_length=120)


class Revoked(BaseModel):
    """A device that was revoked."""

    device_id: UUID
    name: str
    revoked_at: datetime


class DeviceToken(BaseModel):
    """A token of 15 minutes."""

    token: str
    expires_at: datetime
