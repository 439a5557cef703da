"""Tickets that should stand on a display of their station by now, and on none does: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.kitchen.ticket_views import TicketState, TicketView

if TYPE_CHECKING:
    from terminal.papers.print_plan import PrintPlan

DISPLAY_IS_KNOWN = timedelta(hours=12)
"""A station has a display if one received something within this."""


def not_received(
    tickets: Iterable[TicketView], bumped: Iterable[TicketView], plan: PrintPlan, now: datetime, within: timedelta
) -> tuple[TicketView, ...]:
    """The tickets that should stand on a display by now (or be on paper), and are not: it is dead, or out of reach.

    Only of stations that received something today, and whose paper is not printed here: of that the printer's own
    notice tells.
    """
    opened = tuple(tickets)
    with_display = {
        each.station_id
        for each in (*opened, *bumped)
        if each.received_at is not None and abs(now - each.received_at) < DISPLAY_IS_KNOWN
    }
    return tuple(
        each
        for each in opened
        if each.received_at is None
        and each.state is TicketState.FIRED
        and each.station_id in with_display
        and plan.kitchen_printer(each.station_id) is None
        and now - each.waits_since >= within
    )
