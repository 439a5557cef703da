"""The face of devices: this device and its cloud, the others and when they were heard, printers, and what waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from terminal.actions import ScreenName
from terminal.desks.today import DeviceNews
from terminal.screens.devices.view import columns, device_rows
from terminal.screens.status import notices_of_device
from terminal.screens.today.face import Face, Scrolls
from terminal.screens.today.screen import TodayScreen
from terminal.screens.today.table import ListTable
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class DevicesScreen(Face):
    """See the module."""

    SCREEN_NAME = ScreenName.DEVICES
    CSS_PATH = TodayScreen.CSS_PATH
    TOPICS = frozenset({"state", "orders"})
    TELLS_WHO_IS_MISSING = False  # the list itself does

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._devices: tuple[DeviceNews, ...] = ()
        self.list = ListTable(self.more, id="devices")

    def parts(self) -> Iterable[Widget]:
        """One list."""
        yield self.list

    async def read(self) -> None:
        """Read what was heard of the devices."""
        self._devices = await self.desk.today.devices()

    def scrolled(self) -> tuple[Scrolls, ...]:
        """The list."""
        return (self.list,)

    def show(self) -> str:
        """Devices and printers."""
        voice, desk = Voice.of(self.desk), self.desk
        notices, waiting = notices_of_device(desk, voice), len(desk.open_exceptions)
        rows = device_rows(self._devices, notices, desk.state.prints, waiting, voice)
        self.list.show("", columns(voice), rows)
        return ""
