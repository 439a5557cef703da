"""The desk of the log-in screen and its help until the store is open."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from shared.domains import TEXT_ROOMS
from shared.kernel.language import Language, Texts
from terminal.courtesy import Courtesy

ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing")


class ClosedDesk:
    """A desk without a store: it knows only the language and the device's name, and nobody is logged in.

    Attributes:
        name: of the device.
        failure: the sentence that says why the store could not be opened; empty while nothing is wrong.
        is_practice: whether nothing of what is done here counts.
    """

    actor = None

    def __init__(self, language: Language, name: str) -> None:
        self.courtesy = Courtesy()
        self.language = language
        self.texts = Texts(language, ROOMS)
        self.name = name
        self.failure = ""
        self.is_practice = False
        self._settled = asyncio.Event()
        self._asked = asyncio.Event()

    # What the screen does

    async def settled(self) -> None:
        """Wait until the attempt to open the store has succeeded or failed."""
        await self._settled.wait()

    def try_again(self) -> None:
        """Start another attempt at once if the last one failed."""
        if self._settled.is_set() and self.failure:
            self._settled.clear()
            self._asked.set()
        self.failure = ""

    # What opens the store does

    def opened(self) -> None:
        """Note that the store is open and the app has its desk."""
        self.failure = ""
        self._settled.set()

    def failed(self, failure: str) -> None:
        """Note that the attempt failed, with a sentence for people."""
        self.failure = failure
        self._asked.clear()
        self._settled.set()

    async def time_to_try_again(self, seconds: float) -> None:
        """Wait before the next attempt, or until somebody asks for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        self._settled.clear()
