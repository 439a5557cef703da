"""People first: what runs in the background lets a person's press go first, until its repaint. No Textual, no database.

A press needs the event loop a dozen times. Between two of them the agent could fold a batch each time, or a reading
make its next part, and the person would wait for all of these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

LONGEST_COURTESY_SECONDS = 0.25
"""How long the background lets people go first; then it goes on all the same, so that it is never starved."""
LONGEST_START_SECONDS = 3.0
"""The same for what begins with the program: who typed a PIN ahead waits for a screen to work on."""
AT_THE_DEVICE_SECONDS = 3.0
"""Who pressed a key so long ago may press the next one now."""


class Courtesy:
    """See the module. One for all parts of a device that share an event loop."""

    def __init__(self) -> None:
        self._waiting = 0
        self._nobody_waits = asyncio.Event()
        self._nobody_waits.set()
        self._last_wait = float("-inf")

    @property
    def is_somebody_here(self) -> bool:
        """Whether a person waits, or waited a moment ago: background work should be done in small parts."""
        since = asyncio.get_running_loop().time() - self._last_wait
        return bool(self._waiting) or since < AT_THE_DEVICE_SECONDS

    @contextmanager
    def somebody_waits(self) -> Iterator[None]:
        """Say that a person waits for what the block does; `after_people` lets it go first."""
        release = self.hold()
        try:
            yield
        finally:
            release()

    def hold(self) -> Callable[[], None]:
        """Say that a person waits until the returned function is called. Calling it twice changes nothing."""
        self._waiting += 1
        self._nobody_waits.clear()
        is_held = True

        def release() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self._released()

        return release

    async def after_people(self) -> None:
        """Wait until no person waits, at most `LONGEST_COURTESY_SECONDS`."""
        await self._nobody_waits_for(LONGEST_COURTESY_SECONDS)

    async def after_the_start(self) -> None:
        """Wait until who typed ahead has the screen that it leads to, at most `LONGEST_START_SECONDS`."""
        await self._nobody_waits_for(LONGEST_START_SECONDS)

    async def _nobody_waits_for(self, longest_seconds: float) -> None:
        if self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(longest_seconds):
                    await self._nobody_waits.wait()

    def _released(self) -> None:
        self._waiting -= 1
        self._last_wait = asyncio.get_running_loop().time()
        if not self._waiting:
            self._nobody_waits.set()
