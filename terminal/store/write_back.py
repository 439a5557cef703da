"""Moves what was committed from the database's log into its file while nobody waits for the disk. No Textual.

A commit is durable once it stands in the log (WAL), by one sync of the disk. The database would write the log back by
itself, but inside some commit: that press of a key would wait for a thousand pages and two syncs more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlcipher3 import dbapi2

from terminal.courtesy import Courtesy

logger = logging.getLogger(__name__)

DUE_COMMITS = 60
"""So many commits come to some thousand pages of 4 KB."""
PRESSING_COMMITS = 5 * DUE_COMMITS
"""After so many the log is written back although somebody is at the device; what is pressed meanwhile does not wait
for it, but shares the disk."""
LOOK_SECONDS = 1.0


class WriteBack:
    """See the module.

    Args:
        open_connection: opens one of its own, in the thread that uses it.
    """

    def __init__(self, open_connection: Callable[[], Any], courtesy: Courtesy) -> None:
        self._open_connection = open_connection
        self._courtesy = courtesy
        self._commits = 0
        self._running: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def committed(self) -> None:
        """Count a commit; begin once there are enough."""
        self._commits += 1
        if self._commits >= DUE_COMMITS and (self._running is None or self._running.done()):
            self._running = asyncio.get_running_loop().create_task(self._write_back())

    async def close(self) -> None:
        """Wait until nothing is written back any more."""
        self._closing.set()
        if self._running is not None:
            await self._running

    async def _write_back(self) -> None:
        while self._courtesy.is_somebody_here and self._commits < PRESSING_COMMITS:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._closing.wait()
                    return
        self._commits = 0
        try:
            await asyncio.to_thread(self._checkpoint)
        except dbapi2.Error as error:
            logger.warning("the log could not be written back: %s", error)

    def _checkpoint(self) -> None:
        """Write back what nobody reads any more; neither commits nor readings wait for it."""
        connection = self._open_connection()
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()
