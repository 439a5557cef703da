"""Follows an edited `device.toml` while the program runs: what it says of printers holds at once.

Everything else in it is read when a program begins. If that has changed, or the file cannot be read, people are told in
the status line, and the program goes on with what it read before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from terminal.device import CONFIGURATION, Configuration, DeviceError, DeviceFolder
from terminal.supervision.duties import Duty
from terminal.supervision.supervisor import Supervisor

LOOK_SECONDS = 1.0
_PART = "file"
"""Not the duty itself: the supervisor takes a duty that runs for one that works."""

Mark = tuple[int, int, int] | None
_NEVER_SEEN: Mark = (0, 0, 0)
"""So that what was edited while the program began is found, too."""
logger = logging.getLogger(__name__)


class ConfigurationFollower:
    """See the module.

    Args:
        read: what the program began with.
        use: called with what the file says now, if that differs in its printers.
        troubles: told of a file that cannot be read, and of changes that need a restart.
    """

    def __init__(
        self, folder: DeviceFolder, read: Configuration, use: Callable[[Configuration], None], troubles: Supervisor
    ) -> None:
        self._folder = folder
        self._path = folder.root / CONFIGURATION
        self._begun_with = self._used = read
        self._use = use
        self._troubles = troubles
        self._mark = self._seen = _NEVER_SEEN

    async def run(self) -> None:
        """Look at intervals, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """Read the file if it has changed, once it stands still: an editor may be writing it."""
        before, self._seen = self._seen, _mark(self._path)
        if self._seen == self._mark or self._seen != before:
            return
        self._mark = self._seen
        try:
            found = self._folder.configuration()
        except DeviceError as error:
            logger.error("an edited configuration cannot be used: %s %s", error.code, error.params)
            self._troubles.failed(Duty.SETTINGS, _PART)
            return
        self._troubles.works(Duty.SETTINGS, _PART)
        fares = (
            self._troubles.works if _but_printers(found) == _but_printers(self._begun_with) else self._troubles.failed
        )
        fares(Duty.RESTART, _PART)
        if found != self._used:
            self._used = found
            self._use(found)


def _but_printers(configuration: Configuration) -> Configuration:
    return replace(configuration, printers={}, receipt_printer="", kitchen_printer="", kitchen_printers={})


def _mark(path: Path) -> Mark:
    """Tells one state of a file from another. None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
