"""Reading a typed line over a menu of 2,000 items: each key press on the order screen waits for it before it paints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import UUID

from shared.menu.rules import Menu, MenuItem
from terminal.screens.order.menu_line import MenuLine
from tests.benchmarks.big_till import ITEMS, item_name
from tests.benchmarks.figures import Figure, milliseconds

LONGEST_SECONDS = 0.002
ROUNDS = 60
TEXTS = ("l", "a", "lo", "lomo", "pollo con", "3x17", "17", "norteno 1", "7750182000123", "zzz")
"""A letter that most names hold, words, codes, quantities, and nothing."""


def figures() -> Iterator[Figure]:
    """The slowest of these texts, in processor time, beside one look at each name."""
    items = {UUID(int=at): _item(at) for at in range(ITEMS)}
    line = MenuLine(Menu((), items, {}))
    names = [item.name.casefold() for item in items.values()]
    reads = {text: _seconds(lambda text=text: line.read(text), lambda: line.read("")) for text in TEXTS}
    slowest = max(TEXTS, key=lambda text: sorted(reads[text])[ROUNDS // 2])
    plain = _seconds(lambda: [name for name in names if "lo" in name])
    middle, yardstick = sorted(reads[slowest])[ROUNDS // 2], sorted(plain)[ROUNDS // 2]
    yield Figure(
        name=f"reading a typed line over {ITEMS:,} items, the slowest of {len(TEXTS)} texts ({slowest!r})",
        value=milliseconds(reads[slowest]),
        yardstick=f"one `in` for each name: {milliseconds(plain)}",
        ratio=middle / yardstick,
        goal=f"median below {LONGEST_SECONDS * 1e3:.0f} ms of processor time",
        met=middle < LONGEST_SECONDS,
    )


def _seconds(work: Callable[[], object], between: Callable[[], object] = lambda: None) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        between()  # the line keeps its last reading
        start = time.thread_time()
        work()
        taken.append(time.thread_time() - start)
    return taken


def _item(at: int) -> MenuItem:
    return MenuItem(
        id=UUID(int=at),
        name=item_name(at),
        code=f"x{at}",
        category_id=UUID(int=1),
        category_name="Carta",
        price_minor=900 + at,
        tax_category_id=UUID(int=2),
        unit="",
        station_id=None,
        modifier_groups=(),
        barcodes=(f"775{at:010d}",),
    )
