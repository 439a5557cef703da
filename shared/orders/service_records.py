"""What a waiter says of a whole table: what a guest may not eat, and when a course is to be fired."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Instant, Key, Whole, Words
from shared.kernel.declared import RowRule
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once, register
from shared.menu.records import MOST_COURSES
from shared.orders.records import MOST_SEATS


class GuestAllergy(BranchRecord):
    """Something that a guest of an order may not eat. It stands on every ticket of the order until it is lifted.

    Rows, and no register of the order: of two that devices say at once, both stand.

    Attributes:
        allergen: a code of `shared/menu/allergens.py`; empty: `words` say it.
        seat: of the guest; 0: somebody at the table.
        lifted: it was said by mistake.
    """

    __tablename__ = "guest_allergies"
    __writes__ = Permission.TAKE_ORDER
    __rules__ = (RowRule("it is a seat", ("seat",), lambda seat: 0 <= seat <= MOST_SEATS),)
    __told__ = ("allergen", "words")
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_guest_allergies_order_id", "order_id", "organization_id"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    allergen: Mapped[str] = ledger(Words(24), default="")
    words: Mapped[str] = ledger(Words(60), default="")
    seat: Mapped[int] = ledger(Whole(), default=0)
    said_at: Mapped[datetime] = ledger(Instant())
    said_by: Mapped[str] = ledger(Words(120), default="")
    lifted: Mapped[bool] = once()


class OrderCourse(BranchRecord):
    """When a course of an order is to be fired by itself. The id follows from order and number.

    Attributes:
        fire_at: None: somebody fires it by hand.
        device_id: the device that was told so last, which fires it before any other does.
        said_by: who told it; in their name it is fired where nobody is logged in.
    """

    __tablename__ = "order_courses"
    __writes__ = Permission.SEND_ORDER
    __rules__ = (RowRule("it is a course", ("number",), lambda number: 1 <= number <= MOST_COURSES),)
    __told__ = ("number",)
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_order_courses_fire_at", "branch_id", "organization_id", "fire_at"),
        Index("ix_order_courses_order_id", "order_id", "organization_id"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    number: Mapped[int] = ledger(Whole())
    fire_at: Mapped[datetime | None] = register(Instant(), nullable=True)
    device_id: Mapped[UUID | None] = register(Key(), nullable=True)
    said_by: Mapped[UUID | None] = register(Key(), nullable=True)
