"""What the kitchen tells who serves, in words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Instant, Key, Words
from shared.kernel.declared import RowRule
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once, register


class KitchenMessage(BranchRecord):
    """A message of a station. About an order it is for who serves that, without one for all who serve.

    `read`: somebody has confirmed it; `read_by` and `read_at` say who, and when.
    """

    __tablename__ = "kitchen_messages"
    __writes__ = Permission.WORK_KITCHEN
    __rules__ = (RowRule("it says something", ("text",), lambda text: bool(text.strip())),)
    __told__ = ("text",)
    __table_args__ = (
        belongs_to("station_id", "stations"),
        belongs_to("order_id", "orders"),
        Index("ix_kitchen_messages_sent_at", "branch_id", "organization_id", "sent_at"),
    )
    station_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    sender_name: Mapped[str] = ledger(Words(120), default="")
    text: Mapped[str] = ledger(Words(140))
    sent_at: Mapped[datetime] = ledger(Instant())
    read: Mapped[bool] = once(by=Permission.TAKE_ORDER)
    read_by: Mapped[str] = register(Words(120), default="", by=Permission.TAKE_ORDER)
    read_at: Mapped[datetime | None] = register(Instant(), nullable=True, by=Permission.TAKE_ORDER)
