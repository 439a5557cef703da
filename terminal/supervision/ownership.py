"""Who prints and syncs for a device's folder: this program, or another one whose state it shows meanwhile.

Every program of a folder waits for its lock. Whoever gets it runs what only the owner runs, and says how it is in a
file; the others read that file, so that their screens show the truth, and take over when the lock is free.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from shared.kernel.instants import from_microseconds
from terminal.clock import DeviceClock
from terminal.supervision.duties import Duty, Stopped
from terminal.supervision.health import Shown
from terminal.supervision.lock import FolderLock
from terminal.supervision.owner_state import OwnerFile, OwnerState, owner_state
from terminal.syncing.link_state import LinkState

LOOK_SECONDS = 0.25
"""How often who waits asks for the lock, and reads what the owner says: two system calls."""
BEAT_SECONDS = 1.0
SILENT_SECONDS = 5.0
"""Of an owner that says nothing for so long people are told. No round of its event loop takes a tenth of that."""

logger = logging.getLogger(__name__)


class Office(Protocol):
    """What only the owner runs."""

    @property
    def link(self) -> LinkState:
        """The link to the cloud, as it is now."""
        ...

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """What of it does not work."""
        ...


class Ownership:
    """See the module.

    Args:
        lock, file: of the folder.
        clock: of the machine.
        take_office: begins what only the owner runs, for a block; it is given the last known state of the link.
        show: called with what people are to be shown, whenever it may have changed.
        wants: whether this program prints and syncs at all; else it only shows what others do.

    Attributes:
        office: what runs here as long as this program is the owner, else None.
    """

    def __init__(
        self,
        lock: FolderLock,
        file: OwnerFile,
        clock: DeviceClock,
        take_office: Callable[[LinkState], AbstractAsyncContextManager[Office]],
        show: Callable[[Shown], None],
        *,
        wants: bool = True,
        syncs: bool = True,
    ) -> None:
        self.office: Office | None = None
        self._lock = lock
        self._file = file
        self._clock = clock
        self._take_office = take_office
        self._show = show
        self._wants = wants
        self._syncs = syncs
        self._since: datetime | None = None
        self._shown: Shown | None = None
        self._changed = asyncio.Event()
        self._decided = asyncio.Event()

    async def decided(self) -> None:
        """Wait until it is known who is the owner: this program, or another one."""
        await self._decided.wait()

    async def run(self) -> None:
        """Wait for the lock and then be the owner, until cancelled. What fails is raised, and the lock is free then."""
        while True:
            while not (self._wants and self._lock.take()):
                self._follow()
                self._decided.set()
                await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._own()
            finally:
                self.office = None
                self._lock.release()
                self._decided.set()
            logger.error("this device's folder was moved away; this program waits for it")

    def changed(self) -> None:
        """Tell people, and the other programs, soon: something of the office has changed."""
        self._changed.set()

    async def _own(self) -> None:
        """Be the owner until the lock is lost."""
        before = self._file.read()
        known = LinkState() if before is None else before.link
        self._since = self._clock.now()
        async with self._take_office(known) as office:
            self.office = office
            while self._lock.is_held():
                self._changed.clear()
                self._tell(office)
                self._decided.set()
                await _within(BEAT_SECONDS, self._changed.wait())

    def _tell(self, office: Office) -> None:
        assert self._since is not None
        state = owner_state(
            self._since, self._clock.running_milliseconds(), office.link, office.stopped, syncs=self._syncs
        )
        try:
            self._file.write(state)
        except OSError as error:
            logger.warning("the other programs of this folder cannot be told: %s", error)
        self._show_once(Shown(True, office.link, office.stopped, state.pid, self._since))

    def _follow(self) -> None:
        """Show what the owner says, and whether it still says something."""
        state = self._file.read()
        if state is None:
            return
        silent_ms = self._clock.running_milliseconds() - state.beat_ms
        if silent_ms < 0:
            return  # it was written before the machine was started
        troubles = state.troubles
        if silent_ms > SILENT_SECONDS * 1_000:
            # The instant of the last beat does not change from look to look, so that people see one time.
            since = self._silent_since(state, silent_ms)
            troubles = (Stopped(Duty.SILENT, since), *troubles)
        self._show_once(Shown(False, state.link, troubles, state.pid, from_microseconds(state.since)))

    def _silent_since(self, state: OwnerState, silent_ms: int) -> datetime:
        known = [each for each in (self._shown.stopped if self._shown else ()) if each.duty is Duty.SILENT]
        return known[0].since if known else self._clock.now() - timedelta(milliseconds=silent_ms)

    def _show_once(self, shown: Shown) -> None:
        if shown == self._shown:
            return
        self._shown = shown
        try:
            self._show(shown)
        except Exception:
            logger.exception("who prints and syncs could not be shown")


async def _within(seconds: float, awaitable: Awaitable[object]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await awaitable
    except TimeoutError:
        return
