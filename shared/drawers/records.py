"""Drawers of a branch, the sessions in which devices use them, and what goes in and out besides sales."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.drawers.rules import is_list_of_pieces
from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Listed, Number, Whole, Words
from shared.kernel.declared import LesserRight, OneDevice, OneFact, RowRule, not_negative
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once, register

TAKES_MONEY = frozenset(DeviceKind) - {DeviceKind.KITCHEN}
"""A kitchen display takes no money."""
OF_SESSION = OneDevice("device_id", "session_id", "drawer_sessions")
"""Only the device that opened a session writes money and counts that belong to it."""
_MOVES_CASH = (Permission.WORK_DRAWER, Permission.CASH_OUT, Permission.SAFE_DROP)
HAS_PIECES = RowRule("it lists coins and notes", ("pieces",), is_list_of_pieces)


class MovementKind(StrEnum):
    """Why cash goes into a drawer or out of it, besides sales. `OTHER`: what this version does not know."""

    FLOAT = "float"
    IN = "in"
    OUT = "out"
    TIPS_OUT = "tips_out"
    DROP = "drop"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    OTHER = "other"


class Became(StrEnum):
    """What became of the pulse that opens a drawer."""

    OPENED = "opened"
    """The printer took it, and says that it is ready."""
    SENT = "sent"
    """The printer took it, and says nothing."""
    NOT_OPENED = "not_opened"
    UNKNOWN = "unknown"
    """Nobody knows: the printer hung up, or the device went off."""


class Drawer(BranchRecord):
    """Where cash is kept: a drawer of a till, or the purse of a waiter.

    A difference of at most `most_difference_minor` needs no reason when a session is closed.
    """

    __tablename__ = "drawers"
    __writes__ = Permission.EDIT_BRANCH
    name: Mapped[str] = register(Words(40))
    most_difference_minor: Mapped[int] = register(Whole(), default=0)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


MOVES_MONEY = (
    Permission.WORK_DRAWER,
    Permission.TAKE_PAYMENT,
    Permission.REFUND,
    Permission.WRITE_OFF,
    Permission.CORRECT_PAYMENT,
    Permission.CASH_OUT,
    Permission.SAFE_DROP,
    Permission.OPEN_WITHOUT_SALE,
)
"""The rights of which one is enough to begin a session: with each of them money comes, goes or is reached."""


class DrawerSession(BranchRecord):
    """The time from a float to a count of one drawer at one device. Only this device writes what belongs to it.

    All money that the device takes meanwhile names it. `drawer_id` is None for a device in a branch without drawers.
    `declared`: somebody said what was in the drawer; otherwise a sale opened it, at a float of 0. The business date of
    a declared session holds while it is open. Whoever may bring or take money may begin one by that; declaring and
    closing take a right of their own.
    """

    __tablename__ = "drawer_sessions"
    __derived__ = True
    __writes__ = MOVES_MONEY
    __devices__ = TAKES_MONEY
    __one_device__ = OneDevice("device_id")
    __told__ = ("business_date",)
    __table_args__ = (
        belongs_to("drawer_id", "drawers"),
        Index("ix_drawer_sessions_closed", "branch_id", "organization_id", "closed"),
        Index("ix_drawer_sessions_device_id", "device_id", "organization_id", "opened_at"),
    )
    drawer_id: Mapped[UUID | None] = register(Key(), nullable=True, by=Permission.WORK_DRAWER, starts_free=True)
    device_id: Mapped[UUID] = ledger(Key())
    opened_at: Mapped[datetime] = ledger(Instant())
    opened_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    opened_by_name: Mapped[str] = ledger(Words(120), default="")
    business_date: Mapped[date] = ledger(Day())
    declared: Mapped[bool] = once(by=Permission.WORK_DRAWER)
    closed: Mapped[bool] = once(by=Permission.WORK_DRAWER)


class CashMovement(BranchRecord):
    """Cash that went into a drawer or out of it, besides sales.

    One of `in_minor`, `out_minor` and `taken_minor` says how much: each takes another right. `taken_minor` stays in the
    house: it goes to the safe or to another drawer. `drawer_id`: the other drawer of a hand-over. `answers_id`: the
    movement by which the other drawer gave what this one received.
    """

    __tablename__ = "cash_movements"
    __writes__ = (Permission.WORK_DRAWER, Permission.CASH_OUT, Permission.SAFE_DROP)
    __devices__ = TAKES_MONEY
    __rules__ = (
        *not_negative("in_minor", "out_minor", "taken_minor"),
        RowRule(
            "it goes one way",
            ("in_minor", "out_minor", "taken_minor"),
            lambda *amounts: sum(amount > 0 for amount in amounts) <= 1,
        ),
        HAS_PIECES,
    )
    __one_device__ = OF_SESSION
    __one_fact__ = OneFact(
        ("answers_id",), frozenset({"session_id", "number", "moved_at", "moved_by", "moved_by_name", "business_date"})
    )
    __whole__ = True
    __told__ = ("number", "in_minor", "out_minor", "taken_minor", "reason")
    __table_args__ = (
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_cash_movements_session_id", "session_id", "organization_id"),
        Index("ix_cash_movements_business_date", "branch_id", "organization_id", "business_date"),
    )
    session_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Number())
    kind: Mapped[MovementKind] = ledger(Choice(MovementKind, fallback=MovementKind.OTHER))
    currency: Mapped[str] = ledger(Words(3))
    in_minor: Mapped[int] = ledger(Whole(), default=0, by=Permission.WORK_DRAWER)
    out_minor: Mapped[int] = ledger(Whole(), default=0, by=Permission.CASH_OUT, up_to="out_minor")
    taken_minor: Mapped[int] = ledger(Whole(), default=0, by=Permission.SAFE_DROP, up_to="taken_minor")
    pieces: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    reason: Mapped[str] = ledger(Words(120), default="")
    drawer_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    answers_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    moved_at: Mapped[datetime] = ledger(Instant())
    moved_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    moved_by_name: Mapped[str] = ledger(Words(120), default="")
    business_date: Mapped[date] = ledger(Day())


class DrawerOpening(BranchRecord):
    """A drawer that was opened: for money that was taken or given, or without a sale, which takes a right and a reason.

    `of_id` is the receipt, payment, refund or movement that it was opened for; None without a sale. What became of it
    is an `OpeningResult`: a printer that does not answer opens nothing.
    """

    __tablename__ = "drawer_openings"
    __writes__ = Permission.OPEN_WITHOUT_SALE
    __lesser__ = LesserRight("of_id", frozenset({Permission.TAKE_PAYMENT, Permission.REFUND, *_MOVES_CASH}))
    __devices__ = TAKES_MONEY
    __one_device__ = OF_SESSION
    __rules__ = (RowRule("it says what for", ("of_id", "reason"), lambda of_id, reason: bool(of_id or reason)),)
    __told__ = ("reason",)
    __table_args__ = (
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_drawer_openings_session_id", "session_id", "organization_id"),
        Index("ix_drawer_openings_business_date", "branch_id", "organization_id", "business_date"),
    )
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    of_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    reason: Mapped[str] = ledger(Words(120), default="")
    opened_at: Mapped[datetime] = ledger(Instant())
    opened_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    opened_by_name: Mapped[str] = ledger(Words(120), default="")
    business_date: Mapped[date] = ledger(Day())


class OpeningResult(BranchRecord):
    """What became of the pulse of an opening: its device says so. Its id follows from the opening.

    Attributes:
        fault: code of what was wrong with the printer (`terminal/printing/faults.py`); empty if nothing was.
    """

    __tablename__ = "opening_results"
    __writes__ = Permission.WORK_DRAWER
    __system__ = True
    __devices__ = TAKES_MONEY
    __told__ = ("became", "fault")
    __table_args__ = (
        belongs_to("opening_id", "drawer_openings"),
        Index("ix_opening_results_opening_id", "opening_id", "organization_id"),
    )
    opening_id: Mapped[UUID] = ledger(Key())
    became: Mapped[Became] = ledger(Choice(Became, fallback=Became.UNKNOWN))
    fault: Mapped[str] = ledger(Words(32), default="")
    answered_at: Mapped[datetime] = ledger(Instant())
