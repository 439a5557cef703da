"""/devices/{id}/moving: a device gets a code with which it enrols itself in another branch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation, URLEncodedBody
from pydantic import Field

from cloud.accounts.branches import branch_called
from cloud.accounts.guards import people, require_fresh_proof
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.enrolment import codes
from cloud.enrolment.commands import PAIRING_LIFETIME
from cloud.enrolment.listing import device_of
from cloud.enrolment.moving import Moving
from cloud.enrolment.page_parts import moving_code
from cloud.pages.branch_field import branch_field
from cloud.pages.forms import Form
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import clean

MOVING_PATH = "/devices/{device_id:uuid}/moving"
_PAGE: dict[str, Any] = {
    "guards": [people(Permission.ENROL_DEVICE)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


class MovingForm(Body):
    """Where the device is to move, as addresses name a branch."""

    branch: str = Field(default="", max_length=200)


@get(MOVING_PATH, **_PAGE)
async def moving_page(
    request: Request[Any, Any, Any],
    device_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
) -> Response[str]:
    """Ask where a device is to move."""
    await require_fresh_proof(request)
    return await _moving_page(request, frame, organization_id, read, device_id)


@post(MOVING_PATH, **_PAGE)
async def move_on_page(
    request: Request[Any, Any, Any],
    device_id: FromPath[UUID],
    data: URLEncodedBody[MovingForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    moving: NamedDependency[SkipValidation[Moving]],
) -> Response[str]:
    """Show the code, this once; or ask again, with what is wrong."""
    await require_fresh_proof(request)
    t = texts_of(request)
    async with again.shown() as (frame, read):
        try:
            branch = branch_called(frame.branches, data.branch)
            if branch is None:
                raise DomainError("BRANCH_UNKNOWN")
            device, opened = await moving.open(
                device_id,
                branch.id,
                person.account_id,
                lambda found: found.organization_id == organization_id and person.sees_branch(found.branch_id),
            )
        except DomainError as problem:
            if problem.code not in ("BRANCH_UNKNOWN", "BRANCH_CLOSED", "DEVICE_IS_THERE"):
                raise
            return await _moving_page(request, frame, organization_id, read, device_id, problem, data.branch)
    return page(
        request,
        "enrolment/codes.html",
        frame=frame,
        given=[moving_code(clean(device.name), codes.shown(opened.code))],
        branch=clean(branch.name),
        kind=t("devices.moves_there"),
        minutes=int(PAIRING_LIFETIME.total_seconds() // 60),
        devices_path="/devices",
        new_path="/devices/new",
    )


async def _moving_page(
    request: Request[Any, Any, Any],
    frame: Frame,
    organization_id: UUID,
    read: ReadSession,
    device_id: UUID,
    problem: DomainError | None = None,
    typed: str = "",
) -> Response[str]:
    t = texts_of(request)
    device = await device_of(read, organization_id, frame.branches, device_id)
    if device is None or device.revoked:
        raise DomainError("DEVICE_UNKNOWN")
    elsewhere = [each for each in frame.branches if each.id != device.branch_id and not each.is_closed]
    field = branch_field(t, t("devices.move_to"), frame.branches, elsewhere)
    path = f"/devices/{device_id}"
    form = Form(f"{path}/moving", t("devices.give_move_code"), [field], cancel_href=path)
    form = form.refused(t, problem, {"branch": typed}, "branch")
    return page(
        request,
        "enrolment/moving.html",
        frame=frame,
        problem=problem,
        name=clean(device.name),
        form=form,
        waiting=device.waiting or 0,
        has_elsewhere=bool(elsewhere),
    )
