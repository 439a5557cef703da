"""The pages of devices: which there are, enrolling up to eight at once, one device, and revoking it.

GET /devices, /devices/new, /devices/{id}, /devices/{id}/revocation, and the forms on them.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.branches import BranchSeen, branch_called, called
from cloud.accounts.guards import people, require_fresh_proof
from cloud.accounts.identity import Person
from cloud.database.transaction import Database, ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.enrolment import codes
from cloud.enrolment.commands import PAIRING_LIFETIME, Enrolment
from cloud.enrolment.listing import SORTINGS, Wanted, device_of, devices_of, waiting_codes
from cloud.enrolment.naming import Naming
from cloud.enrolment.page_parts import (
    KIND_NAMES,
    DevicesAsked,
    device_figures,
    devices_table,
    enrolling_form,
    filter_of,
    given_codes,
    waiting_table,
)
from cloud.enrolment.revocation import Revocation
from cloud.pages.addresses import Address
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.pages.tables import Order
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NAME_CHARACTERS, clean
from shared.tenancy.records import DeviceKind

DEVICES_PATH = "/devices"
WITHDRAWAL_PATH = f"{DEVICES_PATH}/waiting/withdrawal"
NEW_PATH = f"{DEVICES_PATH}/new"
MOST_SHOWN = 50
MOST_AT_ONCE = 8
"""Devices that are enrolled with one form: those of a whole branch; more codes expire before they are typed."""
_MAY = people(Permission.ENROL_DEVICE)
_NOT_KEPT = {"Cache-Control": "no-store"}


class EnrolForm(Body):
    """Which devices are to be enrolled. `names` has one a line."""

    branch: str = Field(default="", max_length=200)
    kind: str = Field(default="", max_length=20)
    names: str = Field(default="", max_length=4_000)


class NameForm(Body):
    """The new name of a device."""

    name: str = Field(default="", max_length=1_000)


@get(DEVICES_PATH, guards=[_MAY], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def devices_page(
    request: Request[Any, Any, Any],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    branch: FromQuery[str] = "",
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    which: Annotated[str, QueryParameter(name="state")] = "",
    sort: FromQuery[str] = "",
    after: FromQuery[str] = "",
    revoked: FromQuery[str] = "",
) -> Response[str]:
    """Show the devices. If the filter makes no sense, the page says so and shows all."""
    texts, now, sentence = texts_of(request), clock.now(), ""
    asked = DevicesAsked(branch, clean(q), kind, which, Order.of(sort, tuple(SORTINGS), Order("name")), after)
    try:
        wanted = _wanted(frame, asked)
        part, total = await devices_of(read, organization_id, wanted, MOST_SHOWN)
    except DomainError as problem:
        asked, sentence = DevicesAsked(), texts(problem.code, **problem.params)
        part, total = await devices_of(read, organization_id, Wanted(frame.branches), MOST_SHOWN)
    waiting = await waiting_codes(read, organization_id, [frame.branch] if frame.branch else frame.branches, now)
    return page(
        request,
        "enrolment/devices.html",
        frame=frame,
        status=400 if sentence else 200,
        sentence=sentence,
        was_revoked=await _revoked(read, organization_id, frame, revoked),
        filter=filter_of(texts, asked),
        devices=devices_table(texts, part, total, asked, now, shows_branch=frame.branch is None),
        has_any=bool(part.rows),
        is_filtered=asked != DevicesAsked(branch=asked.branch),
        all_path=DEVICES_PATH,
        waiting=waiting_table(texts, waiting, frame.branches, now) if waiting else None,
        new_path=str(Address(NEW_PATH, {"branch": frame.branch_text})),
        withdrawal_path=str(Address(WITHDRAWAL_PATH, {"branch": frame.branch_text})),
    )


@get(NEW_PATH, guards=[_MAY], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def new_devices_page(
    request: Request[Any, Any, Any], frame: NamedDependency[SkipValidation[Frame]]
) -> Response[str]:
    """Show the form for new devices, to somebody who has just proved who they are: nothing typed is lost."""
    await require_fresh_proof(request)
    return _new_page(request, frame, enrolling_form(texts_of(request), frame.branches, frame.branch, MOST_AT_ONCE))


@post(NEW_PATH, guards=[_MAY], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def enrol_devices(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[EnrolForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    database: NamedDependency[SkipValidation[Database]],
    enrolment: NamedDependency[SkipValidation[Enrolment]],
) -> Response[str]:
    """Open a pairing for each name and show the codes, this once: they are stored nowhere."""
    await require_fresh_proof(request)
    texts = texts_of(request)
    frame = await again.frame()
    names, branch, errors = _checked(texts, frame, data)
    if errors or branch is None:
        form = enrolling_form(texts, frame.branches, frame.branch, MOST_AT_ONCE).answered(_typed(data), errors)
        return _new_page(request, frame, form, status=400)
    try:
        async with database.write(organization_id) as write:
            opened = [
                await enrolment.open_pairing(
                    write,
                    organization_id=organization_id,
                    branch_id=branch.id,
                    kind=DeviceKind(data.kind),
                    name=name,
                    created_by=person.account_id,
                )
                for name in names
            ]
    except DomainError as problem:  # the branch was closed meanwhile, the plan is full: what was typed stays
        form = enrolling_form(texts, frame.branches, frame.branch, MOST_AT_ONCE)
        in_field = "branch" if problem.code in ("BRANCH_CLOSED", "BRANCH_UNKNOWN") else ""
        return _new_page(request, frame, form.refused(texts, problem, _typed(data), in_field), problem=problem)
    given = [(name, codes.shown(each.code)) for name, each in zip(names, opened, strict=True)]
    cloud = request.app.state.settings.public_url or str(request.base_url).rstrip("/")
    return page(
        request,
        "enrolment/codes.html",
        frame=frame,
        given=given_codes(given, cloud, DeviceKind(data.kind)),
        branch=clean(branch.name),
        kind=texts(KIND_NAMES[DeviceKind(data.kind)]),
        minutes=int(PAIRING_LIFETIME.total_seconds() // 60),
        devices_path=str(Address(DEVICES_PATH, {"branch": called(frame.branches, branch)})),
        new_path=str(Address(NEW_PATH, {"branch": called(frame.branches, branch)})),
    )


@get(
    DEVICES_PATH + "/{device_id:uuid}",
    guards=[_MAY],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def device_page(
    request: Request[Any, Any, Any],
    device_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    named: FromQuery[str] = "",
) -> Response[str]:
    """Show one device."""
    return await _device_page(request, frame, organization_id, read, device_id, clock, was_named=bool(named))


@post(
    DEVICES_PATH + "/{device_id:uuid}",
    guards=[_MAY],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def rename(
    request: Request[Any, Any, Any],
    device_id: FromPath[UUID],
    data: URLEncodedBody[NameForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    naming: NamedDependency[SkipValidation[Naming]],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[Any]:
    """Name a device anew, and show it again; or show what is wrong with the name."""
    try:
        await naming.rename(
            device_id,
            data.name,
            person.actor(),
            lambda found: found.organization_id == organization_id and person.sees_branch(found.branch_id),
        )
    except DomainError as problem:
        if problem.code != "NAME_MISSING":
            raise
        async with again.shown() as (frame, read):
            return await _device_page(request, frame, organization_id, read, device_id, clock, problem=problem)
    return Redirect(f"{DEVICES_PATH}/{device_id}?named=1", status_code=303, headers=_NOT_KEPT)


@post(WITHDRAWAL_PATH, guards=[_MAY], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def withdraw_codes(
    request: Request[Any, Any, Any],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    database: NamedDependency[SkipValidation[Database]],
    enrolment: NamedDependency[SkipValidation[Enrolment]],
) -> Redirect:
    """Withdraw the codes that wait for a device, of the branch that is chosen, else of all."""
    frame = await again.frame()
    branches = [frame.branch] if frame.branch is not None else frame.branches
    async with database.write(organization_id) as write:
        await enrolment.withdraw(write, organization_id, [branch.id for branch in branches])
    return Redirect(str(Address(DEVICES_PATH, {"branch": frame.branch_text})), status_code=303, headers=_NOT_KEPT)


@get(
    DEVICES_PATH + "/{device_id:uuid}/revocation",
    guards=[_MAY],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def revocation_page(
    request: Request[Any, Any, Any],
    device_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
) -> Response[str]:
    """Ask whether a device is to be revoked."""
    await require_fresh_proof(request)
    texts = texts_of(request)
    device = await device_of(read, organization_id, frame.branches, device_id)
    if device is None or device.revoked:
        raise DomainError("DEVICE_UNKNOWN")
    path = f"{DEVICES_PATH}/{device_id}"
    form = Form(f"{path}/revocation", texts("devices.revoke"), is_risky=True, cancel_href=path)
    return page(request, "enrolment/revocation.html", frame=frame, name=clean(device.name), form=form)


@post(
    DEVICES_PATH + "/{device_id:uuid}/revocation",
    guards=[_MAY],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def revoke_on_page(
    request: Request[Any, Any, Any],
    device_id: FromPath[UUID],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    revocation: NamedDependency[SkipValidation[Revocation]],
) -> Redirect:
    """Revoke a device, and show the others."""
    await require_fresh_proof(request)
    device = await revocation.revoke(
        device_id, lambda found: found.organization_id == organization_id and person.sees_branch(found.branch_id)
    )
    return Redirect(str(Address(DEVICES_PATH, {"revoked": str(device.id)})), status_code=303, headers=_NOT_KEPT)


async def _revoked(read: ReadSession, organization_id: UUID, frame: Frame, text: str) -> str:
    """The name of the device that was just revoked; empty, if the address names none: a link says nothing else."""
    try:
        device = await device_of(read, organization_id, frame.branches, UUID(text)) if text else None
    except ValueError:
        return ""
    return clean(device.name) if device is not None and device.revoked else ""


def _wanted(frame: Frame, asked: DevicesAsked) -> Wanted:
    only = branch_called(frame.branches, asked.branch)
    return Wanted(
        branches=[only] if only else frame.branches,
        words=asked.words,
        kind=DeviceKind(asked.kind) if asked.kind in KIND_NAMES else None,
        is_revoked=asked.state == "revoked",
        sort=asked.order.key,
        is_descending=asked.order.is_descending,
        after=asked.after,
    )


def _checked(texts: Texts, frame: Frame, data: EnrolForm) -> tuple[list[str], BranchSeen | None, dict[str, str]]:
    """The names, the branch, and what is wrong in which field."""
    names = [clean(line) for line in data.names.splitlines() if clean(line)]
    errors: dict[str, str] = {}
    if not names:
        errors["names"] = texts("NAME_MISSING")
    elif len(names) > MOST_AT_ONCE:
        errors["names"] = texts("devices.too_many", most=MOST_AT_ONCE, count=len(names))
    if data.kind not in KIND_NAMES:
        errors["kind"] = texts("devices.kind_missing")
    branch = frame.branches[0] if len(frame.branches) == 1 else None
    try:
        branch = branch_called(frame.branches, data.branch) or branch
    except DomainError:
        branch = None
    if branch is None:
        errors["branch"] = texts("BRANCH_UNKNOWN")
    return names, branch, errors


def _typed(data: EnrolForm) -> dict[str, str]:
    return {"branch": data.branch, "kind": data.kind, "names": data.names}


def _new_page(
    request: Request[Any, Any, Any],
    frame: Frame,
    form: Form,
    status: int = 200,
    problem: DomainError | None = None,
) -> Response[str]:
    return page(
        request, "enrolment/new.html", frame=frame, status=status, problem=problem, form=form, most=MOST_AT_ONCE
    )


async def _device_page(
    request: Request[Any, Any, Any],
    frame: Frame,
    organization_id: UUID,
    read: ReadSession,
    device_id: UUID,
    clock: Clock,
    *,
    was_named: bool = False,
    problem: DomainError | None = None,
) -> Response[str]:
    texts = texts_of(request)
    device = await device_of(read, organization_id, frame.branches, device_id)
    if device is None:
        raise DomainError("DEVICE_UNKNOWN")
    path = f"{DEVICES_PATH}/{device_id}"
    field = FormField("name", texts("devices.name"), value=clean(device.name), most=MAX_NAME_CHARACTERS)
    form = Form(path, texts("devices.rename"), [field])
    return page(
        request,
        "enrolment/device.html",
        frame=frame,
        problem=problem,
        name=clean(device.name),
        figures=device_figures(texts, device, clock.now()),
        form=form.refused(texts, problem, {"name": ""}, "name"),
        is_revoked=device.revoked,
        was_named=was_named,
        revocation_path=f"{path}/revocation",
        moving_path=f"{path}/moving" if len(frame.branches) > 1 else "",
        devices_path=DEVICES_PATH,
    )
