"""From a key press to the repaint on every screen while a backlog of another device is applied, and a veteran's pace.

As in `repaint.py`: a headless pilot on a real desk that also makes the bytes for the terminal. The yardstick is a
Textual app of one widget, pressed in the same run.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from restaurant import BRANCH, ORGANIZATION, WAITER

from terminal.actions import ScreenName
from terminal.collecting import collect_again
from terminal.desks.desk import Desk
from terminal.device import DeviceFolder
from terminal.identity import Identity
from terminal.syncing.agent import Agent
from tests.benchmarks.catch_up import prepare
from tests.benchmarks.device import Messages
from tests.benchmarks.figures import Figure, hundredth, load, milliseconds
from tests.benchmarks.repaint import SIZE, OneWidget, WatchedTill, press, press_amid_news
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.screens.till import SPELLED, keys_of

LONGEST_SECONDS = 0.050
LONGEST_SALE_SECONDS = 6.0
KEY_SECONDS = 0.25
"""What a veteran takes for a key."""
CHANGES = 20_000
PRESSES = 60
"""Measured on each screen, or as many as there is time for while the changes come in."""
ROUNDS = 4
MANAGER_PIN = "5671"
VETERAN = "1\ncev\n2*ch\n3*pa\n<f5>"
"""Three items from the floor until sent. (That two modifiers fit into the presses too is a test of the screens.)"""


@dataclass(frozen=True)
class Place:
    """A screen, how it is reached from the floor, and what is pressed on it."""

    name: str
    way: str
    keys: str


SILENT = "<f4><f7>"
"""Keys that do nothing where a list is empty, and say so."""
PLACES = (
    Place("floor", "", "1<backspace><right><left>"),
    Place("order", "1\ncev\n", "lo<backspace><backspace>+-<pagedown><pageup>"),
    Place("options", "1\nlom\n", "<tab><shift+tab><down><up>"),
    Place("payment", "1\ncev\n<f5><f9>", "12<backspace><backspace>"),
    Place("kitchen", "<f6>", "<right><left><tab><tab>"),
    Place("today", "<f3>", "<f7><f6>"),
    Place("inbox", "<ctrl+e>", SILENT),
    Place("printers", "<f11>", SILENT),
    Place("help", "<f1>", "pa<backspace><backspace>"),
    Place("past receipts", "<ctrl+f>", "1<backspace><down><up>"),
    Place("shift", "<ctrl+t>", SILENT),
    Place("a dialog that opens and closes", "1\ncev\n", "<f8><escape>"),
)


async def measure(folder: Path) -> tuple[dict[str, list[float]], list[float], int]:
    """Seconds from press to repaint by place and of the yardstick; how many changes came in meanwhile."""
    frames = await prepare(folder, CHANGES)
    times: dict[str, list[float]] = {}
    for place in PLACES:
        fresh = folder / place.name
        shutil.copytree(folder / "device", fresh)
        till = TillOnDisk(DeviceFolder(fresh, use_keyring=False), Identity(ORGANIZATION, BRANCH, WAITER))
        async with till.desk() as desk:
            times[place.name] = await _pressed(desk, place, folder / "messages")
    return times, await _bare(), sum(len(frame.bodies) for message in frames for frame in message)


async def _pressed(desk: Desk, place: Place, messages: Path) -> list[float]:
    found: list[float] = []
    app = WatchedTill(desk)
    agent = Agent(desk.store, Messages(messages), None, lambda: 0.5, None, 0)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        collect_again()  # as the program does once its store is open
        for key in (*_keys(f"{MANAGER_PIN}\n"), *_keys(place.way)):
            await press(app, None, key)
        pulling = asyncio.create_task(agent.pull_once())
        while not pulling.done() and len(found) < PRESSES:
            for key in _keys(place.keys):
                seconds = await press_amid_news(app, app.stopwatch, key)
                if seconds is not None and not pulling.done():
                    found.append(seconds)
        pulling.cancel()  # what it stored is whole, as when a program ends
        with suppress(asyncio.CancelledError):
            await pulling
    assert len(found) > 1, f"nothing that is pressed at {place.name} is painted"
    return found


def _keys(script: str) -> list[str]:
    return [SPELLED.get(key, key) for key in keys_of(script)]


async def _bare() -> list[float]:
    one, found = OneWidget(), []
    async with one.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for at in range(100):
            seconds = await press(one, one.stopwatch, "abcdefgh"[at % 8])
            if seconds is not None:
                found.append(seconds)
    return found


async def veteran(folder: Path) -> list[float]:
    """Seconds from the first key until the sending is painted, a key each `KEY_SECONDS`."""
    await found_till(folder)
    found = []
    async with copy_till(folder, folder / "veteran").desk() as desk:
        app = WatchedTill(desk)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            for key in _keys(f"{MANAGER_PIN}\n"):
                await press(app, None, key)
            for _round in range(ROUNDS):
                found.append(await _sale(app))
                await press(app, None, "f2")
                assert app.screen.screen_name is ScreenName.FLOOR, app.screen  # type: ignore[attr-defined]
    return found


async def _sale(app: WatchedTill) -> float:
    begun = time.perf_counter()
    for at, key in enumerate(_keys(VETERAN), 1):
        await asyncio.sleep(begun + at * KEY_SECONDS - time.perf_counter())
        await press(app, None, key)
    return app.stopwatch.painted - begun


def figures() -> list[Figure]:
    """Measure, and hold against the goals."""
    with tempfile.TemporaryDirectory() as name:
        times, bare, changes = asyncio.run(measure(Path(name)))
    with tempfile.TemporaryDirectory() as name:
        sales = asyncio.run(veteran(Path(name)))
    return [
        *(_of_place(place, seconds, bare, changes) for place, seconds in times.items()),
        Figure(
            f"a veteran's sale of {len(_keys(VETERAN))} presses, repaint included",
            f"{median(sales):.2f} s, longest {max(sales):.2f} s",
            f"the presses alone {len(_keys(VETERAN)) * KEY_SECONDS:.2f} s",
            median(sales) / (len(_keys(VETERAN)) * KEY_SECONDS),
            f"under {LONGEST_SALE_SECONDS:.0f} s",
            max(sales) < LONGEST_SALE_SECONDS,
        ),
    ]


def _of_place(place: str, seconds: Sequence[float], bare: Sequence[float], changes: int) -> Figure:
    return Figure(
        f"key to repaint, {place}, while a backlog of {changes:,} changes comes in",
        f"99 %: {hundredth(seconds) * 1e3:.1f} ms, {milliseconds(seconds)}, {len(seconds)} presses; {load()}",
        f"an app of one widget 99 %: {hundredth(bare) * 1e3:.1f} ms, {milliseconds(bare)}",
        median(seconds) / median(bare),
        f"under {LONGEST_SECONDS * 1e3:.0f} ms at 99 %",
        hundredth(seconds) < LONGEST_SECONDS,
    )
