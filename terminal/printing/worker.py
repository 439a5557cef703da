"""The print worker: it sends the jobs of the queue, with one loop for each printer, so that a dead one delays no other.

Each step is committed before the next (`claims.py`): a job is `claimed` before the printer is called, and `sending`
before its first byte leaves. After a crash what was only claimed is sent; nobody knows what is on the paper of the
rest, so a person is asked. One worker runs for each device folder.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TypeVar

from shared.kernel.instants import Clock, to_microseconds
from shared.kernel.retries import retry_seconds
from terminal.printing.claims import (
    Claimed,
    ContactOf,
    Ending,
    JobTaken,
    LookOf,
    OnEnded,
    PrintClaims,
    PrintStore,
    nobody_listens,
)
from terminal.printing.documents import Document, QrDocument, ReceiptDocument, decode
from terminal.printing.escpos import load_library, render
from terminal.printing.faults import PrinterError, PrinterFault
from terminal.printing.leases import LeaseLost
from terminal.printing.printers import Beep, Printer
from terminal.printing.pulses import SIGNAL_LIFE, PulseWorker
from terminal.printing.records import State
from terminal.printing.views import QueueHealth, queue_health
from terminal.printing.wording import printer_title, words

FIRST_RETRY_S = 1.0
HOME_AFTER = 5
"""Attempts of a substitute that is dead, too: a quarter of a minute, by which the own printer may work again."""
_IDLE_POLL_S = 5.0
"""How soon a job is found of which nobody told. Commits of this program, and those that the watch sees, call `wake`."""
_PULSE_POLL_S = 0.02
"""How soon a paper follows the pulse of its sale: nobody waits for the paper to get at the change."""
_STORE_RETRY_S = 1.0
_FORGET_EVERY_S = 3_600.0
"""Old jobs are not looked for sooner after a start: by then a clock that was wrong at boot is set right."""
_LOOK_EVERY_S, _MOST_LOOKS = 1.0, 60
"""How often, for a moment without keys in which the printing library is loaded."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


def retry_after_s(attempts: int) -> float:
    """Seconds until the next attempt: one at first, then doubled, at most half a minute."""
    return retry_seconds(attempts, first=FIRST_RETRY_S)


class PrintWorker:
    """Sends queued jobs until it is stopped.

    Args:
        store: the device's database.
        printers: by the name that jobs use.
        clock: gives the times in the queue.
        on_change: called with the state of the queues when it changes, and when a job ended; it must not block.
        retry_after_s: gives the seconds to wait after so many failed attempts.
        contact_of: reads whom an order is for, when a document names its order.
        look_of: reads the templates and the logo of the branch.
        on_fault: called with the name of a queue that this program cannot work on (a locked or full database, a bug),
            and with whether it fails or works again. A printer that is off is no such fault.
        on_ended: called in the transaction that records how an attempt ended.
        turn_of: watches a piece of work on a queue.
        tell_pulses: told that pulses ended, to write down what became of them. It may raise; it is called again.
        running_s: seconds that no setting of a clock changes.
        is_busy: whether somebody presses keys, so that what can wait waits.

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
        on_ended: OnEnded = nobody_listens,
        turn_of: Callable[[str], AbstractContextManager[object]] = nullcontext,
        tell_pulses: Callable[[], Awaitable[None]] | None = None,
        look_of: LookOf | None = None,
        running_s: Callable[[], float] = time.monotonic,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.health = QueueHealth()
        self._is_busy = is_busy
        self._on_fault = on_fault
        self._turn_of = turn_of
        self._store = store
        self._printers = dict(printers)
        self._clock = clock
        self._on_change = on_change
        self._retry_after_s = retry_after_s
        holder = uuid.uuid4().bytes
        self._claims = PrintClaims(store, clock, holder, contact_of, on_ended, look_of)
        self._pulses = PulseWorker(store, clock, holder, self._printers, self._job_ended, tell_pulses, running_s)
        self._bells: dict[str, asyncio.Event] = {}
        self._failures: dict[str, int] = {}
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Send jobs until `stop`. If it is cancelled, a job that is being sent becomes a question for a person."""
        self._stopping.clear()
        self._loops.clear()
        await self._insist(lambda: self._claims.recover_gone(list(self._printers)))
        await self._insist(self._publish)
        async with asyncio.TaskGroup() as self._group:
            self._group.create_task(self._warm_up(), name="printing library")
            self._group.create_task(self._forget_old(), name="old print jobs")
            self._group.create_task(self._pulses.run(self._stopping), name="drawer pulses")
            self._begin_loops()
        self._group = None

    def use(self, printers: Mapping[str, Printer]) -> None:
        """Serve these printers from now on. A printer that is another object than before begins anew; one that is not
        among them any more ends after the job that is being sent."""
        self._printers.clear()
        self._printers.update(printers)
        self._begin_loops()
        self.wake()

    def wake(self) -> None:
        """Look at the queue now. Call it after a commit that queued jobs or stored an answer.

        It does not shorten the wait for a dead printer, unless a person asked for that (`try_now`).
        """
        self._pulses.wake()
        for bell in self._bells.values():
            bell.set()

    def stop(self) -> None:
        """Finish the jobs that are being sent, then end `run`."""
        self._stopping.set()
        self.wake()

    # -- a printer's loop --------------------------------------------------------------------------------------------

    def _begin_loops(self, ended: asyncio.Task[None] | None = None) -> None:
        """Start a loop for each printer that has none. The next one of a name starts when the last one has ended."""
        is_broken = ended is not None and (ended.cancelled() or ended.exception() is not None)
        if self._group is None or self._stopping.is_set() or is_broken:
            return
        for name, printer in self._printers.items():
            loop = self._loops.get(name)
            if loop is None or loop.done():
                self._bells[name] = asyncio.Event()
                self._loops[name] = self._group.create_task(self._serve(name, printer), name=f"printer {name}")
                self._loops[name].add_done_callback(self._begin_loops)

    def _serves(self, name: str, printer: Printer) -> bool:
        return not self._stopping.is_set() and self._printers.get(name) is printer

    async def _serve(self, name: str, printer: Printer) -> None:
        takes = self._claims.take
        while self._serves(name, printer):
            try:
                await _uncancelled(takes(name))
                takes = self._claims.recover
                while self._serves(name, printer):
                    await self._serve_once(name, printer)
            except LeaseLost:
                if takes != self._claims.take_free:
                    logger.warning("another program prints on %r now; this one waits until it leaves", name)
                self._on_fault(name, True)
                takes = self._claims.take_free
                self._bells[name].clear()
                await _wait(self._bells[name], _IDLE_POLL_S)
            except Exception:  # a locked or full database, or a bug: all printers must go on
                logger.exception("the queue of printer %r will be tried again", name)
                self._on_fault(name, True)
                await _wait(self._bells[name], _STORE_RETRY_S)
        if self._stopping.is_set() or name not in self._printers:
            await self._leave(name)

    async def _leave(self, name: str) -> None:
        try:
            await _uncancelled(self._claims.leave(name))
        except Exception:  # whoever comes next takes it all the same
            logger.exception("printer %r could not be left", name)

    async def _serve_once(self, name: str, printer: Printer) -> None:
        bell = self._bells[name]
        bell.clear()
        found = await self._claims.next(name)
        if found is None:
            await self._publish()  # a person may have answered, or a job may name a printer that does not exist
            self._on_fault(name, False)
            await _wait(bell, _IDLE_POLL_S)
            return
        if found.pulse_first:
            await _wait(bell, _PULSE_POLL_S)
            return
        with self._turn_of(name):
            tried = await self._try(name, printer, found.id)
        if tried is not None:
            await self._wait_to_retry(name, printer, self._retry_after_s(tried.attempts))

    async def _try(self, name: str, printer: Printer, job_id: bytes) -> Claimed | None:
        """Try to print a job. Returns it if that failed."""
        job = await _uncancelled(self._claims.claim(name, job_id, printer.most_age))
        if job is None:
            await self._job_ended()
            return None
        try:
            ending = await self._print(name, job, printer)
        except JobTaken:
            logger.warning("print job %s was changed before its first byte left; it is looked at again", job.id)
            return None
        await self._record(name, job, ending, printer)
        self._on_fault(name, False)
        return job if ending.state is State.FAILED else None

    async def _record(self, name: str, job: Claimed, ending: Ending, printer: Printer) -> None:
        is_failed = ending.state is State.FAILED
        self._failures[name] = self._failures.get(name, 0) + 1 if is_failed else 0
        gives_up = 0 < printer.substitute_after <= self._failures[name] and printer.substitute in self._printers
        substitute = printer.substitute if gives_up and printer.substitute != name else ""
        home = job.instead_of if is_failed and self._goes_home(name, job) else ""
        await self._insist(lambda: self._claims.record(name, job, ending, substitute, home))
        if substitute or home:
            self.wake()
        await self._job_ended()

    def _goes_home(self, name: str, job: Claimed) -> bool:
        """Whether its own printer tries again what its substitute could not print so often."""
        own = self._printers.get(job.instead_of)
        return own is not None and own.substitute == name and job.attempts >= HOME_AFTER

    async def _wait_to_retry(self, name: str, printer: Printer, limit_s: float) -> None:
        """Wait before the next attempt, or until a person says that the printer works again.

        The queue is read for that, since the person may use another program of this device.
        """
        bell, clock = self._bells[name], asyncio.get_running_loop().time
        until = clock() + limit_s
        while self._serves(name, printer) and (left_s := until - clock()) > 0:
            await _wait(bell, min(left_s, _IDLE_POLL_S))
            bell.clear()
            found = await self._claims.next(name)
            if found is None or found.state != State.FAILED:
                return

    async def _print(self, name: str, job: Claimed, printer: Printer) -> Ending:
        is_sending = False

        async def about_to_send() -> None:
            nonlocal is_sending
            await _uncancelled(self._claims.note_sending(name, job))
            is_sending = True

        try:
            payload = await asyncio.to_thread(_render, job, name, printer, self._rings(job))
        except Exception:  # whatever it is: the next paper must come out
            logger.exception("print job %s cannot be read", job.id)
            return Ending(State.UNKNOWN, PrinterFault.UNREADABLE)
        try:
            async with self._pulses.line(name):
                delivery = await printer.transport.deliver(payload, job.file_name, about_to_send)
        except PrinterError as error:
            return Ending(State.UNKNOWN if error.bytes_left else State.FAILED, error.fault)
        except (LeaseLost, JobTaken):
            raise
        except Exception:
            if not is_sending:
                raise
            logger.exception("print job %s ended while it was sent", job.id)
            return Ending(State.UNKNOWN, PrinterFault.INTERRUPTED)
        return Ending(State(delivery))

    def _rings(self, job: Claimed) -> bool:
        """Whether a buzzer may still sound for a paper: it calls now, or not at all."""
        return job.queued_at >= to_microseconds(self._clock.now() - SIGNAL_LIFE)

    # -- all printers ------------------------------------------------------------------------------------------------

    async def _warm_up(self) -> None:
        """Load what the first paper would wait for, once nobody presses keys: it takes as long as several of them."""
        for _look in range(_MOST_LOOKS):
            await _wait(self._stopping, _LOOK_EVERY_S)
            if not self._is_busy():
                break
        try:
            await asyncio.to_thread(load_library)
        except Exception:
            logger.exception("the printing library could not be loaded")

    async def _forget_old(self) -> None:
        while not self._stopping.is_set():
            await _wait(self._stopping, _FORGET_EVERY_S)
            try:
                while not self._stopping.is_set() and await _uncancelled(self._claims.forget()):
                    pass
            except Exception:
                logger.exception("old print jobs could not be deleted")

    async def _job_ended(self) -> None:
        await self._publish(tells=True)

    async def _publish(self, *, tells: bool = False) -> None:
        async with self._store.reading() as connection:
            health = await queue_health(connection, self._printers)
        if tells or health != self.health:
            self.health = health
            if self._on_change is not None:
                self._on_change(health)

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Retry a write until it is stored: what was printed must be recorded, even after a full disk."""
        while True:
            try:
                await _uncancelled(write())
                return self._on_fault("", False)
            except LeaseLost:
                raise
            except Exception:
                logger.exception("the print queue could not be written")
                self._on_fault("", True)
                if self._stopping.is_set():
                    raise
            await asyncio.sleep(_STORE_RETRY_S)


async def _uncancelled(write: Awaitable[T]) -> T:
    """Finish a write even if the worker is cancelled: a transaction cancelled half-way may keep its lock for ever."""
    task = asyncio.ensure_future(write)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


async def _wait(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return


def _render(job: Claimed, name: str, printer: Printer, rings: bool) -> bytes:
    document = decode(job.kind, job.payload)
    profile = printer.profile if rings else replace(printer.profile, beep=Beep.NONE)
    return render(document, profile, job.run(_banner(job, document, name)))


def _banner(job: Claimed, document: Document, name: str) -> str:
    """What a paper of the house says that comes out of another printer than its own. A guest's says nothing of it."""
    if not job.instead_of or isinstance(document, ReceiptDocument | QrDocument):
        return ""
    texts = words(document.language)
    own, substitute = printer_title(texts, job.instead_of), printer_title(texts, name)
    return texts("printing.instead_of", printer=own.upper(), substitute=substitute)
