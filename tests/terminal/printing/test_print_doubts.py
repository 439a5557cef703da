"""What the worker does where it cannot just print: the old, unreadable and torn is asked about, never printed twice."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from shared.kernel.retries import LONGEST_RETRY_SECONDS
from shared.orders.contacts import ContactView
from terminal.printing import worker
from terminal.printing.documents import KitchenDocument, ReceiptDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.queue import print_again
from terminal.printing.records import State, print_job
from terminal.printing.views import last_receipt
from terminal.printing.worker import FIRST_RETRY_S, PrintWorker, retry_after_s
from tests.terminal.printing.print_branch import ENDED, ORDER, Branch, Read, Tray


async def test_a_job_for_a_printer_that_is_not_there_is_reported(branch: Branch, receipt: ReceiptDocument) -> None:
    tray = Tray()
    async with branch.working(caja=tray):
        lost = await branch.ask_for(receipt, printer="horno")
        await branch.until(await branch.ask_for(receipt), State.CONFIRMED)
    assert (await branch.job(lost)).state == State.QUEUED
    assert branch.changes[-1].stuck == 1
    assert branch.changes[-1].printers[-1].fault is PrinterFault.NO_PRINTER


async def test_a_copy_says_so(branch: Branch, receipt: ReceiptDocument, read_paper: Read) -> None:
    tray = Tray()
    job = await branch.ask_for(receipt)
    async with branch.working(caja=tray) as worker:
        await asyncio.wait_for(tray.printed.acquire(), 10)
        await branch.until(job, State.CONFIRMED)
        async with branch.store.transaction() as connection:
            await print_again(connection, await last_receipt(connection), branch.clock.now())
        worker.wake()
        await asyncio.wait_for(tray.printed.acquire(), 10)
    original, copy = map(read_paper, tray.papers)
    assert "COPIA" not in original.text
    assert "COPIA 1" in copy.text
    assert tray.names[0] != tray.names[1]


async def test_yesterdays_orders_ask_before_they_print(branch: Branch, ticket: KitchenDocument) -> None:
    tray = Tray()
    old = await branch.ask_for(ticket)
    branch.clock.move(timedelta(hours=10))
    fresh = await branch.ask_for(ticket, revision=2)
    async with branch.working(caja=tray):
        await branch.until(fresh, State.CONFIRMED)
    row = await branch.job(old)
    assert (row.state, row.error, row.attempts) == (State.UNKNOWN, PrinterFault.EXPIRED, 0)
    assert len(tray.papers) == 1


async def test_a_job_that_cannot_be_read_asks_and_does_not_block(branch: Branch, receipt: ReceiptDocument) -> None:
    tray = Tray()
    broken = await branch.ask_for(receipt)
    async with branch.store.transaction() as connection:
        await connection.execute(update(print_job).values(payload=b"\xc1 not a document"))
    after = await branch.ask_for(receipt, revision=2)
    async with branch.working(caja=tray):
        await branch.until(after, State.CONFIRMED)
    assert ((await branch.job(broken)).state, (await branch.job(broken)).error) == (
        State.UNKNOWN,
        PrinterFault.UNREADABLE,
    )


async def test_a_job_that_no_maker_of_papers_stands_asks_and_does_not_block(
    branch: Branch, ticket: KitchenDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = worker.render

    def fails_on_a_note(document: KitchenDocument, *more: Any) -> bytes:
        if document.note == "poison":
            raise IndexError
        return rendered(document, *more)

    monkeypatch.setattr(worker, "render", fails_on_a_note)
    tray = Tray()
    poison = await branch.ask_for(dataclasses.replace(ticket, note="poison"))
    after = await branch.ask_for(ticket, revision=2)
    async with branch.working(caja=tray):
        await branch.until(after, State.CONFIRMED)
    row = await branch.job(poison)
    assert (row.state, row.error, row.attempts) == (State.UNKNOWN, PrinterFault.UNREADABLE, 1)
    assert len(tray.papers) == 1


async def test_a_cancelled_worker_leaves_the_job_to_a_person(branch: Branch, receipt: ReceiptDocument) -> None:
    job = await branch.ask_for(receipt)
    worker = PrintWorker(branch.store, {"caja": Printer(PrinterProfile(), Tray(block=asyncio.Event()))}, branch.clock)
    running = asyncio.create_task(worker.run())
    await branch.until(job, State.SENDING)
    running.cancel()
    await asyncio.wait([running])
    tray = Tray()
    async with branch.working(caja=tray):
        assert (await branch.until(job, *ENDED)).error == PrinterFault.INTERRUPTED
    assert tray.papers == []


async def test_a_result_that_cannot_be_stored_at_once_is_stored_later_and_not_printed_twice(
    branch: Branch, receipt: ReceiptDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    from terminal.printing import worker as worker_module

    monkeypatch.setattr(worker_module, "_STORE_RETRY_S", 0.01)
    tray = Tray()
    open_transaction = branch.store.transaction
    refusals = iter([True, True, True])

    def full_disk_after_printing() -> Any:
        if tray.papers and next(refusals, False):
            raise OSError(28, "No space left on device")
        return open_transaction()

    job = await branch.ask_for(receipt)
    monkeypatch.setattr(branch.store, "transaction", full_disk_after_printing)
    async with branch.working(caja=tray):
        await branch.until(job, State.CONFIRMED)
    assert len(tray.papers) == 1


_KILLED_WHILE_PRINTING = """
import asyncio, os, signal, sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from sqlalchemy.ext.asyncio import create_async_engine
from terminal.printing.printers import Printer, PrinterProfile
from shared.kernel.retries import LONGEST_RETRY_SECONDS
from terminal.printing.worker import PrintWorker

engine = create_async_engine(f"sqlite+aiosqlite:///{sys.argv[1]}")

class Store:
    transaction = staticmethod(engine.begin)
    reading = staticmethod(engine.connect)

class Clock:
    now = staticmethod(lambda: datetime(2026, 11, 23, 19, 6, tzinfo=UTC))

class PowerCut:
    async def deliver(self, payload, job, about_to_send, **_options):
        await about_to_send()
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(PrintWorker(Store, {"caja": Printer(PrinterProfile(), PowerCut())}, Clock).run())
"""


async def test_a_kill_between_sending_and_sent_asks_and_what_was_only_queued_prints(
    branch: Branch, receipt: ReceiptDocument, tmp_path: Path
) -> None:
    torn = await branch.ask_for(receipt)
    waiting = await branch.ask_for(receipt, revision=2)
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _KILLED_WHILE_PRINTING, str(tmp_path / "device.sqlite")],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (await branch.job(torn)).state == State.SENDING

    tray = Tray()
    async with branch.working(caja=tray):
        await branch.until(waiting, State.CONFIRMED)
    row = await branch.job(torn)
    assert (row.state, row.error) == (State.UNKNOWN, PrinterFault.INTERRUPTED)
    assert len(tray.papers) == 1


def test_retries_slow_down_to_half_a_minute_and_no_further() -> None:
    waits = [retry_after_s(attempts) for attempts in range(1, 2_000)]
    assert waits[0] == FIRST_RETRY_S
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_RETRY_SECONDS


async def test_a_contact_is_read_when_the_paper_is_printed(
    branch: Branch, ticket: KitchenDocument, read_paper: Read
) -> None:
    tray, asked = Tray(), []

    async def contact_of(_connection: Any, order_id: UUID) -> ContactView:
        asked.append(order_id)
        return ContactView("Eulalia", "987 654 321")

    worker = PrintWorker(branch.store, {"caja": Printer(PrinterProfile(), tray)}, branch.clock, contact_of=contact_of)
    named = await branch.ask_for(dataclasses.replace(ticket, contact_of=ORDER))
    plain = await branch.ask_for(ticket, revision=2)
    running = asyncio.create_task(worker.run())
    for job in (named, plain):
        await branch.until(job, State.CONFIRMED)
    worker.stop()
    await running
    assert asked == [ORDER]
    texts = ["\n".join(line.text for line in read_paper(raw).lines) for raw in tray.papers]
    assert ["Eulalia" in text for text in texts] == [True, False]
    assert "987" not in texts[0], "a cook needs no phone number"
