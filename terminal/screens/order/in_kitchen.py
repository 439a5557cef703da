"""How far the kitchen is with what it was told of an order: pure, from the tickets that this device knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from shared.books.views import OrderView
from shared.kitchen.ticket_views import TicketView
from terminal.widgets.check_lines import LineState

_RANK = {LineState.SENT: 0, LineState.RECEIVED: 1, LineState.STARTED: 2}
_OF_ORDER = {LineState.STARTED: 0, LineState.SENT: 1, LineState.RECEIVED: 2}
"""Which of the states of its tickets an order shows: the first."""


def being_made(tickets: Iterable[TicketView], orders: Mapping[UUID, OrderView]) -> Mapping[UUID, LineState]:
    """The orders that a station still makes something of, and how far that is.

    Started, once somebody began something of it; received, once all of it stands before somebody; until then sent.

    Not of those that are served, since a kitchen that cooks from paper bumps nothing; unless the ticket came back.
    """
    end = ends_of(orders)
    found: dict[UUID, LineState] = {}
    for ticket in tickets:
        order_id = end.get(ticket.order_id, ticket.order_id)
        if any(line.to_make_milli for line in ticket.lines) and (
            ticket.recalled or order_id not in orders or not orders[order_id].served
        ):
            state = _state_of(ticket)
            found[order_id] = min(state, found.get(order_id, state), key=lambda each: _OF_ORDER[each])
    return found


def ends_of(orders: Mapping[UUID, OrderView]) -> Mapping[UUID, UUID]:
    """By the id of each order that joined another one: that one, which shows what is made of both."""
    return {party.id: order.id for order in orders.values() for party in order.joined}


def reach_of(tickets: Iterable[TicketView], order_ids: Collection[UUID]) -> Mapping[UUID, LineState]:
    """How far what is being made of some orders is, by the root of the line: sent, received, or started.

    Of what several stations make, the least of them.
    """
    found: dict[UUID, LineState] = {}
    for ticket in tickets:
        if ticket.order_id not in order_ids:
            continue
        state = _state_of(ticket)
        for line in ticket.lines:
            if line.to_make_milli:
                found[line.root_id] = min(state, found.get(line.root_id, state), key=lambda each: _RANK[each])
    return found


def _state_of(ticket: TicketView) -> LineState:
    if ticket.begun:
        return LineState.STARTED
    return LineState.SENT if ticket.received_at is None else LineState.RECEIVED
