"""What is sold out, and of what so many are left: said by the kitchen or the floor, for one business day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Whole, Words
from shared.kernel.declared import RowRule, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, ledger


class AvailabilityKind(StrEnum):
    """What was said: it is sold out, so many are left, or it can be sold without counting again."""

    OUT = "out"
    COUNT = "count"
    BACK = "back"


_COUNTS_WHAT_IS_LEFT = RowRule(
    "only a count says pieces", ("kind", "pieces_milli"), lambda kind, pieces: kind == "count" or pieces == 0
)


class Availability(BranchRecord):
    """What somebody said of a dish or a modifier. It holds on its business day until another row replaces it.

    `replaces_id`: the row that held for its author. So no clock decides between a word and the answer to it. Of what
    two devices say that know nothing of each other the later word holds: what a display said before it was cut off is
    no answer to a restock, however often it said it.

    `subject_id` is an item, a dish of the branch, or (`is_modifier`) a modifier; `name` is what it was called.
    `known_milli`: the portions of orders of that day and the one before of which the device knew then. What is left is
    `pieces_milli` without what was ordered beyond that; below nothing, more was sold than there was.
    """

    __tablename__ = "availability"
    __writes__ = Permission.SET_AVAILABILITY
    __rules__ = (
        *not_negative("pieces_milli", "known_milli"),
        _COUNTS_WHAT_IS_LEFT,
    )
    __told__ = ("name", "pieces_milli")
    __table_args__ = (
        Index("ix_availability_business_date", "branch_id", "organization_id", "business_date"),
        Index("ix_availability_replaces_id", "replaces_id", "organization_id"),
    )
    subject_id: Mapped[UUID] = ledger(Key())
    is_modifier: Mapped[bool] = ledger(Flag(), default=False)
    name: Mapped[str] = ledger(Words(120))
    replaces_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    kind: Mapped[AvailabilityKind] = ledger(Choice(AvailabilityKind, fallback=AvailabilityKind.BACK))
    pieces_milli: Mapped[int] = ledger(Whole(), default=0)
    known_milli: Mapped[int] = ledger(Whole(), default=0)
    business_date: Mapped[date] = ledger(Day())
    said_at: Mapped[datetime] = ledger(Instant())
    said_by: Mapped[str] = ledger(Words(120), default="")
