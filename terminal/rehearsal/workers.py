"""Worker processes that ring up and sync: two tills at once on two cores. Others use only `Workers`.

The tickets of a till go to the workers in slices, first those of the till with most tickets left, so that no core is
idle at the end. Two slices of one till never run at once.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any, Self, TypeVar

from terminal.device import DeviceFolder
from terminal.rehearsal import till
from terminal.rehearsal.till import Rung, Share

TICKETS_A_SLICE = 1_000
"""Tickets of a slice. Starting one (store, menu, log-in) costs as much as about twenty tickets."""
STOP_SECONDS = 0.25
"""How soon a worker notices that it must stop."""
_counter: Any = None
_stopping: Any = None
"""In a worker: the count of all rung-up tickets, and the flag to stop. Set when the worker starts."""

T = TypeVar("T")


class Workers:
    """Worker processes for a block. Leaving it stops their work at once: a till may wait minutes for a cloud that
    was stopped. Another run goes on with the work.

    Args:
        most: number of tills that run at once.
    """

    def __init__(self, most: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.count = max(1, min(os.cpu_count() or 1, most))
        self._counter = context.Value("q", 0)
        self._stopping = context.Event()
        self._pool = ProcessPoolExecutor(self.count, context, _keep, (self._counter, self._stopping))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)

    @property
    def tickets(self) -> int:
        """Number of tickets that are rung up, now or earlier."""
        return int(self._counter.value)

    async def sync(self, folders: Sequence[DeviceFolder]) -> None:
        """Let each till push what it has and pull what is missing."""
        await asyncio.gather(*(self._run(_sync, folder) for folder in folders))

    async def ring_up(self, shares: Sequence[Share], slice_tickets: int = TICKETS_A_SLICE) -> list[Rung]:
        """Let each till ring up its share. Returns their figures in the order of `shares`."""
        waiting = [_slices(share, slice_tickets) for share in shares]
        rung = [Rung() for _ in shares]
        running: dict[asyncio.Future[Rung], int] = {}
        try:
            while any(waiting) or running:
                idle = [at for at, slices in enumerate(waiting) if slices and at not in running.values()]
                for at in sorted(idle, key=lambda at: -_tickets(waiting[at]))[: self.count - len(running)]:
                    running[asyncio.ensure_future(self._run(_ring_up, waiting[at].pop(0)))] = at
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    rung[running[task]] += task.result()
                    del running[task]
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return rung

    async def _run(self, work: Callable[[Any], Any], argument: Any) -> Any:
        return await asyncio.wrap_future(self._pool.submit(work, argument))


def _slices(share: Share, tickets: int) -> list[Share]:
    return [
        replace(share, tickets=share.tickets[first : first + tickets])
        for first in range(0, len(share.tickets), tickets)
    ]


def _tickets(slices: Sequence[Share]) -> int:
    return sum(len(part.tickets) for part in slices)


def _keep(counter: Any, stopping: Any) -> None:
    # A pool has no other way to give shared values to its workers.
    global _counter, _stopping
    _counter, _stopping = counter, stopping


def _count(tickets: int) -> None:
    with _counter.get_lock():
        _counter.value += tickets


def _ring_up(share: Share) -> Rung:
    return asyncio.run(_unless_stopped(till.ring_up(share, _count)))


def _sync(folder: DeviceFolder) -> None:
    asyncio.run(_unless_stopped(till.sync(folder)))


async def _unless_stopped(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        if _stopping.is_set():
            task.cancel()
    return await task
