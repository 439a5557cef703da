"""Simulated processes: whoever runs in one is its child, and a kill leaves of it only what is on the disk.

Every task that is made while a process runs belongs to it, however deep in a library. Killed, its connections drop what
they had not committed and refuse all else, so that no `finally` of the dying code can write or send anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar, copy_context
from typing import Any, Protocol

UNWINDING_ROUNDS = 50
UNWINDING_SECONDS = 0.001
"""Code that takes a cancellation for a failure of its database waits to try again: it is told again. More often than
that is a task that cannot be stopped."""

_running: ContextVar[Process | None] = ContextVar("process", default=None)


class Mortal(Protocol):
    """What ends with its process: a connection, a request under way."""

    def die(self) -> None: ...


class Process:
    """A program on a machine."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._mortals: dict[Mortal, None] = {}
        self._committing: asyncio.Event | None = None

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something as part of this process."""
        context = copy_context()
        context.run(_running.set, self)
        return asyncio.get_running_loop().create_task(coroutine, context=context)

    def holds(self, mortal: Mortal) -> None:
        self._mortals[mortal] = None

    def lets_go(self, mortal: Mortal) -> None:
        self._mortals.pop(mortal, None)

    def is_watched_committing(self) -> bool:
        """A database of this process was told to commit: whether that is what somebody waits for."""
        watched = self._committing is not None
        if self._committing is not None:
            self._committing.set()
        return watched

    async def next_commit(self) -> None:
        """Wait until it commits: the moment at which a program that keeps two books may have written one of them."""
        self._committing = asyncio.Event()
        await self._committing.wait()

    def adopt(self, task: asyncio.Task[Any]) -> None:
        self._tasks[task] = None
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not self.alive and not task.cancelled():
            task.exception()  # whatever it was, it died with its process

    async def kill(self) -> None:
        """As `kill -9`: nothing after the await at which each task stands has any effect."""
        self.alive = False
        for mortal in list(self._mortals):
            mortal.die()
        self._mortals.clear()
        for _round in range(UNWINDING_ROUNDS):
            if not self._tasks:
                return
            for task in list(self._tasks):
                task.cancel()
            await asyncio.wait(list(self._tasks), timeout=UNWINDING_SECONDS)
        msg = f"{self.name} cannot be killed: {list(self._tasks)}"
        raise RuntimeError(msg)


def current() -> Process | None:
    """The process whose code is running."""
    return _running.get()


def task_factory(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    """For `loop.set_task_factory`: a task belongs to the process in whose context it runs."""
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
    context = options.get("context")
    process = context.get(_running) if context is not None else _running.get()
    if process is not None:
        process.adopt(task)
    return task


def in_dead_process() -> bool:
    """Whether the running code is being unwound by a kill."""
    process = current()
    return process is not None and not process.alive
