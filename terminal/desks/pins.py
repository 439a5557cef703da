"""Setting the PINs of people who work in this branch, as the desk commands it. No Textual."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.work import Work
from shared.staff.pin_setting import new_pin, set_pin
from shared.staff.queries import StaffView
from shared.staff.rules import WORK_EVERYWHERE
from terminal.desks.part import Run
from terminal.snapshots.sources import STAFF

if TYPE_CHECKING:
    from terminal.gate import Gate

SALT_BYTES = 16


class PinDesk:
    """See the module. Made by the desk."""

    def __init__(self, gate: Gate, run: Run) -> None:
        self._gate = gate
        self._run = run

    def people(self) -> tuple[StaffView, ...]:
        """Whose PIN can be set here: all but those who work in every branch, whose PIN the office sets."""
        return tuple(each for each in self._gate.staff if each.role not in WORK_EVERYWHERE)

    async def set(self, person_id: UUID, pin: str) -> None:
        """Set somebody's PIN: it logs them in here at once, and everywhere once the cloud heard of it.

        Raises:
            DomainError: those of `new_pin` and of `set_pin`.
        """
        gate = self._gate
        hashed = await asyncio.to_thread(new_pin, pin, gate.pepper, os.urandom(SALT_BYTES), person_id, gate.staff)

        async def put(work: Work) -> None:
            await set_pin(work, person_id, hashed)

        await self._run(None, put, also=(STAFF,))
