"""What the worker writes about jobs: it claims them, notes that bytes leave, and how they ended. Each step is a commit.
A worker holds the lease of each printer that it serves (`leases.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import Clock, to_microseconds
from shared.orders.contacts import ContactView
from shared.printers.queries import PaperLook
from terminal.printing.documents import PaperKind, decode
from terminal.printing.faults import PrinterFault
from terminal.printing.layout import Run
from terminal.printing.leases import leave_lease, require_lease, take_free_lease, take_lease
from terminal.printing.pulses import SIGNAL_LIFE
from terminal.printing.records import IN_HAND, OPEN, TO_SEND, State, drawer_pulse, print_job
from terminal.printing.views import INSERTED

MARK_LETTERS = 6
ASK_AFTER = {
    PaperKind.KITCHEN: timedelta(minutes=30),
    PaperKind.RECEIPT: timedelta(hours=4),
    PaperKind.REPORT: timedelta(hours=12),
    PaperKind.TEST: timedelta(minutes=10),
    PaperKind.QR: timedelta(minutes=10),
    PaperKind.SLIP: timedelta(minutes=30),
}
"""A job that waited longer needs an answer first: nobody wants yesterday's orders in the morning. A printer's row may
say another limit for all of its papers."""
ASK_OTHERS_AFTER = timedelta(minutes=30)
"""For kinds that are not listed."""
FORGET_AFTER = timedelta(days=14)
"""Ended jobs older than this are deleted: who wants a receipt then prints it from the sale. What waits for a printer or
for a person stays: a clock that jumps takes no paper from anybody."""
FORGOTTEN_AT_ONCE = 500
"""Rows in one transaction: a tap must not wait for it."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""Clocks of devices that work together. A job from farther ahead is from a clock that was wrong: nobody knows how long
it waited, so it asks."""
RINGS_WITHIN = timedelta(seconds=60)
"""The buzzer calls the cook to what was sent just now. A ticket that waited longer is seen when it comes."""
ContactOf = Callable[[AsyncConnection, UUID], Awaitable[ContactView | None]]
LookOf = Callable[[AsyncConnection], Awaitable[PaperLook]]

logger = logging.getLogger(__name__)


class PrintStore(Protocol):
    """The device's database, as the worker uses it."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection in one write transaction. Leaving the block commits."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt to print a job ended: SENT, CONFIRMED, FAILED (it is retried) or UNKNOWN."""

    state: State
    error: PrinterFault | None = None


class JobTaken(Exception):
    """The job is no longer as this worker claimed it. The printer is still this worker's."""


OnEnded = Callable[[AsyncConnection, UUID, Ending], Awaitable[None]]
"""Called in the transaction that records how an attempt ended, with the job's id."""


async def nobody_listens(_connection: AsyncConnection, _job_id: UUID, _ending: Ending) -> None:
    """For workers whose endings nobody follows."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that the worker has. Times in microseconds since 1970."""

    id: UUID
    kind: PaperKind
    payload: bytes
    attempts: int
    copies: int
    created_at: int
    queued_at: int
    instead_of: str = ""
    contact: ContactView | None = None
    look: PaperLook = field(default_factory=PaperLook)
    is_fresh: bool = True

    @property
    def mark(self) -> str:
        """A few letters by which the job of a paper is found."""
        return self.id.hex[-MARK_LETTERS:]

    @property
    def file_name(self) -> str:
        """Name that sorts by time. It is the same for every attempt, so that a retry replaces its own file."""
        copy = f"-{self.copies}" if self.copies else ""
        return f"{self.created_at:017d}-{self.kind}-{self.mark}{copy}"

    def run(self, banner: str = "") -> Run:
        """What is said of this printing besides the document."""
        return Run(self.copies, self.mark, self.contact, banner, self.look, self.is_fresh)


class PrintClaims:
    """See the module.

    Args:
        holder: who this worker is; no other worker has the same.
    """

    def __init__(
        self,
        store: PrintStore,
        clock: Clock,
        holder: bytes,
        contact_of: ContactOf | None = None,
        on_ended: OnEnded = nobody_listens,
        look_of: LookOf | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._holder = holder
        self._contact_of = contact_of
        self._look_of = look_of
        self._on_ended = on_ended

    async def take(self, printer: str) -> None:
        """Take the lease of a printer, and say of what an earlier worker left what is known of it."""
        async with self._store.transaction() as connection:
            await take_lease(connection, printer, self._holder)
            await self._recover(connection, print_job.c.printer == printer)

    async def take_free(self, printer: str) -> None:
        """The same, if no other worker has the printer.

        Raises:
            LeaseLost: one has it.
        """
        async with self._store.transaction() as connection:
            await take_free_lease(connection, printer, self._holder)
            await self._recover(connection, print_job.c.printer == printer)

    async def leave(self, printer: str) -> None:
        """Let another worker have a printer."""
        async with self._store.transaction() as connection:
            await leave_lease(connection, printer, self._holder)

    async def recover_gone(self, printers: list[str]) -> None:
        """The same for jobs of printers that are not there any more. What others are asked for has no attempt."""
        gone = print_job.c.printer.not_in(printers) & (print_job.c.attempts > 0)
        async with self._store.transaction() as connection:
            await self._recover(connection, gone)

    async def recover(self, printer: str) -> None:
        """Say of a job that this worker dropped what is known of it."""
        async with self._store.transaction() as connection:
            await require_lease(connection, printer, self._holder)
            await self._recover(connection, print_job.c.printer == printer)

    async def next(self, printer: str) -> Row[bytes, str, bool] | None:
        """Id and state of the oldest job that waits to be sent, and whether the drawer's pulse goes first."""
        fresh = to_microseconds(self._clock.now() - SIGNAL_LIFE)
        async with self._store.reading() as connection:
            return (await connection.execute(_oldest_to_send(printer, fresh))).one_or_none()

    async def claim(self, printer: str, job_id: bytes, most_age: timedelta | None) -> Claimed | None:
        """Claim a job. Returns None if it may be too old to print unasked, or no longer waits to be sent.

        Args:
            most_age: after which it asks first; None: as its kind says.

        Raises:
            LeaseLost: another worker serves this printer.
        """
        now = self._clock.now()
        async with self._store.transaction() as connection:
            await require_lease(connection, printer, self._holder)
            columns = print_job.c
            this_job = (columns.id == job_id, columns.printer == printer, columns.state.in_(TO_SEND))
            row = (await connection.execute(select(print_job).where(*this_job))).one_or_none()
            if row is None:
                return None
            kind = PaperKind(row.kind)
            limit = most_age or ASK_AFTER.get(kind, ASK_OTHERS_AFTER)
            if not to_microseconds(now - limit) <= row.queued_at <= to_microseconds(now + CLOCKS_DIFFER):
                await self._end(connection, this_job, UUID(bytes=row.id), Ending(State.UNKNOWN, PrinterFault.EXPIRED))
                return None
            copies = row.copies + row.is_elsewhere  # the device that had it until now may have printed it
            values = {
                "state": State.CLAIMED,
                "attempts": row.attempts + 1,
                "copies": copies,
                "is_elsewhere": False,
                "updated_at": to_microseconds(now),
            }
            await connection.execute(update(print_job).where(*this_job).values(values))
            contact = await self._contact(connection, kind, row.payload)
            look = PaperLook() if self._look_of is None else await self._look_of(connection)
        return Claimed(
            UUID(bytes=row.id),
            kind,
            row.payload,
            row.attempts + 1,
            copies,
            row.created_at,
            row.queued_at,
            "" if row.made_for == printer else row.made_for,
            contact,
            look,
            is_fresh=to_microseconds(now - RINGS_WITHIN) <= row.queued_at,
        )

    async def note_sending(self, printer: str, job: Claimed) -> None:
        """Note that bytes leave from now on.

        Raises:
            LeaseLost: another worker has the printer.
            JobTaken: somebody changed the job meanwhile.
        """
        async with self._store.transaction() as connection:
            await require_lease(connection, printer, self._holder)
            result = await connection.execute(
                update(print_job)
                .where(*_at(printer, job), print_job.c.state == State.CLAIMED)
                .values(state=State.SENDING, updated_at=to_microseconds(self._clock.now()))
            )
            if result.rowcount != 1:
                raise JobTaken

    async def record(self, printer: str, job: Claimed, ending: Ending, substitute: str = "", home: str = "") -> None:
        """Record how a job ended.

        Args:
            substitute: prints the job, and all that waits behind it, if nothing of it was printed.
            home: the printer that gets back all that was made for it and is still not printed.
        """
        async with self._store.transaction() as connection:
            await require_lease(connection, printer, self._holder)
            this_job = (*_at(printer, job), print_job.c.state.in_(IN_HAND))
            await self._end(connection, this_job, job.id, ending)
            if substitute and ending.state is State.FAILED:
                await self._move_all(connection, printer, substitute)
            if home and ending.state is State.FAILED:
                await self._send_home(connection, printer, home)

    async def forget(self) -> bool:
        """Delete some old jobs and pulses that are ended. Returns whether there may be more."""
        before = to_microseconds(self._clock.now() - FORGET_AFTER)
        old_jobs = select(print_job.c.id).where(print_job.c.queued_at < before, print_job.c.state.not_in(OPEN))
        waits = drawer_pulse.c.state.in_((State.QUEUED, *IN_HAND))
        old_pulses = select(drawer_pulse.c.id).where(drawer_pulse.c.created_at < before, ~waits)
        async with self._store.transaction() as connection:
            deleted = 0
            for table, old in ((print_job, old_jobs), (drawer_pulse, old_pulses)):
                chosen = table.c.id.in_(old.limit(FORGOTTEN_AT_ONCE))
                deleted = max(deleted, (await connection.execute(delete(table).where(chosen))).rowcount)
        return deleted == FORGOTTEN_AT_ONCE

    # -- helpers -----------------------------------------------------------------------------------------------------

    async def _recover(self, connection: AsyncConnection, which: ColumnElement[bool]) -> None:
        """Queue again what was only claimed, and ask about what was being sent."""
        now = to_microseconds(self._clock.now())
        state = print_job.c.state
        again = update(print_job).where(which, state == State.CLAIMED)
        await connection.execute(again.values(state=State.QUEUED, updated_at=now))
        torn = (await connection.execute(select(print_job.c.id).where(which, state == State.SENDING))).scalars().all()
        for job_id in torn:
            ending = Ending(State.UNKNOWN, PrinterFault.INTERRUPTED)
            await self._end(connection, (print_job.c.id == job_id,), UUID(bytes=job_id), ending)

    async def _end(
        self, connection: AsyncConnection, where: tuple[ColumnElement[bool], ...], job_id: UUID, ending: Ending
    ) -> None:
        values = {"state": ending.state, "error": ending.error, "updated_at": to_microseconds(self._clock.now())}
        result = await connection.execute(update(print_job).where(*where).values(values))
        if result.rowcount == 1:
            await self._on_ended(connection, job_id, ending)

    async def _move_all(self, connection: AsyncConnection, printer: str, substitute: str) -> None:
        """Let the substitute print all that waits for a printer. What came to it as a substitute stays."""
        columns = print_job.c
        waits = update(print_job).where(
            columns.printer == printer, columns.state.in_(TO_SEND), columns.made_for == printer
        )
        values = {
            "printer": substitute,
            "state": State.QUEUED,
            "attempts": 0,
            "error": None,
            "updated_at": to_microseconds(self._clock.now()),
        }
        await connection.execute(waits.values(values))

    async def _send_home(self, connection: AsyncConnection, printer: str, home: str) -> None:
        """Give back what a substitute cannot print either. It stays failed: two dead printers try in turn, in peace."""
        columns = print_job.c
        back = update(print_job).where(columns.printer == printer, columns.state.in_(TO_SEND), columns.made_for == home)
        now = to_microseconds(self._clock.now())
        await connection.execute(back.values(printer=home, updated_at=now))

    async def _contact(self, connection: AsyncConnection, kind: PaperKind, payload: bytes) -> ContactView | None:
        """Whom the order of a document is for. Read with the claim: if that fails, the job still waits."""
        try:
            order_id = getattr(decode(kind, payload), "contact_of", None)
        except Exception:  # printing finds out, and asks
            logger.exception("whom a paper is for cannot be read")
            return None
        return None if order_id is None or self._contact_of is None else await self._contact_of(connection, order_id)


def _at(printer: str, job: Claimed) -> tuple[ColumnElement[bool], ...]:
    """A job while it is with this printer: a person may have moved it, and the other printer have it in hand."""
    return print_job.c.id == job.id.bytes, print_job.c.printer == printer


def _oldest_to_send(printer: str, fresh: int) -> Select[bytes, str, bool]:
    pulse = drawer_pulse.c
    waits = pulse.state.in_((State.QUEUED, *IN_HAND))
    goes_first = exists().where(pulse.printer == printer, waits, pulse.created_at > fresh)
    return (
        select(print_job.c.id, print_job.c.state, goes_first.label("pulse_first"))
        .where(print_job.c.printer == printer, print_job.c.state.in_(TO_SEND))
        .order_by(print_job.c.queued_at, INSERTED)
        .limit(1)
    )
