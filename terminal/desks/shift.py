"""What screens do and see of drawers, shifts and the day of the branch. No Textual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.books.branch_day import BranchDay, branch_day
from shared.drawers import commands as drawers
from shared.drawers.commands import Cash
from shared.drawers.records import CashMovement, Drawer, DrawerSession, MovementKind
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import BusinessDate, business_date, from_microseconds
from shared.kernel.permissions import Permission
from shared.kernel.stamps import COUNTER_BITS
from shared.kernel.work import Work
from shared.shifts import commands as shifts
from shared.shifts.closing import close_day
from shared.shifts.commands import Counted, Head
from shared.shifts.opening import open_shift
from shared.shifts.queries import session_report, z_reports
from shared.shifts.rules import PurseToCount, SessionReport
from sync.door import through
from sync.log import newest_stamps, vector
from terminal.desks.part import Run
from terminal.desks.pending_commands import PendingCommand
from terminal.papers.shift_papers import day_document, movement_document, opening_document, session_document
from terminal.papers.tasks import PrintContext, queue_paper
from terminal.printing.documents import ReportDocument
from terminal.printing.pulses import queue_pulse
from terminal.snapshots.sources import DRAWERS
from terminal.store.store import Store

T = TypeVar("T")
DAYS_OFFERED = 3
"""Days that can be closed from a till: today and those before."""


class ShiftDesk:
    """See the module. Made by the desk.

    Args:
        pending: makes the id of a request before its command starts; see `terminal/desks/pending_commands.py`.
        printing: gives what papers need now.
        follow: called with the subject of a paper, and since when: people see what becomes of it.
    """

    def __init__(
        self,
        store: Store,
        run: Run,
        pending: Callable[..., PendingCommand],
        printing: Callable[[], PrintContext | None],
        follow: Callable[[UUID, datetime], None] = lambda _paper, _since: None,
    ) -> None:
        self._store = store
        self._run = run
        self._pending = pending
        self._printing = printing
        self._follow = follow

    # -- a session ---------------------------------------------------------------------------------------------------

    async def open(self, drawer_id: UUID | None, counted: Sequence[Cash]) -> int:
        """Open a session of this device at what is counted, and queue the slip of its float.

        Returns:
            What is missing of what a sale put into the drawer before, in minor units of the branch.

        Raises:
            DomainError: those of `open_shift`.
        """
        pending = self._pending("open shift", drawer_id)

        async def begin(work: Work) -> int:
            shift = await open_shift(work, pending.id, drawer_id, counted)
            await shifts.tell_late(work)
            for movement in shift.opened.floats:
                if movement.in_minor:
                    await self._print_movement(work, movement)
            return shift.missing_minor.get(work.place.currency, 0)

        return await self._do(begin, pending)

    async def cash_in(self, cash: Cash, reason: str) -> None:
        """Put cash into the drawer."""
        pending = self._pending("cash in", _key(cash), reason)
        await self._move(lambda work: drawers.cash_in(work, pending.id, cash, reason), pending)

    async def cash_out(self, cash: Cash, reason: str, kind: MovementKind = MovementKind.OUT) -> None:
        """Take cash out of the drawer that leaves the house."""
        pending = self._pending("cash out", _key(cash), reason, kind)
        await self._move(lambda work: drawers.cash_out(work, pending.id, cash, reason, kind), pending)

    async def drop(self, cash: Cash) -> None:
        """Take cash out of the drawer to the safe."""
        pending = self._pending("drop", _key(cash))
        await self._move(lambda work: drawers.drop_cash(work, pending.id, cash), pending)

    async def hand_over(self, drawer_id: UUID, cash: Cash) -> None:
        """Give cash to another drawer."""
        pending = self._pending("hand over", drawer_id, _key(cash))
        await self._move(lambda work: drawers.hand_over(work, pending.id, drawer_id, cash), pending)

    async def receive(self, given_id: UUID) -> None:
        """Note that cash came which another drawer gave."""
        await self._move(lambda work: drawers.receive(work, given_id), self._pending("receive", given_id))

    async def open_without_sale(self, reason: str) -> UUID | None:
        """Open the drawer without a sale: note it, and queue its pulse and slip.

        Returns:
            By what the print desk shows what became of it; None if this device has no printer for it.
        """
        pending = self._pending("no sale", reason)

        async def opened(work: Work) -> UUID | None:
            opening = await drawers.open_without_sale(work, pending.id, reason)
            drawer = await self._drawer(work, opening.session_id)
            printed = await self._print(work, lambda to: opening_document(to.premises, opening, drawer), opening.id)
            to = self._printing()
            if printed and to is not None and to.plan.receipt is not None:
                await queue_pulse(work.session, opening.id, to.plan.receipt, work.now, opening.id)
            return opening.id if printed else None

        return await self._do(opened, pending)

    # -- figures -----------------------------------------------------------------------------------------------------

    async def report(self, session_id: UUID) -> SessionReport:
        """What a session comes to now.

        Raises:
            DomainError: NOT_PERMITTED.
        """

        async def read(work: Work) -> SessionReport:
            work.require(Permission.SEE_DRAWER)
            return await self._read_report(work, session_id)

        return await self._do(read)

    async def to_count(self, session_id: UUID) -> tuple[PurseToCount, ...]:
        """What a close of a session counts; of cash the currencies alone.

        Raises:
            DomainError: NOT_PERMITTED.
        """

        async def read(work: Work) -> tuple[PurseToCount, ...]:
            work.require(Permission.WORK_DRAWER)
            return (await self._read_report(work, session_id)).to_count

        return await self._do(read)

    async def print_x(self, session_id: UUID) -> bool:
        """Queue the paper of an X. Returns whether this device has a printer for it.

        Raises:
            DomainError: NOT_PERMITTED.
        """

        async def printed(work: Work) -> bool:
            work.require(Permission.SEE_DRAWER)
            report = await self._read_report(work, session_id)
            return await self._print(work, lambda to: session_document(to.premises, report, work.now), work.ids.new())

        return await self._do(printed)

    async def count(self, session_id: UUID, counted: Sequence[Counted]) -> SessionReport:
        """Note what was counted. Returns expected against counted: now it may be seen.

        Raises:
            DomainError: those of `count_session`.
        """
        wanted = tuple((_key(each.cash), each.method_id) for each in counted)
        pending = self._pending("count", session_id, wanted)

        async def count(work: Work) -> SessionReport:
            await shifts.count_session(work, session_id, counted)
            return await self._read_report(work, session_id)

        return await self._do(count, pending)

    async def close(self, session_id: UUID, reason: str) -> SessionReport:
        """Close a session, and queue the paper of its Z.

        Raises:
            DomainError: those of `close_session`.
        """
        pending = self._pending("close shift", session_id)

        async def close(work: Work) -> SessionReport:
            closed = await shifts.close_session(work, session_id, await self._head(work), reason)
            z, report = closed.z, closed.report
            final = replace(
                report,
                number=z.number,
                closed_at=z.closed_at,
                closed_by=z.closed_by_name,
                reason=z.reason,
                head_seq=z.head_seq,
                head_chain=z.head_chain,
            )
            await self._print(work, lambda to: session_document(to.premises, final, work.now), z.id)
            return final

        return await self._do(close, pending)

    async def zs(self) -> list[SessionReport]:
        """The newest Zs of the branch."""
        identity = self._store.identity
        async with self._store.reading() as connection:
            return await z_reports(connection, identity.organization_id, identity.branch_id)

    async def reprint(self, report: SessionReport) -> bool:
        """Queue a Z again; the paper says that it is a copy. Returns whether this device has a printer for it."""
        z_id = derived_id("z report", report.session_id)

        async def again(work: Work) -> bool:
            work.require(Permission.WORK_DRAWER)
            copy = await work.next_number(f"z copy:{z_id.hex}")
            return await self._print(
                work, lambda to: session_document(to.premises, report, work.now, reprint=copy), z_id, copy + 1
            )

        return await self._do(again)

    # -- the day of the branch ---------------------------------------------------------------------------------------

    @property
    def days(self) -> tuple[date, ...]:
        """The business dates that can be closed now, the newest first."""
        context = self._store.branch_context
        today = business_date(self._store.clock.now(), context.zone, context.cutoff_minutes)
        return tuple(today - timedelta(days=back) for back in range(DAYS_OFFERED))

    async def day(self, day: date) -> BranchDay:
        """The branch's day as it is known here.

        Raises:
            DomainError: NOT_PERMITTED.
        """

        async def read(work: Work) -> BranchDay:
            work.require(Permission.CLOSE_DAY)
            return await self._read_day(await work.session.connection(), day)

        return await self._do(read)

    async def close_day(self, day: date) -> bool:
        """Make a business date final, and queue its paper. Returns whether this device has a printer for it.

        Raises:
            DomainError: those of `close_day`.
        """
        pending = self._pending("close day", day)

        async def close(work: Work) -> bool:
            made = await close_day(work, BusinessDate(day))
            found = await self._read_day(await work.session.connection(), day)
            return await self._print(work, lambda to: day_document(to.premises, found, work.now), made.id)

        return await self._do(close, pending)

    async def reprint_day(self, day: BranchDay) -> bool:
        """Queue a closed day again; the paper says that it is a copy. Returns whether this device has a printer for it.

        Raises:
            DomainError: NOT_PERMITTED.
        """
        day_id = derived_id("day paper", self._store.identity.branch_id, day.date.isoformat())

        async def again(work: Work) -> bool:
            work.require(Permission.WORK_DRAWER)
            copy = await work.next_number(f"day copy:{day_id.hex}")
            return await self._print(
                work, lambda to: replace(day_document(to.premises, day, work.now), reprint=copy), day_id, copy
            )

        return await self._do(again)

    # -- helpers -----------------------------------------------------------------------------------------------------

    async def _do(self, command: Callable[[Work], Awaitable[T]], pending: PendingCommand | None = None) -> T:
        return await self._run(None, command, pending, also=(DRAWERS,))

    async def _move(self, move: Callable[[Work], Awaitable[CashMovement]], pending: PendingCommand) -> None:
        async def moved(work: Work) -> None:
            await self._print_movement(work, await move(work))

        await self._do(moved, pending)

    async def _print_movement(self, work: Work, movement: CashMovement) -> None:
        drawer = await self._drawer(work, movement.session_id)
        await self._print(work, lambda to: movement_document(to.premises, movement, drawer), movement.id)

    async def _drawer(self, work: Work, session_id: UUID | None) -> str:
        """Name of the drawer of a session; empty if it has none."""
        await work.session.flush()
        of_session = sa.and_(
            Drawer.organization_id == DrawerSession.organization_id, Drawer.id == DrawerSession.drawer_id
        )
        named = sa.select(Drawer.name).join_from(DrawerSession, Drawer, of_session)
        where = (DrawerSession.organization_id == work.organization_id, DrawerSession.id == session_id)
        return await work.session.scalar(named.where(*where)) or ""

    async def _print(
        self, work: Work, make: Callable[[PrintContext], ReportDocument], reference: UUID, revision: int = 1
    ) -> bool:
        to = self._printing()
        if to is None or to.plan.receipt is None:
            return False
        await work.session.flush()
        await queue_paper(work, to.plan.receipt, make(to), reference, revision, reference)
        self._follow(reference, work.now)
        return True

    async def _read_report(self, work: Work, session_id: UUID) -> SessionReport:
        await work.session.flush()
        report = await session_report(work.session, work.organization_id, session_id, work.place.currency)
        if report is None:
            raise DomainError("shift.none")
        return report

    async def _head(self, work: Work) -> Head:
        """The end of this device's log."""
        connection = await work.session.connection()
        held = await through(connection, vector, work.organization_id.bytes, [work.author])
        position = held.get(work.author)
        return Head(position.seq, position.chain.hex()) if position is not None else Head(0, "")

    async def _read_day(self, connection: AsyncConnection, day: date) -> BranchDay:
        identity, context = self._store.identity, self._store.branch_context
        stamps: Mapping[UUID, int] = await through(connection, newest_stamps, identity.organization_id.bytes)
        heard = {
            device: business_date(
                from_microseconds((stamp >> COUNTER_BITS) * 1_000), context.zone, context.cutoff_minutes
            )
            for device, stamp in stamps.items()
        }
        return await branch_day(connection, identity.organization_id, identity.branch_id, day, context.currency, heard)


def _key(cash: Cash) -> Hashable:
    """What tells an amount apart from another one."""
    return cash.currency, cash.amount_minor, tuple(sorted(cash.pieces.items()))
