"""GET /exceptions: what waits for a person, for managers; POST /exceptions/{id}: settle one with a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.branches import BranchSeen, branch_called
from cloud.accounts.guards import people
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.exceptions.commands import ExceptionSettling
from cloud.exceptions.listing import Part, kind_of, list_exceptions
from cloud.lookups.houses import Houses
from cloud.pages import words
from cloud.pages.addresses import Address
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from shared.books.exception_views import OpenException
from shared.books.telling import KINDS, action_name, kind_name, what_happened, what_to_do
from shared.exceptions.rules import EventKind, Kind
from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean

EXCEPTIONS_PATH = "/exceptions"
MOST_SHOWN = 40
"""Exceptions of one page; more of them nobody reads at once."""
_WHAT_A_ROW_IS_CALLED = frozenset({"receipts", "refunds", "payments"})
"""Tables whose rows are named under the sentence, since people look for them by number."""


class NoteForm(Body):
    """What the form sends. `branch` and `kind` are the filter to come back to; `void`: void the edits, too."""

    note: str = Field(default="", max_length=4 * MAX_NOTE_CHARACTERS)
    void: bool = False
    branch: str = Field(default="", max_length=40)
    kind: str = Field(default="", max_length=40)


@dataclass(frozen=True, slots=True)
class Shown:
    """An exception as the page shows it. `note` is what was typed, if it could not be settled."""

    id: UUID
    kind: str
    happened: str
    to_do: str
    branch: str
    at: str
    who: str
    device: str
    rows: str
    actions: Sequence[str]
    ends_by_note: bool
    takes_note: bool
    can_void: bool
    grew: bool
    note: str


@get(
    EXCEPTIONS_PATH,
    guards=[people(Permission.SETTLE_EXCEPTIONS)],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def exceptions_page(
    request: Request[Any, Any, Any],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    branch: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    after: FromQuery[str] = "",
    settled: FromQuery[str] = "",
) -> Response[str]:
    """Show what waits. If the filter makes no sense, the page says so and shows everything."""
    wanted = _Filter(branch, kind, after)
    return await _page(request, frame, organization_id, read, wanted, was_settled=bool(settled))


@post(
    EXCEPTIONS_PATH + "/{exception_id:uuid}",
    guards=[people(Permission.SETTLE_EXCEPTIONS)],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def settle_on_page(
    request: Request[Any, Any, Any],
    exception_id: FromPath[UUID],
    data: URLEncodedBody[NoteForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    again: NamedDependency[SkipValidation[Again]],
    settling: NamedDependency[SkipValidation[ExceptionSettling]],
) -> Response[Any]:
    """Settle one and show the list again; or show the list with the reason why it could not be settled."""
    wanted = _Filter(data.branch, data.kind)
    house = await houses.of(organization_id)
    seen = [branch.id for branch in house.seen_by(person)]
    try:
        close = settling.void_edits if data.void else settling.settle
        await close(organization_id, person, seen, exception_id, data.note)
    except DomainError as error:
        sentence = texts_of(request)(error.code, **error.params)
        async with again.shown() as (frame, read):
            typed = exception_id, data.note
            return await _page(request, frame, organization_id, read, wanted, sentence=sentence, typed=typed)
    return Redirect(wanted.path(settled="1"), status_code=303, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class _Filter:
    branch: str = ""
    kind: str = ""
    after: str = ""

    def path(self, **more: str) -> str:
        return str(Address(EXCEPTIONS_PATH, {"branch": self.branch, "kind": self.kind, **more}))


async def _page(
    request: Request[Any, Any, Any],
    frame: Frame,
    organization_id: UUID,
    read: ReadSession,
    wanted: _Filter,
    *,
    sentence: str = "",
    typed: tuple[UUID, str] | None = None,
    was_settled: bool = False,
) -> Response[str]:
    texts = texts_of(request)
    everywhere = list(frame.branches)
    try:
        part = await _part(read, organization_id, everywhere, wanted)
    except DomainError as problem:
        wanted, sentence = _Filter(), texts(problem.code, **problem.params)
        part = await _part(read, organization_id, everywhere, wanted)
    seen = {branch.id: branch for branch in everywhere}
    return page(
        request,
        "exceptions/inbox.html",
        status=400 if sentence else 200,
        frame=frame,
        sentence=sentence,
        was_settled=was_settled,
        shown=[_shown(texts, each, seen[each.branch_id], typed) for each in part.shown],
        total=part.total,
        branches=everywhere,
        filter=_filter(texts, part, wanted),
        wanted=wanted,
        next_path=wanted.path(after=part.next) if part.next else "",
        all_path=EXCEPTIONS_PATH if wanted != _Filter() else "",
        most_characters=MAX_NOTE_CHARACTERS,
    )


async def _part(read: ReadSession, organization_id: UUID, everywhere: list[BranchSeen], wanted: _Filter) -> Part:
    only = branch_called(everywhere, wanted.branch)
    branches = [only] if only else everywhere
    kind = kind_of(wanted.kind)
    return await list_exceptions(read, organization_id, branches, kind, most=MOST_SHOWN, after=wanted.after)


def _filter(texts: Texts, part: Part, wanted: _Filter) -> Form:
    """Choose among the kinds that wait, with how many of each."""
    listed: list[Kind] = [kind for kind in KINDS if kind in part.counts or kind == wanted.kind]
    kinds = [(str(kind), f"{kind_name(texts, kind)} ({part.counts.get(kind, 0):,})") for kind in listed]
    choices = [("", texts("inbox.all_kinds")), *kinds]
    field = FormField("kind", texts("inbox.kind"), "select", wanted.kind, choices=choices)
    hidden = [("branch", wanted.branch)] if wanted.branch else []
    return Form(EXCEPTIONS_PATH, texts("reports.show"), [field], hidden)


def _shown(texts: Texts, each: OpenException, branch: BranchSeen, typed: tuple[UUID, str] | None) -> Shown:
    at = local_time(each.happened_at, branch.zone)
    return Shown(
        id=each.id,
        kind=kind_name(texts, each.kind),
        happened=what_happened(texts, each),
        to_do=what_to_do(texts, each),
        branch=clean(branch.name),
        at=f"{words.day(texts, at.date())} {at:%H:%M}",
        who=clean(each.who),
        device=clean(each.device),
        rows=", ".join(clean(row.name) for row in each.rows if row.table in _WHAT_A_ROW_IS_CALLED and row.name),
        actions=[action_name(texts, end) for end in each.ends],
        ends_by_note=each.ends_by_note,
        takes_note=each.takes_note,
        can_void=each.kind is EventKind.CLOCK_WRONG and any("first" in detail for detail in each.details),
        grew=each.settled_up_to > 0,
        note=typed[1] if typed is not None and typed[0] == each.id else "",
    )
