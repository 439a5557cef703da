"""What stands at the pass: each order with the part of every station, and what of it is made. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.books.views import LineView, OrderView
from shared.kitchen.station_views import StationView
from shared.kitchen.ticket_views import TicketLineView, TicketView
from shared.orders.records import OrderKind
from terminal.wall.made import MadeDish


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
        is_ready: whether something can be handed over: all its stations have made it.
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
    is_ready: bool
    begun: bool = False
    rushed: bool = False
    is_later: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether all stations have made their part."""
        return all(part.is_ready for part in self.parts)


def pass_orders(
    orders: Iterable[OrderView],
    tickets: Iterable[TicketView],
    stations: Sequence[StationView],
    made: Mapping[UUID, MadeDish],
) -> tuple[PassOrder, ...]:
    """The orders at the pass: a rush first, then those that wait longest.

    Args:
        tickets: open ones, and those that were bumped last: they say most of a dish.
        made: what stations have made, until it is served, however long ago.
    """
    of_order: defaultdict[UUID, list[TicketView]] = defaultdict(list)
    for ticket in tickets:
        of_order[ticket.order_id].append(ticket)
    found = [_pass(order, of_order[order.id], stations, made) for order in orders]
    return tuple(
        sorted(filter(None, found), key=lambda order: (not order.rushed, order.is_later, order.since, order.id))
    )


def _pass(
    order: OrderView,
    tickets: Sequence[TicketView],
    stations: Sequence[StationView],
    made: Mapping[UUID, MadeDish],
) -> PassOrder | None:
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
    ready = [line for line in order.lines if line.unserved_milli and line.made_milli > line.served_milli]
    of_nobody = []
    for line in ready:
        if line.root_id in seen:
            continue
        at_pass = PassLine(_made(line), is_ready=True)
        for station in made[line.root_id].stations if line.root_id in made else ():
            by_station[station].append(at_pass)
        if line.root_id not in made:
            of_nobody.append(at_pass)
    names = {station.id: station.name for station in stations}
    parts = [PassPart(names[each], tuple(by_station[each])) for each in names if each in by_station]
    parts += [PassPart("", tuple(lines)) for each, lines in by_station.items() if each not in names]
    parts += [PassPart("", tuple(of_nobody))] if of_nobody else []
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
        is_ready=bool(ready),
        begun=any(each.begun for each in asked),
        rushed=any(each.rushed for each in asked),
        is_later=bool(asked) and all(each.is_later for each in asked),
    )


def _made(line: LineView) -> TicketLineView:
    """A dish as its order says it: no station makes it, or it was made so long ago that its ticket is history here."""
    names = tuple(name for name, _price in line.modifiers)
    additions = tuple(name for name, price in line.modifiers if price > 0)
    return TicketLineView(
        line.id,
        line.root_id,
        line.item_name,
        line.unserved_milli,
        0,
        0,
        names,
        line.notes,
        additions=additions,
        unit=line.unit,
    )
