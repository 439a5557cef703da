"""What can be done to one line of an order: how many, and its options."""

from __future__ import annotations

from uuid import UUID

from shared.books.views import LineView
from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE, format_quantity
from shared.menu.weights import measure_text
from terminal.dialogs.questions import AmountKind, Given
from terminal.screens.order.command import LESS_MARK
from terminal.screens.order.foretelling import Lessened, still_to_take_off
from terminal.screens.order.noting import Noting
from terminal.screens.order.options_view import with_gone
from terminal.screens.order.view import last_line
from terminal.screens.order.weighing import line_question
from terminal.screens.voice import Voice


class LineActions(Noting):
    """The keys and typed commands that mean the chosen line, else the last that is not sent."""

    # How many

    async def do_more(self) -> None:
        """One more of the chosen line, else of the last: a line of its own if it was sent, or was written elsewhere."""
        line = self._target() or last_line(self.order) or self._need_line()
        if line.combo_id is not None:
            more = await self.desk.combos.one_more(self._need_order(), line.combo_id)
        else:
            more = await self.desk.one_more(self._need_order(), line.id)
            if more != line.id:
                self.list.put_cursor(None)
        self._done_at("order.one_more_to_send" if line.is_told else "order.one_more", line, more)

    async def do_less(self) -> None:
        """One less; the last one is removed by its own key. What was sent is written, and taken back with Enter."""
        line = self._need_line()
        self._refuse_if_weighed(line)
        if self._needs_reason(line):
            # The digits that may follow say how many less; without the minus they would be a code.
            self.line.write(LESS_MARK)
            self.typing_changed(self.line.text)
            return
        self._lessened = Lessened(line.id, 0)
        if line.quantity_milli <= ONE:
            raise DomainError("order.last_one", name=line.item_name)
        await self._set_quantity(line.quantity_milli - ONE)
        self._lessened = Lessened(line.id, ONE)

    async def _set_quantity(self, quantity_milli: int) -> None:
        line = self._need_line()
        if not self._needs_reason(line):
            await self._hold_so_many(line, quantity_milli)
        elif quantity_milli < line.quantity_milli:
            await self._take_back(line, line.quantity_milli - quantity_milli)
        else:
            await self._add_to_sent(line, quantity_milli)

    async def _add_to_sent(self, line: LineView, quantity_milli: int) -> None:
        """Let a dish that was sent become more, one by one.

        Raises:
            DomainError: order.is_sent.
        """
        more, rest = divmod(quantity_milli - line.quantity_milli, ONE)
        if rest:
            raise DomainError("order.is_sent", name=line.item_name)
        if line.combo_id is not None:
            raise DomainError("PART_OF_COMBO", item=line.item_name, combo=line.combo_name)
        line_id = line.id
        for _one in range(more):
            line_id = await self.desk.one_more(self._need_order(), line_id)
        self.list.put_cursor(None)
        self._done_at("order.more_to_send", line, line_id, quantity=format_quantity(more * ONE))

    async def _take_off(self, quantity_milli: int) -> None:
        line = self._need_line()
        wanted, self._lessened = still_to_take_off(self._lessened, line, quantity_milli), None
        self._refuse_if_weighed(line)
        if wanted > line.quantity_milli or (wanted == line.quantity_milli and not self._needs_reason(line)):
            held = format_quantity(line.quantity_milli)
            raise DomainError("order.not_so_many", name=line.item_name, quantity=held)
        if wanted > 0:
            await self._take_back(line, wanted)

    def _refuse_if_weighed(self, line: LineView) -> None:
        """No key makes a weight one more or one less.

        Raises:
            DomainError: LINE_IS_WEIGHED.
        """
        if line.weight_unit is not None:
            raise DomainError("LINE_IS_WEIGHED", item=line.item_name)

    async def do_measure(self) -> None:
        """Ask for another weight or another price of the chosen line."""
        line, order_id = self._need_line(), self._need_order()
        voice = Voice.of(self.desk)

        async def taken(given: Given) -> None:
            if given.kind is AmountKind.WEIGHT:
                await self.desk.set_quantity(order_id, line.id, given.value)
                self._done("order.weight_changed", name=line.item_name, weight=measure_text(given.value, line.unit))
            else:
                await self.desk.change_line(order_id, line.id, unit_price_minor=given.value)
                self._done("order.price_changed", name=line.item_name, price=voice.money(given.value))

        await self.host.ask(line_question(line, voice, self.desk.scale), taken)

    # What it says

    async def do_options(self) -> None:
        """Ask for the options of the chosen line again."""
        line = self._need_line()
        item = self.menu.items.get(line.item_id)
        if item is None:
            return
        order_id = self._need_order()

        async def taken(modifier_ids: tuple[UUID, ...]) -> None:
            await self.desk.change_line(order_id, line.id, modifier_ids=modifier_ids)
            self._changed(line)

        await self._ask(with_gone(item, line, self.desk.texts("options.gone")), line.modifier_ids, taken)

    def _why_not_line(self, action_id: str) -> DomainError | None:
        line = self._target()
        if line is None:
            return self._no_line()
        if line.is_paid and action_id == "remove":
            return None  # it leads to its receipt
        if line.is_paid:
            return DomainError("LINE_IS_PAID", item=line.item_name)
        if action_id == "measure" and self._needs_reason(line):
            return DomainError("order.measure_sent", name=line.item_name)
        item = self.menu.items.get(line.item_id)
        if action_id == "options" and (item is None or not item.modifier_groups):
            return DomainError("order.no_options", name=line.item_name)
        return None
