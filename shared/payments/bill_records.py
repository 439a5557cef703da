"""Service charges of the house, and bills that guests asked for before they paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.drawers.records import TAKES_MONEY
from shared.kernel.columns import Flag, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import RowRule, is_list_of_ids, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, Record, belongs_to, ledger, register
from shared.payments.adjustment_records import CHARGES


class ServiceRule(Record):
    """A service charge of the house: which orders it is for, and whether it is added by itself.

    `kinds`: of which orders, as text; of all where it names none. `least_guests`: from how many on. `branch_id`: of one
    branch alone. One that is automatic is added when the first bill is asked for (`service.py`). `taxed`: whether taxes
    are due on it, too; in Peru they are not on the recargo al consumo.
    """

    __tablename__ = "service_rules"
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (CHARGES, RowRule("it names kinds of orders", ("kinds",), is_list_of_ids))
    __table_args__ = (belongs_to("branch_id", "branches"),)
    branch_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    name: Mapped[str] = register(Words(40))
    rate_millionths: Mapped[int] = register(Whole())
    taxed: Mapped[bool] = register(Flag(), default=True)
    kinds: Mapped[list[str]] = register(Listed(), default=list)
    least_guests: Mapped[int] = register(Whole(), default=0)
    automatic: Mapped[bool] = register(Flag(), default=True)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class Prebill(BranchRecord):
    """The bill that guests asked for before they pay. It is no receipt, and has no number.

    `total_minor`: what the check came to in all, with what its receipts had charged before: while it comes to the same,
    what the guests hold is right.
    """

    __tablename__ = "prebills"
    __writes__ = (Permission.TAKE_ORDER, Permission.TAKE_PAYMENT)
    __devices__ = TAKES_MONEY
    __rules__ = not_negative("total_minor")
    __told__ = ("total_minor",)
    __table_args__ = (
        belongs_to("check_id", "checks"),
        Index("ix_prebills_check_id", "check_id", "organization_id"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    currency: Mapped[str] = ledger(Words(3))
    total_minor: Mapped[int] = ledger(Whole())
    asked_at: Mapped[datetime] = ledger(Instant())
    asked_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
