"""Waits for what other parts do: a printer's file, another app's commit, a painted screen.

Every wait is for a fact. Its time limit says only when to give up, and is far more than a busy machine needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from terminal.demo.trouble import DemoTrouble

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.05


async def last_seen(look: Callable[[], T], held: Callable[[T], bool]) -> T:
    """Look until `held` is true of what is seen, or until the time is up. Returns what was seen last."""
    seen = look()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not held(seen):
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
                seen = look()
    except TimeoutError:
        pass
    return seen


async def wait_for(look: Callable[[], T], held: Callable[[T], bool], what: str) -> T:
    """Wait until `held` is true of what is seen, and return it.

    Raises:
        DemoTrouble: NEVER_HAPPENED (params: what, seconds).
    """
    seen = await last_seen(look, held)
    if not held(seen):
        raise DemoTrouble("NEVER_HAPPENED", what=what, seconds=int(PATIENCE_SECONDS))
    return seen
