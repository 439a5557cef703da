"""From a key press to the repaint on the order screen with 2,000 items, in a headless pilot on a real desk.

Headless, Textual does not turn an update into terminal bytes; this app does, so that the figure holds that work too. A
press counts until the last update that it caused is ready to be written.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Static

from terminal.actions import ScreenName
from terminal.app import ComandaApp
from terminal.collecting import collect_again
from tests.benchmarks.big_till import big_till
from tests.benchmarks.figures import Figure, milliseconds
from tests.faults.till_on_disk import PIN

LONGEST_SECONDS = 0.050
SIZE = (120, 36)
QUIET_SECONDS = 0.06
"""So long after a press nothing more is painted; the clock in the title line paints once a second."""
ROUNDS = 40
KINDS = {
    "typing a letter": ("l", "o", "m", "backspace", "backspace", "backspace"),
    "moving over the grid": ("right", "down", "right", "up", "left", "left"),
    "adding an item (with its commit)": ("enter",),
    "next group of items": ("pagedown", "pageup"),
}


class Stopwatch:
    """Notes when an app has something ready to be written to the terminal, and how much the process had worked then."""

    painted: float = 0.0
    worked: float = 0.0

    def ready(self, app: App[Any], renderable: object) -> None:
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(app.console)
        self.painted, self.worked = time.perf_counter(), time.process_time()


class WatchedTill(ComandaApp):
    """The app with a stopwatch."""

    stopwatch = Stopwatch()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        self.stopwatch.ready(self, renderable)


class OneWidget(App[None]):
    """The yardstick: a Textual app of one widget that shows the last key."""

    stopwatch = Stopwatch()

    def compose(self) -> ComposeResult:
        yield Static("")

    def on_key(self, event: Any) -> None:
        self.query_one(Static).update(str(event.key))

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        self.stopwatch.ready(self, renderable)


async def measure(folder: Path) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds from press to repaint, by kind of press, and of the yardstick."""
    till = await big_till(folder)
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    async with till.desk() as desk:
        app = WatchedTill(desk)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            collect_again()  # as the program does once its store is open
            await enter_order(app)
            for _round in range(ROUNDS):
                for kind, keys in KINDS.items():
                    for key in keys:
                        seconds = await press(app, app.stopwatch, key)
                        if seconds is not None:
                            times[kind].append(seconds)
    bare: list[float] = []
    one = OneWidget()
    async with one.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for _round in range(ROUNDS):
            seconds = await press(one, one.stopwatch, "abcdefgh"[_round % 8])
            if seconds is not None:
                bare.append(seconds)
    return times, bare


async def enter_order(app: ComandaApp) -> None:
    """Log in and open an order at a table."""
    for key in (*PIN, "enter", "1", "enter"):
        await press(app, None, key)
        await app.settled()
    assert app.screen.screen_name is ScreenName.ORDER  # type: ignore[attr-defined]


async def press(app: App[Any], stopwatch: Stopwatch | None, key: str) -> float | None:
    """Press, wait until all is dealt with and painted; None if nothing was painted."""
    begun = time.perf_counter()
    await _pressed(app, key)
    await asyncio.sleep(QUIET_SECONDS)
    if stopwatch is None or stopwatch.painted < begun:
        return None
    return stopwatch.painted - begun


async def press_amid_news(app: App[Any], stopwatch: Stopwatch, key: str) -> float | None:
    """The same while others change what is shown: only what is painted with the effect of the press counts."""
    begun = time.perf_counter()
    await _pressed(app, key)
    for _turn in range(2):  # a widget that changed tells its screen in the first
        is_painted = asyncio.Event()
        app.call_after_refresh(is_painted.set)
        await is_painted.wait()
    painted = stopwatch.painted
    await asyncio.sleep(QUIET_SECONDS)
    return None if painted < begun else painted - begun


async def _pressed(app: App[Any], key: str) -> None:
    app.post_message(Key(key, key if len(key) == 1 else None))
    await asyncio.sleep(0)
    if isinstance(app, ComandaApp):
        await app.settled()


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with tempfile.TemporaryDirectory() as folder:
        times, bare = asyncio.run(measure(Path(folder)))
    return [
        Figure(
            f"key to repaint, {kind}",
            milliseconds(seconds),
            f"an app of one widget that shows the key {milliseconds(bare)}",
            median(seconds) / median(bare),
            f"under {LONGEST_SECONDS * 1e3:.0f} ms",
            median(seconds) < LONGEST_SECONDS,
        )
        for kind, seconds in times.items()
    ]
