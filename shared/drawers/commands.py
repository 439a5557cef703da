"""Opening a drawer's session, the money that goes in and out besides sales, and the moment of every payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.limits import Way, taken_out
from shared.drawers.queries import SessionView, open_sessions
from shared.drawers.records import (
    Became,
    CashMovement,
    Drawer,
    DrawerOpening,
    DrawerSession,
    MovementKind,
    OpeningResult,
)
from shared.drawers.rules import OpenSession, listed, opened_twice, session_now, worth
from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.instants import BusinessDate, local_time
from shared.kernel.money import MAX_MINOR
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work

MAX_REASON_CHARACTERS = 120
NO_REASON_NEEDED = frozenset({MovementKind.FLOAT, MovementKind.DROP, MovementKind.HANDED_OVER, MovementKind.RECEIVED})


class Moment(NamedTuple):
    """To which session and day money belongs that is taken or given now."""

    session_id: UUID | None
    business_date: BusinessDate
    local_hour: int

    @property
    def day(self) -> Mapping[str, Any]:
        """The fields of records that have a day and no session."""
        return {"business_date": self.business_date, "local_hour": self.local_hour}


@dataclass(frozen=True, slots=True)
class Cash:
    """An amount of cash: so much in all, or so many coins and notes by their value."""

    currency: str
    amount_minor: int = 0
    pieces: Mapping[int, int] = field(default_factory=dict)

    @property
    def total_minor(self) -> int:
        """What it comes to."""
        return worth(self.pieces) if self.pieces else self.amount_minor


async def add_drawer(
    work: Work,
    branch_id: UUID,
    name: str,
    most_difference_minor: int = 0,
    position: int = 0,
    drawer_id: UUID | None = None,
) -> Drawer:
    """A drawer of a branch. Run on the cloud.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING.
    """
    work.require(Permission.EDIT_BRANCH)
    if not clean(name, 40):
        raise DomainError("NAME_MISSING")
    return work.add(
        Drawer(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=drawer_id or work.ids.new(),
            name=clean(name, 40),
            most_difference_minor=most_difference_minor,
            position=position,
        )
    )


# -- sessions --------------------------------------------------------------------------------------------------------


async def moment(work: Work, *, takes_cash: bool = False) -> Moment:
    """The session and the day of money that is taken or given now, whatever the method.

    Args:
        takes_cash: open a session at a float of 0 if none is open, since cash always lies in some drawer.
    """
    session = await _session_now(work)
    if session is None and takes_cash:
        session = await _open_by_sale(work)
    day = BusinessDate(session.business_date) if session is not None else work.business_date
    return Moment(session.id if session else None, day, local_time(work.now, work.place.zone).hour)


def moment_of(row: Any) -> Moment:
    """The moment to which money of a row belongs: a payment or a tip."""
    return Moment(row.session_id, row.business_date, row.local_hour)


class OpenedSession(NamedTuple):
    """A session that was opened, with the movements of its float."""

    session: DrawerSession
    floats: tuple[CashMovement, ...]


async def open_session(
    work: Work, session_id: UUID, drawer_id: UUID | None = None, floats: Sequence[Cash] = ()
) -> OpenedSession:
    """Open a session of this device at a float. One that a sale opened today is taken over.

    That another device uses the drawer refuses nothing: people are told.

    Args:
        floats: what was in the drawer before its first sale, by currency; nothing is a float of 0.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, SESSION_IS_OPEN, CASH_NOT_SENSIBLE.
    """
    work.require(Permission.WORK_DRAWER)
    if drawer_id is not None:
        await work.get(Drawer, drawer_id)
    for cash in floats:
        _require_amount(cash.total_minor, least=0)
    held = await _session_now(work)
    if held is not None and held.declared:
        raise DomainError("SESSION_IS_OPEN")
    if held is not None:
        session = await work.get(DrawerSession, held.id)
        session.drawer_id, session.declared = drawer_id, True
    else:
        session = _add_session(work, session_id, drawer_id)
        await work.session.flush()
        session.declared = True  # an edit, which takes its right
    given = floats or (Cash(work.place.currency),)
    moved = [await _move(work, work.ids.new(), session, MovementKind.FLOAT, cash, "") for cash in given]
    await _session_now(work)
    return OpenedSession(session, tuple(moved))


async def _session_now(work: Work) -> OpenSession | None:
    """The session that takes this device's money. Tells people if another device uses its drawer."""
    await work.session.flush()  # it may be of this unit of work
    sessions = [view.session for view in await _open_sessions(work)]
    found = session_now(sessions, work.place.device_id, work.business_date)
    for other in opened_twice(sessions, found) if found is not None else ():
        assert found is not None
        ids = sorted((found.id, other.id))
        await note_event(work, EventKind.DRAWER_OPENED_TWICE, *ids, subject_id=found.drawer_id, details=_both(ids))
    return found


def _both(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return [{"table": DrawerSession.__tablename__, "row": str(key)} for key in ids]


async def _open_sessions(work: Work) -> list[SessionView]:
    connection = await work.session.connection()  # each payment asks; reading through the session takes longer
    return await open_sessions(connection, work.organization_id, work.branch_id)


async def _open_by_sale(work: Work) -> OpenSession:
    session = _add_session(work, work.ids.new(), await _usual_drawer(work))
    await work.session.flush()
    return OpenSession(session.id, session.drawer_id, session.device_id, session.business_date, declared=False)


def _add_session(work: Work, session_id: UUID, drawer_id: UUID | None) -> DrawerSession:
    return work.add(
        DrawerSession(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=session_id,
            drawer_id=drawer_id,
            device_id=work.place.device_id,
            opened_at=work.now,
            opened_by=work.actor.staff_id,
            opened_by_name=work.actor.name,
            business_date=work.business_date,
            declared=False,
        )
    )


async def _usual_drawer(work: Work) -> UUID | None:
    """The drawer that this device used last; else the only one of the branch."""
    last: UUID | None = await work.session.scalar(
        sa.select(DrawerSession.drawer_id)
        .where(
            DrawerSession.organization_id == work.organization_id,
            DrawerSession.device_id == work.place.device_id,
            DrawerSession.drawer_id.is_not(None),
        )
        .order_by(DrawerSession.opened_at.desc())
        .limit(1)
    )
    if last is not None:
        return last
    known = await work.session.scalars(
        sa.select(Drawer.id)
        .where(Drawer.organization_id == work.organization_id, Drawer.branch_id == work.branch_id, Drawer.active)
        .limit(2)
    )
    ids = known.all()
    return ids[0] if len(ids) == 1 else None


# -- what goes in and out besides sales -------------------------------------------------------------------------------


async def cash_in(work: Work, movement_id: UUID, cash: Cash, reason: str) -> CashMovement:
    """Put cash into the drawer: change that was fetched, say.

    Raises:
        DomainError: NOT_PERMITTED, CASH_NOT_SENSIBLE, REASON_MISSING.
    """
    work.require(Permission.WORK_DRAWER)
    return await _move_now(work, movement_id, MovementKind.IN, cash, reason)


async def cash_out(
    work: Work, movement_id: UUID, cash: Cash, reason: str, kind: MovementKind = MovementKind.OUT
) -> CashMovement:
    """Take cash out of the drawer that leaves the house: a delivery that is paid, or tips that people get.

    A limit holds for all that somebody takes out of a session.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, CASH_NOT_SENSIBLE, REASON_MISSING.
    """
    await _require_in_all(work, Permission.CASH_OUT, cash, Way.OUT)
    return await _move_now(work, movement_id, kind, cash, reason)


async def drop_cash(work: Work, movement_id: UUID, cash: Cash, reason: str = "") -> CashMovement:
    """Take cash out of the drawer to the safe.

    A limit holds for all that somebody takes out of a session to the safe and to other drawers.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, CASH_NOT_SENSIBLE.
    """
    await _require_in_all(work, Permission.SAFE_DROP, cash, Way.WITHIN)
    return await _move_now(work, movement_id, MovementKind.DROP, cash, reason)


async def hand_over(work: Work, movement_id: UUID, to_drawer_id: UUID, cash: Cash, reason: str = "") -> CashMovement:
    """Give cash to another drawer, which says by `receive` that it has it: only its device writes its session. Its
    limit is that of `drop_cash`.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND, CASH_NOT_SENSIBLE.
    """
    await _require_in_all(work, Permission.SAFE_DROP, cash, Way.WITHIN)
    await work.get(Drawer, to_drawer_id)
    return await _move_now(work, movement_id, MovementKind.HANDED_OVER, cash, reason, drawer_id=to_drawer_id)


async def receive(work: Work, given_id: UUID) -> CashMovement:
    """Note that cash came which another drawer handed over. Its id follows from the giving: it comes once.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ALREADY_RECEIVED, FOR_ANOTHER_DRAWER.
    """
    work.require(Permission.WORK_DRAWER)
    given = await work.get(CashMovement, given_id)
    if given.kind is not MovementKind.HANDED_OVER:
        raise NotFound(CashMovement.__tablename__, given_id)
    movement_id = derived_id("received", given_id)
    if await work.session.get(CashMovement, (work.organization_id, movement_id)) is not None:
        raise DomainError("ALREADY_RECEIVED")
    session = await _session_now(work)
    if given.drawer_id != (session.drawer_id if session is not None else await _usual_drawer(work)):
        raise DomainError("FOR_ANOTHER_DRAWER")
    gave = await work.get(DrawerSession, given.session_id)
    cash = Cash(given.currency, given.taken_minor)
    return await _move_now(
        work, movement_id, MovementKind.RECEIVED, cash, "", drawer_id=gave.drawer_id, answers_id=given_id
    )


async def open_without_sale(work: Work, opening_id: UUID, reason: str) -> DrawerOpening:
    """Note that the drawer is opened without a sale.

    Raises:
        DomainError: NOT_PERMITTED, REASON_MISSING.
    """
    work.require(Permission.OPEN_WITHOUT_SALE)
    said = clean(reason, MAX_REASON_CHARACTERS)
    if not said:
        raise DomainError("REASON_MISSING")
    return await _open(work, opening_id, reason=said)


async def note_opening(work: Work, of_id: UUID) -> DrawerOpening:
    """Note that the drawer is opened for a receipt, payment, refund or movement of this unit of work."""
    return await _open(work, derived_id("drawer opening", of_id), of_id=of_id)


async def note_result(work: Work, opening_id: UUID, became: Became, fault: str = "") -> OpeningResult:
    """Note what became of an opening. The program does that, once for each."""
    return work.add(
        OpeningResult(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=derived_id("opening result", opening_id),
            opening_id=opening_id,
            became=became,
            fault=fault,
            answered_at=work.now,
        )
    )


async def _open(work: Work, opening_id: UUID, **what_for: Any) -> DrawerOpening:
    at = await moment(work)
    return work.add(
        DrawerOpening(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=opening_id,
            session_id=at.session_id,
            opened_at=work.now,
            opened_by=work.actor.staff_id,
            opened_by_name=work.actor.name,
            business_date=at.business_date,
            **what_for,
        )
    )


async def _move_now(
    work: Work, movement_id: UUID, kind: MovementKind, cash: Cash, reason: str, **other: UUID | None
) -> CashMovement:
    _require_amount(cash.total_minor, least=1)
    if kind not in NO_REASON_NEEDED and not clean(reason, MAX_REASON_CHARACTERS):
        raise DomainError("REASON_MISSING")
    at = await moment(work, takes_cash=True)
    assert at.session_id is not None
    session = await work.get(DrawerSession, at.session_id)
    return await _move(work, movement_id, session, kind, cash, reason, **other)


async def _move(
    work: Work,
    movement_id: UUID,
    session: DrawerSession,
    kind: MovementKind,
    cash: Cash,
    reason: str,
    **other: UUID | None,
) -> CashMovement:
    way = "in_minor"
    if kind in (MovementKind.OUT, MovementKind.TIPS_OUT):
        way = "out_minor"
    elif kind in (MovementKind.DROP, MovementKind.HANDED_OVER):
        way = "taken_minor"
    return work.add(
        CashMovement(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=movement_id,
            session_id=session.id,
            number=number_in(work.place.letter, "M", await work.next_number("cash movement")),
            kind=kind,
            currency=cash.currency,
            pieces=listed(cash.pieces),
            reason=clean(reason, MAX_REASON_CHARACTERS),
            moved_at=work.now,
            moved_by=work.actor.staff_id,
            moved_by_name=work.actor.name,
            business_date=session.business_date,
            **{way: cash.total_minor},
            **other,
        )
    )


async def _require_in_all(work: Work, permission: Permission, cash: Cash, way: Way) -> None:
    """Raise if cash is beyond the actor's limit together with what they took out of this session before."""
    work.require(permission, cash.total_minor)
    session = await _session_now(work)
    before = 0 if session is None else await taken_out(work, session.id, cash.currency, way)
    work.require(permission, before + cash.total_minor)


def _require_amount(amount_minor: int, least: int) -> None:
    if not least <= amount_minor <= MAX_MINOR:
        raise DomainError("CASH_NOT_SENSIBLE")
