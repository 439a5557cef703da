"""Whether the kitchen can know what this device told it: pure, from the state of cloud and printers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kitchen.queries import TicketState, TicketView
from terminal.link_state import Cloud
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desk import SentView
    from terminal.desk_state import DeskState
    from terminal.sale_documents import PrintPlan


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
