"""A printer and the drawers have one worker at a time, and what a dead one held is served again without a restart."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from terminal.printing.documents import KitchenDocument
from terminal.printing.leases import lives, this_process
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.pulses import queue_pulse
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, drawer_pulse, print_job, print_lease
from terminal.printing.transports import Delivery
from terminal.printing.worker import PrintWorker

OTHER = b"o" * 16


class Tray:
    """A printer at the port."""

    def __init__(self) -> None:
        self.papers = self.pulses = 0

    async def deliver(self, _payload: bytes, _job: str, about_to_send: Any) -> Delivery:
        await about_to_send()
        self.papers += 1
        return Delivery.CONFIRMED

    async def open_drawer(self, _signal: Any, _job: str, about_to_send: Any, **_more: Any) -> Delivery:
        await about_to_send()
        self.pulses += 1
        return Delivery.CONFIRMED


def process_of_a_program(*, ended: bool) -> tuple[str, subprocess.Popen[bytes]]:
    program = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with open(f"/proc/{program.pid}/stat", encoding="ascii") as file:
        begun = file.read().rpartition(")")[2].split()[19]
    if ended:
        program.kill()
        program.wait()
    return f"{program.pid} {begun}", program


def test_a_process_is_known_by_its_number_and_its_beginning() -> None:
    assert lives(this_process())
    pid, _blank, begun = this_process().partition(" ")
    assert not lives(f"{pid} {int(begun) - 1}"), "an earlier one had the number"
    assert not lives(process_of_a_program(ended=True)[0])
    assert lives(""), "of this one nobody can tell"
    running, program = process_of_a_program(ended=False)
    assert lives(running)
    program.kill()
    program.wait()


async def held_by(store: Any, process: str, *leases: str) -> None:
    async with store.transaction() as connection:
        of = print_lease.c.printer.in_(leases)
        await connection.execute(update(print_lease).where(of).values(holder=OTHER, process=process))


async def until(read: Any, wanted: object) -> None:
    async with asyncio.timeout(30):
        while await read() != wanted:  # noqa: ASYNC110 - the state is in a file
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("queue", ["cocina", "*drawers"])
async def test_what_a_killed_program_had_taken_is_served_again(
    store: Any, clock: Any, ticket: KitchenDocument, queue: str
) -> None:
    tray = Tray()
    process, program = process_of_a_program(ended=False)
    worker = PrintWorker(store, {"cocina": Printer(PrinterProfile(), tray)}, clock)
    running = asyncio.create_task(worker.run())

    async def leases() -> int:
        async with store.reading() as connection:
            return len((await connection.execute(select(print_lease))).all())

    async def ended() -> bool:
        worker.wake()
        async with store.reading() as connection:
            states = [await connection.scalar(select(table.c.state)) for table in (print_job, drawer_pulse)]
        return states == [State.CONFIRMED, State.CONFIRMED]

    await until(leases, 2)
    await held_by(store, process, queue)
    async with store.transaction() as connection:
        job = PrintJob.of(ticket, printer="cocina", reference=UUID(int=5), revision=1, at=clock.now())
        await enqueue(connection, job)
        await queue_pulse(connection, UUID(int=6), "cocina", clock.now())
    for _look in range(20):
        worker.wake()
        await asyncio.sleep(0.01)
    assert (tray.pulses if queue == "*drawers" else tray.papers) == 0, "the other program lives"
    program.kill()
    program.wait()
    await until(ended, True)
    worker.stop()
    await asyncio.wait_for(running, 10)
    assert await leases() == 0, "who ends leaves all"
