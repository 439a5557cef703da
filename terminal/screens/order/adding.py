"""Adding to an order: what has to be asked first, and the line that comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE
from shared.menu.rules import MenuItem, default_modifiers, in_menu_order, needs_choice
from shared.menu.weights import measure_text
from terminal.dialogs.questions import Given
from terminal.screens.order.combos import Combos
from terminal.screens.order.foretelling import Again
from terminal.screens.order.view import target_line
from terminal.screens.order.weighing import price_question, weight_question
from terminal.screens.voice import Voice


class Adding(Combos):
    """Adds items, once their options are known."""

    async def _add(
        self, item: MenuItem, quantity_milli: int, price_minor: int | None = None, *, counted: bool = False
    ) -> None:
        """Add an item; ask first for the weight, the options and the price that it needs and nobody said.

        Args:
            counted: whether somebody said how many, or how much.
        """
        left = self.desk.left.get(item.id)
        if left is not None and left.is_out:
            raise DomainError("ITEM_SOLD_OUT", item=item.name)
        if item.sold_from is not None:
            raise DomainError("ITEM_NOT_NOW", item=item.name, daypart=item.daypart, at=f"{item.sold_from:%H:%M}")
        if item.is_combo:
            await self._add_combo(item, quantity_milli)
            return

        async def chosen(quantity_milli: int) -> None:
            async def taken(modifier_ids: tuple[UUID, ...]) -> None:
                await self._add_priced(item, quantity_milli, modifier_ids, price_minor)

            if needs_choice(item):
                await self._ask(item, None, taken)
            else:
                await taken(default_modifiers(item))

        await self._weigh(item, None if item.weight_unit and not counted else quantity_milli, chosen)

    async def _weigh(self, item: MenuItem, known_milli: int | None, then: Callable[[int], Awaitable[None]]) -> None:
        """Go on with so much of an item; ask for its weight if it is not known."""
        if known_milli is not None or item.weight_unit is None:
            await then(known_milli if known_milli is not None else ONE)
            return

        async def weighed(given: Given) -> None:
            await then(given.value)

        await self.host.ask(weight_question(item, item.weight_unit, Voice.of(self.desk), self.desk.scale), weighed)

    async def _add_priced(
        self, item: MenuItem, quantity_milli: int, modifier_ids: tuple[UUID, ...], price_minor: int | None = None
    ) -> None:
        """Add an item whose weight and options are known; ask for an open price."""
        if not item.open_price or price_minor is not None:
            await self._add_with(item, quantity_milli, modifier_ids, price_minor)
            return

        async def priced(given: Given) -> None:
            await self._add_with(item, quantity_milli, modifier_ids, given.value)

        more_minor = sum(option.price_delta_minor for option in in_menu_order(item, modifier_ids))
        await self.host.ask(price_question(item, quantity_milli, more_minor, Voice.of(self.desk)), priced)

    async def _add_with(
        self, item: MenuItem, quantity_milli: int, modifier_ids: tuple[UUID, ...], price_minor: int | None = None
    ) -> None:
        order_id = await self._order_to_add()
        if order_id is None:
            return
        what = (item, modifier_ids, quantity_milli)
        line_id = await self.desk.add_line(order_id, *what, unit_price_minor=price_minor, seat=self._seat)
        self._again = Again(item.id, modifier_ids, quantity_milli)
        last = target_line(self.order, None)
        self.list.put_cursor(None if last is not None and last.id == line_id else line_id)
        unit = item.unit if item.weight_unit else ""
        self._done("order.added", quantity=measure_text(quantity_milli, unit), name=item.name)

    async def _add_again(self) -> None:
        again = self._again
        item = self.menu.items.get(again.item_id) if again is not None else None
        if again is None or item is None:
            raise DomainError("order.nothing_to_repeat")

        async def weighed(quantity_milli: int) -> None:
            await self._add_priced(item, quantity_milli, again.modifier_ids)

        await self._weigh(item, None if item.weight_unit else again.quantity_milli, weighed)
