"""What the kitchen tells who serves in words, and their confirming it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.kitchen.message_records import KitchenMessage
from shared.orders.records import Order

MAX_MESSAGE_CHARACTERS = 140
SHOWN_FOR = timedelta(hours=24)
"""What nobody confirmed by then was of another evening, even if clocks are hours apart."""
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message that nobody has confirmed.

    Attributes:
        person_id: who took the order that it is about; None: it is for all who serve.
        order_number, table_name: of that order; empty without one.
    """

    id: UUID
    order_id: UUID | None
    person_id: UUID | None
    order_number: str
    table_name: str
    sender_name: str
    text: str
    sent_at: datetime

    def is_for(self, person_id: UUID | None) -> bool:
        """Whether somebody is meant: who serves the order, or everybody."""
        return self.person_id is None or self.person_id == person_id


async def tell_floor(work: Work, message_id: UUID, text: str, order_id: UUID | None = None) -> KitchenMessage:
    """Tell who serves an order something, or without an order all who serve.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, MESSAGE_IS_EMPTY.
    """
    work.require(Permission.WORK_KITCHEN)
    said = clean(text, MAX_MESSAGE_CHARACTERS)
    if not said:
        raise DomainError("MESSAGE_IS_EMPTY")
    if order_id is not None:
        await work.get(Order, order_id)
    return work.add(
        KitchenMessage(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=message_id,
            station_id=work.actor.station_id,
            order_id=order_id,
            sender_name=work.actor.name,
            text=said,
            sent_at=work.now,
            read=False,
        )
    )


async def confirm_message(work: Work, message_id: UUID) -> None:
    """Somebody who serves has read a message. Confirming it again changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    message = await work.get(KitchenMessage, message_id)
    if not message.read:
        message.read = True
        message.read_by, message.read_at = work.actor.name, work.now


async def unread_messages(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, now: datetime
) -> list[MessageView]:
    """The newest that nobody has confirmed yet, the oldest of them first; one statement."""
    given = {"organization": organization_id, "branch": branch_id, "since": now - SHOWN_FOR}
    return [MessageView(**row._mapping) for row in reversed((await reader.execute(_unread(), given)).all())]


@cache
def _unread() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    message, order = KitchenMessage.__table__.c, Order.__table__.c
    return (
        sa.select(
            message.id,
            message.order_id,
            order.opened_by.label("person_id"),
            sa.func.coalesce(order.number, "").label("order_number"),
            sa.func.coalesce(order.table_name, "").label("table_name"),
            message.sender_name,
            message.text,
            message.sent_at,
        )
        .select_from(KitchenMessage.__table__)
        .outerjoin(
            Order.__table__, sa.and_(order.organization_id == message.organization_id, order.id == message.order_id)
        )
        .where(
            message.organization_id == sa.bindparam("organization"),
            message.branch_id == sa.bindparam("branch"),
            message.sent_at > sa.bindparam("since"),
            sa.not_(message.read),
        )
        .order_by(message.sent_at.desc(), message.id.desc())
        .limit(MOST_SHOWN)
    )
