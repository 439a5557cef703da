"""Real processes that print, each killed by SIGKILL at a random moment; the printer's file counts what each sent."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from terminal.printing.claims import MARK_LETTERS
from terminal.printing.escpos import load_library
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.queue import PrintJob, enqueue, it_came_out, print_again
from terminal.printing.records import OPEN, print_job
from terminal.printing.transports import AboutToSend, Delivery, nothing_to_note
from terminal.printing.views import open_jobs
from terminal.printing.worker import PrintWorker
from tests.papers.crashes import TICKET, Outcome
from tests.papers.world import NOON, PIECES, Program, StandingClock, opened

PRINTER = "cocina"
LONGEST_LIFE_S = 0.4
"""Some processes die before they printed anything, some after they printed all."""


class OnPaper:
    """A printer whose paper is a file: what was written there stays when the process is killed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        await about_to_send()
        for piece in range(PIECES):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(descriptor, f"{job} {piece}\n".encode())
            os.close(descriptor)
            await asyncio.sleep(0.001)
        return Delivery.CONFIRMED

    def pieces(self) -> Counter[tuple[str, str]]:
        """How often each piece of each paper came."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return Counter((name, piece) for name, _space, piece in (line.partition(" ") for line in lines))


def killed_so_often(folder: Path, kills: int, seed: int) -> Outcome:
    """Let a process sell and print, kill it, and so on; then one lives on, and people answer."""
    load_library()
    dice, paper, asked = random.Random(seed), OnPaper(folder / "paper"), 0
    asyncio.run(_sell(folder, range(0)))
    for _ in range(kills):
        more = dice.randrange(1, 4)
        child = os.fork()
        if not child:
            asyncio.run(_live(folder, paper, range(asked, asked + more)))
            os._exit(0)
        asked += more
        time.sleep(dice.random() * LONGEST_LIFE_S)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    rows = asyncio.run(_clear_up(folder, paper))
    pieces = paper.pieces()
    lost = [key.hex() for key in rows if not _is_whole(pieces, key.hex()[-MARK_LETTERS:])]
    return Outcome(kills, len(rows), lost, sorted({name for (name, _piece), count in pieces.items() if count > 1}))


async def _live(folder: Path, paper: OnPaper, jobs: range) -> None:
    async with opened(folder / "device.sqlite", Program()) as store:
        worker = PrintWorker(store, {PRINTER: Printer(PrinterProfile(), paper)}, StandingClock())
        running = asyncio.create_task(worker.run())
        for number in jobs:
            async with store.transaction() as connection:
                await enqueue(connection, _job(number))
            worker.wake()
        await running


async def _sell(folder: Path, jobs: range) -> None:
    async with opened(folder / "device.sqlite", Program()) as store:
        for number in jobs:
            async with store.transaction() as connection:
                await enqueue(connection, _job(number))


async def _clear_up(folder: Path, paper: OnPaper) -> list[bytes]:
    """One process lives on, and somebody answers all that is asked."""
    async with opened(folder / "device.sqlite", Program()) as store:
        worker = PrintWorker(store, {PRINTER: Printer(PrinterProfile(), paper)}, StandingClock())
        running = asyncio.create_task(worker.run())
        is_open = select(print_job.c.id).where(print_job.c.state.in_(OPEN)).limit(1)
        while True:
            async with store.reading() as connection:
                if (await connection.execute(is_open)).one_or_none() is None:
                    break
                asked = [job for job in await open_jobs(connection, (PRINTER,)) if job.is_asked]
            for job in asked:
                is_whole = _is_whole(paper.pieces(), job.id.hex[-MARK_LETTERS:])
                async with store.transaction() as connection:
                    await (it_came_out if is_whole else print_again)(connection, job, NOON)
            worker.wake()
            await asyncio.sleep(0.01)
        worker.stop()
        await running
        async with store.reading() as connection:
            return list((await connection.execute(select(print_job.c.id))).scalars())


def _job(number: int) -> PrintJob:
    return PrintJob.of(TICKET, printer=PRINTER, reference=UUID(int=1 + number), revision=1, at=NOON)


def _is_whole(pieces: Counter[tuple[str, str]], mark: str) -> bool:
    return any(mark in name and piece == str(PIECES - 1) for name, piece in pieces)
