"""Desks on paper whose kitchen has something to do."""

from __future__ import annotations

from dataclasses import replace

from shared.kernel.quantity import ONE
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from tests.terminal.screens.paper_desk import PaperDesk


def two_tickets() -> PaperDesk:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "2*lom", "sent", ago=9)
    desk.order(OrderKind.DINE_IN, 8, "cau", "pis", "sent", ago=2)
    return desk


def one_taken_back() -> PaperDesk:
    """Of two dishes of the older ticket one is not wanted any more."""
    desk = two_tickets()
    first, *others = desk.tickets
    line = replace(first.lines[0], quantity_milli=ONE, to_make_milli=ONE, withdrawn_milli=ONE)
    desk.tickets = (replace(first, state=TicketState.CHANGED, lines=(line,)), *others)
    return desk


def many_tickets(count: int = 12) -> PaperDesk:
    desk = PaperDesk()
    for at in range(count):
        desk.order(OrderKind.DINE_IN, at % 9 + 1, "2*lom", "cau", "sent", ago=30 - at)
    return desk
