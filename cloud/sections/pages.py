"""/sections: which tables of a branch each waiter serves. Whole without script: a list for each room, saved at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import ConfigDict

from cloud.accounts.branches import BranchSeen, branch_called
from cloud.accounts.guards import people
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.pages.addresses import Address
from cloud.pages.forms import NOTHING_TYPED, Field, Form
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.sections.commands import Sections, servers_of
from shared.floor.queries import TableView, tables
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import clean

SECTIONS_PATH = "/sections"
_TABLE, _WAS = "table-", "was-"
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {
    "guards": [people(Permission.EDIT_FLOOR)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


class SectionsForm(Body):
    """What the form of a room sends: `table-ID`, the person or nothing, and `was-ID`, what was shown."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    def typed(self) -> dict[str, str]:
        """What was chosen, by field."""
        return {name: str(value) for name, value in (self.model_extra or {}).items() if name.startswith(_TABLE)}

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
    return await _page(request, frame, organization_id, read, is_done=bool(done))


@post(SECTIONS_PATH, **_PAGE)
async def give_tables(
    request: AnyRequest,
    data: URLEncodedBody[SectionsForm],
    again: NamedDependency[SkipValidation[Again]],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    sections: NamedDependency[SkipValidation[Sections]],
) -> Response[Any]:
    """Give the tables that were changed, and show them again; or show what was chosen, with what is wrong."""
    frame = await again.frame()
    named = branch_called(frame.branches, request.query_params.get("branch", ""))
    branch = named or _only(frame)
    if branch is None:
        raise DomainError("BRANCH_UNKNOWN")
    try:
        await sections.give(person, organization_id, branch.id, data.changed())
    except DomainError as problem:
        if problem.code not in ("NO_LONGER_WORKS_HERE", "SERVES_NO_TABLES"):
            raise
        async with again.shown() as (fresh, read):
            return await _page(request, fresh, organization_id, read, typed=data.typed(), problem=problem)
    return Redirect(str(Address(SECTIONS_PATH, {"branch": frame.branch_text, "done": "yes"})), status_code=303)


def _only(frame: Frame) -> BranchSeen | None:
    return frame.branches[0] if len(frame.branches) == 1 else None


async def _page(
    request: AnyRequest,
    frame: Frame,
    organization_id: UUID,
    read: ReadSession,
    *,
    typed: Mapping[str, str] = NOTHING_TYPED,
    problem: DomainError | None = None,
    is_done: bool = False,
) -> Response[str]:
    t, branch = texts_of(request), frame.branch or _only(frame)
    forms: list[tuple[str, Form]] = []
    if branch is not None:
        found = await servers_of(read, organization_id, branch.id)
        servers = [(str(each.id), clean(each.name)) for each in found]
        path = str(Address(SECTIONS_PATH, {"branch": frame.branch_text}))
        for name, group in groupby(await tables(read, organization_id, branch.id), lambda each: each.space_name):
            forms.append((clean(name), _form(t, list(group), servers, path).answered(typed, {})))
    return page(
        request,
        "sections/sections.html",
        frame=frame,
        problem=problem,
        sentence=t(problem.code, **problem.params) if problem is not None else "",
        branch=clean(branch.name) if branch is not None else "",
        forms=forms,
        done=t("sections.done") if is_done else "",
    )


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
