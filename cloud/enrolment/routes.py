"""Routes for enrolment: pairing codes and revocation for managers, enrolment and tokens for devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from cloud.accounts.identity import Person
from cloud.database.transaction import WriteSession
from cloud.edge.caller import caller_address
from cloud.edge.operation import Again, Area, Example, LimitGroup, Reach, Who, command
from cloud.enrolment import codes
from cloud.enrolment.challenge import CHALLENGE_LIFETIME, to_text
from cloud.enrolment.commands import Enrolment, MoveProof
from cloud.enrolment.revocation import Revocation
from cloud.enrolment.schemas import (
    Challenge,
    ChallengeWanted,
    DeviceToken,
    Enrol,
    Enrolled,
    PairingCode,
    PairingWanted,
    Proof,
    Revoked,
)
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission

_NOT_KEPT = {"Cache-Control": "no-store"}
_ENROLMENT_PROBLEMS = """
    PAIRING_CODE_UNKNOWN PAIRING_CODE_USED PAIRING_CODE_EXPIRED PAIRING_CODE_EXHAUSTED PAIRING_CODE_MOVES
    PAIRING_CODE_NEW PAIRING_KIND_WRONG DEVICE_KEY_WRONG DEVICE_KEY_TAKEN DEVICE_NOT_PROVED DEVICE_REVOKED
    TOO_MANY_TRIES
"""


@command(
    "open_pairing",
    "POST /devices/pairing-codes",
    area=Area.DEVICES,
    rights=Permission.ENROL_DEVICE,
    again=Again.ANEW,
    is_for_keys=False,
    status=201,
    summary="Open a pairing",
    problems="BRANCH_CLOSED BRANCH_UNKNOWN NAME_MISSING ORGANIZATION_CLOSED PLAN_HAS_NO_MORE_DEVICES",
    example=Example({"branch_id": "01980c4e-5a3b-7c11-9d0e-3f6a5b2c1d00", "kind": "till", "name": "Caja 1"}),
)
async def open_pairing(
    data: JSONBody[PairingWanted],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    write: NamedDependency[SkipValidation[WriteSession]],
    enrolment: NamedDependency[SkipValidation[Enrolment]],
) -> Response[PairingCode]:
    """Give a code with which one device can enrol itself within ten minutes."""
    if not person.sees_branch(data.branch_id):
        raise DomainError("BRANCH_UNKNOWN")
    opened = await enrolment.open_pairing(
        write,
        organization_id=organization_id,
        branch_id=data.branch_id,
        kind=data.kind,
        name=data.name,
        created_by=person.account_id,
    )
    code = PairingCode(pairing_id=opened.pairing_id, code=codes.shown(opened.code), expires_at=opened.expires_at)
    return Response(code, headers=_NOT_KEPT)


@command(
    "enroll_device",
    "POST /devices/enroll",
    area=Area.DEVICES,
    who=Who.ANYONE,
    reach=Reach.NOBODY,
    limit=LimitGroup.ENTER,
    again=Again.SAME,
    status=201,
    summary="Enrol a device",
    problems=_ENROLMENT_PROBLEMS,
)
async def enroll(
    request: Request[Any, Any, Any],
    data: JSONBody[Enrol],
    enrolment: NamedDependency[SkipValidation[Enrolment]],
) -> Response[Enrolled]:
    """Enrol the device that has a code and owns the key that it brings.

    The same request again gives the same answer, until the code would have expired.
    """
    device = await enrolment.enrol(
        code=data.code,
        public_key=data.public_key,
        signature=data.signature,
        kind=data.kind,
        name=data.name,
        address=caller_address(request),
        moves=MoveProof(data.moves.device_id, data.moves.signature) if data.moves is not None else None,
    )
    enrolled = Enrolled(
        organization_id=device.organization_id,
        branch_id=device.branch_id,
        device_id=device.device_id,
        name=device.name,
        kind=device.kind,
        pin_pepper=to_text(device.pin_pepper),
        cloud_key=to_text(device.cloud_key),
    )
    return Response(enrolled, headers=_NOT_KEPT)


@command(
    "ask_for_challenge",
    "POST /devices/challenge",
    area=Area.DEVICES,
    who=Who.ANYONE,
    reach=Reach.NOBODY,
    limit=LimitGroup.ENTER,
    again=Again.ANEW,
    summary="Ask for a challenge",
)
async def challenge(
    data: JSONBody[ChallengeWanted], enrolment: NamedDependency[SkipValidation[Enrolment]]
) -> Response[Challenge]:
    """Give a device a challenge to sign. It works for a minute and for one token."""
    given = Challenge(challenge=enrolment.challenge(data.device_id), expires_in=int(CHALLENGE_LIFETIME.total_seconds()))
    return Response(given, headers=_NOT_KEPT)


@command(
    "open_device_session",
    "POST /devices/token",
    area=Area.DEVICES,
    who=Who.ANYONE,
    reach=Reach.NOBODY,
    limit=LimitGroup.ENTER,
    again=Again.ANEW,
    summary="Get a device's token",
    problems="BRANCH_CLOSED DEVICE_NOT_PROVED DEVICE_REVOKED ORGANIZATION_CLOSED",
)
async def token(data: JSONBody[Proof], enrolment: NamedDependency[SkipValidation[Enrolment]]) -> Response[DeviceToken]:
    """Give a token of 15 minutes for a signed challenge."""
    signed, expires_at = await enrolment.token(
        device_id=data.device_id, challenge=data.challenge, signature=data.signature
    )
    return Response(DeviceToken(token=signed, expires_at=expires_at), headers=_NOT_KEPT)


@command(
    "revoke_device",
    "POST /devices/{device_id:uuid}/revocation",
    area=Area.DEVICES,
    rights=Permission.ENROL_DEVICE,
    again=Again.SAME,
    is_for_keys=False,
    summary="Shut a device out",
    problems="DEVICE_UNKNOWN",
)
async def revoke(
    device_id: FromPath[UUID],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    revocation: NamedDependency[SkipValidation[Revocation]],
) -> Revoked:
    """Revoke a device that is lost, sold, or in the wrong hands. What it has sent stays."""
    device = await revocation.revoke(
        device_id, lambda found: found.organization_id == organization_id and person.sees_branch(found.branch_id)
    )
    assert device.revoked_at is not None
    return Revoked(device_id=device.id, name=device.name, revoked_at=device.revoked_at)
