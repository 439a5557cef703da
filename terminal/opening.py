"""Opening a device behind its log-in screen: what is heavy is imported, and the store opened, when that is painted.

The import runs in a thread, so that keys are taken meanwhile.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from shared.kernel.errors import DomainError
from terminal.closed_desk import ClosedDesk
from terminal.device import DeviceFolder
from terminal.error_sentence import sentence_of

if TYPE_CHECKING:
    from terminal.app import ComandaApp
    from terminal.composition import Device

logger = logging.getLogger(__name__)
HEAVY = ("terminal.composition", "keyring", "terminal.screens.floor.screen", "terminal.screens.kitchen.screen")
"""Modules that take most of a second together: what opens the store, and the screens that a PIN leads to."""
RETRY_SECONDS = 10.0
"""A disk that is mounted late, or a program that lets go of the store, is noticed without anybody's help."""


class Opening:
    """Opens a device and keeps it open.

    Attributes:
        error: why the last attempt failed; None once the store is open.
    """

    def __init__(self, app: ComandaApp, desk: ClosedDesk, folder: DeviceFolder, *, online: bool) -> None:
        self.error: DomainError | OSError | None = None
        self._app = app
        self._desk = desk
        self._folder = folder
        self._online = online

    async def run(self) -> None:
        """Open the device after the first paint, hand its desk to the app, keep it open until this task is cancelled.

        A fault of the program ends the app with exit code 1.
        """
        try:
            await self._app.painted.wait()
            await asyncio.to_thread(_load)
            async with AsyncExitStack() as stack:
                device = await self._opened(stack)
                self._app.use(device.desk)
                self._desk.opened()
                if not device.configuration.language:
                    self._folder.remember_language(device.desk.language)
                await asyncio.Event().wait()
        except Exception:
            logger.critical("the device failed", exc_info=True)
            self._app.exit(return_code=1)
            raise

    async def _opened(self, stack: AsyncExitStack) -> Device:
        from terminal.composition import running

        while True:
            try:
                device = await stack.enter_async_context(running(self._folder, online=self._online))
            except (DomainError, OSError) as error:
                self.error = error
                self._desk.failed(sentence_of(error, self._desk.texts))
                self._app.desk_failed()
            else:
                self.error = None
                return device
            finally:
                collect_again()
            await self._desk.time_to_try_again(RETRY_SECONDS)


def collect_later() -> None:
    """Stop looking for garbage: a start makes none, and the search takes a twentieth of it."""
    gc.disable()


def collect_again() -> None:
    """Look for garbage again, but not among what the start has made."""
    gc.freeze()
    gc.enable()


def _load() -> None:
    for name in HEAVY:
        import_module(name)
