"""Reservations, and guests who wait at the door. Who they are is sealed (`shared/kernel/sealed.py`)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Instant, Key, Listed, Whole
from shared.kernel.declared import RowRule, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register, state
from shared.kernel.sealed import sealed
from shared.kernel.states import Rank, Standing
from shared.kernel.text import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS
from shared.reservations.rules import MINUTES_A_DAY

MAX_PHONE_CHARACTERS = 40


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) for each in values)


class ReservationKind(StrEnum):
    """Whether guests said that they will come, or stand at the door."""

    BOOKED = "booked"
    WAITING = "waiting"


class ReservationStatus(Rank):
    """How far a reservation is. Who sits is here, whatever another device was told on the phone: it ranks highest."""

    ASKED = 0
    CONFIRMED = 1
    CANCELLED = 2
    GONE = 3
    SEATED = 4


class Reservation(BranchRecord):
    """A party that is to come, or that waits.

    `day` and `minute` (after midnight) are what the branch's wall clock says when they come; of guests who wait, when
    they came. `subject_id`: whose key seals name, phone and notes; the reservation itself, where there is no customer.
    `order_id`: with which order they were seated; it is sealed by the same key (`Order.party_id`). `beside`: the
    reservations (ids in hexadecimal form) near to which their table was promised by somebody who knew of them.
    """

    __tablename__ = "reservations"
    __writes__ = Permission.TAKE_ORDER
    __rules__ = (
        *not_negative("guests"),
        RowRule("beside are ids", ("beside",), _are_texts),
        RowRule("its time is of a day", ("minute",), lambda minute: 0 <= minute < MINUTES_A_DAY),
    )
    __told__ = ("guests",)
    __table_args__ = (
        belongs_to("table_id", "dining_tables"),
        belongs_to("order_id", "orders"),
        Index("ix_reservations_day", "branch_id", "organization_id", "day"),
    )
    kind: Mapped[ReservationKind] = ledger(Choice(ReservationKind, fallback=ReservationKind.BOOKED))
    subject_id: Mapped[UUID] = ledger(Key())
    name: Mapped[bytes | None] = sealed(MAX_NAME_CHARACTERS)
    phone: Mapped[bytes | None] = sealed(MAX_PHONE_CHARACTERS)
    day: Mapped[date] = register(Day())
    minute: Mapped[int] = register(Whole())
    guests: Mapped[int] = register(Whole())
    table_id: Mapped[UUID | None] = register(Key(), nullable=True)
    notes: Mapped[bytes | None] = sealed(MAX_NOTE_CHARACTERS)
    beside: Mapped[list[str]] = register(Listed(), default=list)
    order_id: Mapped[UUID | None] = register(Key(), nullable=True)
    made_at: Mapped[datetime] = ledger(Instant())
    made_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    status: Mapped[Standing[ReservationStatus]] = state(ReservationStatus)
