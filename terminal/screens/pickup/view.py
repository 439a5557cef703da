"""Which numbers guests see, and how they are laid out: pure. Numbers alone, no names, and nothing of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.books.views import OrderView
from shared.kitchen.ticket_views import TicketView
from shared.orders.records import OrderKind
from terminal.wall.kitchen_wall import BEGIN_BEFORE

READY_FOR = timedelta(minutes=30)
"""A number that nobody fetched by then leaves: the screen is for those who wait."""
PREPARING_FOR = timedelta(hours=4)
"""What is older was never finished at a display, and nobody waits for it."""
JUST_NOW = timedelta(seconds=30)
"""So long a number that has become ready stands out."""


@dataclass(frozen=True, slots=True)
class PickupView:
    """The numbers: those that are being prepared, the oldest first, and those that are ready, the newest first.

    Attributes:
        new: which of the ready ones stand out.
    """

    preparing: tuple[str, ...]
    ready: tuple[str, ...]
    new: frozenset[str]


class ReadySince:
    """Since when each order is ready, by the clock of the device that shows it: a display's clock may be hours off.

    What was ready when the screen began is as old as the display says.
    """

    def __init__(self) -> None:
        self._known: dict[UUID, datetime] | None = None

    def of(self, orders: Iterable[OrderView], bumped: Iterable[TicketView], now: datetime) -> Mapping[UUID, datetime]:
        """The orders that are ready now."""
        ready = [order for order in orders if _waits(order) and not order.is_cooking]
        if self._known is None:
            ended = {ticket.order_id: ticket.bumped_at for ticket in reversed(tuple(bumped))}
            self._known = {order.id: min(now, ended.get(order.id) or order.opened_at) for order in ready}
        self._known = {order.id: self._known.get(order.id, now) for order in ready}
        return self._known


def pickup_view(orders: Iterable[OrderView], ready_since: Mapping[UUID, datetime], now: datetime) -> PickupView:
    """The numbers of the orders that are fetched at the counter. What was handed over is gone."""
    waiting = [order for order in orders if _waits(order)]
    preparing = [order for order in waiting if order.is_cooking and timedelta() <= now - _begins(order) < PREPARING_FOR]
    ready = [
        (ready_since[order.id], order.number)
        for order in waiting
        if order.id in ready_since and now - ready_since[order.id] < READY_FOR
    ]
    newest_first = sorted(ready, reverse=True)
    return PickupView(
        tuple(order.number for order in sorted(preparing, key=lambda order: (_begins(order), order.number))),
        tuple(number for _at, number in newest_first),
        frozenset(number for at, number in newest_first if now - at < JUST_NOW),
    )


def _begins(order: OrderView) -> datetime:
    """From when on an order is made: an order for later is not being prepared yet."""
    if order.promised_at is None:
        return order.opened_at
    return max(order.opened_at, order.promised_at - BEGIN_BEFORE)


def _waits(order: OrderView) -> bool:
    """Whether a guest waits at the counter for what was sent."""
    is_fetched = order.kind is OrderKind.TAKEOUT and order.table_id is None
    return is_fetched and bool(order.unserved) and not order.has_left


def page_of(numbers: Sequence[str], room: int, turn: int) -> tuple[Sequence[str], int]:
    """The numbers on view at a turn of the pages, and how many are not on view."""
    if len(numbers) <= room:
        return numbers, 0
    pages = -(-len(numbers) // max(1, room))
    begin = turn % pages * room
    shown = numbers[begin : begin + room]
    return shown, len(numbers) - len(shown)


def is_news(before: PickupView | None, after: PickupView) -> bool:
    """Whether a number has become ready since; not for what was ready when the screen began."""
    return before is not None and bool(set(after.ready) - set(before.ready))


Words = Mapping[str, str]
"""The headings of the two columns, and what stands where there are no numbers."""
