"""Result of a sending, as screens say it. No Textual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.kitchen.courses import HeldCourse

if TYPE_CHECKING:
    from shared.kitchen.sending import Sent
    from terminal.papers.print_plan import PrintPlan


@dataclass(frozen=True, slots=True)
class SentView:
    """Result of a sending: how many tickets have something new, and how many portions were new in all.

    Attributes:
        printers: those of this device that print all of it; empty if any of it is on no paper.
        held: what waits for its course afterwards.
    """

    tickets: int
    portions_milli: int
    printers: frozenset[str] = frozenset()
    held: tuple[HeldCourse, ...] = ()

    @classmethod
    def of(cls, sent: Sent, plan: PrintPlan) -> SentView:
        """A plain value, made before the commit."""
        printers = {plan.kitchen_printer(ticket.station_id) for ticket in sent.tickets.values()}
        on_paper = frozenset(printer for printer in printers if printer is not None)
        return cls(len(sent.tickets), sent.portions_milli, frozenset() if None in printers else on_paper, sent.held)
