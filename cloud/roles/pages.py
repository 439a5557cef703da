"""/roles: the roles of the organization and who has them; /roles/ID: what one may do, right by right, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import ConfigDict, Field, field_validator

from cloud.accounts.guards import people, require_fresh_proof
from cloud.accounts.identity import Person
from cloud.database.transaction import Database, ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.pages.addresses import Address
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.pages.tables import Cell, Column, Kind, Note, table
from cloud.roles.commands import Roles, typed_minor
from cloud.roles.listing import GROUPS, RoleSeen, role_called, roles_of
from shared.countries.currencies import currency, format_minor
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import GRANTABLE, WITH_AMOUNTS, Permission, Rights, Role
from shared.kernel.work import FIRST_CURRENCY
from shared.staff.rules import JOBS, rights_in
from shared.tenancy.records import Organization

ROLES_PATH = "/roles"
NEW_PATH = f"{ROLES_PATH}/new"
_LIMIT = "limit_"
_SURE = frozenset({"PROOF_NEEDED", "ROLE_UNKNOWN", "NOT_FOUND"})
"""Refusals that a page of their own tells."""
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {
    "guards": [people(Permission.EDIT_STAFF)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


class NewRoleForm(Body):
    """What the form for a new role sends."""

    name: str = Field(max_length=60)
    job: Role

    @field_validator("job")
    @classmethod
    def _of_the_house(cls, job: Role) -> Role:
        if job not in JOBS:
            raise ValueError(job)
        return job


class RightsForm(Body):
    """What the form of a role sends. `limit_RIGHT`: up to which amount, as it was typed; empty: any."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)
    name: str = Field(default="", max_length=60)
    right: list[Permission] = Field(default_factory=list, max_length=100)

    @field_validator("right", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return given if isinstance(given, list) else [given]

    def limits(self) -> dict[Permission, str]:
        """The amounts that were typed for rights that are given."""
        typed = {each: (self.model_extra or {}).get(_LIMIT + each, "") for each in WITH_AMOUNTS}
        return {each: str(text).strip() for each, text in typed.items() if each in self.right and str(text).strip()}


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A right as the page of a role shows it.

    Attributes:
        limit: the amount as it is typed; None: nothing is done about an amount.
        note: what is unlike the role as the program has it; empty if nothing is.
        is_beyond: the reader lacks it, and so gives it to nobody.
    """

    value: str
    words: str
    is_given: bool
    limit: str | None
    note: str
    is_beyond: bool


@get(ROLES_PATH, **_PAGE)
async def roles_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show all roles: on which job each builds, how much it may, who has it."""
    return await _list(request, frame, read, organization_id, is_done=bool(done))


@post(NEW_PATH, **_PAGE)
async def add_role(
    request: AnyRequest,
    data: URLEncodedBody[NewRoleForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    roles: NamedDependency[SkipValidation[Roles]],
) -> Response[Any]:
    """Found a role and show it; or show the list again, with the reason."""
    await require_fresh_proof(request)
    try:
        role_id = await roles.found(person, organization_id, data.name, data.job)
    except DomainError as problem:
        async with again.shown() as (frame, read):
            return await _list(request, frame, read, organization_id, typed=data, problem=problem)
    return Redirect(f"{ROLES_PATH}/{role_id}?done=yes", status_code=303)


@get(f"{ROLES_PATH}/{{role_id:uuid}}", **_PAGE)
async def role_page(
    request: AnyRequest,
    role_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show what a role may do."""
    role = await role_called(read, organization_id, role_id)
    code = await _currency(read, organization_id)
    return _role(request, frame, role, code, role.name, _limits(role.rights, code), role.rights, is_done=bool(done))


@post(f"{ROLES_PATH}/{{role_id:uuid}}", **_PAGE)
async def change_role(
    request: AnyRequest,
    role_id: FromPath[UUID],
    data: URLEncodedBody[RightsForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    database: NamedDependency[SkipValidation[Database]],
    roles: NamedDependency[SkipValidation[Roles]],
) -> Response[Any]:
    """Say what a role may do; or show what was chosen, with the reason."""
    await require_fresh_proof(request)
    async with database.read(organization_id) as read:
        role = await role_called(read, organization_id, role_id)
        code = await _currency(read, organization_id)
    typed = data.limits()
    try:
        limits = {right: typed_minor(text, code) for right, text in typed.items()}
        rights = Rights(frozenset(data.right) & GRANTABLE, limits)
        await roles.say(person, organization_id, role.role, data.name, rights)
    except DomainError as problem:
        if problem.code in _SURE:
            raise
        async with again.shown() as (frame, read):
            chosen = Rights(frozenset(data.right))
            return _role(request, frame, role, code, data.name, typed, chosen, problem=problem)
    return Redirect(f"{ROLES_PATH}/{role_id}?done=yes", status_code=303)


@post(f"{ROLES_PATH}/{{role_id:uuid}}/retirement", **_PAGE)
async def retire_role(
    request: AnyRequest,
    role_id: FromPath[UUID],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    again: NamedDependency[SkipValidation[Again]],
    database: NamedDependency[SkipValidation[Database]],
    roles: NamedDependency[SkipValidation[Roles]],
) -> Response[Any]:
    """Take a role of the organization's own out of the lists, if nobody has it."""
    await require_fresh_proof(request)
    async with database.read(organization_id) as read:
        role = await role_called(read, organization_id, role_id)
    try:
        await roles.retire(person, organization_id, role.role)
    except DomainError as problem:
        if problem.code in _SURE:
            raise
        async with again.shown() as (frame, read):
            code = await _currency(read, organization_id)
            limits = _limits(role.rights, code)
            return _role(request, frame, role, code, role.name, limits, role.rights, problem=problem)
    return Redirect(f"{ROLES_PATH}?done=yes", status_code=303)


async def _list(
    request: AnyRequest,
    frame: Frame,
    read: ReadSession,
    organization_id: UUID,
    *,
    typed: NewRoleForm | None = None,
    problem: DomainError | None = None,
    is_done: bool = False,
) -> Response[str]:
    t, found = texts_of(request), await roles_of(read, organization_id)
    columns = [
        Column(t("roles.role")),
        Column(t("roles.rights"), kind=Kind.COUNT),
        Column(t("roles.people"), kind=Kind.COUNT),
        Column(t("roles.who")),
    ]
    shown = table(t("roles.title"), columns, [_row(t, each) for each in found], address=Address(ROLES_PATH, {}))
    return page(
        request,
        "roles/roles.html",
        frame=frame,
        roles=shown,
        new_path=NEW_PATH,
        typed_name=typed.name if typed is not None else "",
        typed_job=typed.job.value if typed is not None else "",
        jobs=[(job.value, t(f"role.{job.value}")) for job in JOBS],
        done=t("roles.done") if is_done else "",
        **_problem(t, problem),
    )


def _row(t: Texts, each: RoleSeen) -> list[Cell]:
    names = ", ".join(name for _id, name in each.people)
    more = f" +{each.count - len(each.people)}" if each.count > len(each.people) else ""
    below = (Note(t("roles.builds_on", job=t(f"role.{each.role.job.value}"))),) if each.name else ()
    all_of_them = t("roles.all_rights") if each.is_fixed else str(len(each.rights.permissions))
    return [
        Cell(_name(t, each), href=f"{ROLES_PATH}/{each.id}", notes=below),
        Cell(all_of_them),
        Cell(str(each.count)),
        Cell(names + more or t("roles.nobody")),
    ]


def _name(t: Texts, each: RoleSeen) -> str:
    return each.name or t(f"role.{each.role.job.value}")


def _role(
    request: AnyRequest,
    frame: Frame,
    role: RoleSeen,
    code: str,
    name: str,
    limits: dict[Permission, str],
    chosen: Rights,
    *,
    problem: DomainError | None = None,
    is_done: bool = False,
) -> Response[str]:
    t = texts_of(request)
    usual, mine = rights_in(role.role.job), frame.person.rights

    def shown(right: Permission) -> ShownRight:
        is_given = right in chosen.permissions
        unlike = t("roles.added") if is_given else t("roles.taken")
        note = "" if is_given == (right in usual.permissions) else unlike
        limit = limits.get(right, "") if right in WITH_AMOUNTS else None
        return ShownRight(
            right.value, _sentence(t(f"exceptions.right.{right}")), is_given, limit, note, right not in mine.permissions
        )

    groups: list[tuple[str, Sequence[ShownRight]]] = [
        (t(key), [shown(right) for right in rights]) for key, rights in GROUPS
    ]
    return page(
        request,
        "roles/role.html",
        frame=frame,
        role=role,
        title=_name(t, role),
        job=t(f"role.{role.role.job.value}"),
        is_own=role.role.own_role_id is not None,
        name=name,
        groups=groups,
        sign=currency(code).sign,
        limit_prefix=_LIMIT,
        amount_words=format_minor(currency(code).unit_minor * 50, code),
        path=f"{ROLES_PATH}/{role.id}",
        roles_path=ROLES_PATH,
        more=role.count - len(role.people),
        done=t("roles.done") if is_done else "",
        **_problem(t, problem),
    )


def _problem(t: Texts, problem: DomainError | None) -> dict[str, Any]:
    if problem is None:
        return {"sentence": ""}
    sentence = t(problem.code, **problem.params)
    if problem.code == "ROLE_ABOVE_YOURS":
        sentence = f"{_sentence(t('exceptions.right.' + problem.params['right']))}: {sentence}"
    return {"problem": problem, "sentence": sentence}


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _limits(rights: Rights, code: str) -> dict[Permission, str]:
    of = currency(code)
    return {right: _plain(amount_minor, of.exponent) for right, amount_minor in rights.limits.items()}


def _plain(amount_minor: int, exponent: int) -> str:
    """As it is typed: without marks for thousands, which `typed_minor` does not read."""
    whole, part = divmod(amount_minor, 10**exponent)
    return f"{whole}.{part:0{exponent}d}" if exponent else str(whole)


async def _currency(read: ReadSession, organization_id: UUID) -> str:
    code = await read.scalar(
        sa.select(Organization.currency).where(
            Organization.organization_id == organization_id, Organization.id == organization_id
        )
    )
    return code or FIRST_CURRENCY
