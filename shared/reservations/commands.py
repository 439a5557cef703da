"""Taking reservations, letting guests wait, and seating both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from shared.floor.records import DiningTable
from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time
from shared.kernel.permissions import Permission
from shared.kernel.records import say_whole
from shared.kernel.sealed import FieldPlace, PersonKey, key_of
from shared.kernel.states import Standing
from shared.kernel.text import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work
from shared.orders import commands as orders
from shared.orders.contacts import ContactView, note_contact
from shared.orders.records import Order, OrderKind
from shared.orders.seating import MOST_GUESTS
from shared.reservations.records import MAX_PHONE_CHARACTERS, Reservation, ReservationKind, ReservationStatus
from shared.reservations.rules import MINUTES_A_DAY, SITS, LocalMoment, local_moment

_cleaned = clean.__wrapped__
"""Without its cache, which would keep the names of guests."""
_OPEN = (ReservationStatus.ASKED, ReservationStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes, and when.

    Attributes:
        minute: after midnight, as the wall clock of the branch says it.
    """

    name: str
    guests: int
    day: date
    minute: int
    phone: str = ""
    table_id: UUID | None = None
    notes: str = ""

    def __repr__(self) -> str:
        return "Party(...)"  # no log line may hold a guest's name


async def book(work: Work, reservation_id: UUID, party: Party, *, although_taken: bool = False) -> LocalMoment:
    """Note who is to come. Returns when that is: a time that summer time skips is moved on, as `moved_minutes` says.

    Args:
        although_taken: the table may be promised twice, or out of service: somebody knows that it works out.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NAME_MISSING, GUESTS_NOT_SENSIBLE, TIME_NOT_SENSIBLE, TIME_IS_OVER,
            TABLE_IS_RESERVED, TABLE_OUT_OF_SERVICE.
    """
    work.require(Permission.TAKE_ORDER)
    moment = _moment(work, party)
    if moment.at < work.now:
        raise DomainError("TIME_IS_OVER")
    beside = await _require(work, party, moment, None, although_taken=although_taken)
    await _add(work, reservation_id, ReservationKind.BOOKED, party, beside)
    return moment


async def change(work: Work, reservation_id: UUID, party: Party, *, although_taken: bool = False) -> LocalMoment:
    """Note other words of who is to come, in place of what was noted. Returns when that is.

    Raises:
        DomainError: those of `book`, PERSON_FORGOTTEN, RESERVATION_IS_OVER.
    """
    work.require(Permission.TAKE_ORDER)
    found, moment = await _still(work, reservation_id), _moment(work, party)
    beside = await _require(work, party, moment, found.id, although_taken=although_taken)
    _seal(work, found, await key_of(work, found.branch_id, found.subject_id), party)
    say_whole(found, day=party.day, minute=party.minute, guests=party.guests, table_id=party.table_id, beside=beside)
    return moment


async def let_wait(
    work: Work, reservation_id: UUID, name: str, guests: int, phone: str = "", notes: str = ""
) -> Reservation:
    """Put guests who stand at the door on the waiting list.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, GUESTS_NOT_SENSIBLE.
    """
    work.require(Permission.TAKE_ORDER)
    wall = local_time(work.now, work.place.zone)
    party = Party(name, guests, wall.date(), wall.hour * 60 + wall.minute, phone, notes=notes)
    _require_party(party)
    return await _add(work, reservation_id, ReservationKind.WAITING, party)


async def confirm(work: Work, reservation_id: UUID) -> None:
    """They said again that they will come.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, RESERVATION_IS_OVER.
    """
    await _advance(work, reservation_id, ReservationStatus.CONFIRMED)


async def call_off(work: Work, reservation_id: UUID) -> None:
    """They will not come, or do not wait any longer.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, RESERVATION_IS_OVER.
    """
    await _advance(work, reservation_id, ReservationStatus.CANCELLED)


async def did_not_come(work: Work, reservation_id: UUID) -> None:
    """They did not come, and nobody called.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, RESERVATION_IS_OVER.
    """
    await _advance(work, reservation_id, ReservationStatus.GONE)


async def reopen(work: Work, reservation_id: UUID) -> None:
    """It was a mistake, or they came after all: the reservation stands again.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    found = await work.get(Reservation, reservation_id)
    if found.status.status not in _OPEN:
        found.status = found.status.reopen(ReservationStatus.ASKED)


async def seat(
    work: Work, reservation_id: UUID, order_id: UUID, table_id: UUID, contact: ContactView | None = None
) -> Order:
    """The party came: open their order at a table.

    Seated on two devices at once they have two orders; people are asked about it once both have something on them.
    Their order is sealed with the reservation's key: who is forgotten in one is forgotten in both.

    Args:
        contact: their name and phone, if this device can read them: the order is for them.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, RESERVATION_IS_OVER, TABLE_OUT_OF_SERVICE.
    """
    work.require(Permission.TAKE_ORDER)
    found = await _still(work, reservation_id)
    dine_in = OrderKind.DINE_IN
    order = await orders.open_order(work, order_id, dine_in, table_id, found.guests, party_id=found.subject_id)
    if contact is not None and contact.texts:
        await note_contact(work, order_id, contact, found.subject_id)
    found.order_id, found.table_id = order.id, table_id
    found.status = found.status.advance(ReservationStatus.SEATED)
    return order


async def _add(
    work: Work, reservation_id: UUID, kind: ReservationKind, party: Party, beside: Sequence[str] = ()
) -> Reservation:
    key = await key_of(work, work.branch_id, reservation_id)
    found = work.add(
        Reservation(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=reservation_id,
            kind=kind,
            subject_id=key.subject_id,
            day=party.day,
            minute=party.minute,
            guests=party.guests,
            table_id=party.table_id,
            beside=list(beside),
            made_at=work.now,
            made_by=work.actor.staff_id,
            status=Standing(0, ReservationStatus.ASKED),
        )
    )
    _seal(work, found, key, party)
    return found


def _seal(work: Work, found: Reservation, key: PersonKey, party: Party) -> None:
    words = {
        "name": (party.name, MAX_NAME_CHARACTERS),
        "phone": (party.phone, MAX_PHONE_CHARACTERS),
        "notes": (party.notes, MAX_NOTE_CHARACTERS),
    }
    for field, (text, most) in words.items():
        plain = _cleaned(text, most)
        sealed = key.seal(place_of(work.organization_id, found.id, field), plain) if plain else None
        say_whole(found, **{field: sealed})


def place_of(organization_id: UUID, row_id: UUID, field: str) -> FieldPlace:
    """The place that a reservation's field is sealed for."""
    return FieldPlace(organization_id, Reservation.__tablename__, row_id, field)


async def _still(work: Work, reservation_id: UUID) -> Reservation:
    """A reservation whose party is still to come."""
    found = await work.get(Reservation, reservation_id)
    if found.status.status not in _OPEN:
        raise DomainError("RESERVATION_IS_OVER")
    return found


async def _advance(work: Work, reservation_id: UUID, status: ReservationStatus) -> None:
    work.require(Permission.TAKE_ORDER)
    found = await _still(work, reservation_id)
    found.status = found.status.advance(status)


def _moment(work: Work, party: Party) -> LocalMoment:
    if not 0 <= party.minute < MINUTES_A_DAY:
        raise DomainError("TIME_NOT_SENSIBLE")
    return local_moment(party.day, party.minute, work.place.zone, work.now)


def _require_party(party: Party) -> None:
    if not _cleaned(party.name, MAX_NAME_CHARACTERS):
        raise DomainError("NAME_MISSING")
    if not 0 < party.guests <= MOST_GUESTS:
        raise DomainError("GUESTS_NOT_SENSIBLE", most=MOST_GUESTS)


async def _require(
    work: Work, party: Party, moment: LocalMoment, own: UUID | None, *, although_taken: bool
) -> list[str]:
    """Refuse what is no party, and a table that is promised to another one then.

    Returns:
        The reservations beside which the table is promised all the same.
    """
    _require_party(party)
    if party.table_id is None:
        return []
    table = await work.get(DiningTable, party.table_id)
    if table.out_of_service and not although_taken:
        raise DomainError("TABLE_OUT_OF_SERVICE", table=table.name)
    beside = await _promised(work, party.table_id, moment.at, own)
    if beside and not although_taken:
        raise DomainError("TABLE_IS_RESERVED", table=table.name)
    return beside


async def _promised(work: Work, table_id: UUID, at: datetime, own: UUID | None) -> list[str]:
    """The reservations to which a table is promised so near to a time that their guests would still sit there."""
    await work.session.flush()
    zone = work.place.zone
    near = {local_time(at + side, zone).date() for side in (-SITS, SITS)}
    rows = await work.session.scalars(
        sa.select(Reservation).where(
            Reservation.organization_id == work.organization_id,
            Reservation.branch_id == work.branch_id,
            Reservation.day.in_(sorted(near)),
            Reservation.table_id == table_id,
            Reservation.kind == ReservationKind.BOOKED,
        )
    )
    others = (row for row in rows if row.status.status in _OPEN and row.id != own)
    return sorted(
        row.id.hex for row in others if abs(local_moment(row.day, row.minute, zone, row.made_at).at - at) < SITS
    )
