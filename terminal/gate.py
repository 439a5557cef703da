"""The gate: it finds the person of a PIN, for a log-in or to approve something. Offline, slow on purpose.

All its checks share the pauses and the budget of the device (`terminal/store/attempts.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.staff.pins import pin_hint, pin_is_well_formed, pin_matches
from shared.staff.queries import StaffView, staff_of_branch
from terminal.clock import wait_text
from terminal.store.attempts import Attempts, attempts_now, keep_attempts
from terminal.store.errors import StoreError
from terminal.store.store import Store

logger = logging.getLogger(__name__)
KEEP_SECONDS = 60.0
"""How often the running time that has passed is written down while something is owed. A restart loses no more."""


class Gate:
    """Finds people by their PIN at one device.

    Args:
        pepper: the organization's secret, kept outside the database.

    Attributes:
        staff: people who may log in at this device.
    """

    def __init__(self, store: Store, pepper: bytes) -> None:
        self._store = store
        self.pepper = pepper
        self._attempts = Attempts()
        self.staff: Sequence[StaffView] = ()

    async def read_staff(self, connection: AsyncConnection) -> None:
        """Read the people who may log in at this device."""
        identity = self._store.identity
        self.staff = await staff_of_branch(connection, identity.organization_id, identity.branch_id)

    @property
    def pause_seconds(self) -> int:
        """Seconds until the next attempt is allowed, as far as this program knows. 0 if it is allowed now."""
        return _seconds(self._attempts.later(self._store.clock.running_milliseconds()))

    async def keep_time(self) -> None:
        """Write down the running time that passes, for ever: a restart takes back neither pause nor budget."""
        while True:
            try:
                await self.keep()
            except StoreError as error:
                logger.warning("the pause after wrong PINs cannot be written: %s", error)
            await asyncio.sleep(KEEP_SECONDS)

    async def keep(self) -> None:
        """Read what is owed now, and write it down if anything is."""
        async with self._store.reading() as connection:
            self._attempts = await self._now(connection)
        if self._attempts.is_clear:
            return

        async def keep(connection: AsyncConnection) -> None:
            self._attempts = await self._now(connection)
            await keep_attempts(connection, self._attempts)

        await self._store.write(keep)

    async def log_in(self, pin: str) -> Actor:
        """Return the actor with this PIN. Raises as `check` does."""
        return (await self.check(pin)).actor

    async def check(self, pin: str) -> StaffView:
        """Return the person with this PIN, whatever they are asked for.

        Raises:
            DomainError: PIN_INCOMPLETE, STAFF_NOT_HERE_YET and PIN_OF_SEVERAL, which count as no attempt; PIN_LOCKED
                (params: seconds, wait), PIN_WRONG (params: left: attempts up to the next that costs a pause).
        """
        if not pin_is_well_formed(pin):
            raise DomainError("PIN_INCOMPLETE")
        if not self.staff:
            raise DomainError("STAFF_NOT_HERE_YET")
        spent_ms = await self._count()
        found = await asyncio.to_thread(self._find, pin)
        if not found:
            self._refuse_while_paused()
            raise DomainError("PIN_WRONG", left=self._attempts.left)
        await self._forgive(spent_ms)
        if len(found) > 1:
            raise DomainError("PIN_OF_SEVERAL")
        return found[0]

    async def _count(self) -> int:
        """Count an attempt. Returns how much of the budget it spent, in milliseconds of running time."""

        async def count(connection: AsyncConnection) -> int | None:
            self._attempts = before = await self._now(connection)
            if before.pause_ms:
                return None
            self._attempts = before.counted()
            await keep_attempts(connection, self._attempts)
            return self._attempts.spent_ms - before.spent_ms

        spent_ms = await self._store.write(count)
        if spent_ms is None:
            self._refuse_while_paused()
        return spent_ms or 0

    async def _forgive(self, spent_ms: int) -> None:
        async def forgive(connection: AsyncConnection) -> None:
            self._attempts = (await self._now(connection)).forgiven(spent_ms)
            await keep_attempts(connection, self._attempts)

        await self._store.write(forgive)

    def _refuse_while_paused(self) -> None:
        seconds = _seconds(self._attempts)
        if seconds:
            raise DomainError("PIN_LOCKED", seconds=seconds, wait=wait_text(seconds))

    def _find(self, pin: str) -> list[StaffView]:
        """Those who have this PIN: two may, if it was set at two devices that did not know of each other."""
        hint = pin_hint(pin, self.pepper)
        likely = [person for person in self.staff if person.pin_hint == hint]
        return [person for person in likely if pin_matches(person.pin_hash, pin, self.pepper)]

    async def _now(self, connection: AsyncConnection) -> Attempts:
        return await attempts_now(connection, self._store.clock)


def _seconds(attempts: Attempts) -> int:
    return -(-attempts.pause_ms // 1_000)
