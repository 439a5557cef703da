"""Waiting for what happens by itself: a printer's file, another app's commit, a screen that is painted.

All waits are for a fact. How long they last says only when to give up, and is far more than it takes on a busy machine.
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
    """Look until what is seen holds, or until patience ends; the last that was seen."""
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
    """What is seen once it holds.

    Raises:
        DemoTrouble: NEVER_HAPPENED (params: what, seconds).
    """
    seen = await last_seen(look, held)
    if not held(seen):
        raise DemoTrouble("NEVER_HAPPENED", what=what, seconds=int(PATIENCE_SECONDS))
    return seen
