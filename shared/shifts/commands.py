"""Counting a session without seeing what is expected, and closing it with a Z."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import MAX_REASON_CHARACTERS, Cash
from shared.drawers.records import Drawer, DrawerSession
from shared.drawers.rules import listed
from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.money import MAX_MINOR
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.shifts.queries import counts_of, expected_now, late_rows, session_report
from shared.shifts.records import Count, ZReport
from shared.shifts.rules import Counts, Late, Purse, SessionReport

MOST_COUNTED = 100
"""Currencies and methods of one count; no house has a fifth of it."""


class Head(NamedTuple):
    """The end of a device's log: its number and chain value in hex."""

    seq: int
    chain: str


class Counted(NamedTuple):
    """What was counted: cash of a currency (`method_id` None), or the total of one other method."""

    cash: Cash
    method_id: UUID | None = None
    method_name: str = ""


class Closed(NamedTuple):
    """A session that was closed: its Z, and the report that it says."""

    z: ZReport
    report: SessionReport


async def count_session(work: Work, session_id: UUID, counted: Sequence[Counted]) -> int:
    """Note what was counted. Counted again, the last round counts. Returns the round.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOT_THIS_DEVICE, SESSION_IS_CLOSED, CASH_NOT_SENSIBLE.
    """
    session = await _own_session(work, session_id)
    if len(counted) > MOST_COUNTED or not all(0 <= each.cash.total_minor <= MAX_MINOR for each in counted):
        raise DomainError("CASH_NOT_SENSIBLE")
    await work.session.flush()
    place = work.place
    due = await expected_now(work.session, work.organization_id, session.id, session.device_id, place.currency)
    of = (Count.organization_id == work.organization_id, Count.session_id == session.id)
    before = await work.session.scalar(sa.select(sa.func.max(Count.round)).where(*of))
    for each in counted:
        work.add(
            Count(
                organization_id=work.organization_id,
                branch_id=work.branch_id,
                id=work.ids.new(),
                session_id=session.id,
                round=int(before or 0) + 1,
                method_id=each.method_id,
                method_name=clean(each.method_name, 40),
                currency=each.cash.currency,
                pieces=listed(each.cash.pieces),
                total_minor=each.cash.total_minor,
                expected_minor=due.get(Purse(each.method_id, each.cash.currency), 0),
                counted_at=work.now,
                counted_by=work.actor.staff_id,
            )
        )
    return int(before or 0) + 1


async def close_session(work: Work, session_id: UUID, head: Head, reason: str = "") -> Closed:
    """Close a session of this device and write its Z. No difference is a reason to refuse.

    A difference above what its drawer allows is noted for a person if the actor may not close with it.

    Args:
        head: the end of this device's log.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOT_THIS_DEVICE, SESSION_IS_CLOSED, COUNT_MISSING, COUNT_AGAIN (money
            came or went since it was counted).
    """
    session = await _own_session(work, session_id)
    report = await _report(work, session_id)
    counts = await counts_of(work.session, work.organization_id, session_id)
    if not counts.rounds:
        raise DomainError("COUNT_MISSING")
    if _counted_before(report, counts):
        raise DomainError("COUNT_AGAIN")
    number = number_in(work.place.letter, "Z", await work.next_number("z report"))
    z = work.add(_z(work, report, number, head, clean(reason, MAX_REASON_CHARACTERS)))
    session.closed = True
    await _tell_late(work, report.late)
    await _tell_difference(work, session, report, z)
    return Closed(z, report)


async def tell_late(work: Work) -> tuple[Late, ...]:
    """Note for a person what came of this device's sessions after they were closed, as soon as it is known."""
    await work.session.flush()
    late = await late_rows(work.session, work.organization_id, work.place.device_id, work.place.currency)
    await _tell_late(work, late)
    return late


async def most_difference(work: Work, session: DrawerSession) -> int:
    """Up to which difference the session's drawer asks for no reason."""
    return (await work.get(Drawer, session.drawer_id)).most_difference_minor if session.drawer_id else 0


async def _own_session(work: Work, session_id: UUID) -> DrawerSession:
    work.require(Permission.WORK_DRAWER)
    session = await work.get(DrawerSession, session_id)
    if session.device_id != work.place.device_id:
        raise DomainError("NOT_THIS_DEVICE")
    if session.closed:
        raise DomainError("SESSION_IS_CLOSED")
    return session


async def _report(work: Work, session_id: UUID) -> SessionReport:
    await work.session.flush()
    report = await session_report(work.session, work.organization_id, session_id, work.place.currency)
    if report is None:
        raise NotFound(DrawerSession.__tablename__, session_id)
    return report


def _counted_before(report: SessionReport, counts: Counts) -> bool:
    """Whether money came or went since the last count."""
    due = {Purse(each.method_id, each.currency): each.expected_minor for each in report.counted}
    return any(expected_minor != due.get(purse, 0) for purse, expected_minor in counts.expected.items())


def _z(work: Work, report: SessionReport, number: str, head: Head, reason: str) -> ZReport:
    return ZReport(
        organization_id=work.organization_id,
        branch_id=work.branch_id,
        id=derived_id("z report", report.session_id),
        session_id=report.session_id,
        device_id=report.device_id,
        number=number,
        drawer_name=clean(report.drawer, 40),
        business_date=report.business_date,
        opened_at=report.opened_at,
        opened_by_name=report.opened_by,
        closed_at=work.now,
        closed_by=work.actor.staff_id,
        closed_by_name=work.actor.name,
        currency=report.currency,
        **asdict(report.sales),
        refunds=report.refunds,
        refunded_minor=report.refunded_minor,
        corrected_minor=report.corrected_minor,
        openings=report.openings,
        taxes=_listed(report.taxes),
        methods=_listed(report.methods),
        movements=_listed(report.movements),
        counted=_listed(report.counted),
        late=_listed(report.late),
        difference_minor=report.difference_minor,
        reason=reason,
        declared=report.declared,
        head_seq=head.seq,
        head_chain=head.chain,
    )


def _listed(entries: Sequence[Any]) -> list[dict[str, Any]]:
    """Named tuples as a record holds them."""
    return [{name: _plain(value) for name, value in entry._asdict().items()} for entry in entries]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | str) else value


async def _tell_late(work: Work, late: Sequence[Late]) -> None:
    """One exception for each closed session; the more comes, the greater it is."""
    by_session: dict[UUID, list[Late]] = {}
    for each in late:
        by_session.setdefault(each.session_id, []).append(each)
    for session_id, of in by_session.items():
        money = [each for each in of if not each.is_sales]
        await note_event(
            work,
            EventKind.AFTER_THE_CLOSE,
            session_id,
            size=max(1, sum(abs(each.rows) for each in money)),
            amount_minor=sum(abs(each.amount_minor) for each in money if each.currency == work.place.currency),
            subject_id=session_id,
            device_id=work.place.device_id,
            details=[_told(derived_id("z report", session_id), of[0].number)],
        )


async def _tell_difference(work: Work, session: DrawerSession, report: SessionReport, z: ZReport) -> None:
    size = report.greatest_difference_minor
    if size <= await most_difference(work, session) or work.actor.may(Permission.CLOSE_WITH_DIFFERENCE, size):
        return
    worst = max(report.counted, key=lambda each: abs(each.difference_minor))
    await note_event(
        work,
        EventKind.DRAWER_DIFFERS,
        session.id,
        amount_minor=size,
        subject_id=z.id,
        device_id=work.place.device_id,
        reason="drawer_short" if worst.difference_minor < 0 else "drawer_over",
        details=[_told(z.id, z.number)],
    )


def _told(z_id: UUID, number: str) -> dict[str, Any]:
    """How an exception names a Z."""
    return {"table": ZReport.__tablename__, "row": str(z_id), "number": number}
