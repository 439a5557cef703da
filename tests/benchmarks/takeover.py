"""Two programs of one device: how soon the second one takes over after kill -9, hears of a commit, and gets its paper
printed by the first; and what waiting and watching cost when nothing happens.

Times are of the machine's monotonic clock, which all its processes read.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.figures import Figure, load, milliseconds, processor_seconds_of_threads
from tests.faults.till_on_disk import PAPERS, copy_till, found_till
from tests.terminal.supervision.programs import Program, programs_of

TAKEOVERS, COMMITS, PRINTS = 7, 40, 40
IDLE_SECONDS = 20.0
MOST_TAKEOVER_SECONDS, MOST_TOLD_SECONDS, MOST_FIRST_BYTE_SECONDS, MOST_IDLE_SHARE = 2.0, 0.1, 0.2, 0.01
QUERY, READY = b"\x10\x04", b"\x12"
"""DLE EOT, and the answer in which no bit tells a trouble."""


class Printer:
    """A network printer that is always ready, and notes when the first byte of each job came."""

    def __init__(self) -> None:
        self.first_bytes: list[int] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            connection, _peer = self._listening.accept()
            with connection:
                is_noted = False
                while part := connection.recv(65_536):
                    queries = part.count(QUERY)
                    if not is_noted and len(part) > queries * (len(QUERY) + 1):
                        self.first_bytes.append(time.monotonic_ns())
                        is_noted = True
                    connection.sendall(READY * queries)


@contextmanager
def two_programs(folder: Path) -> Iterator[tuple[Program, Program]]:
    """The owner and the one that waits."""
    with programs_of(folder) as start:
        owner = start()
        owner.owns()
        yield owner, start()


def takeovers(folder: Path) -> list[float]:
    """Seconds from the kill of the owner to the word of the next one that it owns."""
    seconds = []
    with programs_of(folder) as start:
        owner = start()
        owner.owns()
        for _time in range(TAKEOVERS):
            waiting = start()
            time.sleep(0.5)
            killed = time.monotonic_ns()
            owner.kill()
            seconds.append((waiting.owns()[-1] - killed) / 1e9)
            owner = waiting
    return seconds


def told(folder: Path) -> list[float]:
    """Seconds from a commit of one program to the word of the other which tables it wrote."""
    seconds = []
    with two_programs(folder) as (owner, waiting):
        for _time in range(COMMITS):
            waiting.ask("open")
            heard = owner.hears("told", lambda said: "orders" in said[1])
            opened = waiting.hears("opened")
            seconds.append((heard[-1] - opened[1]) / 1e9)
            time.sleep(0.07)
    return seconds


def first_bytes(folder: Path, printer: Printer) -> list[float]:
    """Seconds from the commit of a sending in the second program to the first byte of its ticket at the printer."""
    seconds = []
    with two_programs(folder) as (_owner, waiting):
        for _time in range(PRINTS):
            before = len(printer.first_bytes)
            waiting.ask("send")
            sent = waiting.hears("sent")
            while len(printer.first_bytes) == before:
                time.sleep(0.001)
            seconds.append((printer.first_bytes[before] - sent[1]) / 1e9)
            time.sleep(0.5)
    return seconds


def idle(folder: Path) -> tuple[float, float]:
    """Shares of a core that the owner and the one that waits use while nothing happens."""
    with two_programs(folder) as pair:
        time.sleep(3.0)
        before = [processor_seconds_of_threads(each.pid) for each in pair]
        time.sleep(IDLE_SECONDS)
        used = [processor_seconds_of_threads(each.pid) - at for each, at in zip(pair, before, strict=True)]
    return used[0] / IDLE_SECONDS, used[1] / IDLE_SECONDS


def tenth(seconds: list[float]) -> float:
    """What nine of ten do not exceed."""
    return quantiles(seconds, n=10)[-1]


def figures() -> Iterator[Figure]:
    """The figures."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        asyncio.run(found_till(root))
        till = copy_till(root, root / "two")
        seconds = takeovers(till.folder.root)
        yield Figure(
            "taking over after kill -9",
            f"median {median(seconds):.2f} s, longest {max(seconds):.2f} s of {len(seconds)}; {load()}",
            f"{MOST_TAKEOVER_SECONDS:.0f} s",
            max(seconds) / MOST_TAKEOVER_SECONDS,
            "the longest within 2 s",
            max(seconds) <= MOST_TAKEOVER_SECONDS,
        )
        seconds = told(till.folder.root)
        yield Figure(
            "telling the tables of another program's commit",
            f"{milliseconds(seconds)}, longest {max(seconds) * 1e3:.0f} ms; {load()}",
            f"{MOST_TOLD_SECONDS * 1e3:.0f} ms",
            tenth(seconds) / MOST_TOLD_SECONDS,
            "nine of ten within 0.1 s",
            tenth(seconds) <= MOST_TOLD_SECONDS,
        )
        owner, waiting = idle(till.folder.root)
        yield Figure(
            "a core's share while nothing happens, of who waits and watches",
            f"{waiting:.2%}, of the owner {owner:.2%}; {load()}",
            f"{MOST_IDLE_SHARE:.0%} of a core",
            waiting / MOST_IDLE_SHARE,
            "under 1 %",
            waiting <= MOST_IDLE_SHARE,
        )
        printer = Printer()
        till.configure(printers={PAPERS: printer.address})
        seconds = first_bytes(till.folder.root, printer)
        yield Figure(
            "first byte at the printer, of what the second program sends",
            f"{milliseconds(seconds)}; {load()}",
            f"{MOST_FIRST_BYTE_SECONDS * 1e3:.0f} ms",
            median(seconds) / MOST_FIRST_BYTE_SECONDS,
            "the median within 200 ms",
            median(seconds) <= MOST_FIRST_BYTE_SECONDS,
        )
