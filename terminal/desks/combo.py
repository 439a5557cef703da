"""Commands about combos: one choice for each slot, changed as a whole. No Textual."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.quantity import ONE
from shared.kernel.work import Work
from shared.menu.rules import MenuItem
from shared.orders import combos
from shared.orders.combos import ComboPart
from shared.payments.commands import check_for_more
from terminal.desks.part import DeskPart

ChosenPart = tuple[UUID, tuple[UUID, ...]]
"""The choice of a slot, and the modifiers of its dish."""
MOST_SLOTS = 16
"""Lines for which one more of a combo has ids at hand."""


class ComboDesk(DeskPart):
    """See the module. Made by the desk."""

    async def add(
        self, order_id: UUID, item: MenuItem, chosen: Sequence[ChosenPart], quantity_milli: int = ONE, seat: int = 0
    ) -> tuple[UUID, ...]:
        """Order a combo. Returns its lines.

        Raises:
            DomainError: those of `add_combo`.
        """
        pending = self._pending("add combo", order_id, item.id, tuple(chosen), quantity_milli, seat)
        parts = [
            ComboPart(choice_id, line_id, modifier_ids)
            for line_id, (choice_id, modifier_ids) in zip(_lines_after(pending.id), chosen, strict=False)
        ]

        async def add(work: Work) -> tuple[UUID, ...]:
            check = await check_for_more(work, order_id)
            lines = await combos.add_combo(work, order_id, pending.id, item.id, parts, quantity_milli, check, seat)
            return tuple(line.id for line in lines)

        return await self._run(order_id, add, pending)

    async def one_more(self, order_id: UUID, combo_id: UUID) -> UUID:
        """One more of a combo. Returns the one that holds it: the same, or one of its own beside it.

        Raises:
            DomainError: those of `one_more_combo`.
        """
        pending = self._pending("more of combo", order_id, combo_id)
        lines = _lines_after(pending.id)

        async def more(work: Work) -> UUID:
            return await combos.one_more_combo(work, combo_id, pending.id, lines)

        return await self._run(order_id, more, pending)

    async def set_quantity(self, order_id: UUID, combo_id: UUID, quantity_milli: int) -> UUID:
        """Let a combo that was not sent be so many in all. Returns the one that holds what was added: a new one if that
        costs something else now.

        Raises:
            DomainError: those of `set_combo_quantity`.
        """
        pending = self._pending("set combo", order_id, combo_id, quantity_milli)
        lines = _lines_after(pending.id)

        async def set_it(work: Work) -> UUID:
            return await combos.set_combo_quantity(work, combo_id, quantity_milli, pending.id, lines)

        return await self._run(order_id, set_it, pending)

    async def remove(self, order_id: UUID, combo_id: UUID) -> None:
        """Remove a combo of which nothing was sent.

        Raises:
            DomainError: those of `remove_combo`.
        """
        await self._run(order_id, lambda work: combos.remove_combo(work, combo_id))


def _lines_after(combo_id: UUID) -> list[UUID]:
    """Ids of the lines of a combo: they stand where it was ordered, in the order of its slots."""
    return [UUID(int=combo_id.int + number) for number in range(1, 1 + MOST_SLOTS)]
