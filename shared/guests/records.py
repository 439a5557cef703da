"""Guests at tables: the codes of tables, what guests want, what the branch answers, and how it takes orders of them.

What guests say is written by the cloud alone, in its own stream of the branch; what the branch answers, by its devices.
No row keeps a status: `queries.py` reads off both how far a guest's order is.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.guests.codes import CODE_CHARACTERS, MOST_DOOR_CHARACTERS, is_code
from shared.kernel.columns import Choice, Flag, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import Follows, RowRule, not_negative
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once, register, state
from shared.kernel.rights import CLOUD_ONLY
from shared.kernel.sealed import sealed
from shared.kernel.states import Rank, Standing
from shared.kernel.text import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS
from shared.orders.records import DishColumns

DEADLINE_SECONDS = 90
STAFF_SECONDS = 300
IDLE_MINUTES = 30
ORDERS_A_MINUTE = 4
MOST_PORTIONS = 40
MOST_MINOR = 100_000
LONGEST_SECONDS = 3_600


def _is_wait(seconds: int) -> bool:
    return 10 <= seconds <= LONGEST_SECONDS


class GuestDoor(BranchRecord):
    """The name of a branch in the addresses that its guests read: random, and it never changes, since it is printed."""

    __tablename__ = "guest_doors"
    __devices__ = CLOUD_ONLY
    __writes__ = Permission.EDIT_BRANCH
    door: Mapped[str] = ledger(Words(MOST_DOOR_CHARACTERS))


class TableCode(BranchRecord):
    """The code on the card of a table. It names the table, and admits nobody. Of several the newest holds."""

    __tablename__ = "table_codes"
    __writes__ = Permission.EDIT_FLOOR
    __rules__ = (RowRule("it is a code", ("code",), is_code),)
    __told__ = ("code",)
    __table_args__ = (
        belongs_to("table_id", "dining_tables"),
        Index("ix_table_codes_code", "code", "organization_id"),
        Index("ix_table_codes_table_id", "table_id", "organization_id"),
    )
    table_id: Mapped[UUID] = ledger(Key())
    code: Mapped[str] = ledger(Words(CODE_CHARACTERS))
    made_at: Mapped[datetime] = ledger(Instant())


def settings_id(branch_id: UUID) -> UUID:
    """The id of the row that says how a branch takes guests' orders."""
    return derived_id("guest settings", branch_id)


class GuestSettings(BranchRecord):
    """How a branch takes guests' orders. Its id follows from the branch; without it the defaults hold.

    Attributes:
        active: whether guests may order at all, else they only read the menu.
        paused: not now; by whoever serves.
        direct: orders of admitted phones are cooked at once; else staff accept each.
        deadline_seconds: how long the branch has to take an order by itself.
        staff_seconds: how long people have to accept one.
        idle_minutes: at a table that nobody has ordered at for so long, staff are asked again.
        orders_a_minute: of one table, from all its phones.
        most_portions, most_minor: what one order may come to without being accepted by staff; minor units.
    """

    __tablename__ = "guest_settings"
    __derived__ = True
    __follows__ = Follows(("branch_id",), lambda branch: {settings_id(UUID(bytes=branch))})
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (
        *not_negative("orders_a_minute", "most_portions", "most_minor", "idle_minutes"),
        RowRule("it is a time to wait", ("deadline_seconds",), _is_wait),
        RowRule("people have a time to answer", ("staff_seconds",), _is_wait),
    )
    active: Mapped[bool] = register(Flag(), default=True)
    paused: Mapped[bool] = register(Flag(), default=False, by=(Permission.SET_AVAILABILITY, Permission.EDIT_BRANCH))
    direct: Mapped[bool] = register(Flag(), default=False)
    deadline_seconds: Mapped[int] = register(Whole(), default=DEADLINE_SECONDS)
    staff_seconds: Mapped[int] = register(Whole(), default=STAFF_SECONDS)
    idle_minutes: Mapped[int] = register(Whole(), default=IDLE_MINUTES)
    orders_a_minute: Mapped[int] = register(Whole(), default=ORDERS_A_MINUTE)
    most_portions: Mapped[int] = register(Whole(), default=MOST_PORTIONS)
    most_minor: Mapped[int] = register(Whole(), default=MOST_MINOR)


class Asks(StrEnum):
    """Why a person must look at a guest's order before it is cooked."""

    NOBODY = "nobody"
    FIRST = "first"
    HOUSE = "house"
    AMOUNT = "amount"
    IDLE = "idle"


class GuestOrder(BranchRecord):
    """What a guest ordered with a phone, once, as the cloud took it. It is an order when a device accepts it.

    Attributes:
        order_id: the table's order on which it goes; one that is not there yet is opened under this id.
        table_id, table_name: where the guest sat then.
        subject_id: the phone; its key seals `name`.
        asks: why staff must accept it; `NOBODY`: a device takes it by itself.
        deadline_at: until when a device of the branch takes it, by corrected clock.
        withdrawn: the cloud took it back, since nobody had answered by then.
    """

    __tablename__ = "guest_orders"
    __devices__ = CLOUD_ONLY
    __writes__ = Permission.ORDER_AS_GUEST
    __told__ = ("table_name",)
    __table_args__ = (
        Index("ix_guest_orders_placed_at", "branch_id", "organization_id", "placed_at"),
        Index("ix_guest_orders_order_id", "order_id", "organization_id"),
        Index("ix_guest_orders_subject_id", "subject_id", "organization_id", "placed_at"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    table_id: Mapped[UUID] = ledger(Key())
    table_name: Mapped[str] = ledger(Words(40))
    subject_id: Mapped[UUID] = ledger(Key())
    name: Mapped[bytes | None] = sealed(MAX_NAME_CHARACTERS)
    asks: Mapped[Asks] = ledger(Choice(Asks, fallback=Asks.HOUSE))
    placed_at: Mapped[datetime] = ledger(Instant())
    deadline_at: Mapped[datetime] = ledger(Instant())
    withdrawn: Mapped[bool] = once()


class GuestOrderLine(DishColumns, BranchRecord):
    """A line of a guest's order, with all that the order's line says once it is accepted, under the same id.

    Attributes:
        cart_line_id: the line of the cart that was ordered; parts of a combo share it.
    """

    __tablename__ = "guest_order_lines"
    __devices__ = CLOUD_ONLY
    __writes__ = Permission.ORDER_AS_GUEST
    __told__ = ("item_name", "quantity_milli")
    __table_args__ = (
        belongs_to("guest_order_id", "guest_orders"),
        Index("ix_guest_order_lines_guest_order_id", "guest_order_id", "organization_id"),
        Index("ix_guest_order_lines_cart_line_id", "cart_line_id", "organization_id"),
    )
    guest_order_id: Mapped[UUID] = ledger(Key())
    cart_line_id: Mapped[UUID] = ledger(Key())
    unit_price_minor: Mapped[int] = ledger(Whole())
    quantity_milli: Mapped[int] = ledger(Whole())
    modifiers: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    notes: Mapped[str] = ledger(Words(MAX_NOTE_CHARACTERS), default="")
    course: Mapped[int] = ledger(Whole(), default=0)


class GuestOrderCombo(BranchRecord):
    """A combo of a guest's order, with all that the order's combo says once it is accepted, under the same id."""

    __tablename__ = "guest_order_combos"
    __devices__ = CLOUD_ONLY
    __writes__ = Permission.ORDER_AS_GUEST
    __told__ = ("name",)
    __table_args__ = (
        belongs_to("guest_order_id", "guest_orders"),
        Index("ix_guest_order_combos_guest_order_id", "guest_order_id", "organization_id"),
    )
    guest_order_id: Mapped[UUID] = ledger(Key())
    item_id: Mapped[UUID] = ledger(Key())
    name: Mapped[str] = ledger(Words(120))
    price_minor: Mapped[int] = ledger(Whole())
    extra_minor: Mapped[int] = ledger(Whole(), default=0)
    share_minor: Mapped[int] = ledger(Whole())
    price_rule_id: Mapped[UUID | None] = ledger(Key(), nullable=True)


class AnswerStatus(Rank):
    """What the branch said to a guest's order. Who accepted it cooks it, whatever somebody else said."""

    REFUSED = 0
    ACCEPTED = 1


def answer_id(guest_order_id: UUID) -> UUID:
    """The id of the answer to a guest's order: two devices that answer make one row."""
    return derived_id("guest answer", guest_order_id)


class GuestAnswer(BranchRecord):
    """What the branch said to a guest's order. `reason`: of a refusal, which the guest reads."""

    __tablename__ = "guest_answers"
    __derived__ = True
    __writes__ = Permission.SEND_ORDER
    __told__ = ("reason",)
    __table_args__ = (
        belongs_to("guest_order_id", "guest_orders"),
        Index("ix_guest_answers_guest_order_id", "guest_order_id", "organization_id"),
    )
    guest_order_id: Mapped[UUID] = ledger(Key())
    status: Mapped[Standing[AnswerStatus]] = state(AnswerStatus)
    reason: Mapped[str] = register(Words(120), default="")
    answered_by: Mapped[str] = ledger(Words(120), default="")
    answered_at: Mapped[datetime] = ledger(Instant())


def link_id(order_id: UUID, phone_id: UUID) -> UUID:
    """The id of the row that admits a phone to a table's order."""
    return derived_id("guest link", order_id, phone_id)


class GuestLink(BranchRecord):
    """A phone that belongs to a table's order: it reads its bill, and adds to it. `left`: it belongs no more."""

    __tablename__ = "guest_links"
    __derived__ = True
    __writes__ = (Permission.TAKE_ORDER, Permission.ORDER_AS_GUEST)
    __table_args__ = (
        Index("ix_guest_links_order_id", "order_id", "organization_id"),
        Index("ix_guest_links_phone_id", "phone_id", "organization_id"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    phone_id: Mapped[UUID] = ledger(Key())
    admitted_by: Mapped[str] = ledger(Words(120), default="")
    admitted_at: Mapped[datetime] = ledger(Instant())
    left: Mapped[bool] = once()


class RequestKind(StrEnum):
    """What a guest asks for without ordering it."""

    WAITER = "waiter"
    BILL = "bill"


class GuestRequest(BranchRecord):
    """A guest asks for somebody to come. One of each kind is open at a table."""

    __tablename__ = "guest_requests"
    __devices__ = CLOUD_ONLY
    __writes__ = Permission.ORDER_AS_GUEST
    __told__ = ("table_name", "kind")
    __table_args__ = (Index("ix_guest_requests_asked_at", "branch_id", "organization_id", "asked_at"),)
    order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    table_id: Mapped[UUID] = ledger(Key())
    table_name: Mapped[str] = ledger(Words(40))
    phone_id: Mapped[UUID] = ledger(Key())
    kind: Mapped[RequestKind] = ledger(Choice(RequestKind, fallback=RequestKind.WAITER))
    asked_at: Mapped[datetime] = ledger(Instant())


def request_answer_id(request_id: UUID) -> UUID:
    """The id of the answer to a request: two people who go make one row."""
    return derived_id("guest request answer", request_id)


class GuestRequestAnswer(BranchRecord):
    """Somebody goes to a guest who asked."""

    __tablename__ = "guest_request_answers"
    __derived__ = True
    __writes__ = Permission.TAKE_ORDER
    __table_args__ = (
        belongs_to("request_id", "guest_requests"),
        Index("ix_guest_request_answers_request_id", "request_id", "organization_id"),
    )
    request_id: Mapped[UUID] = ledger(Key())
    answered_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    answered_by_name: Mapped[str] = ledger(Words(120), default="")
    answered_at: Mapped[datetime] = ledger(Instant())
