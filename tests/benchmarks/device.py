"""The device of a benchmark, as a process of its own: so its processor time is its own.

`python -m tests.benchmarks.device TASK FOLDER [MESSAGES]` says "ready", begins at the first line that it is given, and
prints what it measured as JSON. `DeviceProcess` is its other end.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from shared.kernel.ids import Uuid7Source
from shared.menu.rules import default_modifiers
from shared.orders.records import OrderKind
from sync.heads import unfolded
from sync.messages import AnyMessage, Pull, Suffixes, load
from terminal.clock import SystemClock
from terminal.desks.desk import Desk
from terminal.device import DeviceFolder
from terminal.gate import Gate
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink

ROOT = Path(__file__).parents[2]
TAP_SECONDS = 0.1
"""How often the person at the desk adds a line: nobody taps faster for long."""
QUIET_TAPS = 40
"""Lines that are added before anything comes in: the yardstick."""
PIN = "1234"


class Result(msgspec.Struct):
    """What a device measured, in seconds.

    Attributes:
        seconds, processor: of the whole task.
        locks: processor time between the taking and the giving back of the store's write lock, of all threads.
        taps, quiet_taps: from the key to the snapshot that shows the line, while changes come in and before.
    """

    seconds: float
    processor: float
    locks: list[float] = []
    taps: list[float] = []
    quiet_taps: list[float] = []


class DeviceProcess:
    """A device that is ready for its task; the task begins with `begin`, and `result` waits for its end."""

    def __init__(self, task: str, folder: Path, *more: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.device", task, str(folder), *more]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")

    def result(self) -> Result:
        assert self._process.stdout is not None
        return msgspec.json.decode(self._process.stdout.readline(), type=Result)


class Messages:
    """Implements `terminal.syncing.agent.Carrier`: the answers of a cloud, packed as they travel, from memory."""

    def __init__(self, path: Path) -> None:
        self._answers = msgspec.msgpack.decode(path.read_bytes(), type=list[bytes])

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        """The next answer."""
        assert isinstance(message, Pull)
        await asyncio.sleep(0)  # where a real carrier waits for its socket
        return load(self._answers.pop(0)) if self._answers else Suffixes([], more=False, now_ms=0)


class WatchedLock(asyncio.Lock):
    """A write lock that notes what the process used while it was held: at least that long nobody else could write."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[float] = []
        self._begun = 0.0

    async def acquire(self) -> Any:
        """See `asyncio.Lock`."""
        taken = await super().acquire()
        self._begun = time.process_time()
        return taken

    def release(self) -> None:
        """See `asyncio.Lock`."""
        self.held.append(time.process_time() - self._begun)
        super().release()


async def push(store: Store, folder: DeviceFolder) -> Result:
    """Push everything to the cloud over HTTP."""
    configuration = folder.configuration()
    signer = folder.secrets(configuration.identity.device_id).signer
    link = CloudLink(configuration.cloud, configuration.identity.device_id, signer)
    try:
        return await _measured(Agent(store, link, signer, lambda: 0.5, None, 0).push_once)
    finally:
        await link.close()


async def pull(store: Store, _folder: DeviceFolder) -> Result:
    """Take and fold everything, with nobody at the desk."""
    agent = Agent(store, Messages(Path(sys.argv[3])), None, lambda: 0.5, None, 0)
    lock = store._lock = WatchedLock()
    result = await _measured(agent.pull_once)
    assert await store.look(unfolded, store.identity.organization_id.bytes) == 0
    return msgspec.structs.replace(result, locks=lock.held)


async def catch_up(store: Store, folder: DeviceFolder) -> Result:
    """Take and fold everything while somebody adds a line again and again."""
    agent = Agent(store, Messages(Path(sys.argv[3])), None, lambda: 0.5, None, 0)
    desk = Desk(store, Gate(store, folder.secrets(store.identity.device_id).pepper))
    await desk.open()
    await desk.log_in(PIN)
    try:
        quiet = await _add_lines(desk, lambda count: count < QUIET_TAPS)
        lock = store._lock = WatchedLock()
        caught_up = asyncio.Event()
        adding = asyncio.create_task(_add_lines(desk, lambda _count: not caught_up.is_set()))
        result = await _measured(agent.pull_once)
        caught_up.set()
        return msgspec.structs.replace(result, locks=lock.held, taps=await adding, quiet_taps=quiet)
    finally:
        await desk.close()


async def _add_lines(desk: Desk, go_on: Callable[[int], bool]) -> list[float]:
    """Seconds from each key to the published snapshot with its line, the wait for a busy program included."""
    loop, taps = asyncio.get_running_loop(), list[float]()
    item = next(iter(desk.menu.by_code.values()))
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    key = loop.time()
    while go_on(len(taps)):
        key += TAP_SECONDS
        await asyncio.sleep(key - loop.time())
        line_id = await desk.add_line(order_id, item, default_modifiers(item))
        taps.append(loop.time() - key)
        assert any(line.id == line_id for line in desk.orders[order_id].lines)
        key = max(key, loop.time() - TAP_SECONDS)
    return taps


async def _measured(task: Callable[[], Awaitable[None]]) -> Result:
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    begun, used = time.perf_counter(), time.process_time()
    await task()
    return Result(time.perf_counter() - begun, time.process_time() - used)


async def main() -> None:
    """See the module."""
    folder = DeviceFolder(Path(sys.argv[2]), use_keyring=False)
    identity, clock = folder.configuration().identity, SystemClock()
    key = folder.secrets(identity.device_id).database_key
    store = await Store.open(folder.database, key, identity, clock, Uuid7Source(clock, os.urandom))
    try:
        result = await {"push": push, "pull": pull, "catch-up": catch_up}[sys.argv[1]](store, folder)
    finally:
        await store.close()
    print(msgspec.json.encode(result).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
