"""A device's print queue with its worker, on a real store and real sockets, and tills in front of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from terminal.printing.desk import PrintDesk
from terminal.printing.documents import Document, KitchenDocument, KitchenLine, Letterhead, ReceiptDocument
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, print_job
from terminal.printing.transports import Patience, TcpTransport
from terminal.printing.worker import PrintWorker
from tests.terminal.printing.conftest import FileStore
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.till import DrivenTill, driven

PATIENCE = Patience(connect_s=1.0, write_s=0.3, status_s=0.5, confirm_s=0.5, farewell_s=0.1)
WALL = NOON.replace(tzinfo=None)
NEVER_S = 3_600.0
CASHIER = "1234\n"


def a_receipt(number: int = 12) -> ReceiptDocument:
    return ReceiptDocument("es", "PEN", Letterhead("Sabores"), f"A-{number:08d}", WALL, (), 1_000, 1_000)


def a_ticket(number: str = "A-17", station: str = "Cocina") -> KitchenDocument:
    return KitchenDocument("es", station, number, WALL, (KitchenLine("Lomo saltado", 1_000),), table="Mesa 7")


class Copies:
    """Prints the paper itself again: this house has no sales. (Real copies: `test_receipts_screen.py`.)"""

    def __init__(self, printing: PrintDesk) -> None:
        self._printing = printing

    async def print_copy(self, _receipt_id: UUID) -> None:
        last = await self._printing.last_receipt()
        assert last is not None
        await self._printing.print_again(last)


class House:
    """A device's print queue, the worker behind it, and as many tills in front of it as are opened."""

    def __init__(self, store: FileStore, printers: dict[str, TcpTransport]) -> None:
        self.store = store
        self.names = tuple(printers)
        self.desks: list[PaperDesk] = []
        self.papers = 0
        self.worker = PrintWorker(
            store,
            {name: Printer(PrinterProfile(), transport) for name, transport in printers.items()},
            PaperDesk(),
            retry_after_s=lambda _attempts: NEVER_S,
        )

    async def ask_for(self, document: Document, printer: str, **values: Any) -> UUID:
        self.papers += 1
        job = PrintJob.of(document, printer=printer, reference=UUID(int=self.papers), revision=1, at=NOON)
        async with self.store.transaction() as connection:
            await enqueue(connection, job)
            if values:
                await connection.execute(print_job.update().where(print_job.c.id == job.id.bytes).values(**values))
        self.worker.wake()
        return job.id

    async def until(self, job: UUID, *states: State) -> Any:
        async with asyncio.timeout(10):
            while (row := await self.row(job)).state not in states:  # noqa: ASYNC110 a table rings no bell
                await asyncio.sleep(0.005)
        return row

    async def row(self, job: UUID) -> Any:
        async with self.store.reading() as connection:
            return (await connection.execute(print_job.select().where(print_job.c.id == job.bytes))).one()

    async def look(self) -> None:
        """Every till reads the queue, as its desk does after a commit."""
        for desk in self.desks:
            async with self.store.reading() as connection:
                desk.see(await desk.printing.read(connection))

    async def desk(self, **more: Any) -> PaperDesk:
        """Another desk before the same queue."""
        desk = PaperDesk(**more)
        desk.printing = PrintDesk(self.store, desk, self.names)
        desk.printing.answered = self.worker.wake
        desk.past = Copies(desk.printing)
        self.desks.append(desk)
        await self.look()
        return desk

    @asynccontextmanager
    async def till(self, script: str = CASHIER, **more: Any) -> AsyncIterator[DrivenTill]:
        desk = await self.desk()
        async with driven(desk, script=script, **more) as till:
            yield till
        self.desks.remove(desk)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.worker.run())
        try:
            yield
        finally:
            self.worker.stop()
            await asyncio.wait_for(running, 10)


def at(port: int) -> TcpTransport:
    return TcpTransport("127.0.0.1", port, patience=PATIENCE)
