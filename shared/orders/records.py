"""Orders and their lines, with what was true when they were taken (name, price, tax category) kept in the line."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Instant, Key, Listed, Rank, Standing, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register, state
from shared.kernel.rights import not_negative


class OrderKind(StrEnum):
    """How the guest gets it."""

    DINE_IN = "dine_in"
    TAKEOUT = "takeout"
    DELIVERY = "delivery"


class OrderStatus(Rank):
    """The order's way; a completed (paid) order outranks a cancelled one: no sale is ever dropped.

    A status never goes back: what was sent after the order was ready or served shows in its lines and tickets.
    """

    PENDING = 10
    CONFIRMED = 20
    PREPARING = 30
    READY = 40
    SERVED = 50
    CANCELLED = 60
    COMPLETED = 70


class LineStatus(Rank):
    """A line's way: removed before it was sent, or voided afterwards, even from the table."""

    OPEN = 10
    REMOVED = 20
    SENT = 30
    SERVED = 35
    VOIDED = 40


class Order(BranchRecord):
    """What one party wants. `number` is what people call out: the device's letter and the day's count."""

    __tablename__ = "orders"
    __writes__ = Permission.TAKE_ORDER
    __table_args__ = (
        belongs_to("branch_id", "branches"),
        Index("ix_orders_business_date", "branch_id", "business_date"),
        Index("ix_orders_standing", "branch_id", "organization_id", "standing"),
    )
    __rules__ = not_negative("guests")
    __told__ = ("number", "table_name")
    number: Mapped[str] = ledger(Words(16))
    kind: Mapped[OrderKind] = register(Choice(OrderKind, fallback=OrderKind.TAKEOUT))
    table_id: Mapped[UUID | None] = register(Key(), nullable=True)
    table_name: Mapped[str] = register(Words(40), default="")
    guests: Mapped[int] = register(Whole(), default=0)
    notes: Mapped[str] = register(Words(280), default="")
    currency: Mapped[str] = ledger(Words(3))
    opened_at: Mapped[datetime] = ledger(Instant())
    opened_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    server_name: Mapped[str] = ledger(Words(120), default="")
    business_date: Mapped[date] = ledger(Day())
    standing: Mapped[Standing[OrderStatus]] = state(
        OrderStatus,
        moves={
            OrderStatus.CONFIRMED: Permission.SEND_ORDER,
            OrderStatus.PREPARING: Permission.WORK_KITCHEN,
            OrderStatus.READY: Permission.WORK_KITCHEN,
            OrderStatus.CANCELLED: Permission.CANCEL_ORDER,
            OrderStatus.COMPLETED: Permission.TAKE_PAYMENT,
        },
    )


class OrderLine(BranchRecord):
    """One dish or drink, some number of times. `modifiers` is a list of {id, name, price_delta_minor}.

    Its tax is a category: the rates of that category are read when the bill is shown or settled.
    """

    __tablename__ = "order_lines"
    __writes__ = Permission.TAKE_ORDER
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_order_lines_order_id", "order_id", "organization_id", "id"),
    )
    __rules__ = not_negative("unit_price_minor", "quantity_milli", "discount_minor")
    __told__ = ("item_name", "quantity_milli", "unit_price_minor", "discount_minor")
    order_id: Mapped[UUID] = ledger(Key())
    item_id: Mapped[UUID] = ledger(Key())
    item_name: Mapped[str] = ledger(Words(120))
    category_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    category_name: Mapped[str] = ledger(Words(120), default="")
    tax_category_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    station_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    unit: Mapped[str] = ledger(Words(12), default="")
    unit_price_minor: Mapped[int] = register(Whole(), by=Permission.OVERRIDE_PRICE)
    quantity_milli: Mapped[int] = register(Whole())
    discount_minor: Mapped[int] = register(Whole(), by=Permission.GIVE_DISCOUNT, up_to="discount_minor", default=0)
    modifiers: Mapped[list[dict[str, Any]]] = register(Listed(), default=list)
    notes: Mapped[str] = register(Words(280), default="")
    added_at: Mapped[datetime] = ledger(Instant())
    standing: Mapped[Standing[LineStatus]] = state(
        LineStatus, moves={LineStatus.SENT: Permission.SEND_ORDER, LineStatus.VOIDED: Permission.VOID_SENT_LINE}
    )
