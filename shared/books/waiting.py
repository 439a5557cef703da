"""Orders that are paid and not in the guest's hands yet: they stay on the floor until somebody serves them.

One at a table waits only while it is being made: at a table people pay what they ate. A kitchen that cooks from paper
tells nobody what is made, so there it waits for a while. A party that left waits for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.books.views import OrderView
from shared.kernel.instants import EPOCH
from shared.kernel.permissions import DeviceKind
from shared.kitchen.records import KitchenTicket, TicketLine, is_unserved
from shared.orders.records import Order, OrderLine
from shared.payments.records import Check
from shared.tenancy.records import Device
from shared.truth.reading import Reader
from shared.truth.records import is_asked, ticket_balances

MOST_DISHES = 1_000
"""So many of the newest dishes that nobody served are looked at: a house that never serves costs no more."""
LONGEST_WAIT = timedelta(hours=18)
"""Whoever ordered before, and was promised nothing later, waits no more: somebody forgot to say that it went out."""
COOKED_BY = timedelta(minutes=30)
"""After so long a dish that was cooked from paper is on its table."""


async def waiting_orders(reader: Reader, organization_id: UUID, branch_id: UUID, now: datetime) -> set[UUID]:
    """The recent orders with something to serve, paid or not; at most two statements."""
    given = {"organization": organization_id, "branch": branch_id, "since": now - LONGEST_WAIT, "most": MOST_DISHES}
    found = (await reader.execute(_unserved(), given)).all()
    waiting = {row.id for row in found if row.table_id is None}
    at_table = {row.id: row.fired_at for row in found if row.table_id is not None and row.fired_at is not None}
    if at_table and await _kitchen_tells(reader, organization_id, branch_id):
        return waiting | at_table.keys()
    return waiting | {order_id for order_id, fired_at in at_table.items() if now - fired_at < COOKED_BY}


async def is_waiting(reader: Reader, organization_id: UUID, branch_id: UUID, order: OrderView, now: datetime) -> bool:
    """Whether a paid order is one of `waiting_orders`; at most two statements."""
    if not order.to_hand_over or order.has_left:
        return False
    if order.table_id is None:
        return True
    if not order.is_cooking:
        return False
    given = {"organization": organization_id, "order": order.id}
    fired_at = (await reader.execute(_last_fired(), given)).scalar()
    recent = fired_at is not None and now - fired_at < COOKED_BY
    return recent or await _kitchen_tells(reader, organization_id, branch_id)


async def _kitchen_tells(reader: Reader, organization_id: UUID, branch_id: UUID) -> bool:
    """Whether the kitchen of a branch says what is made: it has a display, or bumped a ticket."""
    given = {"organization": organization_id, "branch": branch_id, "kitchen": DeviceKind.KITCHEN}
    return bool((await reader.execute(_tells(), given)).scalar())


@cache
def _unserved() -> sa.Select[Any]:
    """The orders of what is not served, with the last sending of what is still to be made."""
    told, lines, checks, orders = (kind.__table__.c for kind in (TicketLine, OrderLine, Check, Order))
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    since: sa.BindParameter[datetime] = sa.bindparam("since", type_=orders.opened_at.type)
    newest = (
        sa.select(told.root_id, told.ticket_id)
        .where(told.organization_id == organization, told.branch_id == sa.bindparam("branch"), is_unserved(told))
        .order_by(told.root_id.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
        .subquery()
    )
    asked, tickets = ticket_balances.c, KitchenTicket.__table__.c
    same = sa.and_(asked.organization_id == tickets.organization_id, asked.ticket_id == tickets.id)
    fired_at = (
        sa.select(tickets.fired_at)
        .join_from(KitchenTicket.__table__, ticket_balances, same)
        .where(tickets.organization_id == organization, tickets.id == newest.c.ticket_id, is_asked(asked))
        .scalar_subquery()
    )
    return (
        sa.select(orders.id, orders.table_id, sa.func.max(fired_at, type_=tickets.fired_at.type).label("fired_at"))
        .select_from(newest)
        .join(OrderLine.__table__, sa.and_(lines.organization_id == organization, lines.id == newest.c.root_id))
        .join(Check.__table__, sa.and_(checks.organization_id == organization, checks.id == lines.check_id))
        .join(Order.__table__, sa.and_(orders.organization_id == organization, orders.id == checks.order_id))
        .where(sa.or_(orders.opened_at >= since, orders.promised_at >= since), ~orders.has_left)
        .group_by(orders.id, orders.table_id)
    )


@cache
def _last_fired() -> sa.Select[Any]:
    tickets = KitchenTicket.__table__.c
    return sa.select(sa.func.max(tickets.fired_at, type_=tickets.fired_at.type)).where(
        tickets.organization_id == sa.bindparam("organization"), tickets.order_id == sa.bindparam("order")
    )


@cache
def _tells() -> sa.Select[Any]:
    devices, tickets = Device.__table__.c, KitchenTicket.__table__.c
    display = sa.exists().where(
        devices.organization_id == sa.bindparam("organization"),
        devices.branch_id == sa.bindparam("branch"),
        devices.kind == sa.bindparam("kitchen"),
        sa.not_(devices.revoked),
    )
    bumped = sa.exists().where(
        tickets.organization_id == sa.bindparam("organization"),
        tickets.branch_id == sa.bindparam("branch"),
        tickets.bumped_at > EPOCH,  # as an index finds it, where nobody ever bumps: "is not null" walks
    )
    return sa.select(sa.or_(display, bumped))
