"""How the desk runs a command: for whom, once, approved by whom, and what the snapshots show afterwards. No Textual."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.printers.settings import PrinterSettings
from shared.staff.approving import let_approve
from shared.staff.commands import take_up_rights
from shared.staff.rules import DISMISSED
from terminal.desks.approval import ApprovalDesk
from terminal.desks.pending_commands import PendingCommand, PendingCommands
from terminal.gate import Gate
from terminal.papers import tasks
from terminal.papers.print_plan import PrintPlan
from terminal.snapshots.keeping import Snapshots
from terminal.snapshots.sources import ORDERS, TICKETS, Source
from terminal.store.errors import StoreError
from terminal.store.store import Store

T = TypeVar("T")
logger = logging.getLogger(__name__)


class CommandDesk(Snapshots):
    """See the module. The desk's commands are written on it.

    Attributes:
        actor: who is logged in.
    """

    def __init__(
        self,
        store: Store,
        gate: Gate,
        language: Language | None = None,
        plan: PrintPlan | None = None,
        printers: Mapping[str, PrinterSettings] = MappingProxyType({}),
    ) -> None:
        super().__init__(store, gate, language, printers, plan or PrintPlan())
        self.actor: Actor | None = None
        self._pending_commands = PendingCommands(store)
        self.approvals = ApprovalDesk(self, gate)

    @property
    def plan(self) -> PrintPlan:
        """Which printer prints what, now."""
        return self.setup.plan

    def _cooks_from_paper(self, station_id: UUID) -> bool:
        return self.plan.cooks_from_paper(station_id)

    def print_context(self) -> tasks.PrintContext | None:
        """What this device needs to make print jobs; None until it knows its restaurant."""
        if self.premises is None:
            return None
        return tasks.PrintContext(self.premises, self.plan, {station.id: station.name for station in self.stations})

    async def _do(
        self,
        order_id: UUID | None,
        command: Callable[[Work], Awaitable[T]],
        pending: PendingCommand | None = None,
        *,
        also: Collection[Source[Any]] = (),
        by: Actor | None = None,
    ) -> T:
        """Run a command for the person who is logged in. The snapshots show its effect when this returns or raises.

        Args:
            by: who had it done before; the person who is logged in, if it is None.
            pending: for commands that must not run twice; see `terminal/desks/pending_commands.py`.
            also: read these, too, though a tap does not wait for them or the command writes to none of their tables.
        """
        actor = by or self.actor
        if actor is None:
            raise DomainError("NOBODY_LOGGED_IN")
        with self.courtesy.somebody_waits():
            try:
                return await self._run(actor, command, pending)
            except DomainError as error:
                if error.code == DISMISSED and self.actor is actor:
                    self.actor = None
                raise
            finally:
                self.wake_agent()
                await self._show_effect(order_id, also)

    async def _run_for(self, person: Actor, command: Callable[[Work], Awaitable[T]]) -> T:
        """Run a command that no snapshot shows, for somebody who is perhaps not logged in."""
        with self.courtesy.somebody_waits():
            try:
                return await self._run(person, command, None)
            finally:
                self.wake_agent()

    async def _run(self, actor: Actor, command: Callable[[Work], Awaitable[T]], pending: PendingCommand | None) -> T:
        approver_id, shown = self.approvals.approver_id, self.approvals.shown

        async def permitted(work: Work) -> T:
            await (take_up_rights(work) if actor.station_id is None else kitchen.take_up_station(work))
            if self.actor is actor:
                self.actor = work.actor
            if approver_id is not None:
                await let_approve(work, approver_id, shown)
            work.finds_out()
            return await command(work)

        if pending is None:
            return await self.store.run(actor, permitted)

        async def noting(work: Work) -> T:
            result: T = await permitted(work)
            pending.result = result
            return result

        try:
            if await self._pending_commands.happened(pending):
                return cast("T", pending.result)
            return await self.store.run(actor, noting)
        except StoreError as error:
            self._pending_commands.failed(pending, error, self._begun)
            raise

    def orders_were_read(self, reading: int, order_id: UUID | None = None) -> None:
        """Forget pending retries that people have seen the result of. The next request gets a new id."""
        self._pending_commands.forget(reading, order_id)

    async def _show_effect(self, order_id: UUID | None, also: Collection[Source[Any]]) -> None:
        """Refresh the snapshots after a command. What cannot be read now is read later."""
        try:
            await self._show_command(order_id, also)
        except StoreError as error:
            logger.warning("what was done cannot be read: %s", error)
            self.mark_stale(ORDERS, TICKETS, *also)
            await self._tried.wait()
