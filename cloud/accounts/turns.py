"""Turns at something costly: a few at a time, and those who wait are let in by address, each address in its turn.

Whoever sends a thousand requests from one address waits for their own, and nobody else does.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.kernel.errors import DomainError

LONGEST_WAIT_SECONDS = 20.0
MOST_WAITING_OF_ADDRESS = 20
"""A restaurant's people share one address; so many of them at once are a shift that begins."""


class Turns:
    """Lets in so many at a time.

    Args:
        at_once: how many.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, address: str) -> AsyncIterator[None]:
        """Wait for a turn, and have it for the block.

        Raises:
            DomainError: TOO_MANY_TRIES (params: seconds): so many are before them that they had better come again.
        """
        if self._free and not self._waiting:
            self._free -= 1
        else:
            await self._wait(address)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, address: str) -> None:
        queue = self._waiting.setdefault(address, deque())
        if len(queue) >= MOST_WAITING_OF_ADDRESS:
            raise DomainError("TOO_MANY_TRIES", seconds=int(LONGEST_WAIT_SECONDS))
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await turn
        except BaseException as error:
            self._give_up(address, turn)
            if isinstance(error, TimeoutError):
                raise DomainError("TOO_MANY_TRIES", seconds=int(LONGEST_WAIT_SECONDS)) from None
            raise

    def _give_up(self, address: str, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self._pass_on()  # it came as the waiting ended
            return
        queue = self._waiting.get(address)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[address]

    def _pass_on(self) -> None:
        """Let in the first one of the address whose turn it is. Who has just gone away is passed over."""
        while self._waiting:
            address, queue = self._waiting.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._waiting[address] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
