"""What a page or an export of the audit lists: events of the control plane and transactions of the log, as one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.audit.log_reading import FieldSaid, RowSaid, Wanted, Written, written_before
from cloud.database.audit_records import AuditEvent
from cloud.database.control_records import Account, ApiKey
from cloud.database.transaction import ReadSession
from shared.kernel.text import clean
from shared.kitchen.records import Station
from shared.staff.records import StaffMember
from shared.tenancy.records import Device, Organization

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LOG = "log"
"""The kind of what stands in the change log; `Asked.kind` names a table of it or `EVENTS`."""
EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that somebody did.

    Attributes:
        at: when, by the clock of who did it; `heard_at`: when the cloud heard of it.
        who: a name; empty: the system.
        via: `device`, or as in `AuditEvent.via`; `place`: the device's name, or the network address.
        act: what was done to the control plane; empty: rows of the log were written.
        subject, reason: of an act.
        rows: what was written; of an act one without a table, with what it says of before and after.
        id: of the event, or of the transaction's place in the log.
    """

    at: datetime
    heard_at: datetime
    who: str
    via: str
    place: str
    branch_id: UUID | None
    act: str
    subject: str
    reason: str
    rows: tuple[RowSaid, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter of the audit.

    Attributes:
        before, since: of when the cloud heard of it; since included, before not.
        person: id of somebody of the staff, or of an account.
        account: of the account with which that person is known to pages.
        kind: the name of a table, `EVENTS` for the control plane alone; empty: all.
        branches: of these alone, which have no events; None: all of them, and the organization.
    """

    before: datetime
    since: datetime = EPOCH
    person: UUID | None = None
    kind: str = ""
    branches: tuple[UUID, ...] | None = None
    account: UUID | None = None

    def since_instant(self, since: datetime) -> Asked:
        """The same filter from an instant on."""
        return replace(self, since=since)


async def entries(
    read: ReadSession, organization_id: UUID, asked: Asked, limit: int
) -> tuple[list[Entry], datetime | None]:
    """So many entries, the newest first; a few more where several were heard of in one millisecond.

    Returns:
        them, and the `before` of the next part; None: there is no more.
    """
    logged, next_ms = await _from_log(read, organization_id, asked, limit)
    events = await _events(read, organization_id, asked, limit + 1)
    bounds = [EPOCH if next_ms is None else EPOCH + next_ms * MILLISECOND]
    if len(events) > limit:
        bounds.append(events[-1].heard_at)
    # What is older than the oldest that both halves know of comes with the next part.
    whole = sorted((each for each in (*logged, *events) if each.heard_at >= max(bounds)), key=_newest_first)
    if len(whole) <= limit:
        return whole, max(bounds) if max(bounds) > EPOCH else None
    last = whole[limit - 1].heard_at
    shown = [each for each in whole if each.heard_at >= last]
    return shown, last if len(shown) < len(whole) or max(bounds) > EPOCH else None


def _newest_first(entry: Entry) -> tuple[timedelta, str]:
    return EPOCH - entry.heard_at, entry.id


async def _from_log(
    read: ReadSession, organization_id: UUID, asked: Asked, limit: int
) -> tuple[list[Entry], int | None]:
    if asked.kind == EVENTS:
        return [], None
    currency = await read.scalar(sa.select(Organization.currency).where(Organization.id == organization_id))
    wanted = Wanted(
        before_ms=-((EPOCH - asked.before) // MILLISECOND),
        since_ms=(asked.since - EPOCH) // MILLISECOND,
        scopes=None if asked.branches is None else list(asked.branches),
        actor=asked.person,
        table=asked.kind,
        currency=currency or "",
    )
    found, next_ms = await written_before(read, organization_id, wanted, limit)
    people = await names_of(read, organization_id, {each.actor for each in found if each.actor is not None})
    devices = await _device_names(read, organization_id, {each.device_id for each in found})
    return [_of_log(each, people, devices, organization_id) for each in found], next_ms


def _of_log(written: Written, people: Mapping[UUID, str], devices: Mapping[UUID, str], organization_id: UUID) -> Entry:
    who = people.get(written.actor, str(written.actor)[:8]) if written.actor is not None else ""
    place = devices.get(written.device_id)
    return Entry(
        at=_instant(written.stamp_ms, written.stored_ms),
        heard_at=EPOCH + written.stored_ms * MILLISECOND,
        who=who,
        via="device" if place is not None else "cloud",
        place=place or "",
        branch_id=written.branch_id if written.branch_id != organization_id else None,
        act="",
        subject="",
        reason="",
        rows=written.rows,
        id=f"{written.stream_id}/{written.first_seq}",
    )


def _instant(said_ms: int, heard_ms: int) -> datetime:
    """When it was said; a clock in another age is not believed."""
    try:
        return EPOCH + said_ms * MILLISECOND
    except OverflowError:
        return EPOCH + heard_ms * MILLISECOND


async def names_of(read: ReadSession, organization_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What people, stations and programs of an organization are called now. Four statements at most."""
    found: dict[UUID, str] = {}
    for kind in (StaffMember, Station, ApiKey):
        here: Any = kind.organization_id == organization_id
        found |= await _named(read, sa.select(kind.id, kind.name).where(here), kind.id, set(ids) - found.keys())
    return found | await _named(read, sa.select(Account.id, Account.name), Account.id, set(ids) - found.keys())


async def _device_names(read: ReadSession, organization_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, str]:
    query = sa.select(Device.id, Device.name).where(Device.organization_id == organization_id)
    return await _named(read, query, Device.id, ids)


async def _named(read: ReadSession, query: Any, key: Any, ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    return {row.id: clean(row.name) for row in (await read.execute(query.where(key.in_(wanted)))).all()}


async def _events(read: ReadSession, organization_id: UUID, asked: Asked, limit: int) -> list[Entry]:
    if asked.branches is not None or asked.kind not in ("", EVENTS):
        return []
    query = sa.select(AuditEvent).where(
        AuditEvent.organization_id == organization_id, AuditEvent.at < asked.before, AuditEvent.at >= asked.since
    )
    if asked.person is not None:
        known = {asked.person, asked.account or asked.person}
        query = query.where(sa.or_(AuditEvent.account_id.in_(known), AuditEvent.subject_id.in_(known)))
    newest = query.order_by(AuditEvent.at.desc(), AuditEvent.seq.desc())
    found = (await read.scalars(newest.limit(limit))).all()
    if len(found) == limit:  # what was noted in the same instant comes along, so that no part ends within it
        found = (await read.scalars(newest.where(AuditEvent.at >= found[-1].at))).all()
    return [_of_event(each) for each in found]


def _of_event(event: AuditEvent) -> Entry:
    return Entry(
        at=event.at,
        heard_at=event.at,
        who=event.actor,
        via=event.via,
        place=event.place,
        branch_id=None,
        act=event.act,
        subject=event.subject,
        reason=event.reason,
        rows=_said_of(event),
        id=str(event.id),
    )


def _said_of(event: AuditEvent) -> tuple[RowSaid, ...]:
    """What an event says of before and after, and of anything else, as fields of one row."""
    details = dict(event.details)
    fields = []
    if {"before", "after"} & details.keys():
        fields.append(FieldSaid("", _text(details.pop("before", "")), _text(details.pop("after", ""))))
    fields += [FieldSaid(name, "", _text(value)) for name, value in details.items()]
    return (RowSaid("", event.subject_id or event.id, is_new=True, fields=tuple(fields)),) if fields else ()


def _text(value: Any) -> str:
    return clean("" if value is None else str(value), 120)
