"""What the cloud writes in the name of guests: what they want to order, and for what they call.

Prices, hours, what is left and what may be chosen are checked as for a waiter's line, by the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.floor.records import DiningTable
from shared.guests.records import (
    Asks,
    GuestLink,
    GuestOrder,
    GuestOrderCombo,
    GuestOrderLine,
    GuestRequest,
    GuestRequestAnswer,
    RequestKind,
    link_id,
    request_answer_id,
)
from shared.guests.settings import TakesOrders
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.quantity import ONE
from shared.kernel.sealed import FieldPlace, key_of
from shared.kernel.text import MAX_NAME_CHARACTERS, clean
from shared.kernel.work import Work
from shared.menu.availability import require_left_in_all
from shared.menu.queries import load_item
from shared.menu.weights import weight_unit
from shared.orders.combo_records import PROPOSED_OF_COMBO
from shared.orders.combos import ComboPart, combo_of
from shared.orders.commands import line_of
from shared.orders.placing import PlacedLine
from shared.orders.records import PROPOSED_OF_LINE, OrderKind, OrderLine
from shared.orders.rules import gross_of, unit_with_modifiers

_KIND = str(OrderKind.DINE_IN)
_name_of = clean.__wrapped__
"""Without its cache, which would keep the names of guests."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A line of a cart that is ordered.

    Attributes:
        quoted_minor: what the phone showed for all of it; None: it showed nothing.
    """

    cart_line_id: UUID
    line: PlacedLine
    quoted_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who orders where.

    Attributes:
        order_id: the table's order on which it goes; None: one is opened when it is accepted.
        is_admitted: whether the phone belongs to that order.
        is_idle: whether nobody has ordered there for long.
    """

    table_id: UUID
    phone_id: UUID
    order_id: UUID | None = None
    is_admitted: bool = False
    is_idle: bool = False
    name: str = ""


async def propose(
    work: Work, guest_order_id: UUID, proposal: Proposal, wishes: Sequence[Wish], takes: TakesOrders
) -> GuestOrder:
    """Write down what a guest orders, at the prices of now. It is no order before the branch accepts it.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (the table), GUEST_ORDERS_PAUSED, ORDER_IS_EMPTY,
            GUEST_PRICE_CHANGED (params: item, price_minor, quoted_minor), ITEM_NOT_FOR_GUESTS; those of `add_line` and
            `add_combo`, with the line of the cart in `cart_line`.
    """
    work.require(Permission.ORDER_AS_GUEST)
    if not takes.takes:
        raise DomainError("GUEST_ORDERS_PAUSED")
    if not wishes:
        raise DomainError("ORDER_IS_EMPTY")
    table = await work.get(DiningTable, proposal.table_id)
    order_id = proposal.order_id or work.ids.new()
    portions, total_minor, wanted = 0, 0, Counter[UUID]()
    for wish in wishes:
        try:
            lines, price_minor = await _write(work, guest_order_id, order_id, wish)
            wanted.update(wanted_in_all(lines))
            await require_left_in_all(work, wanted)
        except DomainError as error:
            error.params["cart_line"] = str(wish.cart_line_id)
            raise
        total_minor += price_minor
        portions += wish.line.quantity_milli // ONE
    asks = _asks(proposal, takes, portions, total_minor)
    seconds = takes.deadline_seconds if asks is Asks.NOBODY else takes.staff_seconds
    return work.add(
        GuestOrder(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=guest_order_id,
            order_id=order_id,
            table_id=table.id,
            table_name=table.name,
            subject_id=proposal.phone_id,
            name=await _sealed_name(work, guest_order_id, proposal),
            asks=asks,
            placed_at=work.now,
            deadline_at=work.now + timedelta(seconds=seconds),
            withdrawn=False,
        )
    )


def _asks(proposal: Proposal, takes: TakesOrders, portions: int, total_minor: int) -> Asks:
    """Why staff must look at an order before it is cooked."""
    if not proposal.is_admitted:
        return Asks.FIRST
    if portions > takes.most_portions or total_minor > takes.most_minor:
        return Asks.AMOUNT
    if proposal.is_idle:
        return Asks.IDLE
    return Asks.NOBODY if takes.direct else Asks.HOUSE


def wanted_in_all(lines: Iterable[Any]) -> Mapping[UUID, int]:
    """How much lines of orders or of guests' orders want of each dish and modifier together, in thousandths."""
    wanted = Counter[UUID]()
    for line in lines:
        for subject in (line.item_id, *(UUID(each["id"]) for each in line.modifiers or ())):
            wanted[subject] += line.quantity_milli
    return wanted


async def _write(work: Work, guest_order_id: UUID, order_id: UUID, wish: Wish) -> tuple[Sequence[OrderLine], int]:
    """Write what a line of the cart comes to. Returns its lines, and their price in minor units."""
    placed, quantity = wish.line, wish.line.quantity_milli
    item = await load_item(work.session, work.organization_id, placed.item_id, work.branch_id)
    if quantity < ONE or quantity % ONE or item.open_price or weight_unit(item.unit) is not None:
        raise DomainError("ITEM_NOT_FOR_GUESTS", item=item.name)
    if placed.parts:
        parts = [ComboPart(part.choice_id, work.ids.new(), part.modifier_ids, part.notes) for part in placed.parts]
        given = (work.branch_id, order_id, work.ids.new(), placed.item_id, parts, quantity, _KIND)
        combo, lines = await combo_of(work, *given)
        said = {name: getattr(combo, name) for name in PROPOSED_OF_COMBO}
        work.add(GuestOrderCombo(**_keys(work, combo.id, guest_order_id), **said))
    else:
        given_line = (placed.item_id, placed.modifier_ids, quantity, placed.notes)
        lines = [await line_of(work, work.branch_id, order_id, work.ids.new(), *given_line, kind=_KIND)]
    price_minor = sum(_price_of(line) for line in lines)
    if wish.quoted_minor is not None and wish.quoted_minor != price_minor:
        prices = {"price_minor": price_minor, "quoted_minor": wish.quoted_minor}
        raise DomainError("GUEST_PRICE_CHANGED", item=item.name, **prices)
    for line in lines:
        said = {name: getattr(line, name) for name in (*PROPOSED_OF_LINE, "course")}
        said = {name: value for name, value in said.items() if value is not None}
        keys = _keys(work, line.id, guest_order_id)
        work.add(GuestOrderLine(**keys, cart_line_id=wish.cart_line_id, **said))
    return lines, price_minor


def _keys(work: Work, key: UUID, guest_order_id: UUID) -> dict[str, Any]:
    place = {"organization_id": work.organization_id, "branch_id": work.branch_id}
    return {**place, "id": key, "guest_order_id": guest_order_id}


def _price_of(line: OrderLine) -> int:
    deltas = [each["price_delta_minor"] for each in line.modifiers or ()]
    return gross_of(line.quantity_milli, unit_with_modifiers(line.unit_price_minor or 0, deltas))


async def _sealed_name(work: Work, guest_order_id: UUID, proposal: Proposal) -> bytes | None:
    name = _name_of(proposal.name, MAX_NAME_CHARACTERS)
    if not name:
        return None
    key = await key_of(work, work.branch_id, proposal.phone_id)
    return key.seal(FieldPlace(work.organization_id, GuestOrder.__tablename__, guest_order_id, "name"), name)


async def withdraw(work: Work, guest_order: GuestOrder) -> None:
    """Take an order back that nobody answered in time. If a device accepts it all the same, it is accepted.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.ORDER_AS_GUEST)
    guest_order.withdrawn = True


async def admit_by_guest(work: Work, order_id: UUID, phone_id: UUID, name: str = "") -> GuestLink:
    """Admit a phone in the name of one that belongs to the table: who sits together says who else does.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.ORDER_AS_GUEST)
    return await write_link(work, order_id, phone_id, name)


async def write_link(work: Work, order_id: UUID, phone_id: UUID, by: str = "") -> GuestLink:
    """Note that a phone belongs to a table's order; noted again it changes nothing."""
    key = link_id(order_id, phone_id)
    held = await work.session.get(GuestLink, (work.organization_id, key))
    if held is not None:
        return held
    same = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": key}
    link = GuestLink(**same, order_id=order_id, phone_id=phone_id, admitted_by=by, admitted_at=work.now, left=False)
    return work.add(link)


async def call(
    work: Work, request_id: UUID, kind: RequestKind, table_id: UUID, phone_id: UUID, order_id: UUID | None
) -> GuestRequest:
    """Ask for somebody to come. While one of its kind is open at the table, that is it.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (the table).
    """
    work.require(Permission.ORDER_AS_GUEST)
    table = await work.get(DiningTable, table_id)
    held = await _open_request(work, kind, table_id)
    if held is not None:
        return held
    same = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": request_id}
    where = {"order_id": order_id, "table_id": table.id, "table_name": table.name}
    return work.add(GuestRequest(**same, **where, phone_id=phone_id, kind=kind, asked_at=work.now))


async def _open_request(work: Work, kind: RequestKind, table_id: UUID) -> GuestRequest | None:
    since: datetime = work.now - timedelta(hours=12)
    found = await work.session.scalars(
        sa.select(GuestRequest)
        .where(
            GuestRequest.organization_id == work.organization_id,
            GuestRequest.branch_id == work.branch_id,
            GuestRequest.table_id == table_id,
            GuestRequest.kind == kind,
            GuestRequest.asked_at > since,
        )
        .order_by(GuestRequest.asked_at.desc(), GuestRequest.id)
        .limit(1)
    )
    newest = found.first()
    if newest is None:
        return None
    answer = (work.organization_id, request_answer_id(newest.id))
    return None if await work.session.get(GuestRequestAnswer, answer) is not None else newest
