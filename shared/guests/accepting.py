"""The branch's word: a device accepts a guest's order, or a person refuses it.

Accepting writes what the cloud proposed, under the ids that it proposed: several that accept are one. Who accepts it
after it was withdrawn has accepted it: what is cooked is told to all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.guests.proposing import wanted_in_all, write_link
from shared.guests.records import (
    AnswerStatus,
    Asks,
    GuestAnswer,
    GuestOrder,
    GuestOrderCombo,
    GuestOrderLine,
    GuestRequest,
    GuestRequestAnswer,
    answer_id,
    request_answer_id,
)
from shared.guests.sessions import session_of, sessions_at
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.states import Standing
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.kitchen.sending import GuestsLines, Sent, send_order
from shared.menu.availability import require_left_in_all
from shared.orders.combo_records import PROPOSED_OF_COMBO, OrderCombo
from shared.orders.commands import open_order
from shared.orders.records import PROPOSED_OF_LINE, Order, OrderKind, OrderLine, OrderSource
from shared.payments.commands import check_for_more
from shared.payments.joining import join_tables

MOST_REASON_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting did.

    Attributes:
        order_id: the table's order.
        sent: what the kitchen was told; None: another device, or this one, had accepted it before.
    """

    order_id: UUID
    sent: Sent | None


async def accept(work: Work, guest_order_id: UUID) -> Accepted:
    """Accept a guest's order in the name of a person: its lines stand on the table's order, and the kitchen is told.

    It admits the phone to the table. Accepted again it changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, GUESTS_HAVE_LEFT (the bill is settled), TABLE_OUT_OF_SERVICE.
    """
    work.require(Permission.TAKE_ORDER)
    work.require(Permission.SEND_ORDER)
    proposed = await work.get(GuestOrder, guest_order_id)
    if await _is_accepted(work, guest_order_id):
        return Accepted(proposed.order_id, None)
    order = await work.session.get(Order, (work.organization_id, proposed.order_id))
    if order is None:
        order = await _open(work, proposed)
    elif await session_of(work.session, work.organization_id, order.id) is None:
        raise DomainError("GUESTS_HAVE_LEFT", table=order.table_name or proposed.table_name)
    await write_link(work, order.id, proposed.subject_id, work.actor.name)
    return await _take(work, proposed, order)


async def accept_by_itself(work: Work, guest_order_id: UUID, now: datetime) -> Accepted:
    """Accept a guest's order that needs no person, as every device of the branch does by itself.

    Args:
        now: the instant by corrected clock.

    Raises:
        DomainError: NOT_FOUND; GUEST_ORDER_ASKS: a person must look at it, since the cloud said so, it is late, was
            withdrawn, or its table is settled; ITEM_SOLD_OUT, FEWER_LEFT: this device knows of less than the cloud.
    """
    proposed = await work.get(GuestOrder, guest_order_id)
    if await _is_accepted(work, guest_order_id):
        return Accepted(proposed.order_id, None)
    order = await work.session.get(Order, (work.organization_id, proposed.order_id))
    is_late = proposed.withdrawn or now > proposed.deadline_at
    is_refused = await work.session.get(GuestAnswer, (work.organization_id, answer_id(guest_order_id))) is not None
    if order is None or proposed.asks is not Asks.NOBODY or is_late or is_refused:
        raise DomainError("GUEST_ORDER_ASKS", table=proposed.table_name)
    if await session_of(work.session, work.organization_id, order.id) is None:
        raise DomainError("GUEST_ORDER_ASKS", table=proposed.table_name)
    await require_left_in_all(work, wanted_in_all(await _lines(work, guest_order_id)))
    return await _take(work, proposed, order)


async def refuse(work: Work, guest_order_id: UUID, reason: str) -> None:
    """Refuse a guest's order, with a reason that the guest reads. If another device has accepted it, it stays so.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, GUEST_ORDER_ACCEPTED, GUEST_REASON_IS_MISSING.
    """
    work.require(Permission.SEND_ORDER)
    await work.get(GuestOrder, guest_order_id)
    said = clean(reason, MOST_REASON_CHARACTERS)
    if not said:
        raise DomainError("GUEST_REASON_IS_MISSING")
    if await _is_accepted(work, guest_order_id):
        raise DomainError("GUEST_ORDER_ACCEPTED")
    if await work.session.get(GuestAnswer, (work.organization_id, answer_id(guest_order_id))) is None:
        _answer(work, guest_order_id, AnswerStatus.REFUSED, said)


async def go_to(work: Work, request_id: UUID) -> None:
    """Somebody goes to a guest who asked. Said again it changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    await work.get(GuestRequest, request_id)
    key = request_answer_id(request_id)
    if await work.session.get(GuestRequestAnswer, (work.organization_id, key)) is None:
        same = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": key}
        who = {"answered_by": work.actor.staff_id, "answered_by_name": work.actor.name}
        work.add(GuestRequestAnswer(**same, request_id=request_id, **who, answered_at=work.now))


async def _is_accepted(work: Work, guest_order_id: UUID) -> bool:
    held = await work.session.get(GuestAnswer, (work.organization_id, answer_id(guest_order_id)))
    return held is not None and held.status.status is AnswerStatus.ACCEPTED


def _answer(work: Work, guest_order_id: UUID, status: AnswerStatus, reason: str = "") -> None:
    same = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": answer_id(guest_order_id)}
    said = {"status": Standing(0, status), "reason": reason, "answered_by": work.actor.name}
    work.add(GuestAnswer(**same, guest_order_id=guest_order_id, **said, answered_at=work.now))


async def _open(work: Work, proposed: GuestOrder) -> Order:
    """Open the table's order. A party that was seated there meanwhile sits together with it: theirs is one bill.

    Several guests' orders may wait to be the first on it: whichever is accepted, it is opened with the first of them,
    so that devices that accept different ones open the same.
    """
    first = await work.session.scalar(
        sa.select(GuestOrder)
        .where(GuestOrder.organization_id == work.organization_id, GuestOrder.order_id == proposed.order_id)
        .order_by(GuestOrder.placed_at, GuestOrder.id)
        .limit(1)
    )
    proposed = first or proposed
    given = (work.session, work.organization_id, work.branch_id, proposed.table_id, work.business_date)
    there = await sessions_at(*given)
    order = await open_order(
        work,
        proposed.order_id,
        OrderKind.DINE_IN,
        proposed.table_id,
        beside=[each.order_id for each in there],
        source=OrderSource.GUEST,
        guest_order_id=proposed.id,
    )
    order.opened_at = proposed.placed_at
    if len({each.end_id for each in there}) == 1:
        await work.session.flush()
        await join_tables(work, order.id, there[0].end_id)
    return order


async def _take(work: Work, proposed: GuestOrder, order: Order) -> Accepted:
    """Write what was proposed on an order, and tell the kitchen."""
    check_id = await check_for_more(work, order.id)
    combos = await work.session.scalars(
        sa.select(GuestOrderCombo).where(
            GuestOrderCombo.organization_id == work.organization_id, GuestOrderCombo.guest_order_id == proposed.id
        )
    )
    same: dict[str, Any] = {"organization_id": work.organization_id, "branch_id": proposed.branch_id}
    same |= {"order_id": order.id, "guest_order_id": proposed.id, "added_at": proposed.placed_at}
    for combo in combos:
        work.add(OrderCombo(id=combo.id, **same, **{name: getattr(combo, name) for name in PROPOSED_OF_COMBO}))
    lines = await _lines(work, proposed.id)
    for line in lines:
        said = {name: getattr(line, name) for name in PROPOSED_OF_LINE}
        own = {"root_id": line.id, "author": work.author, "check_id": check_id, "held": 0, "fired": 0}
        work.add(OrderLine(id=line.id, **same, **said, **own, course=line.course))
    await _say_accepted(work, proposed.id)
    sent = await send_order(work, order.id, GuestsLines(proposed.id, frozenset(line.id for line in lines)))
    return Accepted(order.id, sent)


async def _say_accepted(work: Work, guest_order_id: UUID) -> None:
    """Somebody may have refused it before: who accepts it now cooks it."""
    held = await work.session.get(GuestAnswer, (work.organization_id, answer_id(guest_order_id)))
    if held is None:
        _answer(work, guest_order_id, AnswerStatus.ACCEPTED)
    else:
        held.status, held.reason = held.status.advance(AnswerStatus.ACCEPTED), ""


async def _lines(work: Work, guest_order_id: UUID) -> Sequence[GuestOrderLine]:
    found = await work.session.scalars(
        sa.select(GuestOrderLine)
        .where(GuestOrderLine.organization_id == work.organization_id, GuestOrderLine.guest_order_id == guest_order_id)
        .order_by(GuestOrderLine.id)
    )
    return list(found)
