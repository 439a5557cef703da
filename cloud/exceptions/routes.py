"""GET /api/v1/exceptions and POST /api/v1/exceptions/{id}/settle. The page for people is in `pages.py`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, SkipValidation

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Again, Area, Example, command, query
from cloud.edge.problem import texts_of
from cloud.exceptions.commands import ExceptionSettling
from cloud.exceptions.listing import kind_of, list_exceptions
from cloud.exceptions.schemas import ExceptionShown, ExceptionsShown, Settle, Settled
from cloud.lookups.houses import Houses
from shared.kernel.permissions import Permission

Caller = NamedDependency[SkipValidation[Person]]
Organization = NamedDependency[UUID]
Known = NamedDependency[SkipValidation[Houses]]
Settling = NamedDependency[SkipValidation[ExceptionSettling]]
AT_ONCE = 100
"""Exceptions of one answer, unless fewer are asked for."""
_NOTE = Example({"note": "Era una prueba"})


@query(
    "list_exceptions",
    "/exceptions",
    area=Area.EXCEPTIONS,
    rights=Permission.SETTLE_EXCEPTIONS,
    summary="What waits for a person",
    problems="BRANCH_UNKNOWN EXCEPTION_KIND_UNKNOWN CURSOR_WRONG",
)
async def exceptions(
    request: Request[Any, Any, Any],
    person: Caller,
    organization_id: Organization,
    houses: Known,
    read: NamedDependency[SkipValidation[ReadSession]],
    branch: FromQuery[UUID | None] = None,
    kind: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=AT_ONCE)] = AT_ONCE,
) -> ExceptionsShown:
    """Give what waits in all branches that the caller may see, or in one, the newest first."""
    seen = chosen((await houses.of(organization_id, read)).seen_by(person), branch)
    part = await list_exceptions(read, organization_id, seen, kind_of(kind), most=limit, after=after)
    texts = texts_of(request)
    return ExceptionsShown(
        exceptions=[ExceptionShown.of(texts, each) for each in part.shown], total=part.total, next=part.next
    )


@command(
    "settle_exception",
    "POST /exceptions/{exception_id:uuid}/settle",
    area=Area.EXCEPTIONS,
    rights=Permission.SETTLE_EXCEPTIONS,
    again=Again.SAME,
    is_for_keys=False,
    summary="Settle with a note",
    example=_NOTE,
    problems="NOT_FOUND NEEDS_AN_ACTION SETTLED_ALREADY NOTE_MISSING",
)
async def settle(
    exception_id: FromPath[UUID],
    data: JSONBody[Settle],
    person: Caller,
    organization_id: Organization,
    houses: Known,
    settling: Settling,
) -> Settled:
    """Say what became of an exception, up to its size now. The same request again gives the same answer."""
    seen = await _branch_ids(houses, organization_id, person)
    done = await settling.settle(organization_id, person, seen, exception_id, data.note)
    return Settled(
        settlement_id=done.id,
        exception_id=done.exception_id,
        branch_id=done.branch_id,
        up_to=done.up_to,
        note=done.note,
        settled_at=done.settled_at,
        settled_by_name=done.settled_by_name,
    )


@command(
    "void_wrong_edits",
    "POST /exceptions/{exception_id:uuid}/void",
    area=Area.EXCEPTIONS,
    rights=Permission.SETTLE_EXCEPTIONS,
    again=Again.SAME,
    is_for_keys=False,
    status=204,
    summary="Void the edits of a wrong clock",
    example=_NOTE,
    problems="NOT_FOUND NOTHING_TO_VOID NOTE_MISSING",
)
async def void(
    exception_id: FromPath[UUID],
    data: JSONBody[Settle],
    person: Caller,
    organization_id: Organization,
    houses: Known,
    settling: Settling,
) -> None:
    """Void the edits that a wrong clock stamped, and settle the exception. What was sold or paid stays."""
    seen = await _branch_ids(houses, organization_id, person)
    await settling.void_edits(organization_id, person, seen, exception_id, data.note)


async def _branch_ids(houses: Houses, organization_id: UUID, person: Person) -> list[UUID]:
    """The branches whose exceptions the person may settle."""
    return [branch.id for branch in (await houses.of(organization_id)).seen_by(person)]
