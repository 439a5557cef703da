"""Waiting for a fact. How long says only when to give up: far more than anything here takes on a busy machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

WAIT_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.02


async def until(held: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Return as soon as it holds; fail with `what` if it never does."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                answer = held()
                if answer if isinstance(answer, bool) else await answer:
                    return
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
    except TimeoutError:
        pytest.fail(f"it never came to this: {what}")
