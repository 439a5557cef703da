"""Taking back what is on an order: an unsent line is free; a sent one takes a reason.

Once cooking may have begun it also takes a right, and made or not made.

Who lacks the right is asked all the same: the last answer asks for the PIN of somebody who may.
What is asked, in this order: how many (if there are several), whether they were made (if the kitchen may have begun),
and why. Nothing is written before the last answer, so that Escape anywhere leaves all as it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from shared.books.views import LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.money import divide_half_up
from shared.kernel.quantity import ONE
from shared.menu.weights import measure_text
from shared.tenancy.records import ReasonKind
from terminal.actions import ScreenName
from terminal.dialogs.questions import Amount, AmountKind, Choice, Given, Pick, Picked
from terminal.screens.order.adding import Adding
from terminal.screens.reach import may_have_begun
from terminal.screens.requests import ShowReceipts
from terminal.screens.rights import asking_about, title_of_reason
from terminal.screens.voice import Voice

Said = Callable[[str], Awaitable[None]]
"""What to do with a reason."""
Made = Callable[[bool], Awaitable[None]]
"""What to do once it is known whether something was made."""

_WITH_PRICE = {
    "order.changed": "order.changed_at",
    "order.more_to_send": "order.more_to_send_at",
    "order.one_more": "order.one_more_at",
    "order.one_more_to_send": "order.one_more_to_send_at",
}
"""Sentences that say the price of what was added, too."""


class TakingBack(Adding):
    """Takes back lines, portions of them, and the whole order."""

    async def do_remove(self) -> None:
        """Remove the chosen line, or take back what was sent of it; one that is paid is refunded at its receipt."""
        line = self._need_line()
        if line.is_paid:
            receipt_id = await self.desk.past.receipt_of_line(line.root_id, line.id)
            await self.host.go_to(ScreenName.RECEIPTS, ShowReceipts(ScreenName.ORDER, receipt_id, line.id))
        else:
            await self._take_back(line)

    async def _take_back(self, line: LineView, quantity_milli: int | None = None) -> None:
        """Take back so many portions of a line; None: all that was not sent, or what the dialog says.

        Raises:
            DomainError: LINE_IS_PAID, NOT_SO_MANY.
        """
        if line.is_paid:
            raise DomainError("LINE_IS_PAID", item=line.item_name)
        if quantity_milli is not None and quantity_milli > line.owed_milli:
            raise DomainError("NOT_SO_MANY", item=line.item_name)
        if self._needs_reason(line):
            await self._ask_how_many(line, quantity_milli)
        elif quantity_milli is None or quantity_milli == line.quantity_milli:
            await self._remove_unsent(line)
        else:
            await self._hold_so_many(line, line.quantity_milli - quantity_milli)

    async def _remove_unsent(self, line: LineView) -> None:
        """Remove a line; of a combo all of its parts."""
        if line.combo_id is not None:
            await self.desk.combos.remove(self._need_order(), line.combo_id)
        else:
            await self.desk.remove_line(self._need_order(), line.id)
        self._done("order.removed", name=line.combo_name or line.item_name)

    async def _hold_so_many(self, line: LineView, quantity_milli: int) -> None:
        """Let an unsent line, or the combo of which it is a part, be so many in all."""
        if line.combo_id is not None:
            holds = await self.desk.combos.set_quantity(self._need_order(), line.combo_id, quantity_milli)
        else:
            holds = await self.desk.set_quantity(self._need_order(), line.id, quantity_milli)
        self._done_at("order.changed", line, holds)

    def _done_at(self, key: str, line: LineView, holds: UUID, **params: object) -> None:
        """Say that a line or combo became more, and what one costs if what was added costs something else.

        Args:
            key: of the sentence.
            holds: the line or combo that holds what was added.
        """
        before, now = self._price_of(line.combo_id or line.id), self._price_of(holds)
        name = line.combo_name or line.item_name
        if before == now:
            self._done(key, name=name, **params)
        else:
            self._done(_WITH_PRICE[key], name=name, price=Voice.of(self.desk).money(now), **params)

    def _price_of(self, line_or_combo_id: UUID) -> int:
        """What one of a line or combo costs, with its modifiers."""
        lines = self.order.lines if self.order is not None else ()
        return sum(line.unit_minor for line in lines if line_or_combo_id in (line.id, line.combo_id))

    def _needs_reason(self, line: LineView) -> bool:
        """Whether somebody must say why: the kitchen, or a guest with a bill, was told of it."""
        return line.is_told

    async def _ask_how_many(self, line: LineView, quantity_milli: int | None) -> None:
        if quantity_milli is not None or line.owed_milli <= ONE or line.weight_unit:
            await self._ask_if_line_was_made(line, quantity_milli or line.owed_milli)
            return

        def comes_to(given: Given) -> str:
            if not 0 < given.value <= line.owed_milli:
                raise DomainError("NOT_SO_MANY", item=line.item_name)
            left = measure_text(line.owed_milli - given.value, line.unit)
            return self.desk.texts("order.void_leaves", quantity=left, name=line.item_name)

        async def taken(given: Given) -> None:
            comes_to(given)
            await self._ask_if_line_was_made(line, given.value)

        every = Given(AmountKind.QUANTITY, line.owed_milli)
        question = Amount(
            self.desk.texts("order.void_title", quantity=measure_text(line.owed_milli, line.unit), name=line.item_name),
            (AmountKind.QUANTITY,),
            self.desk.texts("order.void_how_many"),
            usual=every,
            quick=(Given(AmountKind.QUANTITY, ONE), every),
            comes_to=comes_to,
        )
        await self.host.ask(question, taken)

    async def _ask_if_line_was_made(self, line: LineView, quantity_milli: int) -> None:
        title = self.desk.texts(
            "order.void_title", quantity=measure_text(quantity_milli, line.unit), name=line.item_name
        )

        async def void(reason: str, *, was_made: bool) -> None:
            worth = divide_half_up(line.total_minor * quantity_milli, line.owed_milli)
            why = title_of_reason(self.desk, reason)
            with asking_about(title, self.desk.money(worth), self._made_words(was_made=was_made), why):
                await self.desk.corrections.void_line(
                    self._need_order(), line.id, quantity_milli, reason, was_made=was_made
                )
            self._done(
                "order.was_voided", quantity=measure_text(quantity_milli, line.unit), name=line.item_name, reason=why
            )

        async def then(was_made: bool) -> None:
            await self._ask_why(title, partial(void, was_made=was_made))

        if may_have_begun(line, self.desk):
            await self._ask_if_made(title, then)
        else:
            await then(False)

    async def _ask_if_made(self, title: str, then: Made) -> None:
        texts = self.desk.texts
        rows = (Choice(True, texts("order.void_made")), Choice(False, texts("order.void_not_made")))

        async def taken(picked: Picked) -> None:
            await then(picked.id is True)

        await self.host.ask(Pick(title, rows, texts("order.void_made_asked")), taken)

    def _made_words(self, *, was_made: bool) -> str:
        """What becomes of the dish, where that was asked."""
        return self.desk.texts("order.void_made") if was_made else ""

    async def _ask_why(self, title: str, said: Said) -> None:
        texts = self.desk.texts
        rows = tuple(Choice(each.text, each.title) for each in self.desk.reasons(ReasonKind.VOID))

        async def taken(picked: Picked) -> None:
            await said(picked.reason)

        await self.host.ask(Pick(title, rows, texts("order.void_why"), own_text=texts("order.other_reason")), taken)

    # The whole order

    async def _cancel_sent(self, order: OrderView) -> None:
        """Ask why an order that the kitchen knows is cancelled, and cancel it."""
        told = [line for line in order.lines if line.is_told and line.owed_milli]
        title = self.desk.texts("order.cancel_title", number=order.number)

        async def cancel(reason: str, *, was_made: bool) -> None:
            worth = self.desk.money(sum(line.total_minor for line in order.lines if line.owed_milli))
            why = title_of_reason(self.desk, reason)
            with asking_about(title, worth, self._made_words(was_made=was_made), why):
                await self.desk.corrections.cancel(order.id, reason, was_made=was_made)
            await self._left(order)

        async def then(was_made: bool) -> None:
            await self._ask_why(title, partial(cancel, was_made=was_made))

        if any(may_have_begun(line, self.desk) for line in told):
            await self._ask_if_made(title, then)
        else:
            await then(False)

    async def _left(self, order: OrderView) -> None:
        """Back to the floor: the order is cancelled."""
        raise NotImplementedError
