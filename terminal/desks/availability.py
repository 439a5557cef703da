"""What is sold out and what is counted down, as the desk commands it. No Textual."""

from __future__ import annotations

from uuid import UUID

from shared.menu.availability import set_back, set_left, set_out
from terminal.desks.part import Run
from terminal.snapshots.sources import LEFT


class AvailabilityDesk:
    """See the module.

    Args:
        run: runs a command for who acts.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    async def out(self, subject_id: UUID) -> None:
        """Say that a dish or a modifier is sold out."""
        await self._run(None, lambda work: set_out(work, subject_id), also=(LEFT,))

    async def left(self, subject_id: UUID, pieces_milli: int) -> None:
        """Say how much of a dish or a modifier is left."""
        await self._run(None, lambda work: set_left(work, subject_id, pieces_milli), also=(LEFT,))

    async def back(self, subject_id: UUID) -> None:
        """Say that a dish or a modifier can be sold again."""
        await self._run(None, lambda work: set_back(work, subject_id), also=(LEFT,))
