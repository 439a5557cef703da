"""A program of a device's folder, in a process of its own: `python -m tests.terminal.supervision.program FOLDER [ID]`.

ID is of whoever is logged in; without it a cashier of the test restaurant.

It says on standard output, one line of JSON each, who prints and syncs (`owner`), which tables another program's commit
touched (`told`), and what it was asked for: each line of standard input is a word.

    open    opens an order
    send    sends one dish to the kitchen
    sell    sells one dish for cash, and says the receipt's number
    watch   says from now on how many tickets stand on its wall, whenever that changed, and when
    look    says how many dishes and tickets it sees
    break   closes the connections of its store, as a driver that fails does
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable
from pathlib import Path
from uuid import UUID

from restaurant import CASHIER

from shared.kernel.permissions import Actor, Role
from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from terminal.composition import Device, running
from terminal.desks.desk import Desk
from terminal.device import DeviceFolder
from terminal.snapshots.sources import TICKETS
from terminal.store.store import Committed
from terminal.supervision.health import Shown


def say(*words: object) -> None:
    """One line, in one write."""
    os.write(1, json.dumps([*words]).encode() + b"\n")


async def ordered(desk: Desk) -> UUID:
    """Open an order of one dish that is cooked."""
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    dishes = desk.menu.items.values()
    dish = next(each for each in dishes if each.station_id is not None and not each.modifier_groups)
    await desk.add_line(order_id, dish)
    return order_id


async def sell(desk: Desk) -> str:
    """Sell one dish for cash. Returns the receipt's number."""
    order_id = await ordered(desk)
    order = desk.orders[order_id]
    cash = next(each for each in desk.methods if each.kind is TenderKind.CASH)
    tender = Tender(cash.id, cash.name, cash.kind, order.due_minor)
    return str((await desk.pay(order_id, order.checks[0].id, [tender])).receipt_number)


async def obey(device: Device, word: str) -> None:
    """Do what was asked for."""
    desk = device.desk
    if word == "sell":
        number = await sell(desk)
        say("sold", number, time.monotonic_ns())
    elif word == "send":
        order_id = await ordered(desk)
        say("sent", await _committed_at(device, desk.send(order_id)))
    elif word == "open":
        say("opened", await _committed_at(device, desk.open_order(OrderKind.TAKEOUT)))
    elif word == "look":
        say("sees", len(desk.menu.items), len(desk.tickets))
    elif word == "watch":
        desk.first = frozenset({TICKETS})  # as a display has it
        seen = [len(desk.tickets)]

        def show(names: frozenset[str]) -> None:
            if "tickets" in names and len(desk.tickets) != seen[0]:
                seen[0] = len(desk.tickets)
                say("wall", seen[0], time.monotonic_ns())

        desk.subscribe(show)
        say("watches")
    elif word == "break":
        for engine in device.store._engines:
            await engine.dispose()
        say("broken")


async def _committed_at(device: Device, command: Awaitable[object]) -> int:
    """Run a command. Returns when it was committed, in nanoseconds of the machine's monotonic clock."""
    commits: list[int] = []
    unsubscribe = device.store.subscribe(lambda _committed: commits.append(time.monotonic_ns()))
    await command
    unsubscribe()
    return commits[0]


def _told(committed: Committed) -> None:
    if not committed.local:
        say("told", sorted(committed.tables), time.monotonic_ns())


async def main() -> None:
    """Run the program until its standard input ends."""
    words: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(words.put_nowait, line.strip())
        loop.call_soon_threadsafe(words.put_nowait, None)

    async with running(DeviceFolder(Path(sys.argv[1]), use_keyring=False)) as device:
        health = device.desk.health
        device.desk.actor = Actor.in_role(UUID(sys.argv[2]), "Rosa", Role.CASHIER) if len(sys.argv) > 2 else CASHIER
        device.store.subscribe(_told)
        shown: list[Shown] = []

        def show() -> None:
            if shown[-1:] != [health.owner]:
                shown.append(health.owner)
                owner = health.owner
                words = [each.words for each in health.stopped]
                say("owner", owner.is_ours, owner.pid, owner.link.cloud, words, time.monotonic_ns())

        device.desk.subscribe(lambda _names: show())
        say("ready", os.getpid())
        show()
        threading.Thread(target=read, daemon=True).start()
        while (word := await words.get()) is not None:
            await obey(device, word)


if __name__ == "__main__":
    asyncio.run(main())
