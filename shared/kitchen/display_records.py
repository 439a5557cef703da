"""Trying the displays of the kitchen: a question to all of them, and what each answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Instant, Key, Whole
from shared.kernel.declared import OneDevice, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger


class DisplayTrial(BranchRecord):
    """Somebody asks all displays of a branch whether they stand and hear."""

    __tablename__ = "display_trials"
    __writes__ = (
        Permission.TAKE_ORDER,
        Permission.WORK_KITCHEN,
        Permission.WORK_DRAWER,
        Permission.MANAGE_PRINTERS,
        Permission.SEE_REPORTS,
    )
    __one_device__ = OneDevice("device_id")
    __table_args__ = (Index("ix_display_trials_asked_at", "branch_id", "organization_id", "asked_at"),)
    device_id: Mapped[UUID] = ledger(Key())
    asked_at: Mapped[datetime] = ledger(Instant())


class DisplayAnswer(BranchRecord):
    """A display answers a trial. Its id follows from trial, device and station: two programs of a device answer each.

    Attributes:
        station_id: what its wall shows; None: all stations.
        tickets: how many stand on it.
    """

    __tablename__ = "display_answers"
    __writes__ = Permission.WORK_KITCHEN
    __rules__ = not_negative("tickets")
    __one_device__ = OneDevice("device_id")
    __table_args__ = (
        belongs_to("trial_id", "display_trials"),
        Index("ix_display_answers_trial_id", "trial_id", "organization_id"),
    )
    trial_id: Mapped[UUID] = ledger(Key())
    device_id: Mapped[UUID] = ledger(Key())
    station_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    tickets: Mapped[int] = ledger(Whole(), default=0)
    answered_at: Mapped[datetime] = ledger(Instant())
