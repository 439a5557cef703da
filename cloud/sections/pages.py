"""/sections: which tables of a branch each waiter serves. Whole without script: a list for each room, saved at once."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import ConfigDict

from cloud.accounts.branches import branch_called
from cloud.accounts.guards import people
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.pages.addresses import Address
from cloud.pages.forms import Field, Form
from cloud.pages.frame import Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.sections.commands import Sections
from shared.floor.queries import TableView, tables
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import PERMISSIONS, Permission
from shared.kernel.text import clean
from shared.staff.records import Assignment, StaffMember
from shared.staff.rules import WORK_EVERYWHERE

SECTIONS_PATH = "/sections"
_TABLE, _WAS = "table-", "was-"
_SERVE = [role for role, permissions in PERMISSIONS.items() if Permission.TAKE_ORDER in permissions]
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {
    "guards": [people(Permission.EDIT_FLOOR)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


class SectionsForm(Body):
    """What the form of a room sends: `table-ID`, the person or nothing, and `was-ID`, what was shown."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    def changed(self) -> dict[UUID, UUID | None]:
        """The tables whose person was changed here, so that nobody undoes what a colleague changed meanwhile.

        Raises:
            DomainError: NOT_FOUND: something is no id.
        """
        sent = {name: str(value) for name, value in (self.model_extra or {}).items()}
        found: dict[UUID, UUID | None] = {}
        for name, value in sent.items():
            table = name.removeprefix(_TABLE)
            if name.startswith(_TABLE) and value != sent.get(_WAS + table, ""):
                try:
                    found[UUID(table)] = UUID(value) if value else None
                except ValueError:
                    raise DomainError("NOT_FOUND") from None
        return found


@get(SECTIONS_PATH, **_PAGE)
async def sections_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show the tables of the branch that was chosen, by room, each with who serves it."""
    t = texts_of(request)
    branch = frame.branch or (frame.branches[0] if len(frame.branches) == 1 else None)
    forms: list[tuple[str, Form]] = []
    if branch is not None:
        servers = await _servers(read, organization_id, branch.id)
        path = str(Address(SECTIONS_PATH, {"branch": frame.branch_text}))
        for name, group in groupby(await tables(read, organization_id, branch.id), lambda each: each.space_name):
            forms.append((clean(name), _form(t, list(group), servers, path)))
    return page(
        request,
        "sections/sections.html",
        frame=frame,
        branch=clean(branch.name) if branch is not None else "",
        forms=forms,
        done=t("sections.done") if done else "",
    )


@post(SECTIONS_PATH, **_PAGE)
async def give_tables(
    request: AnyRequest,
    data: URLEncodedBody[SectionsForm],
    frame: NamedDependency[SkipValidation[Frame]],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    sections: NamedDependency[SkipValidation[Sections]],
) -> Redirect:
    """Give the tables that were changed, and show them again."""
    named = branch_called(frame.branches, request.query_params.get("branch", ""))
    branch = named or (frame.branches[0] if len(frame.branches) == 1 else None)
    if branch is None:
        raise DomainError("BRANCH_UNKNOWN")
    await sections.give(person, organization_id, branch.id, data.changed())
    return Redirect(str(Address(SECTIONS_PATH, {"branch": frame.branch_text, "done": "yes"})), status_code=303)


async def _servers(read: ReadSession, organization_id: UUID, branch_id: UUID) -> list[tuple[str, str]]:
    """Who may serve in a branch: everybody who takes orders and works there."""
    here = sa.exists().where(
        Assignment.organization_id == organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.branch_id == branch_id,
        Assignment.active,
    )
    query = (
        sa.select(StaffMember.id, StaffMember.name)
        .where(
            StaffMember.organization_id == organization_id,
            StaffMember.active,
            StaffMember.role.in_(_SERVE),
            sa.or_(here, StaffMember.role.in_(sorted(WORK_EVERYWHERE))),
        )
        .order_by(sa.func.lower(StaffMember.name), StaffMember.id)
    )
    return [(str(row.id), clean(row.name)) for row in await read.execute(query)]


def _form(t: Texts, group: list[TableView], servers: list[tuple[str, str]], path: str) -> Form:
    known = {value for value, _name in servers}
    fields, hidden = [], []
    for table in group:
        held = str(table.server_id or "")
        choices = [("", t("sections.whoever")), *servers]
        if held and held not in known:
            choices.append((held, t("sections.no_longer")))
        name = t("sections.table", name=clean(table.name), seats=table.seats)
        fields.append(Field(f"{_TABLE}{table.id}", name, "select", held, choices=choices))
        hidden.append((f"{_WAS}{table.id}", held))
    return Form(path, t("sections.save"), fields, hidden)
