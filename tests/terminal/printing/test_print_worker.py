"""The worker: all is printed once, a dead printer delays nobody, and doubt is never resolved by printing again."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from shared.kernel.retries import LONGEST_RETRY_SECONDS
from shared.orders.contacts import ContactView
from terminal.printing import worker
from terminal.printing.documents import Document, KitchenDocument, ReceiptDocument
from terminal.printing.faults import PrinterError, PrinterFault, PrinterHungUp, PrinterUnreachable
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.queue import PrintJob, enqueue, it_came_out, print_again, try_now
from terminal.printing.records import State, print_job
from terminal.printing.transports import (
    AboutToSend,
    Delivery,
    FileTransport,
    Patience,
    TcpTransport,
    nothing_to_note,
)
from terminal.printing.views import QueueHealth, last_receipt, open_jobs
from terminal.printing.worker import FIRST_RETRY_S, PrintWorker, retry_after_s

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


@pytest.fixture
def branch(store: Any, clock: Any) -> Branch:
    return Branch(store, clock)


async def test_what_was_queued_before_and_during_work_is_printed_once_in_order(
    branch: Branch, ticket: KitchenDocument, read_paper: Read
) -> None:
    tray = Tray()
    for part in (1, 2, 3):
        await branch.ask_for(dataclasses.replace(ticket, part=part, parts=4), revision=part)
    async with branch.working(caja=tray):
        last = await branch.ask_for(dataclasses.replace(ticket, part=4, parts=4), revision=4)
        await branch.ask_for(dataclasses.replace(ticket, part=4, parts=4), revision=4)
        await branch.until(last, State.CONFIRMED)
    assert [read_paper(raw).lines[-1].text[-6:] for raw in tray.papers] == ["1 de 4", "2 de 4", "3 de 4", "4 de 4"]
    assert tray.names == sorted(tray.names) or len(set(tray.names)) == 4


async def test_a_paper_names_its_job(branch: Branch, receipt: ReceiptDocument, read_paper: Read) -> None:
    tray = Tray()
    job = await branch.ask_for(receipt)
    async with branch.working(caja=tray):
        await branch.until(job, State.CONFIRMED)
    assert read_paper(tray.papers[0]).line("#").text.strip() == f"#{job.hex[-6:]}"


async def test_a_job_is_marked_as_being_sent_before_its_first_byte_leaves(
    branch: Branch, receipt: ReceiptDocument
) -> None:
    release = asyncio.Event()
    job = await branch.ask_for(receipt)
    async with branch.working(caja=Tray(block=release)):
        row = await branch.until(job, State.SENDING)
        assert row.attempts == 1
        release.set()
        await branch.until(job, State.CONFIRMED)


async def test_a_fault_that_left_no_bytes_is_tried_again_until_it_prints(
    branch: Branch, receipt: ReceiptDocument
) -> None:
    tray = Tray(PrinterUnreachable(), PrinterUnreachable())
    job = await branch.ask_for(receipt)
    async with branch.working(caja=tray):
        row = await branch.until(job, State.CONFIRMED)
    assert (len(tray.papers), row.attempts, row.copies, row.error) == (1, 3, 0, None)
    assert any(health.stuck == 1 and health.printers[0].fault is PrinterFault.UNREACHABLE for health in branch.changes)
    assert branch.changes[-1].stuck == 0


async def test_a_fault_that_may_have_left_bytes_asks_and_lets_the_next_job_print(
    branch: Branch, receipt: ReceiptDocument
) -> None:
    tray = Tray(PrinterHungUp(bytes_left=True))
    doubtful = await branch.ask_for(receipt)
    after = await branch.ask_for(receipt, revision=2)
    async with branch.working(caja=tray):
        await branch.until(after, State.CONFIRMED)
        row = await branch.job(doubtful)
        assert branch.worker is not None
        assert branch.worker.health.stuck == 1
    assert (row.state, row.error, row.attempts) == (State.UNKNOWN, PrinterFault.HUNG_UP, 1)
    assert len(tray.papers) == 1


async def test_an_answer_from_a_person_clears_the_count_of_stuck_jobs(branch: Branch, receipt: ReceiptDocument) -> None:
    await branch.ask_for(receipt)
    async with branch.working(caja=Tray(PrinterHungUp(bytes_left=True))) as worker:
        await branch.until_stuck(1)
        async with branch.store.transaction() as connection:
            (asked,) = await open_jobs(connection, ("caja",))
            await it_came_out(connection, asked, branch.clock.now())
        worker.wake()
        await branch.until_stuck(0)


class Slow:
    """A printer that does not answer until `calls_end`, and then takes the bytes."""

    def __init__(self) -> None:
        self.called, self.calls_end = asyncio.Event(), asyncio.Event()
        self.papers: list[bytes] = []

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        self.called.set()
        await self.calls_end.wait()
        await about_to_send()
        self.papers.append(payload)
        return Delivery.CONFIRMED


async def test_a_paper_moved_while_its_printer_is_called_comes_out_of_the_other_one_alone(
    branch: Branch, receipt: ReceiptDocument
) -> None:
    dead, other = Slow(), Slow()
    job = await branch.ask_for(receipt)
    async with branch.working(caja=dead, barra=other) as worker:
        await asyncio.wait_for(dead.called.wait(), 10)
        async with branch.store.transaction() as connection:
            (seen,) = await open_jobs(connection, ("caja", "barra"))
            assert seen.state is State.CLAIMED
            assert await print_again(connection, seen, branch.clock.now(), "barra")
        worker.wake()
        await asyncio.wait_for(other.called.wait(), 10)
        dead.calls_end.set()
        await asyncio.sleep(0.1)
        other.calls_end.set()
        await branch.until(job, State.CONFIRMED)
    assert (len(dead.papers), len(other.papers)) == (0, 1)


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


async def test_one_dead_printer_does_not_delay_the_others(
    branch: Branch, receipt: ReceiptDocument, ticket: KitchenDocument
) -> None:
    never = asyncio.Event()
    dead, well = Tray(block=never), Tray()
    stuck = await branch.ask_for(ticket, printer="cocina")
    async with branch.working(cocina=dead, caja=well):
        await branch.until(stuck, State.SENDING)
        for revision in range(1, 6):
            await branch.until(await branch.ask_for(receipt, revision=revision), State.CONFIRMED)
        assert (await branch.job(stuck)).state == State.SENDING
        never.set()
    assert (len(well.papers), dead.attempts) == (5, 1)


async def test_printers_come_change_and_go_while_it_runs(branch: Branch, receipt: ReceiptDocument) -> None:
    """A dead printer that got another address prints there at once; what is for a printer that went waits."""
    dead, alive, slow = Tray(*[PrinterUnreachable()] * 1_000), Tray(), Tray(block=asyncio.Event())
    assert slow._block is not None
    async with branch.working(caja=dead, barra=slow) as worker:
        first = await branch.ask_for(receipt)
        begun = await branch.ask_for(receipt, printer="barra")
        await branch.until(first, State.FAILED)
        await branch.until(begun, State.SENDING)
        worker.use({"caja": Printer(PrinterProfile(), alive), "cocina": Printer(PrinterProfile(), alive)})
        new = await branch.ask_for(receipt, printer="cocina")
        gone = await branch.ask_for(receipt, printer="barra", revision=2)
        for job in (first, new):
            await branch.until(job, State.CONFIRMED)
        slow._block.set()
        await branch.until(begun, State.CONFIRMED)
        again = Tray()
        assert (await branch.job(gone)).state == State.QUEUED
        worker.use({"barra": Printer(PrinterProfile(), again)})
        await branch.until(gone, State.CONFIRMED)
    assert (len(alive.papers), len(slow.papers), len(again.papers)) == (2, 1, 1)


async def test_network_printers_that_are_gone_mute_or_well_each_have_their_own_fate(
    branch: Branch,
    ticket: KitchenDocument,
    loopback: Callable[..., Awaitable[Any]],
    closed_port: int,
    read_paper: Read,
    tmp_path: Path,
) -> None:
    patience = Patience(connect_s=1.0, write_s=0.3, status_s=0.5, confirm_s=0.5, farewell_s=0.1)
    well, breaking = await loopback(), await loopback(resets_after=50)
    printers = {
        "well": TcpTransport("127.0.0.1", well.port, patience=patience),
        "gone": TcpTransport("127.0.0.1", closed_port, patience=patience),
        "breaking": TcpTransport("127.0.0.1", breaking.port, patience=patience),
        "file": FileTransport(tmp_path / "printer.bin"),
    }
    jobs = {name: await branch.ask_for(ticket, printer=name) for name in printers}
    async with branch.working(**printers):
        for name in ("well", "file"):
            await branch.until(jobs[name], State.CONFIRMED)
        assert (await branch.until(jobs["breaking"], State.UNKNOWN)).error == PrinterFault.HUNG_UP
        assert (await branch.until(jobs["gone"], State.FAILED)).error == PrinterFault.UNREACHABLE
    assert "Rocoto relleno" in read_paper((await well.papers(1))[0]).text
    assert (tmp_path / "printer.bin").read_bytes() != b""
    assert breaking.connections == 1


@pytest.mark.parametrize("same_program", [True, False])
async def test_a_person_who_fixed_the_printer_need_not_wait(
    branch: Branch, receipt: ReceiptDocument, monkeypatch: pytest.MonkeyPatch, same_program: bool
) -> None:
    from terminal.printing import worker as worker_module

    monkeypatch.setattr(worker_module, "_IDLE_POLL_S", 3_600.0 if same_program else 0.01)
    tray = Tray(PrinterUnreachable())
    job = await branch.ask_for(receipt)
    worker = PrintWorker(
        branch.store, {"caja": Printer(PrinterProfile(), tray)}, branch.clock, retry_after_s=lambda _attempts: 3_600.0
    )
    running = asyncio.create_task(worker.run())
    await branch.until(job, State.FAILED)
    worker.wake()
    async with branch.store.transaction() as connection:
        assert await try_now(connection, branch.clock.now()) == 1
    if same_program:
        worker.wake()
    await branch.until(job, State.CONFIRMED)
    worker.stop()
    await asyncio.wait_for(running, 10)


async def test_new_jobs_do_not_hurry_a_dead_printer(branch: Branch, receipt: ReceiptDocument) -> None:
    tray = Tray(PrinterUnreachable(), PrinterUnreachable())
    job = await branch.ask_for(receipt)
    branch.worker = PrintWorker(
        branch.store, {"caja": Printer(PrinterProfile(), tray)}, branch.clock, retry_after_s=lambda _attempts: 3_600.0
    )
    running = asyncio.create_task(branch.worker.run())
    await branch.until(job, State.FAILED)
    for revision in range(2, 12):
        await branch.ask_for(receipt, revision=revision)
        await asyncio.sleep(0)
    branch.worker.stop()
    await asyncio.wait_for(running, 10)
    assert tray.attempts == 1


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
