"""GET /api/v1/audit: what `/audit` shows, for programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import FromQuery, QueryParameter, SkipValidation
from pydantic import BaseModel, Field

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.audit.asking import cursor_of, instant_of_cursor, seen_by, with_account
from cloud.audit.entries import EPOCH, EVENTS, Asked, Entry, entries
from cloud.audit.values import tables
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Area, LimitGroup, query
from cloud.kernel.instants import instant_of
from cloud.lookups.houses import Houses
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.permissions import Permission

MOST = 100
_INSTANT = {"format": "date-time"}


class FieldChanged(BaseModel):
    """A field before and after, as text."""

    name: str
    before: str
    after: str


class RowWritten(BaseModel):
    """A row that was written."""

    table: str = Field(description="empty for what an act says of itself")
    id: UUID
    is_new: bool
    fields: list[FieldChanged]


class AuditEntry(BaseModel):
    """Something that somebody did."""

    id: str
    at: datetime = Field(description="by the clock of who did it")
    heard_at: datetime = Field(description="when the cloud heard of it")
    who: str = Field(description="empty: the system, or nobody who is known")
    via: str = Field(description="`device`, `page`, `api`, `command`, `job` or `cloud`")
    place: str = Field(description="the name of the device, or the network address")
    branch_id: UUID | None
    act: str = Field(description="such as `account.log_in`; empty: rows were written")
    subject: str
    reason: str
    rows: list[RowWritten]

    @classmethod
    def of(cls, entry: Entry) -> AuditEntry:
        """An entry as programs read it."""
        rows = [
            RowWritten(
                table=row.table,
                id=row.row_id,
                is_new=row.is_new,
                fields=[FieldChanged(name=each.name, before=each.before, after=each.after) for each in row.fields],
            )
            for row in entry.rows
        ]
        return cls(
            id=entry.id,
            at=entry.at,
            heard_at=entry.heard_at,
            who=entry.who,
            via=entry.via,
            place=entry.place,
            branch_id=entry.branch_id,
            act=entry.act,
            subject=entry.subject,
            reason=entry.reason,
            rows=rows,
        )


class AuditPart(BaseModel):
    """A part of the audit, the newest first. `next` goes into `after` for the next one."""

    entries: list[AuditEntry]
    next: str | None


@query(
    "list_audit",
    "/audit",
    area=Area.STAFF,
    rights=Permission.EDIT_STAFF,
    limit=LimitGroup.REPORT,
    summary="Who did what",
    problems="AUDIT_KIND_UNKNOWN BRANCH_UNKNOWN CURSOR_WRONG",
)
async def list_audit(
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    branch: FromQuery[UUID | None] = None,
    who: Annotated[UUID | None, QueryParameter(description="the id of somebody of the staff")] = None,
    kind: Annotated[str, QueryParameter(description="a table, or `events`: what was done to access and devices")] = "",
    since: Annotated[str | None, QueryParameter(name="from", schema_extra=_INSTANT)] = None,
    until: Annotated[str | None, QueryParameter(name="to", schema_extra=_INSTANT)] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = MOST,
) -> AuditPart:
    """Give what was done in the branches that the caller sees, the newest first.

    There may be a few more than were asked for, where several were heard of in one moment. Who sees the whole
    organization sees what was done to its access and devices, too.
    """
    if kind and kind not in (EVENTS, *tables()):
        raise DomainError("AUDIT_KIND_UNKNOWN", kind=kind)
    before = instant_of_cursor(after) if after else None
    if after and before is None:
        raise DomainError("CURSOR_WRONG")
    house = await houses.of(organization_id, read)
    only = chosen(house.seen_by(person), branch)[0].id if branch is not None else None
    end = _instant("to", until) or clock.now() + timedelta(days=1)
    asked = Asked(
        before=min(end, before or end),
        since=_instant("from", since) or EPOCH,
        person=who,
        kind=kind,
        branches=seen_by(person, house.seen_by(person), only),
    )
    found, following = await entries(read, organization_id, await with_account(read, organization_id, asked), limit)
    shown = [AuditEntry.of(each) for each in found]
    return AuditPart(entries=shown, next=cursor_of(following) if following is not None else None)


def _instant(name: str, text: str | None) -> datetime | None:
    """The instant that an address names.

    Raises:
        ValidationException: it is none.
    """
    try:
        return instant_of(text) if text is not None else None
    except ValueError:
        raise ValidationException(extra=[{"key": name, "message": "Invalid RFC3339 date-time"}]) from None
