"""A program of a device's folder, in a process of its own: `python -m tests.terminal.supervision.program FOLDER`.

It says on standard output, one line of JSON each, who prints and syncs (`owner`), which tables another program's commit
touched (`told`), and what it was asked for: each line of standard input is a word.

    open    opens an order
    sell    sells one dish for cash, and says the receipt's number
    break   closes the connections of its store, as a driver that fails does
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path

from restaurant import CASHIER

from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from terminal.composition import Device, running
from terminal.desk import Desk
from terminal.device import DeviceFolder
from terminal.store.store import Committed
from terminal.supervision.health import Shown


def say(*words: object) -> None:
    """One line, in one write."""
    os.write(1, json.dumps([*words]).encode() + b"\n")


async def sell(desk: Desk) -> str:
    """Sell one dish for cash. Returns the receipt's number."""
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    dish = next(each for each in desk.menu.items.values() if not each.modifier_groups)
    await desk.add_line(order_id, dish)
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
    elif word == "open":
        await desk.open_order(OrderKind.TAKEOUT)
        say("opened", time.monotonic_ns())
    elif word == "break":
        for engine in device.store._engines:
            await engine.dispose()
        say("broken")


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
        device.desk.actor = CASHIER
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
