"""The worker: all is printed once, a dead printer delays nobody, and doubt is never resolved by printing again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from terminal.printing.documents import KitchenDocument, ReceiptDocument
from terminal.printing.faults import PrinterFault, PrinterHungUp, PrinterUnreachable
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.queue import it_came_out, print_again, try_now
from terminal.printing.records import State
from terminal.printing.transports import (
    AboutToSend,
    Delivery,
    FileTransport,
    Patience,
    TcpTransport,
    nothing_to_note,
)
from terminal.printing.views import open_jobs
from terminal.printing.worker import PrintWorker
from tests.terminal.printing.print_branch import Branch, Read, Tray


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
