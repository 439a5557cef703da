"""Closes: the days that are final."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Day, Instant, Key, Listed
from shared.kernel.instants import from_microseconds
from shared.kernel.numbers import is_number
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, ledger
from shared.kernel.rights import RowRule
from shared.payments.records import TAKES_MONEY

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
