"""Events that a person must look at, and settlements that say up to which size somebody has.

An event is a row, written where it happened, or by the cloud whose judge found it. A difference between ledgers is no
row: every replica reads it for itself. Both have an id of their kind and cause, so a settlement can name either.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.exceptions.rules import OF_THE_JUDGE, EventKind
from shared.kernel.columns import Choice, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import CloudsRows, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, ledger, register, total


class ExceptionEvent(BranchRecord):
    """Something that happened and that no rule of merging can decide. One that happens again grows.

    `size` counts how often; `amount_minor` adds up the amounts; `came_right` is the size up to which it ended by
    itself. `details` is a list of {table, row, ...} with what each record tells of itself (its `__told__`), the first
    ones only.
    """

    __tablename__ = "exceptions"
    __writes__ = Permission.SETTLE_EXCEPTIONS
    __clouds__ = CloudsRows("kind", frozenset(kind.value for kind in OF_THE_JUDGE))
    __derived__ = True
    __system__ = True
    __table_args__ = (
        Index("ix_exceptions_happened_at", "branch_id", "organization_id", "happened_at"),
        Index("ix_exceptions_subject_id", "subject_id", "organization_id"),
    )
    kind: Mapped[EventKind] = ledger(Choice(EventKind, fallback=EventKind.OTHER))
    person_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    device_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    stream_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    subject_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    reason: Mapped[str] = ledger(Words(64), default="")
    happened_at: Mapped[datetime] = ledger(Instant())
    size: Mapped[int] = total()
    amount_minor: Mapped[int] = total()
    came_right: Mapped[int] = total(counts="size")
    details: Mapped[list[dict[str, Any]]] = register(Listed(), default=list)


class Settlement(BranchRecord):
    """Somebody has looked at an exception, up to this size, and says what became of it.

    `event_at` is when the event happened, as that person saw it; None for a difference. It counts for no other event of
    that id: nobody settles beforehand what will be asked about them.
    """

    __tablename__ = "settlements"
    __writes__ = Permission.SETTLE_EXCEPTIONS
    __table_args__ = (Index("ix_settlements_exception_id", "exception_id", "organization_id"),)
    __rules__ = not_negative("up_to")
    __told__ = ("up_to", "note")
    exception_id: Mapped[UUID] = ledger(Key())
    up_to: Mapped[int] = ledger(Whole())
    event_at: Mapped[datetime | None] = ledger(Instant(), nullable=True)
    note: Mapped[str] = ledger(Words(280), default="")
    settled_at: Mapped[datetime] = ledger(Instant())
    settled_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    settled_by_name: Mapped[str] = ledger(Words(120), default="")
