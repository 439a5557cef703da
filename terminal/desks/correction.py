"""Commands that correct an order: void, cancel, note, undo the last step. One unit of work each. No Textual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from shared.kernel.work import Work
from shared.orders.noting import note_order
from shared.orders.undoing import LineBefore, restore_lines
from terminal.desks.part import Run
from terminal.desks.pending_commands import PendingCommand
from terminal.papers import tasks
from terminal.papers.kitchen_papers import print_changes
from terminal.papers.tasks import PrintContext
from terminal.snapshots.sources import TICKETS


class CorrectionDesk:
    """See the module. Made by the desk.

    Args:
        pending: makes the id of a request before its command starts; see `terminal/desks/pending_commands.py`.
        printing: how this device prints: what was sent is called off in the kitchen on paper, too.
    """

    def __init__(
        self, run: Run, pending: Callable[..., PendingCommand], printing: Callable[[], PrintContext | None]
    ) -> None:
        self._run = run
        self._printing = printing
        self._pending = pending

    async def void_line(
        self, order_id: UUID, line_id: UUID, quantity_milli: int, reason: str, *, was_made: bool = False
    ) -> None:
        """Take sent portions of a line off the bill, for a reason.

        Raises:
            DomainError: those of `void_line`.
        """
        pending = self._pending("void", order_id, line_id, quantity_milli, reason, was_made)

        async def void(work: Work) -> None:
            given = (order_id, line_id, pending.id, quantity_milli, reason)
            await tasks.void_line(work, *given, self._printing(), was_made=was_made)

        await self._run(order_id, void, pending, also=(TICKETS,))

    async def cancel(self, order_id: UUID, reason: str = "", *, was_made: bool = False) -> None:
        """Cancel an order; with a reason if something was sent.

        Raises:
            DomainError: those of `cancel_order`.
        """

        async def cancel(work: Work) -> None:
            await tasks.cancel_order(work, order_id, reason, self._printing(), was_made=was_made)

        await self._run(order_id, cancel, also=(TICKETS,))

    async def note_order(self, order_id: UUID, notes: str) -> None:
        """Note something for the whole order, and print it where papers told the order without it.

        Raises:
            DomainError: those of `note_order`.
        """

        async def note(work: Work) -> None:
            await note_order(work, order_id, notes)
            if (printing := self._printing()) is not None:
                await print_changes(work, order_id, printing)

        await self._run(order_id, note, also=(TICKETS,))

    async def undo(self, order_id: UUID, lines: Mapping[UUID, LineBefore]) -> None:
        """Let lines be what they were before a step.

        Raises:
            DomainError: those of `restore_lines`.
        """
        await self._run(order_id, lambda work: restore_lines(work, lines), also=(TICKETS,))
