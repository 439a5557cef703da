"""Stations, the tickets that they show, and what was fired on each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Instant, Key, Listed, Rank, Standing, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, Record, belongs_to, ledger, register, state
from shared.kernel.rights import not_negative
from shared.orders.records import OrderKind


class TicketStatus(Rank):
    """A ticket's way; a recall opens the next round."""

    FIRED = 10
    STARTED = 20
    BUMPED = 30


class Station(Record):
    """Where dishes are made: kitchen, bar, oven."""

    __tablename__ = "stations"
    __writes__ = Permission.EDIT_MENU
    name: Mapped[str] = register(Words(60))
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class KitchenTicket(BranchRecord):
    """What one sending of an order asks of one station. `part` counts the sendings of the order, from 1."""

    __tablename__ = "kitchen_tickets"
    __writes__ = Permission.SEND_ORDER
    __table_args__ = (
        belongs_to("order_id", "orders"),
        belongs_to("station_id", "stations"),
        Index("ix_kitchen_tickets_standing", "branch_id", "organization_id", "standing"),
        Index("ix_kitchen_tickets_bumped_at", "branch_id", "organization_id", "bumped_at"),
        Index("ix_kitchen_tickets_order_id", "order_id", "organization_id"),
    )
    __told__ = ("number", "part")
    order_id: Mapped[UUID] = ledger(Key())
    station_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Words(16))
    part: Mapped[int] = ledger(Whole(), default=1)
    kind: Mapped[OrderKind] = ledger(Choice(OrderKind, fallback=OrderKind.TAKEOUT))
    table_name: Mapped[str] = ledger(Words(40), default="")
    server_name: Mapped[str] = ledger(Words(120), default="")
    notes: Mapped[str] = ledger(Words(280), default="")
    fired_at: Mapped[datetime] = ledger(Instant())
    bumped_at: Mapped[datetime | None] = register(Instant(), nullable=True, by=Permission.WORK_KITCHEN)
    standing: Mapped[Standing[TicketStatus]] = state(
        TicketStatus, moves=dict.fromkeys(TicketStatus, Permission.WORK_KITCHEN)
    )


class TicketLine(BranchRecord):
    """One line of a ticket as it was fired. `modifiers` is a list of names."""

    __tablename__ = "ticket_lines"
    __writes__ = Permission.SEND_ORDER
    __table_args__ = (
        belongs_to("ticket_id", "kitchen_tickets"),
        Index("ix_ticket_lines_ticket_id", "ticket_id", "organization_id"),
    )
    __rules__ = not_negative("quantity_milli")
    __told__ = ("item_name", "quantity_milli")
    ticket_id: Mapped[UUID] = ledger(Key())
    order_line_id: Mapped[UUID] = ledger(Key())
    item_name: Mapped[str] = ledger(Words(120))
    quantity_milli: Mapped[int] = ledger(Whole())
    modifiers: Mapped[list[Any]] = ledger(Listed(), default=list)
    notes: Mapped[str] = ledger(Words(280), default="")
    position: Mapped[int] = ledger(Whole(), default=0)
