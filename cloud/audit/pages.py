"""/audit: who did what in the organization; /audit/people/ID: one person; /audit/export: the same as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter, SkipValidation
from litestar.response import Stream

from cloud.accounts.branches import branch_called
from cloud.accounts.guards import people, require_fresh_proof
from cloud.accounts.sessions import Sessions
from cloud.audit.asking import cursor_of, instant_of_cursor, seen_by, with_account, works_in
from cloud.audit.entries import EVENTS, Asked, Entry, entries
from cloud.audit.exporting import Exporting
from cloud.audit.telling import act_name, field_name, place_of, table_name
from cloud.audit.values import SHORT_ID_CHARACTERS, local, tables
from cloud.database.transaction import Database, ReadSession
from cloud.edge.problem import texts_of
from cloud.pages import words
from cloud.pages.addresses import Address
from cloud.pages.forms import Field, Form
from cloud.pages.frame import Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from shared.kernel.instants import Clock, local_time
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.staff.records import StaffMember

AUDIT_PATH = "/audit"
MOST_SHOWN = 40
LATE = timedelta(minutes=2)
"""What was heard of later than this says when, beside the time at which it was done."""
AnyRequest = Request[Any, Any, Any]
PAGE: dict[str, Any] = {
    "guards": [people(Permission.EDIT_STAFF)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of an entry, in words. `fields`: name, before, after."""

    name: str
    id: str
    is_new: bool
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a page shows it."""

    at: str
    heard: str
    who: str
    what: str
    subject: str
    where: str
    reason: str
    rows: Sequence[ShownRow]


@dataclass(frozen=True, slots=True)
class _Filter:
    since: str = ""
    until: str = ""
    who: str = ""
    kind: str = ""
    branch: str = ""

    def address(self, path: str, **more: str) -> Address:
        query = {"from": self.since, "to": self.until, "who": self.who, "kind": self.kind, "branch": self.branch}
        return Address(path, {**query, **more})


@get(AUDIT_PATH, **PAGE)
async def audit_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    since: Annotated[str, QueryParameter(name="from")] = "",
    until: Annotated[str, QueryParameter(name="to")] = "",
    who: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    branch: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[str]:
    """Show what was done, the newest first. What of the filter makes no sense is left out."""
    wanted = _Filter(since, until, who, kind if kind in (EVENTS, *tables()) else "", branch)
    asked = await with_account(read, organization_id, _asked(wanted, frame, clock.now(), before))
    found, following = await entries(read, organization_id, asked, MOST_SHOWN)
    texts = texts_of(request)
    return page(
        request,
        "audit/audit.html",
        frame=frame,
        shown=[_shown(texts, each, frame) for each in found],
        filter=await _form(texts, read, organization_id, wanted, frame),
        first_path=str(wanted.address(AUDIT_PATH)) if before else "",
        next_path=str(wanted.address(AUDIT_PATH, before=cursor_of(following))) if following else "",
        csv_path=str(wanted.address(f"{AUDIT_PATH}/export", form="csv")),
        json_path=str(wanted.address(f"{AUDIT_PATH}/export", form="json")),
    )


@get(f"{AUDIT_PATH}/people/{{staff_id:uuid}}", **PAGE)
async def person_page(
    request: AnyRequest,
    staff_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    clock: NamedDependency[SkipValidation[Clock]],
    before: FromQuery[str] = "",
) -> Response[str]:
    """Show where somebody is logged in, and what they did on devices and pages."""
    seen = sa.select(StaffMember).where(StaffMember.organization_id == organization_id, StaffMember.id == staff_id)
    if not frame.person.sees_everything:
        seen = seen.where(works_in(organization_id, (branch.id for branch in frame.branches)))
    somebody = await read.scalar(seen)
    if somebody is None:
        raise NotFoundException
    asked = Asked(
        instant_of_cursor(before) or clock.now() + timedelta(days=1),
        person=staff_id,
        branches=seen_by(frame.person, frame.branches, None),
    )
    asked = await with_account(read, organization_id, asked)
    found, following = await entries(read, organization_id, asked, MOST_SHOWN)
    texts, path = texts_of(request), f"{AUDIT_PATH}/people/{staff_id}"
    return page(
        request,
        "audit/person.html",
        frame=frame,
        name=clean(somebody.name),
        has_account=asked.account is not None,
        sessions=await _open_sessions(texts, sessions, asked.account, organization_id, clock.now()),
        shown=[_shown(texts, each, frame) for each in found],
        first_path=path if before else "",
        next_path=str(Address(path, {"before": cursor_of(following)})) if following else "",
    )


@get(f"{AUDIT_PATH}/export", **PAGE)
async def export_audit(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    exporting: NamedDependency[SkipValidation[Exporting]],
    database: NamedDependency[SkipValidation[Database]],
    clock: NamedDependency[SkipValidation[Clock]],
    form: FromQuery[str] = "csv",
    since: Annotated[str, QueryParameter(name="from")] = "",
    until: Annotated[str, QueryParameter(name="to")] = "",
    who: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    branch: FromQuery[str] = "",
) -> Stream:
    """Send all that the filter takes as a file. That somebody took it along is an event, too."""
    await require_fresh_proof(request)
    asked = _asked(_Filter(since, until, who, kind, branch), frame, clock.now(), "")
    async with database.read(organization_id) as read:
        asked = await with_account(read, organization_id, asked)
    lines = exporting.csv if form == "csv" else exporting.signed
    await exporting.note(organization_id, asked)
    name = f"audit-{clock.now():%Y-%m-%d}.{'csv' if form == 'csv' else 'jsonl'}"
    return Stream(
        lines(organization_id, asked, texts_of(request)),
        media_type="text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _asked(wanted: _Filter, frame: Frame, now: datetime, before: str) -> Asked:
    first, last = _midnight(wanted.since, frame.zone), _midnight(wanted.until, frame.zone, days=1)
    end = last or now + timedelta(days=1)
    only = branch_called(list(frame.branches), wanted.branch) if wanted.branch else None
    asked = Asked(
        before=min(end, instant_of_cursor(before) or end),
        person=_uuid(wanted.who),
        kind=wanted.kind,
        branches=seen_by(frame.person, frame.branches, only.id if only is not None else None),
    )
    return asked if first is None else asked.since_instant(first)


def _midnight(text: str, zone: str, days: int = 0) -> datetime | None:
    """When a day begins, so many days later, by the wall clock of a zone."""
    try:
        on = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    noon = datetime.fromisoformat(f"{on}T12:00:00+00:00")
    return datetime.fromisoformat(f"{on}T00:00:00").replace(tzinfo=local_time(noon, zone).tzinfo)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _form(texts: Texts, read: ReadSession, organization_id: UUID, wanted: _Filter, frame: Frame) -> Form:
    query = sa.select(StaffMember.id, StaffMember.name).where(StaffMember.organization_id == organization_id)
    if not frame.person.sees_everything:
        query = query.where(works_in(organization_id, (branch.id for branch in frame.branches)))
    staff = (await read.execute(query.order_by(StaffMember.name))).all()
    persons = [("", texts("audit.anybody")), *((str(each.id), clean(each.name)) for each in staff)]
    kinds = sorted(((name, table_name(texts, name)) for name in tables()), key=lambda each: each[1])
    return Form(
        AUDIT_PATH,
        texts("audit.show"),
        [
            Field("from", texts("audit.since"), "date", wanted.since, required=False),
            Field("to", texts("audit.until"), "date", wanted.until, required=False),
            Field("who", texts("audit.person"), "select", wanted.who, choices=persons, required=False),
            Field(
                "kind",
                texts("audit.kind"),
                "select",
                wanted.kind,
                choices=[("", texts("audit.everything")), (EVENTS, texts("audit.of_access")), *kinds],
                required=False,
            ),
        ],
        [("branch", wanted.branch)] if wanted.branch else [],
    )


def _shown(texts: Texts, entry: Entry, frame: Frame) -> Shown:
    branch = next((each for each in frame.branches if each.id == entry.branch_id), None)
    zone = branch.zone if branch is not None else frame.zone
    at = local_time(entry.at, zone)
    late = abs(entry.heard_at - entry.at) > LATE
    names = dict.fromkeys(table_name(texts, row.table) for row in entry.rows if row.table)
    return Shown(
        at=f"{words.whole_day(texts, at.date())} {at:%H:%M:%S}",
        heard=texts("audit.heard", at=_when(texts, entry.heard_at, zone)) if late else "",
        who=clean(entry.who) or texts("audit.somebody" if entry.via in ("page", "api") else "audit.system"),
        what=act_name(texts, entry.act) if entry.act else ", ".join(names),
        subject=clean(entry.subject),
        where=" · ".join(
            each for each in (place_of(texts, entry), clean(branch.name) if branch is not None else "") if each
        ),
        reason=texts("audit.reason", reason=clean(entry.reason)) if entry.reason else "",
        rows=[
            ShownRow(
                table_name(texts, row.table) if row.table else "",
                str(row.row_id)[-SHORT_ID_CHARACTERS:] if row.table else "",
                row.is_new,
                [
                    (field_name(texts, each.name), local(texts, each.before, zone), local(texts, each.after, zone))
                    for each in row.fields
                ],
            )
            for row in entry.rows
        ],
    )


def _when(texts: Texts, at: datetime, zone: str) -> str:
    there = local_time(at, zone)
    return f"{words.day(texts, there.date())} {there:%H:%M}"


async def _open_sessions(
    texts: Texts, sessions: Sessions, account_id: UUID | None, organization_id: UUID, now: datetime
) -> list[str]:
    """Where somebody is logged in to this organization; where they are in another one is none of its affairs."""
    found = await sessions.open_sessions(account_id) if account_id is not None else []
    return [
        texts(
            "audit.session",
            browser=clean(each.browser),
            began=words.age(texts, each.made_at, now),
            seen=words.age(texts, each.seen_at, now),
        )
        for each in found
        if each.organization_id == organization_id and not each.awaits_code
    ][:MOST_SHOWN]
