"""The queue of presses: what a person does by key or tap, one at a time and in order, however slow the store is.

A key means what it means on the screen that all earlier presses have led to. So people may type ahead: no press is
lost, reordered, or given to a screen that is about to go. While a press runs that must not happen twice, further
presses of the same key are dropped: twenty presses of Send are one sending. This module knows no keys and no screens.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice

MAX_WAITING = 2_000
"""More than anybody types while the disk stalls. Beyond it a key is stuck, and presses are refused."""

Act = Callable[[], Awaitable[bool]]
"""Does what was asked. Returns True if presses of the same key that came in meanwhile must be dropped."""


@dataclass(frozen=True, slots=True)
class _Press:
    name: str
    act: Act


class PressQueue:
    """A queue of presses, and the one task (`work`) that runs them.

    Args:
        trouble: called with any error that a press raised, and with what it did. The next press runs all the same.
        begins: called before each press.
        rests: called when no press waits any more.
    """

    def __init__(
        self,
        trouble: Callable[[Exception, Act], Awaitable[None]],
        begins: Callable[[], None] = lambda: None,
        rests: Callable[[], None] = lambda: None,
    ) -> None:
        self._trouble = trouble
        self._begins = begins
        self._rests = rests
        self._waiting: deque[_Press] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._started = 0
        self._running = False

    @property
    def running(self) -> int | None:
        """Serial number of the press that runs now, None if none does. The same number twice is a slow press."""
        return self._started if self._running else None

    @property
    def is_idle(self) -> bool:
        """Whether every press taken so far is done."""
        return self._idle.is_set()

    def take(self, name: str, act: Act) -> bool:
        """Put a press at the end of the queue. Returns False if too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append(_Press(name, act))
        self._idle.clear()
        self._wake.set()
        return True

    def forget_waiting(self) -> None:
        """Drop the presses that wait: the screen they were meant for does not open."""
        self._waiting.clear()

    def drop_first(self, *names: str) -> bool:
        """Drop the first presses that wait, if their names are these in this order. Returns whether they were."""
        if tuple(press.name for press in islice(self._waiting, len(names))) != names:
            return False
        for _ in names:
            self._waiting.popleft()
        return True

    async def idle(self) -> None:
        """Wait until every press taken so far is done."""
        await self._idle.wait()

    async def work(self) -> None:
        """Run presses for ever. The owner keeps the task and cancels it at the end."""
        while True:
            while self._waiting:
                await self._run(self._waiting.popleft())
            self._idle.set()
            self._rests()
            self._wake.clear()
            await self._wake.wait()

    async def _run(self, press: _Press) -> None:
        self._started += 1
        self._running = True
        self._begins()
        try:
            only_once = await press.act()
        except Exception as error:  # noqa: BLE001 whatever it was, the next key press must still work
            only_once = True
            await self._trouble(error, press.act)
        finally:
            self._running = False
        while only_once and self._waiting and self._waiting[0].name == press.name:
            self._waiting.popleft()
