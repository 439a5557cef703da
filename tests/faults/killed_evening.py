"""The process that is killed in the middle of a step: `python -m tests.faults.killed_evening`.

It warms up once, and forks a till for each order: a line of JSON on standard input, {"folder", "at", "commits"}. A
forked till does the next step of its evening (`money_evening.py`) and kills itself with signal 9 right before the
statement with that number, counted from 1, that its writer runs in this step; with 0 it lives. It says the step once it
is acknowledged. When it is gone, its parent says so, and how.

A till that commits a step in two parts exists so that the test can be seen to fail.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path

from terminal.desks.desk import Desk
from terminal.device import DeviceFolder
from tests.faults.killed_till import say
from tests.faults.money_evening import go_on
from tests.faults.till_on_disk import TillOnDisk


async def step(folder: Path, at: int, commits: int = 1) -> None:
    """Do the next step, or die in it; say how many statements it took."""
    async with TillOnDisk(DeviceFolder(folder, use_keyring=False)).desk() as desk:
        ran = await count_statements(desk, at)
        done = None
        for _commit in range(commits):
            done = await go_on(desk)
        if done is None:
            say("over")
        else:
            say("done", done.name, done.amount_minor, ran[0])


async def count_statements(desk: Desk, dies_at: int) -> list[int]:
    """Count what the writer runs from now on, in the returned list's one number."""
    ran = [0]

    def running(_statement: str) -> None:
        ran[0] += 1
        if ran[0] == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    async with desk.store._writer.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.set_trace_callback(running)
    return ran


def main() -> None:
    """See the module."""
    asyncio.run(step(Path(json.loads(sys.stdin.readline())["folder"]), 0))
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            asyncio.run(step(Path(order["folder"]), order["at"], order["commits"]))
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        say("gone", os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


if __name__ == "__main__":
    main()
