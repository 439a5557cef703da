"""The commands that end exceptions, one unit of work each. No Textual.

Each reads anew what there is to end: what another device ended meanwhile is ended once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from uuid import UUID

from shared.books.settling import settle_exception
from shared.books.views import LineView
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.orders import commands as orders
from shared.orders import correcting
from shared.payments import charging, refunding
from shared.payments.commands import join_orders
from shared.payments.losses import write_off
from shared.payments.queries import MethodView
from shared.payments.way_back import PayBack
from terminal.desks.part import Run
from terminal.desks.pending_commands import PendingCommand
from terminal.snapshots.sources import EXCEPTIONS


class ExceptionDesk:
    """See the module. Made by the desk.

    Args:
        pending: makes the id of a request before its command starts; see `terminal/desks/pending_commands.py`.
        cooks_from_paper: see `CorrectionDesk`.
    """

    def __init__(
        self, run: Run, pending: Callable[..., PendingCommand], cooks_from_paper: Callable[[UUID], bool]
    ) -> None:
        self._run = run
        self._cooks_from_paper = cooks_from_paper
        self._pending = pending

    async def settle(self, exception_id: UUID, note: str) -> None:
        """Settle an exception of its present size with a note.

        Raises:
            DomainError: those of `settle_exception`.
        """

        async def settle(work: Work) -> None:
            await settle_exception(work, exception_id, note)

        await self._do(settle, "settle", exception_id, note)

    async def give_back(self, check_id: UUID, method: MethodView | None) -> int:
        """Give back what came in too much for a check. Returns how much, in minor units, as cash is rounded.

        Args:
            method: None: as it was paid.

        Raises:
            DomainError: those of `give_back`.
        """
        pending = self._pending("give_back", check_id, method and method.id)
        by = PayBack(method.id, method.name, method.kind) if method is not None else None

        async def give(work: Work) -> int:
            return (await refunding.give_back(work, check_id, pending.id, by)).refund.paid_minor

        return await self._run(None, give, pending, also=(EXCEPTIONS,))

    async def charge(self, check_id: UUID, method: MethodView) -> int:
        """Take what a check was charged too little. Returns how much, in minor units, as cash is rounded.

        Raises:
            DomainError: those of `charge`.
        """
        pending = self._pending("charge", check_id, method.id)
        by = PayBack(method.id, method.name, method.kind)

        async def charge(work: Work) -> int:
            paid = await charging.charge(work, check_id, pending.id, by)
            return sum(payment.amount_minor for payment in paid.payments)

        return await self._run(None, charge, pending, also=(EXCEPTIONS,))

    async def write_off(self, check_id: UUID) -> int:
        """Write off what nobody will bring. Returns how much, in minor units.

        Raises:
            DomainError: those of `write_off`.
        """
        pending = self._pending("write_off", check_id)

        async def lose(work: Work) -> int:
            return (await write_off(work, check_id)).amount_minor

        return await self._run(None, lose, pending, also=(EXCEPTIONS,))

    async def lift_voids(self, void_ids: Sequence[UUID]) -> None:
        """Put what was taken off on the bill again.

        Raises:
            DomainError: those of `lift_void`.
        """

        async def lift(work: Work) -> None:
            for void_id in void_ids:
                await correcting.lift_void(work, void_id)

        await self._do(lift, "lift", *void_ids)

    async def void_lines(self, lines: Sequence[LineView], reason: str) -> None:
        """Void what is owed of these lines; what the kitchen never heard of is removed.

        Raises:
            DomainError: those of `void_line` and `remove_line`.
        """

        async def void(work: Work) -> None:
            for line in lines:
                if line.is_told:
                    given = (line.id, work.ids.new(), line.owed_milli, reason)
                    await correcting.void_line(work, *given, cooks_from_paper=self._cooks_from_paper)
                else:
                    await orders.remove_line(work, line.id)

        await self._do(void, "void", *(line.id for line in lines))

    async def confirm(self, ticket_ids: Sequence[UUID]) -> None:
        """Note for the kitchen what was taken back on some tickets.

        Raises:
            DomainError: those of `confirm`.
        """

        async def confirm(work: Work) -> None:
            for ticket_id in ticket_ids:
                await kitchen.confirm(work, ticket_id)

        await self._do(confirm, "confirm", *ticket_ids)

    async def join(self, order_ids: Sequence[UUID]) -> None:
        """Put some orders together, at the table of the first of them.

        Raises:
            DomainError: those of `join_orders`.
        """

        async def join(work: Work) -> None:
            joined = order_ids[0]
            for order_id in order_ids[1:]:
                joined = await join_orders(work, order_id, joined)

        await self._do(join, "join", *order_ids)

    async def _do(self, command: Callable[[Work], Awaitable[None]], *request: Hashable) -> None:
        await self._run(None, command, self._pending(*request), also=(EXCEPTIONS,))
