"""Turns: what a person does, one at a time and in order, however slow the store is at that moment.

A key means what it means on the screen that all earlier keys have led to, so typing ahead is honoured: nothing is lost,
reordered, or given to a screen that is about to go. A turn that must not happen twice swallows the presses of its own
key that came in while it ran: twenty presses of Send are one sending. Knows nothing of keys or screens.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MAX_WAITING = 2_000
"""What somebody may type while the disk stalls; beyond it a key is stuck, and presses are refused."""

Act = Callable[[], Awaitable[bool]]
"""Does what was asked; True if the same press, repeated meanwhile, must not count again."""


@dataclass(frozen=True, slots=True)
class _Turn:
    name: str
    act: Act


class Turns:
    """A queue of turns and the one task (`work`) that runs them.

    Args:
        trouble: told of whatever a turn raised; the next turn goes on.
    """

    def __init__(self, trouble: Callable[[Exception], None]) -> None:
        self._trouble = trouble
        self._waiting: deque[_Turn] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._started = 0
        self._running = False

    @property
    def running(self) -> int | None:
        """The serial number of the turn at work, None between turns; the same number twice is a slow turn."""
        return self._started if self._running else None

    def take(self, name: str, act: Act) -> bool:
        """Put a turn at the end of the queue; False if too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append(_Turn(name, act))
        self._idle.clear()
        self._wake.set()
        return True

    def forget_waiting(self) -> None:
        """Drop the turns that wait: what they were meant for does not come."""
        self._waiting.clear()

    async def idle(self) -> None:
        """Wait until every turn taken so far is over."""
        await self._idle.wait()

    async def work(self) -> None:
        """Run turns for ever; the owner keeps the task and cancels it at the end."""
        while True:
            while self._waiting:
                await self._run(self._waiting.popleft())
            self._idle.set()
            self._wake.clear()
            await self._wake.wait()

    async def _run(self, turn: _Turn) -> None:
        self._started += 1
        self._running = True
        try:
            only_once = await turn.act()
        except Exception as error:  # noqa: BLE001 whatever it was, the next key press must still work
            only_once = True
            self._trouble(error)
        finally:
            self._running = False
        while only_once and self._waiting and self._waiting[0].name == turn.name:
            self._waiting.popleft()
