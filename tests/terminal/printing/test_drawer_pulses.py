"""The drawer opens within seconds of its sale or never: it is no paper that waits for a roll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from terminal.printing.documents import ReceiptDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.pulses import SIGNAL_LIFE, queue_pulse
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, drawer_pulse, print_job
from terminal.printing.transports import Delivery, Patience, TcpTransport
from terminal.printing.views import pulse_of
from terminal.printing.worker import PrintWorker

SALE, OPENING = UUID(int=17), UUID(int=18)
NOW, REAL_TIME = b"\x1bp", b"\x10\x14\x01"
NO_PAPER = {1: 0x1A, 2: 0x32, 4: 0x72}
BRIEF = Patience(farewell_s=0.1)
Loopback = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def working(store: Any, clock: Any, port: int, **more: Any) -> AsyncIterator[PrintWorker]:
    printer = Printer(PrinterProfile(), TcpTransport("127.0.0.1", port, patience=BRIEF))
    worker = PrintWorker(store, {"caja": printer}, clock, retry_after_s=lambda _attempts: 0.02, **more)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, 10)


async def sell(store: Any, clock: Any, receipt: ReceiptDocument) -> None:
    async with store.transaction() as connection:
        job = PrintJob.of(receipt, printer="caja", reference=SALE, revision=1, at=clock.now())
        await enqueue(connection, job)
        await queue_pulse(connection, OPENING, "caja", clock.now(), SALE)


async def pulse(store: Any) -> Any:
    async with store.reading() as connection:
        return (await connection.execute(select(drawer_pulse))).one()


async def until(store: Any, *states: State) -> Any:
    async with asyncio.timeout(10):
        while (row := await pulse(store)).state not in states:  # noqa: ASYNC110 - the state is in a file
            await asyncio.sleep(0.005)
    return row


async def test_the_drawer_opens_before_its_paper_comes_out(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    printer = await loopback()
    await sell(store, clock, receipt)
    async with working(store, clock, printer.port):
        await until(store, State.CONFIRMED)
        first, second = await printer.papers(2)
    assert first.startswith(NOW)
    assert b"TOTAL" in second
    assert NOW not in second


async def test_without_paper_the_drawer_opens_now_and_not_with_the_paper_hours_later(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    printer = await loopback(answers=NO_PAPER)
    await sell(store, clock, receipt)
    async with working(store, clock, printer.port) as worker:
        await until(store, State.SENT)
        (given,) = await printer.papers(1)
        assert given.startswith(REAL_TIME), "the usual command would wait in the printer for the paper"
        clock.move(timedelta(hours=3))
        printer.answers = {1: 0x12, 2: 0x12, 4: 0x12}
        worker.wake()
        papers = await printer.papers(2)
    assert not any(signal in paper for paper in papers[1:] for signal in (NOW, REAL_TIME))


async def test_a_drawer_whose_printer_is_dead_stays_shut_for_ever_and_says_why(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    printer = await loopback()
    await printer.stop()
    await sell(store, clock, receipt)
    ran_s = [0.0]
    async with working(store, clock, printer.port, running_s=lambda: ran_s[0]):
        row = await until(store, State.FAILED)
        assert row.error == PrinterFault.UNREACHABLE
        ran_s[0] = SIGNAL_LIFE.total_seconds()
        await printer.start()
        (paper,) = await printer.papers(1)
    assert NOW not in paper
    async with store.reading() as connection:
        said = await pulse_of(connection, SALE)
    assert said is not None
    assert (said.state, said.error) == (State.FAILED, PrinterFault.UNREACHABLE)


async def test_a_drawer_opens_if_its_printer_comes_back_while_the_guest_stands_there(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    printer = await loopback()
    await printer.stop()
    await sell(store, clock, receipt)
    async with working(store, clock, printer.port):
        await until(store, State.FAILED)
        await printer.start()
        await until(store, State.CONFIRMED)


@pytest.mark.parametrize(("left", "state"), [(State.SENDING, State.UNKNOWN), (State.CLAIMED, State.CONFIRMED)])
async def test_a_pulse_that_a_crash_left_is_given_only_if_nothing_was_sent(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback, left: State, state: State
) -> None:
    printer = await loopback()
    await sell(store, clock, receipt)
    async with store.transaction() as connection:
        await connection.execute(update(drawer_pulse).values(state=left))
        await connection.execute(update(print_job).values(state=State.CANCELLED))
    async with working(store, clock, printer.port):
        await until(store, state)
        assert printer.connections == (1 if state is State.CONFIRMED else 0)


async def test_a_pulse_of_an_old_sale_is_never_given(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    printer = await loopback()
    await sell(store, clock, receipt)
    clock.move(SIGNAL_LIFE)
    async with working(store, clock, printer.port):
        row = await until(store, State.FAILED)
        (paper,) = await printer.papers(1)
    assert row.error == PrinterFault.EXPIRED
    assert NOW not in paper


async def test_what_became_of_pulses_is_told_again_if_it_could_not_be_written(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    printer, told = await loopback(), asyncio.Event()
    tries: list[int] = []

    async def tell() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError
        told.set()

    await sell(store, clock, receipt)
    async with working(store, clock, printer.port, tell_pulses=tell):
        await asyncio.wait_for(told.wait(), 10)


async def test_a_pulse_whose_ending_cannot_be_shown_tears_no_paper_of_another_printer(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback
) -> None:
    drawer = await loopback()
    block = asyncio.Event()

    class Slow:
        papers = 0

        async def deliver(self, _payload: bytes, _job: str, about_to_send: Any, **_more: Any) -> Delivery:
            await about_to_send()
            await block.wait()
            self.papers += 1
            return Delivery.CONFIRMED

    shown, slow = asyncio.Event(), Slow()

    def on_change(_health: Any) -> None:
        if drawer.jobs and not shown.is_set():
            shown.set()
            raise OSError

    async with store.transaction() as connection:
        job = PrintJob.of(receipt, printer="cocina", reference=SALE, revision=1, at=clock.now())
        await enqueue(connection, job)
    async with working(store, clock, drawer.port, on_change=on_change) as worker:
        caja = Printer(PrinterProfile(), TcpTransport("127.0.0.1", drawer.port, patience=BRIEF))
        worker.use({"cocina": Printer(PrinterProfile(), slow), "caja": caja})
        while True:
            async with store.reading() as connection:
                if await connection.scalar(select(print_job.c.state)) == State.SENDING:
                    break
            await asyncio.sleep(0.005)
        async with store.transaction() as connection:
            await queue_pulse(connection, OPENING, "caja", clock.now(), SALE)
        worker.wake()
        await asyncio.wait_for(shown.wait(), 10)
        block.set()
        async with asyncio.timeout(10):
            while not slow.papers:  # noqa: ASYNC110 - a printer rings no bell
                await asyncio.sleep(0.005)
    async with store.reading() as connection:
        assert await connection.scalar(select(print_job.c.state)) == State.CONFIRMED


@pytest.mark.parametrize("jump", [-SIGNAL_LIFE, timedelta(hours=-9), timedelta(days=15)])
async def test_a_clock_that_is_set_neither_shuts_a_drawer_nor_opens_it_later(
    store: Any, clock: Any, receipt: ReceiptDocument, loopback: Loopback, jump: timedelta
) -> None:
    printer = await loopback()
    await printer.stop()
    await sell(store, clock, receipt)
    async with store.transaction() as connection:
        await connection.execute(update(print_job).values(state=State.CANCELLED))
    ran_s = [0.0]
    async with working(store, clock, printer.port, running_s=lambda: ran_s[0]) as worker:
        await until(store, State.FAILED)
        clock.move(jump)
        ran_s[0] = 1.0
        await printer.start()
        await until(store, State.CONFIRMED)
        await printer.stop()
        second = UUID(int=19)
        async with store.transaction() as connection:
            await connection.execute(delete(drawer_pulse))
            await queue_pulse(connection, second, "caja", clock.now(), SALE)
        worker.wake()
        await until(store, State.FAILED)
        clock.move(jump)
        ran_s[0] += SIGNAL_LIFE.total_seconds()
        given = printer.connections
        await printer.start()
        await asyncio.sleep(1)
    assert printer.connections == given
    assert (await pulse(store)).state == State.FAILED
