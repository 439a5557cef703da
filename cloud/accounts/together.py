"""Questions that come at once are asked of the database together: a hundred cost little more than one.

While a question is under way those that come wait, and are the next one together. So nobody waits longer than for two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence

MOST_AT_ONCE = 1_000
"""Keys of one statement, or those of one who asks for more."""


class Together:
    """Asks which keys there are.

    Args:
        read: asks for all of some.
    """

    def __init__(self, read: Callable[[Sequence[bytes]], Awaitable[Collection[bytes]]]) -> None:
        self._read = read
        self._waiting: list[tuple[Collection[bytes], asyncio.Future[frozenset[bytes]]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def of(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Which of these keys there are. Raises what reading raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[frozenset[bytes]] = loop.create_future()
        self._waiting.append((keys, answer))
        if self._asking is None or self._asking.done():
            self._asking = loop.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        while self._waiting:
            asked = self._next()
            try:
                found = await self._read(sorted({key for keys, _answer in asked for key in keys}))
            except BaseException as error:
                for _keys, answer in asked:
                    if not answer.done():
                        answer.set_exception(_for_who_waits(error))
                if not isinstance(error, Exception):
                    raise
                continue
            for keys, answer in asked:
                if not answer.done():  # they have not gone away meanwhile
                    answer.set_result(frozenset(key for key in keys if key in found))

    def _next(self) -> list[tuple[Collection[bytes], asyncio.Future[frozenset[bytes]]]]:
        """Those who wait and did not go away, as many as fit."""
        asked: list[tuple[Collection[bytes], asyncio.Future[frozenset[bytes]]]] = []
        count = 0
        while self._waiting and (not asked or count + len(self._waiting[0][0]) <= MOST_AT_ONCE):
            one = self._waiting.pop(0)
            if not one[1].done():
                asked.append(one)
                count += len(one[0])
        return asked


def _for_who_waits(error: BaseException) -> BaseException:
    """What was raised; one who waits is not cancelled because the process ends its work."""
    return error if isinstance(error, Exception) else ConnectionError("the server stops")
