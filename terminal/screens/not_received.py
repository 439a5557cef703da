"""Tickets that should stand on a display of their station by now, and on none does: pure."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kitchen.ticket_views import TicketState, TicketView

if TYPE_CHECKING:
    from terminal.papers.print_plan import PrintPlan


def not_received(
    tickets: Iterable[TicketView], displays: Container[UUID], plan: PrintPlan, now: datetime, within: timedelta
) -> tuple[TicketView, ...]:
    """The tickets that should stand on a display by now (or be on paper), and are not: it is dead, or out of reach.

    One that was handed over is to be received anew, also if it was begun. Of a station whose paper is printed here
    the printer's own notice tells.

    Args:
        displays: the stations that have one.
    """
    return tuple(
        each
        for each in tickets
        if each.received_at is None
        and (each.state is TicketState.FIRED or each.own_station_id is not None)
        and each.station_id in displays
        and plan.kitchen_printer(each.station_id) is None
        and now - each.waits_since >= within
    )
