"""Who may send a job, what a crash leaves of it, where it goes when its printer is dead, and when it is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import to_microseconds
from terminal.printing.claims import FORGET_AFTER, FORGOTTEN_AT_ONCE, Ending, PrintClaims
from terminal.printing.documents import Document, KitchenDocument, ReceiptDocument
from terminal.printing.faults import PrinterFault, PrinterUnreachable
from terminal.printing.leases import LeaseLost
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.pulses import SIGNAL_LIFE
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, print_job
from terminal.printing.transports import AboutToSend, Delivery
from terminal.printing.worker import PrintWorker

ORDER = UUID(int=17)
OLD, NEW = b"o" * 16, b"n" * 16


class Tray:
    """A printer at the port that is dead while told so, and keeps what it got."""

    def __init__(self, *, is_dead: bool = False) -> None:
        self.papers: list[bytes] = []
        self.is_dead = is_dead
        self.attempts = 0

    async def deliver(self, payload: bytes, _job: str, about_to_send: AboutToSend, **_more: Any) -> Delivery:
        self.attempts += 1
        if self.is_dead:
            raise PrinterUnreachable
        await about_to_send()
        self.papers.append(payload)
        return Delivery.CONFIRMED


class Broken(Tray):
    """Ends with an error of the program, before or after bytes left."""

    def __init__(self, *, after_bytes: bool) -> None:
        super().__init__()
        self._after_bytes = after_bytes

    async def deliver(self, payload: bytes, _job: str, about_to_send: AboutToSend, **_more: Any) -> Delivery:
        self.attempts += 1
        if self._after_bytes:
            await about_to_send()
        if self.attempts == 1:
            raise ZeroDivisionError
        self.papers.append(payload)
        return Delivery.CONFIRMED


async def ask_for(store: Any, clock: Any, document: Document, printer: str = "cocina", revision: int = 1) -> PrintJob:
    job = PrintJob.of(document, printer=printer, reference=ORDER, revision=revision, at=clock.now())
    async with store.transaction() as connection:
        await enqueue(connection, job)
    return job


async def rows(store: Any) -> list[Any]:
    async with store.reading() as connection:
        return list(await connection.execute(select(print_job).order_by(print_job.c.revision)))


async def until(store: Any, job: PrintJob, *states: State) -> Any:
    async with asyncio.timeout(10):
        while True:
            row = next(row for row in await rows(store) if row.id == job.id.bytes)
            if row.state in states:
                return row
            await asyncio.sleep(0.005)


def at(tray: Tray, **more: Any) -> Printer:
    return Printer(PrinterProfile(), tray, **more)  # type: ignore[arg-type]


async def worked(store: Any, clock: Any, printers: dict[str, Printer], **more: Any) -> tuple[PrintWorker, Any]:
    worker = PrintWorker(store, printers, clock, retry_after_s=lambda _attempts: 0.01, **more)
    return worker, asyncio.create_task(worker.run())


async def ended(worker: PrintWorker, running: Any) -> None:
    worker.stop()
    await asyncio.wait_for(running, 10)


async def test_the_last_worker_that_took_a_printer_has_it(store: Any, clock: Any, ticket: KitchenDocument) -> None:
    job = await ask_for(store, clock, ticket)
    old, new = PrintClaims(store, clock, OLD), PrintClaims(store, clock, NEW)
    await old.take("cocina")
    claimed = await old.claim("cocina", job.id.bytes, None)
    assert claimed is not None
    await new.take("cocina")
    with pytest.raises(LeaseLost):
        await old.note_sending("cocina", claimed)
    with pytest.raises(LeaseLost):
        await old.claim("cocina", job.id.bytes, None)
    with pytest.raises(LeaseLost):
        await old.record("cocina", claimed, Ending(State.CONFIRMED))
    (row,) = await rows(store)
    assert row.state == State.QUEUED, "what was only claimed is sent by the new one"


@pytest.mark.parametrize(
    ("left", "state", "error"),
    [(State.CLAIMED, State.QUEUED, None), (State.SENDING, State.UNKNOWN, PrinterFault.INTERRUPTED)],
)
async def test_only_what_may_be_on_paper_is_asked_about_after_a_crash(
    store: Any, clock: Any, ticket: KitchenDocument, left: State, state: State, error: PrinterFault | None
) -> None:
    await ask_for(store, clock, ticket)
    async with store.transaction() as connection:
        await connection.execute(update(print_job).values(state=left))
    told: list[Ending] = []

    async def on_ended(_connection: AsyncConnection, _job: UUID, ending: Ending) -> None:
        told.append(ending)

    await PrintClaims(store, clock, NEW, on_ended=on_ended).take("cocina")
    (row,) = await rows(store)
    assert (row.state, row.error) == (state, error)
    assert told == ([Ending(state, error)] if error else [])


@pytest.mark.parametrize("after_bytes", [False, True])
async def test_an_error_of_the_program_leaves_no_job_behind(
    store: Any, clock: Any, ticket: KitchenDocument, after_bytes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from terminal.printing import worker as module

    monkeypatch.setattr(module, "_STORE_RETRY_S", 0.01)
    tray = Broken(after_bytes=after_bytes)
    job = await ask_for(store, clock, ticket)
    worker, running = await worked(store, clock, {"cocina": at(tray)})
    row = await until(store, job, State.UNKNOWN if after_bytes else State.CONFIRMED, State.UNKNOWN)
    await ended(worker, running)
    assert (row.state, len(tray.papers)) == ((State.UNKNOWN, 0) if after_bytes else (State.CONFIRMED, 1))


async def test_a_dead_printers_papers_go_to_its_substitute_by_themselves_and_come_out_there_alone(
    store: Any, clock: Any, ticket: KitchenDocument, read_paper: Any
) -> None:
    dead, well = Tray(is_dead=True), Tray()
    printers = {"cocina": at(dead, substitute="caja", substitute_after=3), "caja": at(well)}
    jobs = [await ask_for(store, clock, ticket, revision=n) for n in (1, 2, 3)]
    worker, running = await worked(store, clock, printers)
    for job in jobs:
        row = await until(store, job, State.CONFIRMED)
        assert (row.printer, row.made_for, row.copies) == ("caja", "cocina", 0)
    assert dead.attempts == 3
    dead.is_dead = False
    after = await ask_for(store, clock, ticket, revision=4)
    worker.wake()
    assert (await until(store, after, State.CONFIRMED)).printer == "cocina"
    await ended(worker, running)
    assert (len(well.papers), len(dead.papers)) == (3, 1)
    assert all("COCINA SIN IMPRESORA: sale en caja" in read_paper(paper).text for paper in well.papers)
    assert "SIN IMPRESORA" not in read_paper(dead.papers[0]).text


async def test_the_banner_names_printers_as_screens_do_and_no_paper_of_a_guest_has_it(
    store: Any, clock: Any, ticket: KitchenDocument, receipt: ReceiptDocument, read_paper: Any
) -> None:
    well = Tray()
    papers = (ticket, receipt, replace(receipt, is_bill=True), replace(receipt, is_gift=True))
    jobs = [await ask_for(store, clock, paper, revision=n) for n, paper in enumerate(papers, 1)]
    async with store.transaction() as connection:
        moved = update(print_job).values(printer="receipts", made_for="kitchen")
        await connection.execute(moved)
    worker, running = await worked(store, clock, {"receipts": at(well)})
    for job in jobs:
        await until(store, job, State.CONFIRMED)
    await ended(worker, running)
    first, *of_guests = [read_paper(paper).text for paper in well.papers]
    assert "COCINA SIN IMPRESORA: sale en Recibos" in first
    assert not any("SIN IMPRESORA" in text for text in of_guests)


async def test_what_a_dead_substitute_cannot_print_goes_home_and_comes_out_there_once(
    store: Any, clock: Any, ticket: KitchenDocument, read_paper: Any
) -> None:
    back, dead = Tray(is_dead=True), Tray(is_dead=True)
    printers = {
        "cocina": at(back, substitute="caja", substitute_after=1),
        "caja": at(dead, substitute="cocina", substitute_after=1),
    }
    jobs = [await ask_for(store, clock, ticket, revision=n) for n in (1, 2)]
    worker, running = await worked(store, clock, printers)
    async with asyncio.timeout(10):
        while dead.attempts < 2:  # noqa: ASYNC110 - a printer rings no bell
            await asyncio.sleep(0.005)
    back.is_dead = False
    for job in jobs:
        row = await until(store, job, State.CONFIRMED)
        assert (row.printer, row.copies) == ("cocina", 0)
    await ended(worker, running)
    assert (len(back.papers), dead.papers) == (2, [])
    assert not any("SIN IMPRESORA" in read_paper(paper).text for paper in back.papers)


async def test_what_a_substitute_was_given_goes_no_further_than_home(
    store: Any, clock: Any, ticket: KitchenDocument
) -> None:
    dead, also_dead, third = Tray(is_dead=True), Tray(is_dead=True), Tray()
    printers = {
        "cocina": at(dead, substitute="caja", substitute_after=1),
        "caja": at(also_dead, substitute="barra", substitute_after=1),
        "barra": at(third),
    }
    await ask_for(store, clock, ticket)
    worker, running = await worked(store, clock, printers)
    async with asyncio.timeout(10):
        while dead.attempts < 3:  # noqa: ASYNC110 - a printer rings no bell
            await asyncio.sleep(0.005)
    await ended(worker, running)
    assert third.papers == []


@pytest.mark.parametrize(("ahead", "prints"), [(timedelta(seconds=30), True), (timedelta(days=3_300), False)])
async def test_a_job_of_a_clock_that_was_wrong_asks(
    store: Any, clock: Any, ticket: KitchenDocument, ahead: timedelta, prints: bool
) -> None:
    clock.move(ahead)
    job = await ask_for(store, clock, ticket)
    clock.move(-ahead)
    tray = Tray()
    worker, running = await worked(store, clock, {"cocina": at(tray)})
    row = await until(store, job, State.CONFIRMED, State.UNKNOWN)
    await ended(worker, running)
    assert (row.error, len(tray.papers)) == ((None, 1) if prints else (PrinterFault.EXPIRED, 0))


async def test_a_printers_own_age_limit_comes_before_that_of_the_kind(
    store: Any, clock: Any, receipt: ReceiptDocument
) -> None:
    tray = Tray()
    job = await ask_for(store, clock, receipt)
    clock.move(timedelta(seconds=61))
    worker, running = await worked(store, clock, {"cocina": at(tray, most_age=timedelta(minutes=1))})
    row = await until(store, job, State.UNKNOWN)
    await ended(worker, running)
    assert (row.error, tray.papers) == (PrinterFault.EXPIRED, [])


@pytest.mark.parametrize(("waited", "beeps"), [(timedelta(0), 1), (SIGNAL_LIFE + timedelta(seconds=1), 0)])
async def test_a_buzzer_sounds_now_or_not_at_all(
    store: Any, clock: Any, ticket: KitchenDocument, read_paper: Any, waited: timedelta, beeps: int
) -> None:
    tray = Tray()
    job = await ask_for(store, clock, ticket)
    clock.move(waited)
    worker, running = await worked(store, clock, {"cocina": at(tray)})
    await until(store, job, State.CONFIRMED)
    await ended(worker, running)
    assert read_paper(tray.papers[0]).count("beep") == beeps


async def test_old_jobs_are_forgotten_in_small_steps_and_young_ones_stay(
    store: Any, clock: Any, ticket: KitchenDocument
) -> None:
    young = await ask_for(store, clock, ticket)
    (row,) = await rows(store)
    old = to_microseconds(clock.now() - FORGET_AFTER) - 1
    async with store.transaction() as connection:
        copies = [
            {
                **row._mapping,
                "id": bytes([1]) * 12 + n.to_bytes(4, "big"),
                "revision": 2 + n,
                "queued_at": old,
                "state": State.SENT,
            }
            for n in range(FORGOTTEN_AT_ONCE + 1)
        ]
        await connection.execute(insert(print_job), copies)
    claims = PrintClaims(store, clock, NEW)
    assert [await claims.forget(), await claims.forget()] == [True, False]
    assert [row.id for row in await rows(store)] == [young.id.bytes]


@pytest.mark.parametrize("state", list(State))
async def test_a_clock_that_jumps_deletes_only_what_is_ended(
    store: Any, clock: Any, ticket: KitchenDocument, state: State
) -> None:
    await ask_for(store, clock, ticket)
    async with store.transaction() as connection:
        await connection.execute(update(print_job).values(state=state))
    clock.move(FORGET_AFTER + timedelta(days=1))
    await PrintClaims(store, clock, NEW).forget()
    assert (await rows(store) == []) is (state in {State.SENT, State.CONFIRMED, State.CANCELLED})


async def test_a_listener_hears_each_ending_in_the_transaction_that_records_it(
    store: Any, clock: Any, ticket: KitchenDocument
) -> None:
    heard: list[tuple[UUID, State, str]] = []

    async def on_ended(connection: AsyncConnection, job: UUID, ending: Ending) -> None:
        stored = await connection.scalar(select(print_job.c.state).where(print_job.c.id == job.bytes))
        heard.append((job, ending.state, str(stored)))

    tray = Tray(is_dead=True)
    job = await ask_for(store, clock, ticket)
    worker, running = await worked(store, clock, {"cocina": at(tray)}, on_ended=on_ended)
    await until(store, job, State.FAILED)
    tray.is_dead = False
    await until(store, job, State.CONFIRMED)
    await ended(worker, running)
    assert heard[0] == (job.id, State.FAILED, "failed")
    assert heard[-1] == (job.id, State.CONFIRMED, "confirmed")


class Interrupted(Tray):
    """Somebody changes the job that it has in hand, before its first byte."""

    def __init__(self, change: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._change = change

    async def deliver(self, payload: bytes, _job: str, about_to_send: AboutToSend, **_more: Any) -> Delivery:
        if not self.attempts:
            await self._change()
        return await super().deliver(payload, _job, about_to_send)


async def test_a_job_that_somebody_changes_in_the_workers_hand_costs_no_printer(
    store: Any, clock: Any, ticket: KitchenDocument
) -> None:
    async def queue_again() -> None:
        async with store.transaction() as connection:
            await connection.execute(update(print_job).values(state=State.QUEUED, copies=1))

    tray = Interrupted(queue_again)
    job = await ask_for(store, clock, ticket)
    worker, running = await worked(store, clock, {"cocina": at(tray)})
    assert (await until(store, job, State.CONFIRMED)).copies == 1
    after = await ask_for(store, clock, ticket, revision=2)
    worker.wake()
    await until(store, after, State.CONFIRMED)
    await ended(worker, running)
    assert len(tray.papers) == 2


async def test_a_printer_that_another_program_took_is_told_of_and_served_again_when_that_one_leaves(
    store: Any, clock: Any, ticket: KitchenDocument
) -> None:
    told: list[bool] = []
    noticed, tray, other = asyncio.Event(), Tray(), PrintClaims(store, clock, NEW)

    def on_fault(queue: str, fails: bool) -> None:
        if queue == "cocina":
            told.append(fails)
            if fails:
                noticed.set()

    worker, running = await worked(store, clock, {"cocina": at(tray)}, on_fault=on_fault)
    await until(store, await ask_for(store, clock, ticket), State.CONFIRMED)
    await other.take("cocina")
    job = await ask_for(store, clock, ticket, revision=2)
    worker.wake()
    await asyncio.wait_for(noticed.wait(), 10)
    for _look in range(5):
        worker.wake()
        await asyncio.sleep(0.02)
        await other.recover("cocina")  # it still has the printer
    assert len(tray.papers) == 1
    await other.leave("cocina")
    worker.wake()
    await until(store, job, State.CONFIRMED)
    await ended(worker, running)
    assert (len(tray.papers), told[-1]) == (2, False)
    await PrintClaims(store, clock, OLD).take_free("cocina")
