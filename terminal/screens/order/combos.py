"""Adding a combo: which dish for each of its slots, and the options of those dishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.menu.combos import usual_choice
from shared.menu.rules import MenuItem, MenuSlot, default_modifiers, needs_choice
from shared.menu.weights import measure_text
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.order.dish_tiles import left_words
from terminal.screens.order.frame import OrderFrame
from terminal.screens.order.options import OptionsDialog, Taken
from terminal.screens.order.view import target_line
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.combo import ChosenPart
    from terminal.desks.desk import Desk


class Combos(OrderFrame):
    """Asks for the parts of a combo. A slot with one choice is not asked for; of others Enter takes the usual one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._options: OptionsDialog | None = None

    async def _add_combo(self, item: MenuItem, quantity_milli: int) -> None:
        await self._next_part(item, quantity_milli, ())

    async def _next_part(self, item: MenuItem, quantity_milli: int, chosen: Sequence[ChosenPart]) -> None:
        """Ask for the next slot of a combo; after the last one add it."""
        if len(chosen) == len(item.slots):
            await self._combo_chosen(item, quantity_milli, chosen)
            return
        slot = item.slots[len(chosen)]
        if not slot.choices:
            raise DomainError("COMBO_UNFINISHED", item=item.name, slot=slot.name)
        if len(slot.choices) == 1:
            await self._part_chosen(item, quantity_milli, chosen, slot.choices[0].id)
            return

        async def taken(picked: Picked) -> None:
            await self._part_chosen(item, quantity_milli, chosen, cast("UUID", picked.id))

        await self.host.ask(self._slot_question(item, slot, len(chosen)), taken)

    def _slot_question(self, item: MenuItem, slot: MenuSlot, at: int) -> Pick:
        texts, voice = self.desk.texts, Voice.of(self.desk)
        rows = []
        for choice in slot.choices:
            left, dish = self.desk.left.get(choice.item_id), self.menu.items.get(choice.item_id)
            said = [f"+ {voice.money(choice.price_delta_minor)}"] if choice.price_delta_minor else []
            why_not = ""
            if left is not None:
                words = left_words(left, "", voice)
                why_not, said = (words, said) if left.is_out else ("", [*said, words])
            elif dish is not None and dish.sold_from is not None:
                why_not = texts("order.sold_from", at=f"{dish.sold_from:%H:%M}")
            rows.append(Choice(choice.id, choice.name, " · ".join(said), why_not=why_not))
        usual = usual_choice(slot)
        start = next((place for place, each in enumerate(slot.choices) if usual is not None and each.id == usual.id), 0)
        title = texts("order.combo_title", name=item.name, slot=slot.name)
        asked = texts("order.combo_asked", at=at + 1, count=len(item.slots))
        return Pick(title, tuple(rows), asked, at=start)

    async def _part_chosen(
        self, item: MenuItem, quantity_milli: int, chosen: Sequence[ChosenPart], choice_id: UUID
    ) -> None:
        """Ask for the options of a part that has no usual ones, then for the next slot."""
        slot = item.slots[len(chosen)]
        dish = self.menu.items.get(next(each.item_id for each in slot.choices if each.id == choice_id))
        if dish is None:
            raise DomainError("COMBO_UNFINISHED", item=item.name, slot=slot.name)

        async def taken(modifier_ids: tuple[UUID, ...]) -> None:
            await self._next_part(item, quantity_milli, (*chosen, (choice_id, modifier_ids)))

        if needs_choice(dish):
            await self._ask(dish, None, taken)
        else:
            await taken(default_modifiers(dish))

    async def _combo_chosen(self, item: MenuItem, quantity_milli: int, chosen: Sequence[ChosenPart]) -> None:
        order_id = await self._order_to_add()
        if order_id is None:
            return
        lines = await self.desk.combos.add(order_id, item, chosen, quantity_milli, self._seat)
        last = target_line(self.order, None)
        self.list.put_cursor(None if last is not None and last.id in lines else lines[-1])
        self._done("order.added", quantity=measure_text(quantity_milli, ""), name=item.name)

    async def _order_to_add(self) -> UUID | None:
        """The order on which something comes now; it is opened with its first line. None: there is none."""
        left = self.order if self.order is not None and self.order.has_left else None
        if left is not None:
            # Its party went; only money is left to see to. Who sits there now has an order of their own.
            self.order_id = await self.desk.open_order(left.kind, left.table_id)
        elif self.order_id is None:
            draft = self._draft
            if draft is None:
                return None
            table_id = draft.table.id if draft.table else None
            self.order_id = await self.desk.open_order(
                draft.kind, table_id, draft.guests, draft.contact, draft.promised_at, beside=draft.beside
            )
        return self.order_id

    async def _ask(self, item: MenuItem, chosen: tuple[UUID, ...] | None, taken: Taken) -> None:
        self._options = self._options or OptionsDialog(self.desk)
        self._options.ask(item, chosen, taken)
        await self.host.open_dialog(self._options)
