"""From the commit of a sending to the first byte of its ticket at an idle printer; Send while every printer is dead.

The second program's first byte is measured in `takeover`, too; here it stands beside the first program's. The yardstick
of a first byte is what a bare socket takes to connect to the same printer, ask it once and send as many bytes; that
of a Send is the same Send of a device without printers.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from restaurant import CASHIER

from shared.orders.records import OrderKind
from terminal.composition import running
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.benchmarks.takeover import QUERY, Printer, two_programs
from tests.faults.till_on_disk import PAPERS, TillOnDisk, copy_till, found_till

PAPERS_SENT, SENDS = 30, 40
MOST_SAME_PROGRAM_SECONDS, MOST_OTHER_PROGRAM_SECONDS, MOST_SEND_SECONDS = 0.1, 0.2, 0.2
QUIET_SECONDS = 0.6
"""Between two papers, so that the printer is idle."""
TICKET_BYTES = 600


def first_bytes(folder: Path, printer: Printer, *, by_owner: bool) -> list[float]:
    """Seconds from the commit of a sending in one program to the first byte of its ticket."""
    seconds = []
    with two_programs(folder) as (owner, waiting):
        program = owner if by_owner else waiting
        for number in range(PAPERS_SENT + 1):
            before = len(printer.first_bytes)
            program.ask("send")
            sent = program.hears("sent")
            while len(printer.first_bytes) == before:
                time.sleep(0.001)
            if number:  # the first one loads what the others have
                seconds.append((printer.first_bytes[before] - sent[1]) / 1e9)
            time.sleep(QUIET_SECONDS)
    return seconds


def bare(printer: Printer) -> list[float]:
    """Seconds that a socket takes to connect, ask once, and send."""
    host, port = printer.address.removeprefix("tcp://").split(":")
    seconds = []
    for _time in range(PAPERS_SENT):
        begun = time.perf_counter()
        with socket.create_connection((host, int(port))) as line:
            line.sendall(QUERY + b"\x01")
            line.recv(1)
            line.sendall(b"x" * TICKET_BYTES)
            seconds.append(time.perf_counter() - begun)
    return seconds


async def sends(till: TillOnDisk) -> list[float]:
    """Seconds until Send returns, each on a new order of one dish that is cooked."""
    seconds = []
    async with running(till.folder, sync=False) as device:
        desk = device.desk
        desk.actor = CASHIER
        dish = next(each for each in desk.menu.items.values() if each.station_id and not each.modifier_groups)
        for _time in range(SENDS):
            order_id = await desk.open_order(OrderKind.TAKEOUT)
            await desk.add_line(order_id, dish)
            begun = time.perf_counter()
            await desk.send(order_id)
            seconds.append(time.perf_counter() - begun)
            await asyncio.sleep(0.05)
    return seconds


@contextmanager
def dead_printers() -> Iterator[dict[str, str]]:
    """A printer that refuses, for the kitchen, and one that takes the connection and says nothing, for receipts."""
    with socket.create_server(("127.0.0.1", 0)) as mute, socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        yield {
            PAPERS: f"tcp://127.0.0.1:{refusing.getsockname()[1]}",
            "mute": f"tcp://127.0.0.1:{mute.getsockname()[1]}",
        }


def figures() -> Iterator[Figure]:
    """The figures."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        asyncio.run(found_till(root))
        till, printer = copy_till(root, root / "printing"), Printer()
        till.configure(printers={PAPERS: printer.address})
        socket_alone = bare(printer)
        for by_owner, most in ((True, MOST_SAME_PROGRAM_SECONDS), (False, MOST_OTHER_PROGRAM_SECONDS)):
            seconds = first_bytes(till.folder.root, printer, by_owner=by_owner)
            whose = "the program that prints" if by_owner else "the second program"
            yield Figure(
                f"first byte after the commit, of what {whose} sends",
                f"{milliseconds(seconds)}; {load()}",
                f"a bare socket {milliseconds(socket_alone)}",
                median(seconds) / median(socket_alone),
                f"the median within {most * 1e3:.0f} ms",
                median(seconds) <= most,
            )
        with dead_printers() as printers:
            till.configure(printers=printers, receipt_printer="mute")
            seconds = asyncio.run(sends(till))
        till.configure(printers={}, receipt_printer="", kitchen_printer="")
        without = asyncio.run(sends(till))
        yield Figure(
            "Send while every printer is dead",
            f"{milliseconds(seconds)}, longest {max(seconds) * 1e3:.0f} ms; {load()}",
            f"Send without printers {milliseconds(without)}",
            median(seconds) / median(without),
            f"the median within {MOST_SEND_SECONDS * 1e3:.0f} ms",
            median(seconds) <= MOST_SEND_SECONDS,
        )
