"""What it costs to read sealed fields: the contacts of a busy evening, each with a key of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from uuid import UUID

from restaurant import BRANCH, CASHIER, ORGANIZATION, TILL, Replica, Village, found

from shared.orders.commands import open_order
from shared.orders.contacts import FIELDS, OrderContact, newest_contacts, set_contact
from shared.orders.records import OrderKind
from tests.benchmarks.figures import Figure

CONTACTS = 200
ROUNDS = 15
MOST_MICROSECONDS = 30.0
"""For a field, with its key: twenty deliveries then cost a screen less than 2 ms."""


async def measure(folder: Path) -> tuple[float, float]:
    """The seconds to read the contacts, and to read the same rows without opening them; the best of some rounds."""
    house = await found(folder)
    village = Village(folder, folder, house)
    till = village.replica(TILL)
    try:
        async with till.work(CASHIER) as work:
            for each in range(CONTACTS):
                order_id: UUID = work.ids.new()
                await open_order(work, order_id, OrderKind.DELIVERY)
                await set_contact(
                    work, order_id, f"María Quispe {each}", f"987 654 {each:03}", "Jr. Ancash 1234, Breña"
                )
        opened = await _best(lambda: _open(till))
        plain = await _best(lambda: till.rows(OrderContact))
    finally:
        await village.close()
    return opened, plain


async def _open(till: Replica) -> object:
    async with till.connection() as connection:
        return await newest_contacts(connection, ORGANIZATION, BRANCH)


async def _best(read: Callable[[], Awaitable[object]]) -> float:
    best = float("inf")
    for _round in range(ROUNDS):
        begun = perf_counter()
        await read()
        best = min(best, perf_counter() - begun)
    return best


def figures() -> list[Figure]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="comanda-sealed-") as folder:
        opened, plain = asyncio.run(measure(Path(folder)))
    fields = CONTACTS * len(FIELDS)
    each = (opened - plain) / fields * 1e6
    return [
        Figure(
            "opening a sealed field",
            f"{each:.1f} us ({CONTACTS} contacts with a key each in {opened * 1e3:.1f} ms)",
            f"the same rows unopened: {plain * 1e3:.1f} ms",
            opened / plain,
            f"at most {MOST_MICROSECONDS:.0f} us a field",
            each <= MOST_MICROSECONDS,
        )
    ]
