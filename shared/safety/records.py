"""Points of food safety that are checked, and the entries of their log. An entry is never altered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import RowRule
from shared.kernel.language import are_names
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register

MINUTES_A_DAY = 24 * 60
MOST_EVERY_MINUTES = 31 * MINUTES_A_DAY
MOST_TIMES = 48


class PointKind(StrEnum):
    """What is checked at a point."""

    FRIDGE = "fridge"
    COOKING = "cooking"
    COOLING = "cooling"
    CLEANING = "cleaning"
    OTHER = "other"


def _are_times(values: Any) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= MOST_TIMES
        and all(type(each) is int and 0 <= each < MINUTES_A_DAY for each in values)
    )


class SafetyPoint(BranchRecord):
    """A fridge, a dish, a room: what a branch checks, in `unit`, from `low_milli` to `high_milli` (thousandths).

    Without limits it is done or not done. Reminders: at `times` (minutes after midnight, local), and `every_minutes`
    after the last entry (0: not).
    """

    __tablename__ = "safety_points"
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (
        RowRule("its names are texts by language", ("names",), are_names),
        RowRule("its times are minutes of a day", ("times",), _are_times),
        RowRule("its reminder is within a month", ("every_minutes",), lambda each: 0 <= each <= MOST_EVERY_MINUTES),
    )
    __told__ = ("name",)
    __table_args__ = (Index("ix_safety_points_branch_id", "branch_id", "organization_id"),)
    name: Mapped[str] = register(Words(120))
    names: Mapped[dict[str, str]] = register(Listed(), default=dict)
    kind: Mapped[PointKind] = ledger(Choice(PointKind, fallback=PointKind.OTHER))
    unit: Mapped[str] = register(Words(12), default="")
    low_milli: Mapped[int | None] = register(Whole(), nullable=True)
    high_milli: Mapped[int | None] = register(Whole(), nullable=True)
    times: Mapped[list[int]] = register(Listed(), default=list)
    every_minutes: Mapped[int] = register(Whole(), default=0)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


def is_within(value: int, low: int | None, high: int | None) -> bool:
    """Whether a value is within limits, of which each may be missing."""
    return (low is None or value >= low) and (high is None or value <= high)


def _says_what_was_done(value: int | None, low: int | None, high: int | None, passed: bool, action: str) -> bool:
    """Whether an entry passed if its value is within the limits, and says what was done if it did not pass."""
    return (value is None or passed == is_within(value, low, high)) and (passed or bool(action.strip()))


class SafetyReading(BranchRecord):
    """One entry: what somebody found at a point, with the limits that held then.

    `claimed_at` is when it was found, as they say; `typed_at` when they typed it. `passed`: it is within the limits, or
    was done; else `action` says what was done about it. `corrects`: the entry in whose place this one stands.
    """

    __tablename__ = "safety_readings"
    __writes__ = Permission.LOG_SAFETY
    __rules__ = (
        RowRule(
            "what is out of limits says what was done",
            ("value_milli", "low_milli", "high_milli", "passed", "action"),
            _says_what_was_done,
        ),
    )
    __told__ = ("point_name", "value_milli")
    __table_args__ = (
        belongs_to("point_id", "safety_points"),
        Index("ix_safety_readings_claimed_at", "branch_id", "organization_id", "claimed_at"),
        Index("ix_safety_readings_point_id", "point_id", "organization_id", "claimed_at"),
    )
    point_id: Mapped[UUID] = ledger(Key())
    point_name: Mapped[str] = ledger(Words(120))
    unit: Mapped[str] = ledger(Words(12), default="")
    low_milli: Mapped[int | None] = ledger(Whole(), nullable=True)
    high_milli: Mapped[int | None] = ledger(Whole(), nullable=True)
    value_milli: Mapped[int | None] = ledger(Whole(), nullable=True)
    passed: Mapped[bool] = ledger(Flag())
    action: Mapped[str] = ledger(Words(280), default="")
    claimed_at: Mapped[datetime] = ledger(Instant())
    typed_at: Mapped[datetime] = ledger(Instant())
    person_id: Mapped[UUID] = ledger(Key())
    person_name: Mapped[str] = ledger(Words(120), default="")
    corrects: Mapped[UUID | None] = ledger(Key(), nullable=True)
