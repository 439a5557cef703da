"""The process that is killed: `python -m tests.faults.killed_till`. It warms up once and forks a till for each order.

An order is a line of JSON on standard input: {"folder", "seed", "careless"}; the first only names a folder in which the
parent itself sells once, so that tills do not spend their short lives on imports and mappings. A forked till says its
process id, then each step that was acknowledged, one line of JSON each. When it is dead and buried, its parent says
"gone": all that the till ever said stands before that line.

A careless till says a step before it is committed. It exists so that the test can be seen to fail.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from restaurant import CASHIER

from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from terminal.composition import running
from terminal.device import DeviceFolder
from terminal.store.store import Store
from tests.faults.selling import sell


def say(*words: object) -> None:
    """One line, in one write, so that it is in the pipe whole or not at all."""
    os.write(1, json.dumps([str(word) if isinstance(word, UUID) else word for word in words]).encode() + b"\n")


async def warm_up(folder: Path) -> None:
    async with running(DeviceFolder(folder, use_keyring=False), sync=False) as device:
        device.desk.actor = CASHIER
        await sell(device.desk, random.Random(1), lambda *_step: None)


async def keep_selling(folder: Path, seed: int, careless: bool) -> None:
    async with running(DeviceFolder(folder, use_keyring=False), sync=False) as device:
        device.desk.actor = CASHIER
        if careless:
            device.store.run = acknowledge_early(device.store)  # type: ignore[method-assign]
        say("ready")
        chance = random.Random(seed)
        while True:
            await sell(device.desk, chance, say)


def acknowledge_early(store: Store) -> Callable[[Actor, Callable[[Work], Awaitable[Any]]], Awaitable[Any]]:
    """A `Store.run` that answers while the commit is still to come."""
    kept: set[asyncio.Task[None]] = set()

    async def run(actor: Actor, command: Callable[[Work], Awaitable[Any]]) -> Any:
        answer = asyncio.get_running_loop().create_future()

        async def later() -> None:
            async with store.work(actor) as work:
                answer.set_result(await command(work))
                await asyncio.sleep(0.005)

        task = asyncio.create_task(later())
        kept.add(task)
        return await answer

    return run


def main() -> None:
    asyncio.run(warm_up(Path(json.loads(sys.stdin.readline())["folder"])))
    gc.freeze()  # what the forked tills share, their collectors leave alone
    say("warm")
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            say("pid", os.getpid())
            asyncio.run(keep_selling(Path(order["folder"]), order["seed"], order["careless"]))
            os._exit(0)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
