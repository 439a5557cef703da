"""Routes by which managers look after devices: how they are, another name, another branch."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, SkipValidation
from pydantic import BaseModel, Field

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.database.control_records import DeviceKey
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.operation import Again, Area, Example, command, query
from cloud.enrolment import codes
from cloud.enrolment.listing import Wanted, devices_of
from cloud.enrolment.moving import Moving
from cloud.enrolment.naming import Naming
from cloud.enrolment.schemas import PairingCode
from cloud.lookups.houses import Houses
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NAME_CHARACTERS

MOST = 100
_NOT_KEPT = {"Cache-Control": "no-store"}


class PrinterTrouble(BaseModel):
    """A printer with something to say."""

    name: str
    fault: str = Field(description="a code; empty: none")
    open_jobs: int


class DeviceSeen(BaseModel):
    """A device as it was when it was last heard. What it never said is null."""

    id: UUID
    name: str
    kind: str
    letter: str
    branch_id: UUID
    enrolled_at: datetime | None
    contact_at: datetime | None = Field(description="when it last proved itself or was heard")
    program: str | None = Field(description="its version")
    waiting: int | None = Field(description="changes that it has not sent")
    oldest_at: datetime | None = Field(description="when the oldest of those was written, by its own clock")
    ahead_ms: int | None = Field(description="its clock minus that of the server")
    disk_free_mb: int | None
    printers: list[PrinterTrouble]

    @classmethod
    def of(cls, row: Any) -> DeviceSeen:
        """A device as programs read it."""
        printers = [
            PrinterTrouble(name=name, fault=str(fault), open_jobs=int(jobs))
            for name, (fault, jobs) in (row.printers or {}).items()
        ]
        return cls(
            id=row.id,
            name=row.name,
            kind=str(row.kind),
            letter=row.letter,
            branch_id=row.branch_id,
            enrolled_at=row.enrolled_at,
            contact_at=row.contact_at,
            program=row.program,
            waiting=row.waiting,
            oldest_at=row.oldest_at,
            ahead_ms=row.ahead_ms,
            disk_free_mb=row.disk_free_mb,
            printers=printers,
        )


class DevicesSeen(BaseModel):
    """A part of the devices in use, by name. `next` goes into `after` for the next one."""

    devices: list[DeviceSeen]
    total: int
    next: str | None


class DeviceNamed(Body):
    """What a device is called from now on."""

    name: str = Field(max_length=MAX_NAME_CHARACTERS)


class DeviceMoves(Body):
    """Where a device goes."""

    branch_id: UUID


@query(
    "list_device_health",
    "/devices/health",
    area=Area.DEVICES,
    rights=Permission.ENROL_DEVICE,
    summary="How devices are",
    problems="BRANCH_UNKNOWN CURSOR_WRONG",
)
async def list_device_health(
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    branch: FromQuery[UUID | None] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = MOST,
) -> DevicesSeen:
    """Give what devices said of themselves when last heard: in all branches that the caller sees, or in one."""
    seen = chosen((await houses.of(organization_id, read)).seen_by(person), branch)
    part, total = await devices_of(read, organization_id, Wanted(branches=seen, after=after), limit)
    return DevicesSeen(devices=[DeviceSeen.of(row) for row in part.rows], total=total, next=part.next or None)


@command(
    "rename_device",
    "PATCH /devices/{device_id:uuid}",
    area=Area.DEVICES,
    rights=Permission.ENROL_DEVICE,
    again=Again.SAME,
    summary="Name a device anew",
    example=Example({"name": "Caja 2"}),
    problems="DEVICE_UNKNOWN NAME_MISSING",
)
async def rename_device(
    device_id: FromPath[UUID],
    data: JSONBody[DeviceNamed],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    naming: NamedDependency[SkipValidation[Naming]],
) -> Response[None]:
    """Give a device another name, which its branch reads with the next exchange."""
    await naming.rename(device_id, data.name, person.actor(), _theirs(person, organization_id))
    return Response(None, status_code=204)


@command(
    "move_device",
    "POST /devices/{device_id:uuid}/moving",
    area=Area.DEVICES,
    rights=Permission.ENROL_DEVICE,
    again=Again.ANEW,
    is_for_keys=False,
    status=201,
    summary="Move a device to another branch",
    example=Example({"branch_id": "01980c4e-5a3b-7c11-9d0e-3f6a5b2c1d00"}),
    problems="BRANCH_CLOSED BRANCH_UNKNOWN DEVICE_IS_THERE DEVICE_UNKNOWN PLAN_HAS_NO_MORE_DEVICES",
)
async def move_device(
    device_id: FromPath[UUID],
    data: JSONBody[DeviceMoves],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    moving: NamedDependency[SkipValidation[Moving]],
) -> Response[PairingCode]:
    """Give a code with which the device enrols itself there (`comanda move CODE`), once it has sent what waits."""
    if not person.sees_branch(data.branch_id):
        raise DomainError("BRANCH_UNKNOWN")
    theirs = _theirs(person, organization_id)
    _device, opened = await moving.open(device_id, data.branch_id, person.account_id, theirs)
    code = PairingCode(pairing_id=opened.pairing_id, code=codes.shown(opened.code), expires_at=opened.expires_at)
    return Response(code, headers=_NOT_KEPT)


def _theirs(person: Person, organization_id: UUID) -> Any:
    def may(found: DeviceKey) -> bool:
        return found.organization_id == organization_id and person.sees_branch(found.branch_id)

    return may
