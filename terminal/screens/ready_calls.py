"""What the kitchen has made and nobody has served yet: pure, from orders and tickets. Serving it ends the call."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from shared.menu.weights import measure_text

if TYPE_CHECKING:
    from shared.books.views import LineView, OrderView
    from shared.kitchen.ticket_views import TicketView
    from shared.orders.records import OrderKind

Made = tuple[UUID, int]
"""A line, and the portions of it that were made so far: more of them are another call."""


class ReadyCall(NamedTuple):
    """An order of which something waits to be served.

    Attributes:
        opened_by: the person whose table it is.
        dishes: what waits, each with its quantity.
        since: when the last of it was made, if that is known here.
        made: tells what was called already.
    """

    order_id: UUID
    number: str
    kind: OrderKind
    table_name: str
    opened_by: UUID | None
    dishes: tuple[str, ...]
    since: datetime | None
    made: frozenset[Made]


def ready_calls(
    orders: Iterable[OrderView], tickets: Iterable[TicketView], bumped: Iterable[TicketView]
) -> tuple[ReadyCall, ...]:
    """The orders of which a station has made something that is not on the table, the longest waiting first.

    Args:
        tickets: those that are open, of which single lines may be made.
        bumped: those that were made.
    """
    waiting = [(order, lines) for order in orders if (lines := _made_and_unserved(order))]
    if not waiting:
        return ()
    by_station: dict[UUID, datetime | None] = {}
    for ticket in (*tickets, *bumped):
        by_station |= {
            line.root_id: ticket.bumped_at for line in ticket.lines if line.quantity_milli and not line.to_make_milli
        }
    calls = []
    for order, lines in waiting:
        cooked = [line for line in lines if line.root_id in by_station]
        if not cooked:
            continue
        known = [at for line in cooked if (at := by_station[line.root_id]) is not None]
        calls.append(
            ReadyCall(
                order.id,
                order.number,
                order.kind,
                order.table_name,
                order.opened_by,
                tuple(map(_dish, cooked)),
                max(known, default=None),
                frozenset((line.id, line.made_milli) for line in cooked),
            )
        )
    return tuple(sorted(calls, key=_waits))


def called_orders(
    orders: Iterable[OrderView], tickets: Iterable[TicketView], bumped: Iterable[TicketView]
) -> frozenset[UUID]:
    """The orders of `ready_calls`."""
    return frozenset(call.order_id for call in ready_calls(orders, tickets, bumped))


def _waits(call: ReadyCall) -> tuple[float, str]:
    return (call.since.timestamp() if call.since is not None else math.inf, call.number)


def _dish(line: LineView) -> str:
    return f"{measure_text(line.made_milli - line.served_milli, line.unit)} {line.item_name}"


def _made_and_unserved(order: OrderView) -> list[LineView]:
    return [line for line in order.lines if line.is_told and line.made_milli > line.served_milli]
