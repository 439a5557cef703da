"""How far guests' orders are, for those who serve and for the guests: read off what was written, no row says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.guests.records import (
    AnswerStatus,
    Asks,
    GuestAnswer,
    GuestOrder,
    GuestOrderLine,
    GuestRequest,
    GuestRequestAnswer,
    RequestKind,
)
from shared.kernel.sealed import NAME_BYTES, UNWRAPPED, FieldPlace, KeyWrapping, SealBroken, keys_named
from shared.kitchen.records import KitchenEvent, KitchenEventKind, TicketLine
from shared.orders.rules import gross_of, unit_with_modifiers

Reader = AsyncConnection | AsyncSession
SHOWN_FOR = timedelta(hours=12)
"""What was placed before then was of another evening."""
MOST_SHOWN = 100


class GuestOrderState(StrEnum):
    """How far a guest's order is, as the branch has answered it."""

    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    ACCEPTED = "accepted"


class DishState(StrEnum):
    """How far a dish of a guest is. `WAITING`: it is ordered, and nothing has confirmed that the kitchen has it."""

    WAITING = "waiting"
    RECEIVED = "received"
    PREPARING = "preparing"
    READY = "ready"
    SERVED = "served"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class GuestLineView:
    """A line of a guest's order.

    Attributes:
        modifiers: their names.
        total_minor: of all of it, as it was ordered.
        state: how far it is; None while the order is not accepted.
    """

    id: UUID
    cart_line_id: UUID
    item_id: UUID
    item_name: str
    quantity_milli: int
    modifiers: tuple[str, ...]
    notes: str
    combo_name: str
    total_minor: int
    state: DishState | None = None


@dataclass(frozen=True, slots=True)
class GuestOrderView:
    """A guest's order as staff and guests read it.

    Attributes:
        phone_id: who ordered; `name` as they call themselves, empty: they did not say, or were forgotten.
        is_withdrawn: whether the cloud took it back, also if it was accepted all the same.
        reason: of a refusal.
    """

    id: UUID
    order_id: UUID
    table_id: UUID
    table_name: str
    phone_id: UUID
    name: str
    asks: Asks
    placed_at: datetime
    deadline_at: datetime
    state: GuestOrderState
    is_withdrawn: bool
    reason: str
    answered_by: str
    lines: tuple[GuestLineView, ...] = field(default=())

    def __repr__(self) -> str:
        return f"GuestOrderView({self.id}, {self.state})"  # no log line may hold a guest's name

    @property
    def total_minor(self) -> int:
        """What it comes to, as it was ordered."""
        return sum(line.total_minor for line in self.lines)

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it. A withdrawn one may still be accepted, and is told so."""
        return self.state is GuestOrderState.PLACED


@dataclass(frozen=True, slots=True)
class RequestView:
    """A guest who asked for somebody."""

    id: UUID
    order_id: UUID | None
    table_id: UUID
    table_name: str
    kind: RequestKind
    asked_at: datetime


async def waiting_for_staff(
    reader: Reader, organization_id: UUID, branch_id: UUID, now: datetime, wrapping: KeyWrapping = UNWRAPPED
) -> list[GuestOrderView]:
    """The orders of guests that nobody has answered yet, the oldest first; three statements, none without any.

    Where there are too many, those that the cloud took back are left out first, then those of strangers.
    """
    given = {"organization": organization_id, "branch": branch_id, "since": now - SHOWN_FOR}
    rows = sorted((await reader.execute(_unanswered(), given)).all(), key=lambda row: (row.placed_at, row.id))
    return await _views(reader, organization_id, rows, wrapping)


async def orders_of_session(
    reader: Reader, organization_id: UUID, orders: Collection[UUID], wrapping: KeyWrapping = UNWRAPPED
) -> list[GuestOrderView]:
    """All that guests ordered with their phones on some orders of a table, in order, with how far each dish is."""
    rows = (await reader.execute(_of_orders(), {"organization": organization_id, "orders": sorted(orders)})).all()
    return await _views(reader, organization_id, rows, wrapping, with_progress=True)


async def orders_of_phone(
    reader: Reader,
    organization_id: UUID,
    branch_id: UUID,
    phone_id: UUID,
    now: datetime,
    wrapping: KeyWrapping = UNWRAPPED,
) -> list[GuestOrderView]:
    """What one phone ordered of late, in order, with how far each dish is."""
    given = {"organization": organization_id, "phone": phone_id, "since": now - SHOWN_FOR, "branch": branch_id}
    rows = (await reader.execute(_of_phone(), given)).all()
    return await _views(reader, organization_id, rows, wrapping, with_progress=True)


async def open_requests(reader: Reader, organization_id: UUID, branch_id: UUID, now: datetime) -> list[RequestView]:
    """The guests who asked for somebody, to whom nobody goes yet, the oldest first; one statement."""
    given = {"organization": organization_id, "branch": branch_id, "since": now - SHOWN_FOR}
    rows = (await reader.execute(_requests(), given)).all()
    return [RequestView(**row._mapping) for row in rows]


async def _views(
    reader: Reader,
    organization_id: UUID,
    rows: Sequence[Any],
    wrapping: KeyWrapping,
    *,
    with_progress: bool = False,
) -> list[GuestOrderView]:
    if not rows:
        return []
    ids = sorted(row.id for row in rows)
    lines: dict[UUID, list[Any]] = {}
    for line in await reader.execute(_lines(), {"organization": organization_id, "ids": ids}):
        lines.setdefault(line.guest_order_id, []).append(line)
    keys = await keys_named(reader, organization_id, [row.name for row in rows], wrapping)
    states: Mapping[UUID, DishState] = {}
    if with_progress:
        states = await _progress(reader, organization_id, (line.id for some in lines.values() for line in some))
    return [_view(row, lines.get(row.id, ()), _name(organization_id, row, keys), states) for row in rows]


def _name(organization_id: UUID, row: Any, keys: Mapping[bytes, Any]) -> str:
    key = keys.get(bytes(row.name)[:NAME_BYTES]) if row.name is not None else None
    if key is None:
        return ""
    try:
        opened: str = key.open(FieldPlace(organization_id, GuestOrder.__tablename__, row.id, "name"), bytes(row.name))
    except SealBroken:
        return ""
    return opened


def _view(row: Any, lines: Iterable[Any], name: str, states: Mapping[UUID, DishState]) -> GuestOrderView:
    state = GuestOrderState.WITHDRAWN if row.withdrawn else GuestOrderState.PLACED
    if row.status is not None:
        is_accepted = row.status.status is AnswerStatus.ACCEPTED
        state = GuestOrderState.ACCEPTED if is_accepted else GuestOrderState.REFUSED
    is_accepted = state is GuestOrderState.ACCEPTED
    return GuestOrderView(
        row.id,
        row.order_id,
        row.table_id,
        row.table_name,
        row.subject_id,
        name,
        row.asks,
        row.placed_at,
        row.deadline_at,
        state,
        bool(row.withdrawn),
        row.reason or "",
        row.answered_by or "",
        tuple(_line(line, states.get(line.id, DishState.WAITING) if is_accepted else None) for line in lines),
    )


def _line(row: Any, state: DishState | None) -> GuestLineView:
    unit = unit_with_modifiers(row.unit_price_minor, [each["price_delta_minor"] for each in row.modifiers])
    return GuestLineView(
        row.id,
        row.cart_line_id,
        row.item_id,
        row.item_name,
        row.quantity_milli,
        tuple(str(each["name"]) for each in row.modifiers),
        row.notes,
        row.combo_name,
        gross_of(row.quantity_milli, unit),
        state,
    )


async def _progress(reader: Reader, organization_id: UUID, lines: Iterable[UUID]) -> Mapping[UUID, DishState]:
    """How far each line is in the kitchen; two statements."""
    given = {"organization": organization_id, "roots": sorted(lines)}
    rows = (await reader.execute(_told(), given)).all()
    tickets = sorted({row.ticket_id for row in rows if row.ticket_id is not None})
    events: dict[UUID, set[KitchenEventKind]] = {}
    if tickets:
        for event in await reader.execute(_events(), {"organization": organization_id, "tickets": tickets}):
            events.setdefault(event.ticket_id, set()).add(event.kind)
    by_root: dict[UUID, list[Any]] = {}
    for row in rows:
        by_root.setdefault(row.root_id, []).append(row)
    return {root: _state_of(some, events) for root, some in by_root.items()}


def _state_of(rows: Sequence[Any], events: Mapping[UUID, set[KitchenEventKind]]) -> DishState:
    """How far a line is, of all that the kitchen was told of it: as far as its slowest station."""
    first = [row for row in rows if row.also_of_id is None] or list(rows)
    wanted = sum(row.told_milli - row.back_milli for row in first)
    if wanted <= 0:
        return DishState.CANCELLED
    if sum(row.served_milli - row.returned_milli for row in first) >= wanted:
        return DishState.SERVED
    if all(row.made.total - row.wasted_milli >= row.told_milli - row.back_milli for row in rows):
        return DishState.READY
    said = {kind for row in rows for kind in events.get(row.ticket_id, ())}
    if any(row.made.total for row in rows) or KitchenEventKind.STARTED in said:
        return DishState.PREPARING
    no_station = all(row.ticket_id is None for row in rows)
    return DishState.RECEIVED if no_station or KitchenEventKind.RECEIVED in said else DishState.WAITING


def _orders() -> sa.Select[Any]:
    of, answer = GuestOrder.__table__.c, GuestAnswer.__table__.c
    same = sa.and_(answer.organization_id == of.organization_id, answer.guest_order_id == of.id)
    return (
        sa.select(
            of.id,
            of.order_id,
            of.table_id,
            of.table_name,
            of.subject_id,
            of.name,
            of.asks,
            of.placed_at,
            of.deadline_at,
            of.withdrawn,
            answer.status,
            answer.reason,
            answer.answered_by,
        )
        .select_from(GuestOrder.__table__)
        .outerjoin(GuestAnswer.__table__, same)
        .where(of.organization_id == sa.bindparam("organization"))
        .order_by(of.placed_at, of.id)
    )


@cache
def _unanswered() -> sa.Select[Any]:
    of, answer = GuestOrder.__table__.c, GuestAnswer.__table__.c
    placed = (of.branch_id == sa.bindparam("branch"), of.placed_at > sa.bindparam("since"))
    first = (of.withdrawn, of.asks == Asks.FIRST, of.placed_at, of.id)
    return _orders().where(*placed, answer.id.is_(None)).order_by(None).order_by(*first).limit(MOST_SHOWN)


@cache
def _of_orders() -> sa.Select[Any]:
    of = GuestOrder.__table__.c
    return _orders().where(of.order_id.in_(sa.bindparam("orders", expanding=True)))


@cache
def _of_phone() -> sa.Select[Any]:
    of = GuestOrder.__table__.c
    return _orders().where(
        of.subject_id == sa.bindparam("phone"),
        of.branch_id == sa.bindparam("branch"),
        of.placed_at > sa.bindparam("since"),
    )


@cache
def _lines() -> sa.Select[Any]:
    of = GuestOrderLine.__table__.c
    return (
        sa.select(GuestOrderLine.__table__)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.guest_order_id.in_(sa.bindparam("ids", expanding=True)),
        )
        .order_by(of.id)
    )


@cache
def _told() -> sa.Select[Any]:
    of = TicketLine.__table__.c
    return sa.select(
        of.root_id,
        of.ticket_id,
        of.also_of_id,
        of.told_milli,
        of.back_milli,
        of.wasted_milli,
        of.made,
        of.served_milli,
        of.returned_milli,
    ).where(of.organization_id == sa.bindparam("organization"), of.root_id.in_(sa.bindparam("roots", expanding=True)))


@cache
def _events() -> sa.Select[Any]:
    of = KitchenEvent.__table__.c
    return sa.select(of.ticket_id, of.kind).where(
        of.organization_id == sa.bindparam("organization"),
        of.ticket_id.in_(sa.bindparam("tickets", expanding=True)),
    )


@cache
def _requests() -> sa.Select[Any]:
    of, answer = GuestRequest.__table__.c, GuestRequestAnswer.__table__.c
    same = sa.and_(answer.organization_id == of.organization_id, answer.request_id == of.id)
    return (
        sa.select(of.id, of.order_id, of.table_id, of.table_name, of.kind, of.asked_at)
        .select_from(GuestRequest.__table__)
        .outerjoin(GuestRequestAnswer.__table__, same)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id == sa.bindparam("branch"),
            of.asked_at > sa.bindparam("since"),
            answer.id.is_(None),  # here, since those who were answered would fill the list of an evening
        )
        .order_by(of.asked_at, of.id)
        .limit(MOST_SHOWN)
    )
