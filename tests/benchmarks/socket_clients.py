"""Devices that wait on the live socket, all in this process: `python -m tests.benchmarks.socket_clients ADDRESS`.

Lines of JSON in and out. `{"open": [TOKEN, ...]}` opens sockets, catches up and waits with all of them, and answers
`{"open": N}`. `{"news": N}` answers when N devices have heard something since the last time: `{"heard": [SECONDS,
...]}`, each when a device had its frames, by the clock that all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

from websockets.asyncio.client import ClientConnection, connect

from sync.live import PATH, READY, WAIT_MS, DeviceOpening, opening_text
from sync.messages import Mark, Pull, Suffixes, dump, load
from terminal.syncing.live import PING_SECONDS
from tests.cloud.replication.house import end_of

AT_ONCE = 20


class Devices:
    """All devices of this process."""

    def __init__(self, address: str) -> None:
        self._url = f"ws://{address}{PATH}"
        self._few = asyncio.Semaphore(AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting = 0
        self.heard: asyncio.Queue[float] = asyncio.Queue()

    async def open(self, tokens: list[str]) -> int:
        """Open a socket for each token; all wait when this returns."""
        wanted = self._waiting + len(tokens)
        self._tasks += [asyncio.create_task(self._device(token)) for token in tokens]
        while self._waiting < wanted:
            broken = [task.exception() for task in self._tasks if task.done()]
            assert not broken, broken[0]
            await asyncio.sleep(0.05)
        return self._waiting

    async def _device(self, token: str) -> None:
        held: dict[bytes, Mark] = {}
        async with self._few:
            connection = await connect(
                self._url, compression=None, ping_interval=PING_SECONDS, ping_timeout=None, proxy=None, open_timeout=60
            )
            await connection.send(opening_text(DeviceOpening(token)))
            assert await connection.recv() == READY
            while await _asked(connection, held, 0):
                pass
        self._waiting += 1
        while True:
            if await _asked(connection, held, WAIT_MS):
                self.heard.put_nowait(time.monotonic())


async def _asked(connection: ClientConnection, held: dict[bytes, Mark], wait_ms: int) -> bool:
    """Ask, and take what comes. Returns whether there was anything."""
    await connection.send(dump(Pull(list(held.values()), wait_ms)))
    said = await connection.recv()
    assert isinstance(said, bytes)
    answer = load(said)
    assert isinstance(answer, Suffixes)
    for frame in answer.frames:
        held[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))
    return bool(answer.frames)


async def main() -> None:
    """Do what the lines say."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    devices = Devices(sys.argv[1])
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        if "open" in asked:
            answer: dict[str, object] = {"open": await devices.open(asked["open"])}
        else:
            answer = {"heard": [await devices.heard.get() for _device in range(asked["news"])]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
