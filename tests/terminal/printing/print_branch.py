"""A store, a clock and printers at the port, and a worker that runs while it is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from terminal.printing.documents import Document
from terminal.printing.faults import PrinterError
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, print_job
from terminal.printing.transports import (
    AboutToSend,
    Delivery,
    nothing_to_note,
)
from terminal.printing.views import QueueHealth
from terminal.printing.worker import PrintWorker

ORDER = UUID(int=17)
ENDED = {State.SENT, State.CONFIRMED, State.UNKNOWN}
Read = Callable[[bytes], Any]


class Tray:
    """A printer at the port: keeps what it got, and fails as often as told."""

    def __init__(self, *faults: PrinterError, block: asyncio.Event | None = None) -> None:
        self.papers: list[bytes] = []
        self.names: list[str] = []
        self.attempts = 0
        self.printed = asyncio.Semaphore(0)
        self._faults = list(faults)
        self._block = block

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        self.attempts += 1
        if self._faults and not self._faults[0].bytes_left:
            raise self._faults.pop(0)
        await about_to_send()
        if self._block is not None:
            await self._block.wait()
        if self._faults:
            raise self._faults.pop(0)
        self.papers.append(payload)
        self.names.append(job)
        self.printed.release()
        return Delivery.CONFIRMED


class Branch:
    """A store, a clock and printers, and a worker that runs while it is looked at."""

    def __init__(self, store: Any, clock: Any) -> None:
        self.store = store
        self.clock = clock
        self.changes: list[QueueHealth] = []
        self.worker: PrintWorker | None = None
        self._changed = asyncio.Event()

    def _note(self, health: QueueHealth) -> None:
        self.changes.append(health)
        self._changed.set()

    async def until_stuck(self, count: int) -> None:
        async with asyncio.timeout(10):
            while not self.changes or self.changes[-1].stuck != count:
                self._changed.clear()
                await self._changed.wait()

    async def ask_for(self, document: Document, *, printer: str = "caja", revision: int = 1) -> UUID:
        job = PrintJob.of(document, printer=printer, reference=ORDER, revision=revision, at=self.clock.now())
        async with self.store.transaction() as connection:
            await enqueue(connection, job)
        if self.worker is not None:
            self.worker.wake()
        return job.id

    @asynccontextmanager
    async def working(self, **transports: Any) -> AsyncIterator[PrintWorker]:
        printers = {name: Printer(PrinterProfile(), transport) for name, transport in transports.items()}
        self.worker = PrintWorker(
            self.store, printers, self.clock, on_change=self._note, retry_after_s=lambda _attempts: 0.01
        )
        running = asyncio.create_task(self.worker.run())
        try:
            yield self.worker
            self.worker.stop()
            await asyncio.wait_for(running, 10)
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def job(self, job_id: UUID) -> Any:
        async with self.store.reading() as connection:
            return (await connection.execute(select(print_job).where(print_job.c.id == job_id.bytes))).one()

    async def until(self, job_id: UUID, *states: State) -> Any:
        async with asyncio.timeout(10):
            while (row := await self.job(job_id)).state not in states:  # noqa: ASYNC110 - the state is in a file
                await asyncio.sleep(0.005)
        return row
