"""Calls that may hang, in a thread that nothing waits for: neither the loop, nor the end of the program."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def within(limit_s: float, call: Callable[[], T]) -> T:
    """The result of a call. After the limit, or when the caller is cancelled, its thread goes on alone.

    Raises:
        TimeoutError: it takes longer.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            value, error = call(), None
        except BaseException as raised:  # noqa: BLE001 - it is raised again in the task that asked
            value, error = None, raised
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(_settle, result, value, error)

    threading.Thread(target=run, name="printer call", daemon=True).start()
    async with asyncio.timeout(limit_s):
        return await result


def _settle(result: asyncio.Future[T], value: T | None, error: BaseException | None) -> None:
    if result.done():
        return
    if error is not None:
        result.set_exception(error)
    else:
        result.set_result(value)  # type: ignore[arg-type]
