"""Commands about what guests may not eat. No Textual."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.work import Work
from shared.orders.allergies import lift_allergy
from terminal.desks.part import DeskPart
from terminal.papers import tasks
from terminal.snapshots.sources import TICKETS


class AllergyDesk(DeskPart):
    """See the module. Made by the desk."""

    async def note(self, order_id: UUID, allergen: str = "", words: str = "", seat: int = 0) -> None:
        """Say what a guest may not eat, also to the stations that were told of the order before.

        Args:
            allergen: a code; empty: `words` say it.

        Raises:
            DomainError: those of `note_allergy`.
        """
        pending = self._pending("allergy", order_id, allergen, words, seat)
        self._desk.printing.follow(order_id)

        async def note(work: Work) -> None:
            await tasks.note_allergy(work, order_id, pending.id, allergen, words, seat, self._printing())

        await self._run(order_id, note, pending, also=(TICKETS,))

    async def lift(self, order_id: UUID, allergen: str = "", words: str = "") -> None:
        """Take back what was said by mistake.

        Raises:
            DomainError: those of `lift_allergy`.
        """
        await self._run(order_id, lambda work: lift_allergy(work, order_id, allergen, words), also=(TICKETS,))
