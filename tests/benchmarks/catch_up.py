"""A device takes and folds what another device of its branch wrote: idle, and while somebody adds lines at its desk.

The device is a process of its own with its encrypted store. It is served from memory with the messages of a cloud,
packed as they travel, so that no server is busy beside it. Yardsticks of the same run: the driver alone writes the same
log into a file of the same cipher, a frame a transaction; and lines added while nothing comes in.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
from restaurant import BRANCH, CASHIER, COOK, ORGANIZATION, WAITER
from sqlcipher3 import dbapi2

from shared.kitchen import commands as kitchen
from shared.kitchen.queries import open_tickets
from shared.menu.queries import load_menu
from shared.payments.queries import payment_methods
from sync.change import Position, StreamKey, Vector, links
from sync.door import Door
from sync.log import missing_frames
from sync.messages import Frame, Suffixes, dump
from terminal.identity import Identity
from terminal.store.store import Store
from tests.benchmarks.backlog import multiply, sell
from tests.benchmarks.device import DeviceProcess, Result
from tests.benchmarks.figures import Figure, hundredth, load, milliseconds
from tests.faults.till_on_disk import copy_till, found_till

CHANGES = 50_000
SALES = 10
RUNS = 3
LEAST_CHANGES_A_SECOND = 14_000
LEAST_CHANGES_A_SECOND_AT_WORK = 12_000
LONGEST_LOCK_SECONDS = 0.010
"""Processor time at the 99th percentile."""
LONGEST_TAP_SECONDS = 0.050
"""From a key to the published snapshot, at the 99th percentile."""


async def prepare(folder: Path, changes: int = CHANGES) -> list[list[Frame]]:
    """Make the device's folder (`folder / "device"`) and the messages that wait for it; the frames of each."""
    await found_till(folder)
    frames: list[list[Frame]] = []
    async with copy_till(folder, folder / "author").store() as store:
        async with store.reading() as connection:
            menu = await load_menu(connection, ORGANIZATION)
            method = (await payment_methods(connection, ORGANIZATION))[0]
        for _sale in range(SALES):
            await sell(store, CASHIER, list(menu.items.values())[:3], method)
            await _bump_all(store)
        await multiply(store, changes)
        held: Vector = {}
        while some := await _frames_after(store, held):
            frames.append(some)
            held = _held(some)
    answers = [Suffixes(some, more=some is not frames[-1], now_ms=0) for some in frames]
    (folder / "messages").write_bytes(msgspec.msgpack.encode([dump(each) for each in answers]))
    copy_till(folder, folder / "device").configure(identity=Identity(ORGANIZATION, BRANCH, WAITER))
    return frames


async def _bump_all(store: Store) -> None:
    """The kitchen has finished what was sent, as it has of nearly all that a device catches up with."""
    async with store.reading() as connection:
        fired = await open_tickets(connection, ORGANIZATION, BRANCH)
    for ticket in fired:
        await store.run(COOK, partial(kitchen.bump, ticket_id=ticket.id))


async def _frames_after(store: Store, held: Vector) -> list[Frame]:
    def read(door: Door, key: StreamKey) -> list[Frame]:
        return missing_frames(door, ORGANIZATION.bytes, [key], held)[0]

    return await store.look(read, store.author.branch_stream(BRANCH))


def _held(frames: list[Frame]) -> Vector:
    last = frames[-1]
    return {last.key.id: Position(last.last, links(last.previous, last.bodies)[-1])}


def run(folder: Path, task: str, number: int) -> Result:
    """One device that catches up."""
    fresh = folder / f"{task}-{number}"
    shutil.copytree(folder / "device", fresh)
    with DeviceProcess(task, fresh, str(folder / "messages")) as device:
        device.begin()
        return device.result()


def raw_seconds(path: Path, messages: list[list[Frame]]) -> tuple[float, list[float]]:
    """Write the same log by the driver alone: the seconds of all, and of each frame as a transaction of its own."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    for pragma in (f"key = \"x'{'ab' * 32}'\"", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(
        "CREATE TABLE log (stream BLOB, seq INTEGER, body BLOB, PRIMARY KEY (stream, seq)) WITHOUT ROWID"
    )
    seconds, each_processor = 0.0, []
    for frame in (frame for message in messages for frame in message):
        rows = [(frame.device, frame.first + at, body) for at, body in enumerate(frame.bodies)]
        begun, used = time.perf_counter(), time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO log VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
        seconds += time.perf_counter() - begun
        each_processor.append(time.process_time() - used)
    connection.close()
    return seconds, each_processor


def figures() -> list[Figure]:
    """Measure, and hold against the goals; medians of some runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        messages = asyncio.run(prepare(folder))
        count = sum(len(frame.bodies) for message in messages for frame in message)
        measured = [
            (
                run(folder, "pull", number),
                run(folder, "catch-up", number),
                raw_seconds(folder / f"{number}.db", messages),
            )
            for number in range(RUNS)
        ]
    idle, busy = [each[0] for each in measured], [each[1] for each in measured]
    raw, raw_locks = median(each[2][0] for each in measured), [lock for each in measured for lock in each[2][1]]
    locks, locks_at_work = ([lock for result in results for lock in result.locks] for results in (idle, busy))
    taps, quiet = [tap for result in busy for tap in result.taps], [tap for result in busy for tap in result.quiet_taps]
    by_driver = f"the driver alone writes the same log {count / raw:,.0f} changes/s"
    return [
        _speed(
            f"pull and fold of {count:,} changes on an idle device", idle, count, raw, by_driver, LEAST_CHANGES_A_SECOND
        ),
        _speed("the same while somebody works", busy, count, raw, by_driver, LEAST_CHANGES_A_SECOND_AT_WORK),
        Figure(
            "write lock while changes come in, processor time",
            f"99 %: {hundredth(locks) * 1e3:.1f} ms, median {median(locks) * 1e3:.1f} ms, longest"
            f" {max(locks) * 1e3:.1f} ms ({len(locks)} transactions); with what runs beside it while somebody works"
            f" {hundredth(locks_at_work) * 1e3:.1f} ms",
            f"one raw transaction of a frame {milliseconds(raw_locks)}",
            hundredth(locks) / median(raw_locks),
            f"at most {LONGEST_LOCK_SECONDS * 1e3:.0f} ms at 99 %",
            hundredth(locks) <= LONGEST_LOCK_SECONDS,
        ),
        Figure(
            "key to published snapshot while changes come in",
            f"99 %: {hundredth(taps) * 1e3:.1f} ms; median {median(taps) * 1e3:.1f} ms ({len(taps)} lines)",
            f"the same while nothing comes in: 99 %: {hundredth(quiet) * 1e3:.1f} ms, {milliseconds(quiet)}",
            median(taps) / median(quiet),
            f"under {LONGEST_TAP_SECONDS * 1e3:.0f} ms at 99 %",
            hundredth(taps) < LONGEST_TAP_SECONDS,
        ),
    ]


def _speed(name: str, results: list[Result], count: int, raw: float, yardstick: str, least: int) -> Figure:
    seconds = median(each.seconds for each in results)
    processor = 1e6 * median(each.processor for each in results) / count
    return Figure(
        name,
        f"{count / seconds:,.0f} changes/s ({seconds:.2f} s; processor {processor:.1f} µs a change; {load()})",
        yardstick,
        seconds / raw,
        f"{least:,} changes/s or more",
        count / seconds >= least,
    )
