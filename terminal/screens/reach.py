"""What the kitchen can know of what it was told, and what it may have done about it: pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from shared.kitchen.ticket_views import TicketState, TicketView
from terminal.syncing.link_state import Cloud
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.books.views import LineView
    from shared.menu.rules import Menu
    from terminal.desks.desk import SentView
    from terminal.papers.print_plan import PrintPlan
    from terminal.snapshots.state import DeskState


NOT_GONE_OUT = "order.sent_not_gone_out"
"""Key of the sentence for a sending that no other device hears of yet."""


def sent_words(sent: SentView, state: DeskState) -> tuple[str, Tone]:
    """Key of the sentence after a sending, and its tone: no more is said than this device knows."""
    if not sent.tickets:
        return "order.sent_without_ticket", Tone.READY
    if sent.printers:
        troubled = {printer.printer for printer in state.prints.health.troubled}
        return ("order.sent_not_printed", Tone.WARN) if troubled & sent.printers else ("order.sent", Tone.READY)
    return ("order.sent", Tone.READY) if state.cloud == Cloud.ONLINE else (NOT_GONE_OUT, Tone.WARN)


def not_gone_out(tickets: Iterable[TicketView], state: DeskState, plan: PrintPlan) -> frozenset[UUID]:
    """The orders whose tickets only this device knows: no cloud since they were made, and no printer of its own."""
    since = state.oldest_pending
    if state.cloud == Cloud.ONLINE or since is None:
        return frozenset()
    return frozenset(
        ticket.order_id
        for ticket in tickets
        if ticket.state is TicketState.FIRED
        and ticket.fired_at >= since
        and plan.kitchen_printer(ticket.station_id) is None
    )


class Watching(Protocol):
    """The parts of the desk that say how far the kitchen is."""

    @property
    def tickets(self) -> tuple[TicketView, ...]:
        """The open tickets."""
        ...

    @property
    def menu(self) -> Menu:
        """The menu, which knows the stations."""
        ...

    @property
    def plan(self) -> PrintPlan:
        """Which station prints where."""
        ...


def may_have_begun(line: LineView, desk: Watching) -> bool:
    """Whether the kitchen may have begun to make a line: it says so, or it cooks from paper, and says nothing.

    What no station makes is begun once it is on the table.
    """
    item = desk.menu.items.get(line.item_id)
    station_id = item.station_id if item is not None else None
    if line.served_milli or (line.made_milli and (item is None or station_id is not None)):
        return True
    if station_id is not None and desk.plan.cooks_from_paper(station_id):
        return True
    return any(ticket.begun and any(each.root_id == line.root_id for each in ticket.lines) for ticket in desk.tickets)
