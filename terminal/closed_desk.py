"""What stands in for the desk until the store is open; the log-in screen and its help read it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from shared.domains import TEXT_ROOMS
from shared.kernel.language import Language, Texts

ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing")


class ClosedDesk:
    """Nobody is logged in, and nothing is known but the language and the device's name.

    Attributes:
        name: of the device.
        failure: the sentence that says why the store could not be opened; empty while nothing is wrong.
    """

    actor = None

    def __init__(self, language: Language, name: str) -> None:
        self.language = language
        self.texts = Texts(language, ROOMS)
        self.name = name
        self.failure = ""
        self._settled = asyncio.Event()
        self._asked = asyncio.Event()

    # What the screen does

    async def settled(self) -> None:
        """Wait until the attempt to open the store is over, well or not."""
        await self._settled.wait()

    def try_again(self) -> None:
        """Start another attempt now if the last one failed, and wait no longer."""
        if self._settled.is_set() and self.failure:
            self._settled.clear()
            self._asked.set()
        self.failure = ""

    # What opens the store does

    def opened(self) -> None:
        """The store is open, and the app has its desk."""
        self.failure = ""
        self._settled.set()

    def failed(self, failure: str) -> None:
        """The attempt failed, with this sentence."""
        self.failure = failure
        self._asked.clear()
        self._settled.set()

    async def time_to_try_again(self, seconds: float) -> None:
        """Wait so long, or until somebody asks for another attempt."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        self._settled.clear()
