"""A till of a house that sells 20,000 items: from the command to ready for a dish, a key of a search, a line, memory.

Starts are whole processes on terminals of their own, with the PIN and a table typed as soon as the program asks for the
PIN, in turns with the smallest Textual app. Keys are pressed in a headless pilot on a real desk, as in `repaint.py`.
Goals are held against processor time, which hardly depends on who else uses the machine; the clock's stands beside it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from terminal.actions import ScreenName
from terminal.collecting import collect_again
from tests.benchmarks.big_till import big_till
from tests.benchmarks.figures import Figure, hundredth, load, milliseconds
from tests.benchmarks.repaint import QUIET_SECONDS, SIZE, WatchedTill, enter_order, press
from tests.benchmarks.start import TEXTS, Started, beside_the_smallest
from tests.faults.till_on_disk import PIN, TillOnDisk

ITEMS, CATEGORIES = 20_000, 100
STARTS = 5
ROUNDS = 20
READY = TEXTS("order.hint")[:14]
"""What the line of an order asks for while nothing is typed."""
WORDS = ("l", "o", "m", "o", " ", "1", "7", *["backspace"] * 7)
LONGEST_START_SECONDS = 2.0
LONGEST_KEY_SECONDS = 0.050
LARGEST_MB = 250.0


async def pressed(till: TillOnDisk) -> dict[str, list[tuple[float, float]]]:
    """Seconds until the repaint, by the clock and of the processor, of keys of a search and of lines that are added."""
    times: dict[str, list[tuple[float, float]]] = {"search": [], "line": [], "list": []}
    async with till.desk() as desk:
        app = WatchedTill(desk)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            collect_again()  # as the program does once its store is open
            await enter_order(app)
            await pilot.pause()
            for at in range(ROUNDS):
                for key in WORDS:
                    times["search"] += await _measured(app, key)
                for key in f"x{1 + at}":
                    await press(app, None, key)
                times["line"] += await _measured(app, "enter")
            for _round in range(ROUNDS):
                await _open_list(app)
                for key in WORDS:
                    times["list"] += await _measured(app, key)
                await press(app, None, "escape")
    return times


async def _open_list(app: WatchedTill) -> None:
    """Open the list in which a dish is picked to be sold out."""
    app.screen.tap_action("availability")  # type: ignore[attr-defined]
    await app.settled()
    assert app.screen.screen_name is ScreenName.PICK  # type: ignore[attr-defined]
    await asyncio.sleep(QUIET_SECONDS)


async def _measured(app: WatchedTill, key: str) -> list[tuple[float, float]]:
    worked = time.process_time()
    seconds = await press(app, app.stopwatch, key)
    return [] if seconds is None else [(seconds, app.stopwatch.worked - worked)]


def figures() -> Iterator[Figure]:
    """Measure, and hold against the goals."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        till = asyncio.run(big_till(home, ITEMS, CATEGORIES))
        runs = beside_the_smallest(home, f"{PIN}\r1\r", READY, STARTS)
        yield from _of_starts([each for each, _ in runs], [each for _, each in runs])
        times = asyncio.run(pressed(till))
    for name, kind, words, of in (
        ("a key of a search", "search", "at 99 %", hundredth),
        ("a line added, with its commit,", "line", "by the median", median),
        ("a key in a list of all dishes", "list", "at 99 %", hundredth),
    ):
        clock, worked = zip(*times[kind], strict=True)
        held = of(worked)
        yield Figure(
            f"{name} among {ITEMS:,} items, until the repaint",
            f"of the processor {words} {held * 1e3:.1f} ms, {milliseconds(worked)}; "
            f"by the clock {milliseconds(clock)}; {load()}",
            f"{LONGEST_KEY_SECONDS * 1e3:.0f} ms",
            held / LONGEST_KEY_SECONDS,
            f"under {LONGEST_KEY_SECONDS * 1e3:.0f} ms of the processor {words}",
            held < LONGEST_KEY_SECONDS,
        )


def _of_starts(ours: list[Started], theirs: list[Started]) -> Iterator[Figure]:
    ready, clock = median(each.answered_processor for each in ours), median(each.answered for each in ours)
    bare = median(each.answered_processor for each in theirs)
    yield Figure(
        f"start to ready for a dish, {ITEMS:,} items, PIN and table typed ahead",
        f"{ready:.2f} s of the processor, {clock:.2f} s by the clock (best {min(each.answered for each in ours):.2f}); "
        + load(),
        f"the smallest Textual app {bare:.2f} s of the processor, {median(each.answered for each in theirs):.2f} s",
        ready / bare,
        f"under {LONGEST_START_SECONDS:.0f} s of the processor",
        ready < LONGEST_START_SECONDS,
    )
    resident, smallest = max(each.resident_mb for each in ours), max(each.resident_mb for each in theirs)
    yield Figure(
        "memory of the program then",
        f"{resident:.0f} MB",
        f"the smallest Textual app {smallest:.0f} MB",
        resident / smallest,
        f"under {LARGEST_MB:.0f} MB",
        resident < LARGEST_MB,
    )
