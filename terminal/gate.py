"""The gate: it finds the person of a PIN. Offline, slow on purpose; an attempt is counted before it is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.staff.pins import pin_hint, pin_is_well_formed, pin_matches
from shared.staff.queries import StaffView, staff_of_branch
from terminal.store.attempts import FREE_ATTEMPTS, count_attempt, delay_seconds, forgive, waiting_seconds
from terminal.store.store import Store


class Gate:
    """Logs people in at one device.

    Args:
        pepper: the organization's secret, kept outside the database.

    Attributes:
        staff: people who may log in at this device.
    """

    def __init__(self, store: Store, pepper: bytes) -> None:
        self._store = store
        self._pepper = pepper
        self.staff: Sequence[StaffView] = ()

    async def read_staff(self, connection: AsyncConnection) -> None:
        """Read the people who may log in at this device."""
        identity = self._store.identity
        self.staff = await staff_of_branch(connection, identity.organization_id, identity.branch_id)

    async def log_in(self, pin: str) -> Actor:
        """Return the actor with this PIN.

        Raises:
            DomainError: PIN_WRONG (params: left: attempts before the next pause), PIN_LOCKED (params: seconds).
        """
        now_ms = self._store.clock.milliseconds()
        async with self._store.reading() as connection:
            seconds = await waiting_seconds(connection, now_ms)
        if seconds:
            raise DomainError("PIN_LOCKED", seconds=seconds)
        failures = await self._store.write(lambda connection: count_attempt(connection, now_ms))
        found = await asyncio.to_thread(self._find, pin) if pin_is_well_formed(pin) else None
        if found is None:
            wait = delay_seconds(failures)
            if wait:
                raise DomainError("PIN_LOCKED", seconds=wait)
            raise DomainError("PIN_WRONG", left=FREE_ATTEMPTS + 1 - failures)
        await self._store.write(forgive)
        return Actor.in_role(found.id, found.name, found.role)

    def _find(self, pin: str) -> StaffView | None:
        hint = pin_hint(pin, self._pepper)
        likely = [person for person in self.staff if person.pin_hint == hint]
        return next((person for person in likely if pin_matches(person.pin_hash, pin, self._pepper)), None)
