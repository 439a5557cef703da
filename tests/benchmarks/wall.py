"""The kitchen's wall with 40 open cards: what a second of running timers takes of a core, and how long a key takes.

Headless, as in `repaint.py`: the app turns its updates into what a terminal would get.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from shared.orders.records import OrderKind
from terminal.collecting import collect_again
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.benchmarks.repaint import Stopwatch
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import PlayedApp

OPEN_CARDS, FEW_CARDS = 40, 4
SIZE = (120, 36)
SECONDS = 120
"""So many seconds are shown; each ticks all timers once."""
KEYS = ("1", "5", "9", "3")
ROUNDS = 10
MOST_OF_A_CORE, MOST_KEY_SECONDS = 0.05, 0.050


class WatchedWall(PlayedApp):
    """The display with a stopwatch."""

    stopwatch = Stopwatch()

    def _display(self, screen: object, renderable: object) -> None:
        super()._display(screen, renderable)  # type: ignore[arg-type]
        self.stopwatch.ready(self, renderable)


def kitchen(cards: int) -> PaperDesk:
    """A desk with so many open cards of all ages."""
    desk = PaperDesk()
    for at in range(cards):
        desk.order(OrderKind.DINE_IN, at % 9 + 1, "2*lom/sin sal", "cau", "sent", ago=cards - at)
    return desk


async def _ticks(cards: int) -> float:
    """Processor seconds that a second of the wall takes."""
    desk = kitchen(cards)
    app = WatchedWall(desk, "kds")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        collect_again()  # as the program does once its store is open
        await app.settled()
        used = time.process_time()
        for _ in range(SECONDS):
            desk.time += timedelta(seconds=1)
            app._tick()
            await pilot.pause()
        return (time.process_time() - used) / SECONDS


async def _keys(cards: int) -> list[float]:
    """How long a key that marks a card takes until it is painted."""
    taken = []
    app = WatchedWall(kitchen(cards), "kds")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        collect_again()  # as the program does once its store is open
        await app.settled()
        for _ in range(ROUNDS):
            for key in KEYS:
                began = time.perf_counter()
                app.simulate(key)
                await app.settled()
                await pilot.pause()
                taken.append(max(app.stopwatch.painted, began) - began)
    return taken


def figures() -> Sequence[Figure]:
    """The figures of the wall."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    few, many = asyncio.run(_ticks(FEW_CARDS)), asyncio.run(_ticks(OPEN_CARDS))
    few_keys, keys = asyncio.run(_keys(FEW_CARDS)), asyncio.run(_keys(OPEN_CARDS))
    return (
        Figure(
            f"a second of a wall with {OPEN_CARDS} open cards ({load()})",
            f"{many:.2%} of a core",
            f"with {FEW_CARDS} cards: {few:.2%}",
            many / few,
            f"under {MOST_OF_A_CORE:.0%} of a core",
            many < MOST_OF_A_CORE,
        ),
        Figure(
            f"a key on a wall with {OPEN_CARDS} open cards",
            milliseconds(keys),
            f"with {FEW_CARDS} cards: {milliseconds(few_keys)}",
            median(keys) / median(few_keys),
            f"under {MOST_KEY_SECONDS * 1e3:.0f} ms",
            median(keys) < MOST_KEY_SECONDS,
        ),
    )
