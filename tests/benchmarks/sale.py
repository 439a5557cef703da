"""Adding a line and sending an order: the whole command, and its durable part against one raw commit of as many rows.

The durable part is what comes after the command's own code: flush, change log, commit, telling the listeners. The raw
commit goes to a file of the same cipher on the same disk, one after each command, so that both see the same weather.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

import sqlalchemy as sa
from restaurant import CASHIER
from sqlcipher3 import dbapi2

from shared.kernel.work import Work
from shared.menu.rules import default_modifiers
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from sync.records import changes
from terminal.desks.desk import Desk
from terminal.papers import tasks
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.faults.till_on_disk import copy_till, found_till

T = TypeVar("T")
WARM_UP, ORDERS = 20, 150
LINES_AN_ORDER = 3
LONGEST_COMMAND_SECONDS = 0.015
MOST_RAW_COMMITS = 3.0
ROW_BYTES = 260
"""About what a row of ours and its change take."""
ROWS_BESIDE = 1
"""The stream's head."""


@dataclass
class Times:
    """Of one kind of command, in seconds."""

    whole: list[float] = field(default_factory=list)
    durable: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    durable_processor: list[float] = field(default_factory=list)
    raw_processor: list[float] = field(default_factory=list)


class RawFile:
    """The yardstick: one transaction of some rows, by the driver alone."""

    def __init__(self, path: Path) -> None:
        self._connection = dbapi2.connect(str(path), isolation_level=None)
        for pragma in (f"key = \"x'{'ab' * 32}'\"", "journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE rows (id BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID")

    def commit(self, count: int) -> float:
        """Seconds that a commit of so many rows takes."""
        rows = [(os.urandom(16), os.urandom(ROW_BYTES)) for _row in range(count)]
        begun = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO rows VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")
        return time.perf_counter() - begun


async def measure(folder: Path) -> dict[str, Times]:
    """Sell on a real desk in that folder."""
    await found_till(folder)
    till = copy_till(folder, folder / "measured")
    raw = RawFile(folder / "raw.db")
    times = {"add a line": Times(), "send an order": Times()}
    async with till.desk() as desk:
        item = desk.menu.by_code["lom"]
        modifiers = default_modifiers(item)
        for number in range(WARM_UP + ORDERS):
            kept = times if number >= WARM_UP else {name: Times() for name in times}
            order_id = await desk.open_order(OrderKind.TAKEOUT)
            for _line in range(LINES_AN_ORDER):
                line_id = desk.store.ids.new()
                await _timed(
                    desk,
                    kept["add a line"],
                    raw,
                    lambda work, o=order_id, k=line_id: orders.add_line(work, o, k, item.id, modifiers),
                )
            printing = desk.print_context()
            await _timed(desk, kept["send an order"], raw, lambda work, o=order_id, p=printing: tasks.send(work, o, p))
    return times


async def _timed(desk: Desk, times: Times, raw: RawFile, command: Callable[[Work], Awaitable[T]]) -> T:
    ended, used = 0.0, 0.0

    async def watched(work: Work) -> T:
        nonlocal ended, used
        result = await command(work)
        ended, used = time.perf_counter(), time.process_time()
        return result

    before = await _written(desk)
    begun = time.perf_counter()
    result = await desk.store.run(CASHIER, watched)
    done = time.perf_counter()
    times.durable_processor.append(time.process_time() - used)
    times.whole.append(done - begun)
    times.durable.append(done - ended)
    rows = 2 * (await _written(desk) - before) + ROWS_BESIDE
    used = time.process_time()
    times.raw.append(raw.commit(rows))
    times.raw_processor.append(time.process_time() - used)
    return result


async def _written(desk: Desk) -> int:
    """Changes in the log: each is one row there and one in its table."""
    async with desk.store.reading() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(changes)) or 0)


def figures() -> list[Figure]:
    """Measure, and hold against the goals."""
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder)))
    told = []
    for name, times in measured.items():
        raw = f"one raw commit of as many rows {milliseconds(times.raw)}"
        ratio = median(times.durable) / median(times.raw)
        whole = median(times.whole)
        told.append(
            Figure(
                f"{name}, whole command",
                milliseconds(times.whole),
                raw,
                whole / median(times.raw),
                f"under {LONGEST_COMMAND_SECONDS * 1e3:.0f} ms",
                whole < LONGEST_COMMAND_SECONDS,
            )
        )
        told.append(
            Figure(
                f"{name}, durable part",
                f"{milliseconds(times.durable)}; processor {median(times.durable_processor) * 1e3:.2f} ms, of a raw"
                f" commit {median(times.raw_processor) * 1e3:.2f} ms ({load()})",
                raw,
                ratio,
                f"at most {MOST_RAW_COMMITS:.0f} raw commits",
                ratio <= MOST_RAW_COMMITS,
            )
        )
    return told
