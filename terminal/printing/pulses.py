"""The drawer's pulse: a job of its own that happens within seconds of its sale, or never. It is no paper.

It is given before any paper, also to a printer without paper, and never again once bytes left. A printer that is not
there, or shows no sign of life, gets none that it could keep for later (`Transport.open_drawer`). What became of it is
kept with its row, and told the branch (`terminal/papers/drawer_tasks.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.instants import Clock, to_microseconds
from terminal.printing.escpos import drawer_signal
from terminal.printing.faults import PrinterError, PrinterFault
from terminal.printing.leases import LeaseLost, leave_lease, require_lease, take_free_lease, take_lease
from terminal.printing.printers import Printer
from terminal.printing.records import TO_SEND, State, drawer_pulse

SIGNAL_LIFE = timedelta(seconds=5)
"""A drawer opens, and a buzzer sounds, so long after what they are for; then nobody stands there any more."""
_RETRY_S = 0.4
_IDLE_POLL_S = 5.0
_STORE_RETRY_S = 1.0
_ALL_DRAWERS = "*drawers"
"""The lease of pulses. No printer has this name."""

logger = logging.getLogger(__name__)


class PulseStore(Protocol):
    """The device's database, as this module uses it."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection in one write transaction. Leaving the block commits."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading."""
        ...


async def queue_pulse(
    executor: AsyncConnection | AsyncSession,
    opening_id: UUID,
    printer: str,
    at: datetime,
    subject_id: UUID | None = None,
) -> None:
    """Queue the pulse of an opening, in the caller's transaction. Asking twice queues one.

    Args:
        subject_id: the order, or the opening itself, where people see what became of it.
    """
    now = to_microseconds(at)
    statement = insert(drawer_pulse).values(
        id=opening_id.bytes,
        printer=printer,
        subject_id=None if subject_id is None else subject_id.bytes,
        state=State.QUEUED,
        is_told=False,
        created_at=now,
        updated_at=now,
    )
    await executor.execute(statement.on_conflict_do_nothing())


class _TooLate(Exception):
    """The pulse outlived its sale before its first byte left."""


@dataclass(frozen=True, slots=True)
class _Pulse:
    id: bytes
    printer: str
    created_at: int
    until_s: float
    """When nobody stands there any more, in running time."""


class PulseWorker:
    """Gives pulses, each in a task of its own. Part of the print worker.

    Args:
        holder: who this worker is, see `leases.py`.
        printers: the printers that there are now; its owner changes it.
        on_ended: called after a pulse ended.
        tell: writes down what became of pulses that ended; it may raise, and is called again.
        running_s: seconds that no setting of a clock changes.
    """

    def __init__(
        self,
        store: PulseStore,
        clock: Clock,
        holder: bytes,
        printers: Mapping[str, Printer],
        on_ended: Callable[[], Awaitable[None]],
        tell: Callable[[], Awaitable[None]] | None = None,
        running_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._holder = holder
        self._printers = printers
        self._on_ended = on_ended
        self._tell = tell
        self._running_s = running_s
        self._bell = asyncio.Event()
        self._lines: dict[str, asyncio.Lock] = {}
        self._in_hand: set[bytes] = set()
        self._is_lost = False

    def line(self, printer: str) -> asyncio.Lock:
        """Held while something is sent to a printer: most serve one connection at a time."""
        return self._lines.setdefault(printer, asyncio.Lock())

    def wake(self) -> None:
        """Look for pulses now."""
        self._bell.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Give pulses until told to stop."""
        takes: Callable[[], Awaitable[None]] | None = self._take
        telling: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                self._bell.clear()
                try:
                    if takes is not None:
                        await _finished(takes())
                        takes, self._is_lost = None, False
                    for found in await self._waiting():
                        self._in_hand.add(found.id)
                        group.create_task(self._give_one(found), name="drawer pulse")
                    if self._tell is not None and (telling is None or telling.done()):
                        telling = group.create_task(self._tell_quietly(self._tell), name="drawer results")
                    limit_s = _IDLE_POLL_S
                except LeaseLost:  # whoever has the drawers gives the pulses; it may leave them, or die
                    limit_s = _IDLE_POLL_S
                except Exception:
                    logger.exception("the drawer's pulses will be tried again")
                    limit_s = _STORE_RETRY_S
                await _until(self._bell, limit_s)
                if self._is_lost:
                    takes = self._take_free
        with suppress(Exception):  # whoever comes next takes it all the same
            await _finished(self._leave())

    async def _tell_quietly(self, tell: Callable[[], Awaitable[None]]) -> None:
        try:
            await tell()
        except Exception:
            logger.exception("what became of the drawer could not be written down")

    async def _take(self) -> None:
        """Take the lease. Of what an earlier worker was sending nobody knows, and it is not sent again."""
        async with self._store.transaction() as connection:
            await take_lease(connection, _ALL_DRAWERS, self._holder)
            await self._recover(connection)

    async def _take_free(self) -> None:
        """The same, if no other worker that lives has it.

        Raises:
            LeaseLost: one has it.
        """
        async with self._store.transaction() as connection:
            await take_free_lease(connection, _ALL_DRAWERS, self._holder)
            await self._recover(connection)

    async def _leave(self) -> None:
        async with self._store.transaction() as connection:
            await leave_lease(connection, _ALL_DRAWERS, self._holder)

    async def _recover(self, connection: AsyncConnection) -> None:
        now, of = to_microseconds(self._clock.now()), drawer_pulse.c.state
        for left, state, error in (
            (State.CLAIMED, State.QUEUED, None),
            (State.SENDING, State.UNKNOWN, PrinterFault.INTERRUPTED),
        ):
            statement = update(drawer_pulse).where(of == left)
            await connection.execute(statement.values(state=state, error=error, updated_at=now))

    async def _waiting(self) -> list[_Pulse]:
        columns = drawer_pulse.c
        statement = select(columns.id, columns.printer, columns.created_at).where(columns.state == State.QUEUED)
        async with self._store.reading() as connection:
            rows = (await connection.execute(statement)).all()
        now_s = self._running_s()
        return [
            _Pulse(row.id, row.printer, row.created_at, now_s + self._life_s(row.created_at))
            for row in rows
            if row.id not in self._in_hand
        ]

    async def _give_one(self, given: _Pulse) -> None:
        try:
            await self._give(given)
        except LeaseLost:
            self._is_lost = True
            logger.warning("another program opens the drawer now")
        except Exception:  # the paper of the sale must come out all the same
            logger.exception("a pulse could not be given")
            with suppress(Exception):
                await self._end(given, State.UNKNOWN, PrinterFault.INTERRUPTED)
        finally:
            self._in_hand.discard(given.id)
        await self._say_it_ended()
        self.wake()

    async def _say_it_ended(self) -> None:
        """Nobody who listens keeps a pulse from being given, nor ends the papers of other printers."""
        try:
            await self._on_ended()
        except Exception:
            logger.exception("what became of a pulse could not be shown")

    async def _give(self, given: _Pulse) -> None:
        """Give a pulse while its sale is fresh."""
        printer = self._printers.get(given.printer)
        if printer is not None and printer.profile.practice:
            return await self._end(given, State.SENT, None)  # what is practised opens no drawer
        if printer is None or not printer.profile.drawer:
            return await self._end(given, State.FAILED, PrinterFault.NO_DRAWER)
        fault: PrinterFault | None = PrinterFault.EXPIRED
        while (left_s := self._left_s(given)) > 0:
            state, fault = await self._attempt(given, printer, left_s, fault)
            await self._end(given, state, fault)
            if state is not State.FAILED:
                return None
            await self._say_it_ended()
            await asyncio.sleep(min(_RETRY_S, max(0.0, self._left_s(given))))
        return await self._end(given, State.FAILED, fault)

    async def _attempt(
        self, given: _Pulse, printer: Printer, left_s: float, fault: PrinterFault | None
    ) -> tuple[State, PrinterFault | None]:
        line = self.line(given.printer)
        try:
            async with asyncio.timeout(left_s):
                await line.acquire()
        except TimeoutError:
            return State.FAILED, fault
        try:
            await _finished(self._claim(given))
            delivery = await printer.transport.open_drawer(
                drawer_signal(printer.profile),
                f"{given.created_at:017d}-pulse-{given.id.hex()[-6:]}",
                lambda: _finished(self._note_sending(given)),
                limit_s=max(0.0, self._left_s(given)),
            )
        except _TooLate:
            return State.FAILED, fault
        except PrinterError as error:
            return State.UNKNOWN if error.bytes_left else State.FAILED, error.fault
        finally:
            line.release()
        return State(delivery), None

    def _life_s(self, created_at: int) -> float:
        """Seconds that a pulse has when it is found. A sale of the future is of a clock that was set back."""
        age_s = (to_microseconds(self._clock.now()) - created_at) / 1_000_000
        life_s = SIGNAL_LIFE.total_seconds()
        return 0.0 if age_s < -life_s else min(life_s, life_s - age_s)

    def _left_s(self, given: _Pulse) -> float:
        """Seconds that a pulse may still be given in."""
        return given.until_s - self._running_s()

    async def _claim(self, given: _Pulse) -> None:
        await self._move(given, State.CLAIMED, TO_SEND)

    async def _note_sending(self, given: _Pulse) -> None:
        if self._left_s(given) <= 0:
            raise _TooLate
        await self._move(given, State.SENDING, (State.CLAIMED,))

    async def _move(self, given: _Pulse, state: State, before: tuple[State, ...]) -> None:
        now = to_microseconds(self._clock.now())
        async with self._store.transaction() as connection:
            await require_lease(connection, _ALL_DRAWERS, self._holder)
            mine = update(drawer_pulse).where(drawer_pulse.c.id == given.id, drawer_pulse.c.state.in_(before))
            if (await connection.execute(mine.values(state=state, updated_at=now))).rowcount != 1:
                raise LeaseLost

    async def _end(self, given: _Pulse, state: State, fault: PrinterFault | None) -> None:
        now = to_microseconds(self._clock.now())

        async def record() -> None:
            async with self._store.transaction() as connection:
                await require_lease(connection, _ALL_DRAWERS, self._holder)
                mine = update(drawer_pulse).where(drawer_pulse.c.id == given.id)
                await connection.execute(mine.values(state=state, error=fault, updated_at=now))

        await _finished(record())


async def _finished(write: Awaitable[None]) -> None:
    """Finish a write even if the worker is cancelled."""
    task = asyncio.ensure_future(write)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


async def _until(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
