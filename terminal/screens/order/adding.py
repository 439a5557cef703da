"""Adding to an order: what has to be asked first, and the line that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.quantity import format_quantity
from shared.menu.rules import MenuItem, default_modifiers, needs_choice
from terminal.screens.order.foretelling import Again
from terminal.screens.order.frame import OrderFrame
from terminal.screens.order.options import OptionsDialog, Taken
from terminal.screens.order.view import target_line

if TYPE_CHECKING:
    from terminal.desk import Desk


class Adding(OrderFrame):
    """Adds items, once their options are known."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._options: OptionsDialog | None = None

    async def _add(self, item: MenuItem, quantity_milli: int) -> None:
        if item.sold_out:
            raise DomainError("ITEM_SOLD_OUT", item=item.name)
        if not needs_choice(item):
            await self._add_with(item, quantity_milli, default_modifiers(item))
            return

        async def taken(modifier_ids: tuple[UUID, ...]) -> None:
            await self._add_with(item, quantity_milli, modifier_ids)

        await self._ask(item, None, taken)

    async def _add_with(self, item: MenuItem, quantity_milli: int, modifier_ids: tuple[UUID, ...]) -> None:
        left = self.order if self.order is not None and self.order.has_left else None
        if left is not None:
            # Its party went; only money is left to see to. Who sits there now has an order of their own.
            self.order_id = await self.desk.open_order(left.kind, left.table_id)
        elif self.order_id is None:
            draft = self._draft
            if draft is None:
                return
            table_id = draft.table.id if draft.table else None
            self.order_id = await self.desk.open_order(
                draft.kind, table_id, draft.guests, draft.contact, draft.promised_at
            )
        line_id = await self.desk.add_line(self.order_id, item, modifier_ids, quantity_milli)
        self._again = Again(item.id, modifier_ids, quantity_milli)
        last = target_line(self.order, None)
        self.list.put_cursor(None if last is not None and last.id == line_id else line_id)
        self._done("order.added", quantity=format_quantity(quantity_milli), name=item.name)

    async def _add_again(self) -> None:
        again = self._again
        item = self.desk.menu.items.get(again.item_id) if again is not None else None
        if again is None or item is None:
            raise DomainError("order.nothing_to_repeat")
        await self._add_with(item, again.quantity_milli, again.modifier_ids)

    async def _ask(self, item: MenuItem, chosen: tuple[UUID, ...] | None, taken: Taken) -> None:
        self._options = self._options or OptionsDialog(self.desk)
        self._options.ask(item, chosen, taken)
        await self.host.open_dialog(self._options)
