"""A printer that fails while nobody sells: the till says so by itself, and a person's word gets the papers out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from restaurant import CASHIER, MANAGER

from shared.kernel.work import Work
from shared.printers.commands import put_printer, put_rule
from shared.printers.rules import Paper
from shared.printers.settings import PrinterSettings
from terminal.composition import running
from terminal.desks.desk import Desk
from terminal.printing.emulator.machine import Machine
from terminal.printing.emulator.ports import Emulator
from terminal.printing.emulator.reader import Paper as Printed
from terminal.printing.emulator.reader import read_papers
from terminal.printing.emulator.tray import BYTES, Tray
from terminal.printing.faults import PrinterFault
from tests.faults.selling import sell
from tests.faults.till_on_disk import PAPERS, TillOnDisk
from tests.terminal.printing.emulated import TEXTS


async def until(desk: Desk, holds: Callable[[Desk], bool]) -> None:
    """Follow the desk's news until something holds."""
    news = asyncio.Event()
    stop = desk.subscribe(lambda _topics: news.set())
    try:
        async with asyncio.timeout(30):
            while not holds(desk):
                await news.wait()
                news.clear()
    finally:
        stop()


def fault_of(desk: Desk) -> PrinterFault | None:
    """What the printer last said."""
    troubled = desk.state.prints.health.troubled
    return troubled[0].fault if troubled else None


async def test_the_till_says_that_its_printer_fails_and_that_it_works_again(till: TillOnDisk) -> None:
    away = till.papers.with_name("not plugged in")
    till.configure(printers={PAPERS: str(away / "papers.bin")})
    async with running(till.folder, sync=False) as device:
        desk = device.desk
        desk.actor = CASHIER
        await sell(desk, random.Random(1), lambda *_step: None)
        await until(desk, lambda desk: fault_of(desk) is PrinterFault.UNWRITABLE)
        away.mkdir()
        await desk.printing.try_now()
        await until(desk, lambda desk: not desk.state.prints.health.printers)

        seen = await desk.printing.last_receipt()
        assert seen is not None
        await desk.printing.print_again(seen)
        async with asyncio.timeout(30):
            while (await desk.printing.last_receipt() or seen).on_its_way:  # noqa: ASYNC110 a table rings no bell
                await asyncio.sleep(0.01)
    printed = [paper.text for paper in read_papers((away / "papers.bin").read_bytes())]
    receipts = [text for text in printed if "TOTAL" in text]
    assert ["COPIA 1" in text for text in receipts] == [False, True]
    assert not any("COPIA" in text for text in printed if "TOTAL" not in text)


def printed_at(tray: Path) -> list[Printed]:
    return read_papers(b"".join(path.read_bytes() for path in sorted(tray.glob(f"*{BYTES}"))))


@asynccontextmanager
async def emulated(tray: Path) -> AsyncIterator[str]:
    """The address of a printer whose papers fall into a folder."""
    emulator = Emulator(Machine(32), Tray(32, TEXTS, tray, lambda _line: None))
    async with emulator.listening(0) as port:
        yield f"tcp://127.0.0.1:{port}"


async def test_printers_and_rules_that_change_while_a_till_runs_hold_at_once(till: TillOnDisk) -> None:
    """No restart: another program of the folder adds a printer, then moves it; what is sold prints there."""
    till.configure(printers={}, receipt_printer="", kitchen_printer="")
    trays = [till.papers.with_name(name) for name in ("first", "moved")]

    async def put(address: str) -> None:
        async with till.store() as store:
            settings = PrinterSettings("caja", address, columns=32)

            async def add(work: Work) -> None:
                await put_printer(work, settings)
                await put_rule(work, Paper.RECEIPT, "caja")

            await store.run(MANAGER, add)

    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(emulated(tray)) for tray in trays]
        desk = (await stack.enter_async_context(running(till.folder, sync=False))).desk
        desk.actor = CASHIER
        assert desk.plan.receipt is None
        for tray, address in zip(trays, addresses, strict=True):
            await put(address)
            await until(desk, lambda desk, address=address: address in {p.address for p in desk.setup.driven.values()})
            await sell(desk, random.Random(1), lambda *_step: None)
            async with asyncio.timeout(30):
                while not any(paper.is_cut for paper in printed_at(tray)):  # noqa: ASYNC110 a folder rings no bell
                    await asyncio.sleep(0.01)
    for tray in trays:
        (paper,) = printed_at(tray)
        assert len(paper.pulses) == 1
        assert "TOTAL" in paper.text
        assert max(map(len, paper.text.splitlines())) <= 32
