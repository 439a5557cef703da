"""Opens a device behind its log-in screen: imports the heavy modules and opens the store after the first paint.

The import runs in a thread, so that the screen takes keys meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from shared.kernel.errors import DomainError
from terminal.collecting import collect_again
from terminal.desks.closed import ClosedDesk
from terminal.device import DeviceFolder
from terminal.error_sentence import opening_sentence

if TYPE_CHECKING:
    from pathlib import Path

    from terminal.app import ComandaApp
    from terminal.composition import Device

logger = logging.getLogger(__name__)
HEAVY = ("terminal.composition",)
"""What opens the store takes most of a second to import. Each start has the screens behind its log-in with it."""
BEHIND_THE_LOGIN = {
    "pos": ("terminal.screens.floor.screen", "terminal.screens.order.screen"),
    "kds": ("terminal.screens.kitchen.screen",),
    "pickup": ("terminal.screens.pickup.screen",),
}
RETRY_SECONDS = 10.0
"""Pause between attempts: a disk may be mounted late, or another program may close the store."""


class Opening:
    """Opens a device and keeps it open.

    Attributes:
        error: of the last attempt; None once the store is open.
    """

    def __init__(
        self, app: ComandaApp, desk: ClosedDesk, folder: DeviceFolder, *, online: bool, display: Path | None = None
    ) -> None:
        self.error: DomainError | OSError | None = None
        self._app = app
        self._desk = desk
        self._folder = folder
        self._online = online
        self._display = display

    async def run(self) -> None:
        """Open the device after the first paint, give its desk to the app, and keep it open until cancelled.

        A bug ends the app with exit code 1.
        """
        try:
            await self._app.painted.wait()
            await asyncio.to_thread(_load, (*HEAVY, *BEHIND_THE_LOGIN[self._app.starts_as]))
            async with AsyncExitStack() as stack:
                device = await self._opened(stack)
                self._app.use(device.desk)
                self._desk.opened()
                if not device.configuration.language:
                    self._folder.remember_language(device.desk.house_language)
                await asyncio.Event().wait()
        except Exception:
            logger.critical("the device failed", exc_info=True)
            self._app.exit(return_code=1)
            raise

    async def _opened(self, stack: AsyncExitStack) -> Device:
        from terminal.composition import running

        while True:
            try:
                courtesy = self._desk.courtesy
                opened = running(
                    self._folder,
                    online=self._online,
                    display=self._display,
                    courtesy=courtesy,
                    practice=self._desk.is_practice,
                )
                device = await stack.enter_async_context(opened)
            except (DomainError, OSError) as error:
                self.error = error
                self._desk.failed(opening_sentence(error, self._desk.texts))
                self._app.desk_failed()
            else:
                self.error = None
                return device
            finally:
                collect_again()
            await self._desk.time_to_try_again(RETRY_SECONDS)


def _load(modules: Iterable[str]) -> None:
    for name in modules:
        import_module(name)
