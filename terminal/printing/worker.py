"""The print worker: it sends the jobs of the queue, with one loop for each printer, so that a dead one delays no other.

Each step is committed before the next: a job is `sending` before its first byte leaves. After a crash nobody knows what
is on the paper of such a job, so a person is asked. One worker runs for each database; the agent starts it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import Clock, to_microseconds
from shared.kernel.retries import retry_seconds
from shared.orders.contacts import ContactView
from terminal.printing.documents import PaperKind, decode
from terminal.printing.escpos import render
from terminal.printing.faults import PrinterError, PrinterFault
from terminal.printing.layout import Run
from terminal.printing.printers import Printer
from terminal.printing.queue import QueueHealth, queue_health
from terminal.printing.records import TO_SEND, State, print_job

FIRST_RETRY_S = 1.0
_IDLE_POLL_S = 5.0
"""How soon a job of another process is found. Jobs of this process call `wake`."""
_STORE_RETRY_S = 1.0
_MARK_LETTERS = 6

ASK_AFTER = {
    PaperKind.KITCHEN: timedelta(minutes=30),
    PaperKind.RECEIPT: timedelta(hours=4),
    PaperKind.REPORT: timedelta(hours=12),
    PaperKind.TEST: timedelta(minutes=10),
}
"""A job that waited longer needs an answer first: nobody wants yesterday's orders in the morning."""

T = TypeVar("T")
ContactOf = Callable[[AsyncConnection, UUID], Awaitable[ContactView | None]]

logger = logging.getLogger(__name__)


class PrintStore(Protocol):
    """The device's database, as the worker uses it."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection in one write transaction. Leaving the block commits."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading."""
        ...


def retry_after_s(attempts: int) -> float:
    """Seconds until the next attempt: one at first, then doubled, at most half a minute."""
    return retry_seconds(attempts, first=FIRST_RETRY_S)


class PrintWorker:
    """Sends queued jobs until it is stopped.

    Args:
        store: the device's database.
        printers: by the name that jobs use.
        clock: gives the times in the queue.
        on_change: called with the state of the queues whenever it changes; it must not block.
        retry_after_s: gives the seconds to wait after so many failed attempts.
        contact_of: reads whom an order is for, when a document names its order.
        on_fault: called with the name of a queue that this program cannot work on (a locked or full database, a bug),
            and with whether it fails or works again. A printer that is off is no such fault.

    Attributes:
        health: last known state of the queues.
    """

    def __init__(
        self,
        store: PrintStore,
        printers: Mapping[str, Printer],
        clock: Clock,
        *,
        on_change: Callable[[QueueHealth], None] | None = None,
        retry_after_s: Callable[[int], float] = retry_after_s,
        contact_of: ContactOf | None = None,
        on_fault: Callable[[str, bool], None] = lambda _queue, _fails: None,
    ) -> None:
        self.health = QueueHealth()
        self._on_fault = on_fault
        self._store = store
        self._printers = dict(printers)
        self._clock = clock
        self._on_change = on_change
        self._retry_after_s = retry_after_s
        self._contact_of = contact_of
        self._bells: dict[str, asyncio.Event] = {}
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Send jobs until `stop`. If it is cancelled, a job that is being sent becomes a question for a person."""
        await self._insist(self._mark_interrupted)
        await self._insist(self._publish)
        try:
            while not self._stopping:
                self._changed.clear()
                self._start_loops()
                await self._changed.wait()
            await asyncio.gather(*self._loops.values())
        finally:
            loops = [loop for loop in self._loops.values() if not loop.done()]
            for loop in loops:
                loop.cancel()
            if loops:
                await asyncio.wait(loops)

    def use(self, printers: Mapping[str, Printer]) -> None:
        """Serve these printers from now on. A printer that is another object than before begins anew; one that is not
        among them any more ends after the job that is being sent."""
        self._printers = dict(printers)
        self.wake()
        self._changed.set()

    def wake(self) -> None:
        """Look at the queue now. Call it after a commit that queued jobs or stored an answer.

        It does not shorten the wait for a dead printer, unless a person asked for that (`try_now`).
        """
        for bell in self._bells.values():
            bell.set()

    def stop(self) -> None:
        """Finish the jobs that are being sent, then end `run`."""
        self._stopping = True
        self.wake()
        self._changed.set()

    def _start_loops(self) -> None:
        """Start a loop for each printer that has none. The next one of a name starts when the last one has ended."""
        for name, printer in self._printers.items():
            if name not in self._loops or self._loops[name].done():
                self._bells[name] = asyncio.Event()
                self._loops[name] = loop = asyncio.create_task(self._serve(name, printer), name=f"printer {name}")
                loop.add_done_callback(lambda _loop: self._changed.set())

    def _serves(self, name: str, printer: Printer) -> bool:
        return not self._stopping and self._printers.get(name) is printer

    async def _serve(self, name: str, printer: Printer) -> None:
        while self._serves(name, printer):
            try:
                await self._serve_once(name, printer)
            except Exception:  # a locked or full database, or a bug: all printers must go on
                logger.exception("the queue of printer %r will be tried again", name)
                self._on_fault(name, True)
                await _wait(self._bells[name], _STORE_RETRY_S)

    async def _serve_once(self, name: str, printer: Printer) -> None:
        bell = self._bells[name]
        bell.clear()
        found = await self._next(name)
        if found is None:
            await self._publish()  # a person may have answered, or a job may name a printer that does not exist
            self._on_fault(name, False)
            await _wait(bell, _IDLE_POLL_S)
            return
        job = await _uncancelled(self._claim(found.id))
        if job is None:
            await self._publish()
            return
        ending = await self._print(job, printer)
        await self._insist(lambda: self._record(job, ending))
        self._on_fault(name, False)
        await self._publish()
        if ending.state is State.FAILED:
            await self._wait_to_retry(name, printer, self._retry_after_s(job.attempts))

    async def _wait_to_retry(self, name: str, printer: Printer, limit_s: float) -> None:
        """Wait before the next attempt, or until a person says that the printer works again.

        The queue is read for that, since the person may use another program of this device.
        """
        bell, clock = self._bells[name], asyncio.get_running_loop().time
        until = clock() + limit_s
        while self._serves(name, printer) and (left_s := until - clock()) > 0:
            await _wait(bell, min(left_s, _IDLE_POLL_S))
            bell.clear()
            found = await self._next(name)
            if found is None or found.state != State.FAILED:
                return

    async def _next(self, name: str) -> Row[bytes, str] | None:
        async with self._store.reading() as connection:
            return (await connection.execute(_oldest_to_send(name))).one_or_none()

    async def _claim(self, job_id: bytes) -> _Claimed | None:
        """Mark a job as `sending`. Returns None if it is too old to print unasked, or no longer waits to be sent."""
        now = self._clock.now()
        async with self._store.transaction() as connection:
            columns = print_job.c
            this_job = (columns.id == job_id, columns.state.in_(TO_SEND))
            row = (await connection.execute(select(print_job).where(*this_job))).one_or_none()
            if row is None:
                return None
            expired = row.queued_at < to_microseconds(now - ASK_AFTER[PaperKind(row.kind)])
            values = (
                {"state": State.UNKNOWN, "error": PrinterFault.EXPIRED}
                if expired
                else {"state": State.SENDING, "attempts": row.attempts + 1}
            )
            await connection.execute(
                update(print_job).where(*this_job).values(updated_at=to_microseconds(now), **values)
            )
            contact = None if expired else await self._contact(connection, PaperKind(row.kind), row.payload)
        if expired:
            return None
        return _Claimed(
            UUID(bytes=row.id), PaperKind(row.kind), row.payload, row.attempts + 1, row.copies, row.created_at, contact
        )

    async def _print(self, job: _Claimed, printer: Printer) -> _Ending:
        try:
            payload = await asyncio.to_thread(_render, job, printer)
        except (msgspec.MsgspecError, ValueError):
            logger.exception("print job %s cannot be read", job.id)
            return _Ending(State.UNKNOWN, PrinterFault.UNREADABLE)
        try:
            delivery = await printer.transport.deliver(payload, job.file_name)
        except PrinterError as error:
            return _Ending(State.UNKNOWN if error.bytes_left else State.FAILED, error.fault)
        return _Ending(State(delivery))

    async def _contact(self, connection: AsyncConnection, kind: PaperKind, payload: bytes) -> ContactView | None:
        """Whom the order of a document is for. Read with the claim: if that fails, the job still waits."""
        try:
            order_id = getattr(decode(kind, payload), "contact_of", None)
        except (msgspec.MsgspecError, ValueError):
            return None  # printing finds out and says so
        return None if order_id is None or self._contact_of is None else await self._contact_of(connection, order_id)

    async def _record(self, job: _Claimed, ending: _Ending) -> None:
        async with self._store.transaction() as connection:
            await connection.execute(
                update(print_job)
                .where(print_job.c.id == job.id.bytes, print_job.c.state == State.SENDING)
                .values(state=ending.state, error=ending.error, updated_at=to_microseconds(self._clock.now()))
            )

    async def _mark_interrupted(self) -> None:
        async with self._store.transaction() as connection:
            await connection.execute(
                update(print_job)
                .where(print_job.c.state == State.SENDING)
                .values(
                    state=State.UNKNOWN, error=PrinterFault.INTERRUPTED, updated_at=to_microseconds(self._clock.now())
                )
            )

    async def _publish(self) -> None:
        async with self._store.reading() as connection:
            health = await queue_health(connection, self._printers)
        if health != self.health:
            self.health = health
            if self._on_change is not None:
                self._on_change(health)

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Retry a write until it is stored: what was printed must be recorded, even after a full disk."""
        while True:
            try:
                await _uncancelled(write())
                return self._on_fault("", False)
            except Exception:
                logger.exception("the print queue could not be written")
                self._on_fault("", True)
                if self._stopping:
                    raise
            await asyncio.sleep(_STORE_RETRY_S)


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: UUID
    kind: PaperKind
    payload: bytes
    attempts: int
    copies: int
    created_at: int
    contact: ContactView | None = None

    @property
    def run(self) -> Run:
        return Run(copy=self.copies, mark=self.id.hex[-_MARK_LETTERS:], contact=self.contact)

    @property
    def file_name(self) -> str:
        """Name that sorts by time. It is the same for every attempt, so that a retry replaces its own file."""
        copy = f"-{self.copies}" if self.copies else ""
        return f"{self.created_at:017d}-{self.kind}-{self.id.hex[-_MARK_LETTERS:]}{copy}"


@dataclass(frozen=True, slots=True)
class _Ending:
    state: State
    error: PrinterFault | None = None


async def _uncancelled(write: Awaitable[T]) -> T:
    """Finish a write even if the worker is cancelled: a transaction cancelled half-way may keep its lock for ever."""
    task = asyncio.ensure_future(write)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def _wait(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return


def _oldest_to_send(printer: str) -> Select[bytes, str]:
    # By rowid, too: jobs of one transaction have the same time, and print in the order in which they were queued.
    return (
        select(print_job.c.id, print_job.c.state)
        .where(print_job.c.printer == printer, print_job.c.state.in_(TO_SEND))
        .order_by(print_job.c.queued_at, literal_column("print_job.rowid"))
        .limit(1)
    )


def _render(job: _Claimed, printer: Printer) -> bytes:
    return render(decode(job.kind, job.payload), printer.profile, job.run)
