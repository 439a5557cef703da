"""What stands at the pass: each order with the part of every station, and what of it is made. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.books.views import OrderView
from shared.kitchen.station_views import StationView
from shared.kitchen.ticket_views import TicketLineView, TicketView
from shared.orders.records import OrderKind


@dataclass(frozen=True, slots=True)
class PassLine:
    """A dish at the pass. `is_ready`: its station has made it."""

    line: TicketLineView
    is_ready: bool


@dataclass(frozen=True, slots=True)
class PassPart:
    """What one station makes of an order. `station`: its name; empty: of no station."""

    station: str
    lines: tuple[PassLine, ...]

    @property
    def is_ready(self) -> bool:
        """Whether all of it is made."""
        return all(each.is_ready for each in self.lines)


@dataclass(frozen=True, slots=True)
class PassOrder:
    """An order of which something is told and not on the table.

    Attributes:
        since: when the oldest of it was sent.
        parts: by station, in the order of the house.
    """

    id: UUID
    number: str
    kind: OrderKind
    table_name: str
    server_name: str
    guests: int
    notes: str
    promised_at: datetime | None
    since: datetime
    parts: tuple[PassPart, ...]
    begun: bool = False
    is_later: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether all stations have made their part."""
        return all(part.is_ready for part in self.parts)

    @property
    def is_ready(self) -> bool:
        """Whether something can be handed over."""
        return any(line.is_ready for part in self.parts for line in part.lines)


def pass_orders(
    orders: Iterable[OrderView], tickets: Iterable[TicketView], stations: Sequence[StationView]
) -> tuple[PassOrder, ...]:
    """The orders at the pass, those that wait longest first.

    Args:
        tickets: open ones, and those that were bumped last.
    """
    of_order: defaultdict[UUID, list[TicketView]] = defaultdict(list)
    for ticket in tickets:
        of_order[ticket.order_id].append(ticket)
    found = [_pass(order, of_order[order.id], stations) for order in orders]
    return tuple(sorted(filter(None, found), key=lambda order: (order.is_later, order.since, order.id)))


def _pass(order: OrderView, tickets: Sequence[TicketView], stations: Sequence[StationView]) -> PassOrder | None:
    unserved = {line.root_id for line in order.lines if line.unserved_milli}
    if not unserved:
        return None
    by_station: defaultdict[UUID, list[PassLine]] = defaultdict(list)
    seen, asked = set[UUID](), list[TicketView]()
    for ticket in sorted(tickets, key=lambda each: each.waits_since):
        lines = [line for line in ticket.lines if line.root_id in unserved and line.quantity_milli and not line.comes]
        seen.update(line.root_id for line in ticket.lines)
        if lines:
            asked.append(ticket)
            by_station[ticket.station_id] += [PassLine(line, not line.to_make_milli) for line in lines]
    names = {station.id: station.name for station in stations}
    parts = [PassPart(names[each], tuple(by_station[each])) for each in names if each in by_station]
    parts += [PassPart("", tuple(lines)) for each, lines in by_station.items() if each not in names]
    of_nobody = tuple(
        PassLine(_as_it_is(line.id, line.root_id, line.item_name, line.unserved_milli, line.unit), is_ready=True)
        for line in order.lines
        if line.unserved_milli and line.root_id not in seen and line.made_milli > line.served_milli
    )
    parts += [PassPart("", of_nobody)] if of_nobody else []
    if not parts:
        return None
    return PassOrder(
        id=order.id,
        number=order.number,
        kind=order.kind,
        table_name=order.table_name,
        server_name=order.server_name,
        guests=order.guests,
        notes=order.notes,
        promised_at=order.promised_at,
        since=min((each.waits_since for each in asked), default=order.opened_at),
        parts=tuple(parts),
        begun=any(each.begun for each in asked),
        is_later=bool(asked) and all(each.is_later for each in asked),
    )


def _as_it_is(line_id: UUID, root_id: UUID, name: str, quantity_milli: int, unit: str) -> TicketLineView:
    """What no station makes."""
    return TicketLineView(line_id, root_id, name, quantity_milli, 0, 0, (), "", unit=unit)
