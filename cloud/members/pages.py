"""/people: the staff of the organization; /people/new and /people/ID: role, branches, PIN, access to these pages."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field, field_validator

from cloud.accounts.guards import people, require_fresh_proof
from cloud.accounts.identity import Person
from cloud.database.transaction import Database, ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.members.commands import ROLES, Members, Wanted
from cloud.members.listing import MOST_SHOWN, Access, Member, member, members, own_roles
from cloud.pages.addresses import Address
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.pages.tables import Cell, Column, Note, Tone, table
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission, Role
from shared.kernel.text import clean
from shared.staff.rules import WORK_EVERYWHERE

PEOPLE_PATH = "/people"
NEW_PATH = f"{PEOPLE_PATH}/new"
MOST_NAMED = 3
"""Branches that a row of the list names; of more it says the count."""
AnyRequest = Request[Any, Any, Any]
OwnRoles = Sequence[tuple[UUID, str, Role]]
_PAGE: dict[str, Any] = {
    "guards": [people(Permission.EDIT_STAFF)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}
_MARKS = {Access.OPEN: ("✓", Tone.GOOD), Access.INVITED: ("✉", Tone.WARNING), Access.CLOSED: ("✕", Tone.BAD)}


class MemberForm(Body):
    """What the form sends.

    Attributes:
        pin: empty leaves it as it is.
        new_id: of somebody new, made with the form, so that a form that is sent twice is one person.
    """

    new_id: UUID | None = None
    name: str = Field(max_length=120)
    role: str = Field(max_length=40)
    branch: list[UUID] = Field(default_factory=list, max_length=5_000)
    pin: str = Field(default="", max_length=8)

    @field_validator("branch", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return given if isinstance(given, list) else [given]

    @field_validator("role")
    @classmethod
    def _of_the_house(cls, role: str) -> str:
        if role not in ROLES:
            UUID(role)
        return role

    def wanted(self, own: OwnRoles) -> Wanted:
        """What is wanted.

        Args:
            own: the roles of the organization's own.
        """
        branches, pin = frozenset(self.branch), self.pin.strip()
        if self.role in ROLES:
            return Wanted(self.name, Role(self.role), branches, pin)
        role_id = UUID(self.role)
        job = next(
            (job for each, _name, job in own if each == role_id), Role.WAITER
        )  # none of ours: the command refuses
        return Wanted(self.name, job, branches, pin, role_id)


class InvitationForm(Body):
    """What the form sends."""

    email: str = Field(max_length=254)


class SwitchForm(Body):
    """What a switch sends."""

    on: bool = False


@get(PEOPLE_PATH, **_PAGE)
async def people_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    after: Annotated[str, QueryParameter(name="after")] = "",
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show the staff: of the branch that is chosen, else of all."""
    t, skip = texts_of(request), int(after) if after.isdecimal() and len(after) < 7 else 0
    branch_id = frame.branch.id if frame.branch is not None else None
    now = request.app.state.clock.now()
    within = _within(frame.person)
    found, has_more = await members(read, organization_id, now, skip=skip, branch_id=branch_id, within=within)
    names = {branch.id: clean(branch.name) for branch in frame.branches}
    columns = [Column(t(f"people.{key}")) for key in ("name", "role", "branches", "access")]
    shown = table(
        t("people.title"),
        columns,
        [_row(t, each, names) for each in found],
        address=Address(PEOPLE_PATH, {"branch": frame.branch_text, "after": after}),
        next_cursor=str(skip + MOST_SHOWN) if has_more else "",
    )
    return page(
        request,
        "members/people.html",
        frame=frame,
        people=shown,
        is_empty=not found,
        new_path=NEW_PATH,
        done=t("people.done") if done else "",
    )


@get(NEW_PATH, **_PAGE)
async def new_member_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
) -> Response[str]:
    """Show the form for somebody new."""
    branches = [frame.branch.id] if frame.branch is not None else []
    own = await own_roles(read, organization_id)
    return _member(request, frame, None, Wanted("", Role.WAITER, branches), own)


@post(NEW_PATH, **_PAGE)
async def add_member(
    request: AnyRequest,
    data: URLEncodedBody[MemberForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    database: NamedDependency[SkipValidation[Database]],
    members: NamedDependency[SkipValidation[Members]],
) -> Response[Any]:
    """Take somebody on; or show the form again, with the reason."""
    await require_fresh_proof(request)
    async with database.read(organization_id) as read:
        own = await own_roles(read, organization_id)
    wanted = data.wanted(own)
    staff_id = data.new_id or uuid4()
    try:
        await members.add(person, organization_id, wanted, staff_id)
    except DomainError as problem:
        async with again.shown() as (frame, read):
            return _member(request, frame, None, wanted, own, problem)
    return Redirect(f"{PEOPLE_PATH}/{staff_id}?done=yes", status_code=303)


@get(f"{PEOPLE_PATH}/{{staff_id:uuid}}", **_PAGE)
async def member_page(
    request: AnyRequest,
    staff_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show somebody."""
    found = await _found(read, request, frame.person, organization_id, staff_id)
    own = await own_roles(read, organization_id)
    t = texts_of(request)
    sentence = t("people.done_without_pin") if done == "pin" else t("people.done")
    return _member(request, frame, found, _wanted(found), own, done=sentence if done else "")


@post(f"{PEOPLE_PATH}/{{staff_id:uuid}}", **_PAGE)
async def change_member(
    request: AnyRequest,
    staff_id: FromPath[UUID],
    data: URLEncodedBody[MemberForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    database: NamedDependency[SkipValidation[Database]],
    members: NamedDependency[SkipValidation[Members]],
) -> Response[Any]:
    """Change somebody; or show the form again, with the reason."""
    async with database.read(organization_id) as read:
        wanted = data.wanted(await own_roles(read, organization_id))
    change = members.change(person, organization_id, staff_id, wanted)
    at = _Place(request, organization_id, staff_id, again)
    return await at.done_or_shown(change, wanted)


@post(f"{PEOPLE_PATH}/{{staff_id:uuid}}/invitation", **_PAGE)
async def invite_member(
    request: AnyRequest,
    staff_id: FromPath[UUID],
    data: URLEncodedBody[InvitationForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    members: NamedDependency[SkipValidation[Members]],
) -> Response[Any]:
    """Mail somebody an invitation to log in here."""
    invited = members.invite(person, organization_id, staff_id, data.email)
    return await _Place(request, organization_id, staff_id, again).done_or_shown(invited)


@post(f"{PEOPLE_PATH}/{{staff_id:uuid}}/access", **_PAGE)
async def set_access(
    request: AnyRequest,
    staff_id: FromPath[UUID],
    data: URLEncodedBody[SwitchForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    members: NamedDependency[SkipValidation[Members]],
) -> Response[Any]:
    """Close somebody's access to these pages, or open it again."""
    switched = members.set_access(person, organization_id, staff_id, is_open=data.on)
    return await _Place(request, organization_id, staff_id, again).done_or_shown(switched)


@post(f"{PEOPLE_PATH}/{{staff_id:uuid}}/work", **_PAGE)
async def set_at_work(
    request: AnyRequest,
    staff_id: FromPath[UUID],
    data: URLEncodedBody[SwitchForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    members: NamedDependency[SkipValidation[Members]],
) -> Response[Any]:
    """Dismiss somebody, or take them back."""
    switched = members.set_active(person, organization_id, staff_id, active=data.on)
    return await _Place(request, organization_id, staff_id, again).done_or_shown(switched)


class _Place:
    """The page of a member of staff, from which a form was sent."""

    def __init__(
        self,
        request: AnyRequest,
        organization_id: UUID,
        staff_id: UUID,
        again: Again,
    ) -> None:
        self._request = request
        self._organization_id = organization_id
        self._staff_id = staff_id
        self._again = again

    async def done_or_shown(self, change: Awaitable[bool | None], typed: Wanted | None = None) -> Response[Any]:
        """Do it and show the page anew; or show what was typed, with the reason."""
        try:
            await require_fresh_proof(self._request)
            has_pin = await change
        except DomainError as problem:
            if hasattr(change, "close"):
                change.close()
            if problem.code in ("PROOF_NEEDED", "NOT_FOUND"):
                raise
            async with self._again.shown() as (frame, read):
                found = await _found(read, self._request, frame.person, self._organization_id, self._staff_id)
                own = await own_roles(read, self._organization_id)
                return _member(self._request, frame, found, typed or _wanted(found), own, problem)
        done = "pin" if has_pin is False else "yes"
        return Redirect(f"{PEOPLE_PATH}/{self._staff_id}?done={done}", status_code=303)


def _within(person: Person) -> frozenset[UUID] | None:
    """The branches whose people somebody may see; None: all people."""
    return None if person.sees_everything else person.branches


async def _found(
    read: ReadSession, request: AnyRequest, person: Person, organization_id: UUID, staff_id: UUID
) -> Member:
    now = request.app.state.clock.now()
    found = await member(read, organization_id, staff_id, now, within=_within(person))
    if found is None:
        raise DomainError("MEMBER_UNKNOWN")
    return found


def _wanted(found: Member) -> Wanted:
    return Wanted(found.name, found.role, found.branches, own_role_id=found.own_role_id)


def _row(t: Texts, each: Member, names: dict[UUID, str]) -> list[Cell]:
    mark, tone = _MARKS.get(each.access, ("", Tone.PLAIN))
    gone = () if each.active else (Note(t("people.dismissed"), Tone.BAD),)
    no_pin = () if each.has_pin or not each.active else (Note(t("people.no_pin")),)
    return [
        Cell(each.name or "·", href=f"{PEOPLE_PATH}/{each.id}", notes=(*gone, *no_pin)),
        Cell(each.role_name or t(f"role.{each.role.value}")),
        Cell(_where(t, each, names)),
        Cell(each.email or t(f"people.access_{each.access.value}"), mark=mark, tone=tone, notes=_access_notes(t, each)),
    ]


def _access_notes(t: Texts, each: Member) -> tuple[Note, ...]:
    if not each.email or each.access is Access.OPEN:
        return (Note(t("people.second_factor"), Tone.GOOD),) if each.has_code else ()
    return (Note(t(f"people.access_{each.access.value}"), Tone.WARNING),)


def _where(t: Texts, each: Member, names: dict[UUID, str]) -> str:
    if each.role in WORK_EVERYWHERE:
        return t("people.everywhere")
    known = sorted(names[branch_id] for branch_id in each.branches if branch_id in names)
    if len(known) > MOST_NAMED:
        return t("people.so_many_branches", count=len(known))
    return ", ".join(known) or t("people.nowhere")


def _member(
    request: AnyRequest,
    frame: Frame,
    found: Member | None,
    typed: Wanted,
    own: OwnRoles,
    problem: DomainError | None = None,
    *,
    done: str = "",
) -> Response[str]:
    t = texts_of(request)
    return page(
        request,
        "members/member.html",
        frame=frame,
        problem=problem,
        sentence=t(problem.code, **problem.params) if problem is not None else "",
        done=done,
        new_id=uuid4() if found is None else None,
        member=found,
        path=f"{PEOPLE_PATH}/{found.id}" if found is not None else NEW_PATH,
        people_path=PEOPLE_PATH,
        typed=typed,
        roles=_roles(t, own),
        chosen_role=str(typed.own_role_id or typed.role),
        branches=[(branch.id, clean(branch.name), branch.id in typed.branch_ids) for branch in frame.branches],
        is_self=found is not None and found.id == frame.person.staff_id,
    )


def _roles(t: Texts, own: OwnRoles) -> list[tuple[str, str, str]]:
    """What somebody may be: value, name, and what that is."""
    of_program = [(role.value, t(f"role.{role.value}"), t(f"role.{role.value}_does")) for role in ROLES]
    builds_on = [(str(role_id), name, t("people.builds_on", job=t(f"role.{job}"))) for role_id, name, job in own]
    return [*of_program, *builds_on]
