"""A sale of another device of the branch on a till: stored and folded, however many verdicts the till holds.

The verdicts are void ones of the same stream, half of them on changes before the sales and half on changes after them.
The yardstick is the driver alone, which commits as many rows to a file of the same cipher.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from restaurant import BRANCH, CASHIER, ORGANIZATION, WAITER

from shared.kernel.ids import derived_id
from shared.menu.queries import load_menu
from shared.payments.queries import payment_methods
from shared.records import metadata
from sync.change import StreamKey
from sync.door import Door, shape
from sync.folder import Folder
from sync.log import read_suffix, receive
from sync.messages import Frame
from sync.tables import specs
from sync.verdicts import VERDICTS as VERDICTS_TABLE
from terminal.identity import Identity
from terminal.store.store import Store
from terminal.syncing.agent import FOLD_CHANGES
from tests.benchmarks.backlog import sell
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.benchmarks.sale import RawFile
from tests.faults.till_on_disk import copy_till, found_till

VERDICTS = (0, 10_000, 200_000)
WARM_UP, SALES = 10, 60
MOST_SECONDS = 0.004
"""Processor time of the fold."""


@dataclass
class Times:
    """Of the sales beside so many verdicts, processor seconds."""

    stored: list[float] = field(default_factory=list)
    folded: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)


async def measure(folder: Path) -> tuple[int, dict[int, Times]]:
    """How many changes a sale has, and the times beside each number of verdicts."""
    await found_till(folder)
    key, frames = await _sales(folder)
    measured: dict[int, Times] = {}
    for count in VERDICTS:
        till = copy_till(folder, folder / f"till-{count}")
        till.configure(identity=Identity(ORGANIZATION, BRANCH, WAITER))
        async with till.store() as store:
            await _hold_verdicts(store, key, count, sum(len(frame.bodies) for frame in frames))
            measured[count] = await _fold(store, frames, RawFile(folder / f"raw-{count}.db"))
    return len(frames[-1].bodies), measured


async def _sales(folder: Path) -> tuple[StreamKey, list[Frame]]:
    """A frame a sale, of another till."""
    frames: list[Frame] = []
    async with copy_till(folder, folder / "author").store() as store:
        key = store.author.branch_stream(BRANCH)
        async with store.reading() as connection:
            menu = await load_menu(connection, ORGANIZATION)
            method = (await payment_methods(connection, ORGANIZATION))[0]

        def next_frame(door: Door, after: int) -> Frame | None:
            return read_suffix(door, ORGANIZATION.bytes, key, after)

        for _sale in range(WARM_UP + SALES):
            await sell(store, CASHIER, list(menu.items.values())[:3], method)
            frame = await store.look(next_frame, frames[-1].last if frames else 0)
            assert frame is not None
            frames.append(frame)
    return key, frames


async def _hold_verdicts(store: Store, key: StreamKey, count: int, head: int) -> None:
    """Fill the table of verdicts; what they are about is not in the log."""
    columns = ("organization_id", "id", "branch_id", "stream_id", "first_seq", "last_seq", "reason", "params")
    into = shape(metadata.tables[VERDICTS_TABLE], (*columns, "judged_at", "stamps"))
    rows = []
    for number in range(1, count + 1):
        seq = -number if number % 2 else head + number
        verdict = derived_id("benchmark", "verdict", number).bytes
        rows.append((ORGANIZATION.bytes, verdict, BRANCH.bytes, key.id.bytes, seq, seq, "", {}, 0, b""))

    def fill(door: Door) -> None:
        door.insert(into, rows)

    if rows:
        await store.through(fill)


async def _fold(store: Store, frames: list[Frame], raw: RawFile) -> Times:
    organization = ORGANIZATION.bytes
    folder = Folder(
        ORGANIZATION,
        specs(metadata),
        listeners=store.author.listeners,
        batch_changes=FOLD_CHANGES,
        seen=store.author.seen,
    )
    times = Times()
    for number, frame in enumerate(frames):
        kept = times if number >= WARM_UP else Times()
        begun = time.process_time()
        await store.through(receive, organization, frame, store.clock.milliseconds())
        stored = time.process_time()
        progress = await store.through(folder.fold_next, store.clock.milliseconds())
        kept.folded.append(time.process_time() - stored)
        kept.stored.append(stored - begun)
        assert progress is not None
        assert progress.is_last
        assert not progress.objections
        begun = time.process_time()
        raw.commit(2 * len(frame.bodies))
        kept.raw.append(time.process_time() - begun)
    return times


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with tempfile.TemporaryDirectory() as folder:
        size, measured = asyncio.run(measure(Path(folder)))
    return [
        Figure(
            f"fold of a foreign sale of {size} changes beside {count:,} verdicts, processor time",
            f"{milliseconds(times.folded)} (storing it {median(times.stored) * 1e3:.2f} ms; {load()})",
            f"one raw commit of as many rows {milliseconds(times.raw)}",
            median(times.folded) / median(times.raw),
            f"at most {MOST_SECONDS * 1e3:.0f} ms",
            median(times.folded) <= MOST_SECONDS,
        )
        for count, times in measured.items()
    ]
