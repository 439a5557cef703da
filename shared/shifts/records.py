"""Closes that are final: counts and Z reports of sessions, and the days of a branch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.drawers.records import HAS_PIECES, OF_SESSION, TAKES_MONEY
from shared.kernel.columns import Day, Flag, Instant, Key, Listed, Number, Whole, Words
from shared.kernel.declared import RowRule, adds_up, not_negative
from shared.kernel.instants import from_microseconds
from shared.kernel.numbers import is_number
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger

_NAMES_NUMBERS = tuple(
    RowRule("it names numbers", (name,), lambda numbers: isinstance(numbers, list) and all(map(is_number, numbers)))
    for name in ("last_numbers", "missed_numbers")
)
_HAS_BEGUN = RowRule("the day has begun", ("business_date", "closed_at"), lambda day, at: day <= _utc_day_after(at))


def _utc_day_after(microseconds: int) -> str:
    """The date a day after an instant: in every zone that day has begun."""
    return (from_microseconds(microseconds) + timedelta(days=1)).date().isoformat()


class DayClose(BranchRecord):
    """A business day that is final, with all days before it.

    `last_numbers` is a list: the last number of each series of receipts, payments and refunds that the closing device
    knew; `missed_numbers` of those before it that it did not know. What it did not know counts on the first open day.
    """

    __tablename__ = "day_closes"
    __writes__ = Permission.CLOSE_DAY
    __devices__ = TAKES_MONEY
    __rules__ = (*_NAMES_NUMBERS, _HAS_BEGUN)
    __told__ = ("business_date",)
    __table_args__ = (Index("ix_day_closes_business_date", "branch_id", "organization_id", "business_date"),)
    business_date: Mapped[date] = ledger(Day())
    last_numbers: Mapped[list[Any]] = ledger(Listed(), default=list)
    missed_numbers: Mapped[list[Any]] = ledger(Listed(), default=list)
    closed_at: Mapped[datetime] = ledger(Instant())
    closed_by: Mapped[UUID | None] = ledger(Key(), nullable=True)


class Count(BranchRecord):
    """What somebody counted of one currency of a drawer, or of one other method, before they saw what is expected.

    The counts of one `round` were made together; the last round is the one that the Z report takes. `method_id` is None
    for cash. `expected_minor`: what was expected at that moment; where something else is expected now, money has moved.
    """

    __tablename__ = "counts"
    __writes__ = Permission.WORK_DRAWER
    __devices__ = TAKES_MONEY
    __rules__ = (*not_negative("round", "total_minor"), HAS_PIECES)
    __one_device__ = OF_SESSION
    __told__ = ("method_name", "total_minor")
    __table_args__ = (
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_counts_session_id", "session_id", "organization_id"),
    )
    session_id: Mapped[UUID] = ledger(Key())
    round: Mapped[int] = ledger(Whole())
    method_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    method_name: Mapped[str] = ledger(Words(40), default="")
    currency: Mapped[str] = ledger(Words(3))
    pieces: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    total_minor: Mapped[int] = ledger(Whole())
    expected_minor: Mapped[int] = ledger(Whole())
    counted_at: Mapped[datetime] = ledger(Instant())
    counted_by: Mapped[UUID | None] = ledger(Key(), nullable=True)


class ZReport(BranchRecord):
    """The close of a session, as it was printed. Its id follows from the session: it is closed once.

    What a session takes after it counts in the next Z of the device (`late`). The lists hold entries as
    `shared/shifts/rules.py` names them. `head_seq` and `head_chain` are the end of the device's log before the close.
    """

    __tablename__ = "z_reports"
    __writes__ = Permission.WORK_DRAWER
    __devices__ = TAKES_MONEY
    __derived__ = True
    __rules__ = (
        *not_negative("receipts", "gross_minor", "discount_minor", "service_minor", "head_seq"),
        adds_up("total_minor", "net_minor", "tax_minor"),
    )
    __one_device__ = OF_SESSION
    __told__ = ("number", "total_minor", "difference_minor")
    __table_args__ = (
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_z_reports_business_date", "branch_id", "organization_id", "business_date"),
        Index("ix_z_reports_device_id", "device_id", "organization_id", "closed_at"),
    )
    session_id: Mapped[UUID] = ledger(Key())
    device_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Number())
    drawer_name: Mapped[str] = ledger(Words(40), default="")
    business_date: Mapped[date] = ledger(Day())
    opened_at: Mapped[datetime] = ledger(Instant())
    opened_by_name: Mapped[str] = ledger(Words(120), default="")
    closed_at: Mapped[datetime] = ledger(Instant())
    closed_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    closed_by_name: Mapped[str] = ledger(Words(120), default="")
    currency: Mapped[str] = ledger(Words(3))
    receipts: Mapped[int] = ledger(Whole(), default=0)
    checks: Mapped[int] = ledger(Whole(), default=0)
    first_receipt: Mapped[str] = ledger(Words(24), default="")
    last_receipt: Mapped[str] = ledger(Words(24), default="")
    gross_minor: Mapped[int] = ledger(Whole(), default=0)
    discount_minor: Mapped[int] = ledger(Whole(), default=0)
    service_minor: Mapped[int] = ledger(Whole(), default=0)
    net_minor: Mapped[int] = ledger(Whole(), default=0)
    tax_minor: Mapped[int] = ledger(Whole(), default=0)
    total_minor: Mapped[int] = ledger(Whole(), default=0)
    rounding_minor: Mapped[int] = ledger(Whole(), default=0)
    comp_minor: Mapped[int] = ledger(Whole(), default=0)
    losses: Mapped[int] = ledger(Whole(), default=0)
    lost_minor: Mapped[int] = ledger(Whole(), default=0)
    refunds: Mapped[int] = ledger(Whole(), default=0)
    refunded_minor: Mapped[int] = ledger(Whole(), default=0)
    corrected_minor: Mapped[int] = ledger(Whole(), default=0)
    openings: Mapped[int] = ledger(Whole(), default=0)
    taxes: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    methods: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    movements: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    counted: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    late: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    difference_minor: Mapped[int] = ledger(Whole(), default=0)
    reason: Mapped[str] = ledger(Words(120), default="")
    declared: Mapped[bool] = ledger(Flag(), default=True)
    head_seq: Mapped[int] = ledger(Whole(), default=0)
    head_chain: Mapped[str] = ledger(Words(64), default="")
