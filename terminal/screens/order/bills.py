"""What the order screen does to its bill: discounts, service, paper, splits by dish, lines moved to another check."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.errors import DomainError
from terminal.actions import Action
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.bills.actions import BillActions
from terminal.screens.bills.view import check_names, check_of
from terminal.screens.order.frame import OrderFrame
from terminal.screens.order.view import order_title
from terminal.screens.split.actions import seated_words
from terminal.screens.split.portions import Portions
from terminal.screens.split.screen import SplitDialog
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

NEW_CHECK = "new check"


class OrderBills(BillActions, OrderFrame):
    """Mixed into the order screen."""

    _splitting: SplitDialog | None = None

    def bill_of(self) -> tuple[OrderView, CheckView] | None:
        """The check of the chosen line, else the first that owes something."""
        order, line = self.order, self.bill_line()
        check = check_of(order, line.check_id if line is not None else None) or check_of(order)
        return (order, check) if order is not None and check is not None else None

    def bill_line(self) -> LineView | None:
        """The line under the cursor."""
        cursor, order = self.list.cursor_line, self.order
        lines = order.lines if order is not None else ()
        return next((line for line in lines if cursor is not None and line.id == cursor.id), None)

    def bill_is_chosen(self) -> bool:
        """A chosen line means its check."""
        return self.bill_line() is not None

    def label_order(self) -> OrderView | None:
        """This order, paid or not."""
        return self.order if self.order is not None and self.order.lines else None

    def why_no_order_bill(self, action: Action) -> str | None:
        """Why a bill action can do nothing now."""
        line = self._target()
        if action.id == "move" and (line is None or not line.owed_milli):
            refused = self._no_line() if line is None else DomainError("LINE_IS_PAID", item=line.item_name)
            return self.desk.texts(refused.code, **refused.params)
        if action.id == "split" and self.bill_of() is None:
            return self.desk.texts("bills.nothing_owed")
        return self.why_no_bill(action)

    # Splitting

    async def do_split(self) -> None:
        """Choose what goes to a check of its own."""
        await self._gather()
        order, check = self._need_bill()
        self._splitting = self._splitting or SplitDialog(self.desk)
        title = self._bill_title("split.by_dish", order, check)
        portions, by_seat = Portions.of(check, order.lines), partial(self._by_seat, order, check)
        self._splitting.ask(title, portions, partial(self._split_off, order, check), by_seat)
        await self.host.open_dialog(self._splitting)

    async def _split_off(self, order: OrderView, check: CheckView, portions: Mapping[UUID, int]) -> None:
        await self._say_check(order, await self.desk.bills.split_off(order.id, check.id, portions))

    async def _by_seat(self, order: OrderView, check: CheckView) -> None:
        checks = await self.desk.bills.split_by_seat(order.id, check.id)
        self.refresh_view()
        one_by_one = self.desk.texts("split.one_by_one")
        self.say(f"{seated_words(order, check, len(checks), self.desk.texts)} {one_by_one}", Tone.READY)

    async def _say_check(self, order: OrderView, check_id: UUID) -> None:
        now = self.desk.orders.get(order.id)
        at, count = now.place_of(check_id) if now is not None else (0, 0)
        self.refresh_view()
        self.say(self.desk.texts("split.made", at=at, count=count), Tone.READY)

    # Moving

    async def do_move(self) -> None:
        """Ask to which check, of this order or another one, the chosen line goes."""
        order, line = self.order, self._need_line()
        if order is None:
            return
        texts, voice = self.desk.texts, Voice.of(self.desk)
        of_order = [
            Choice(check.id, " · ".join(check_names(order, check.id, texts)), voice.money(check.bill.total_minor))
            for check in order.checks
            if check.id != line.check_id and not check.receipts
        ]
        others = [
            Choice(each.check_id, f"{order_title(each.kind, each.table_name, 0, voice)} · {each.number}")
            for each in sorted(self.desk.orders.values(), key=lambda each: each.opened_at)
            if each.id != order.id and not each.has_left and not each.check.receipts
        ]
        alone = sum(each.check_id == line.check_id and bool(each.owed_milli) for each in order.lines) < 2
        new = Choice(NEW_CHECK, texts("bills.new_check"), why_not=texts("bills.alone") if alone else "")
        pick = Pick(texts("bills.move", name=line.item_name), (new, *of_order, *others), texts("bills.move_where"))
        await self.host.ask(pick, partial(self._move, order, line))

    async def _move(self, order: OrderView, line: LineView, picked: Picked) -> None:
        if picked.id == NEW_CHECK:
            portions = {line.id: line.owed_milli}
            await self._say_check(order, await self.desk.bills.split_off(order.id, line.check_id, portions))
        elif isinstance(picked.id, UUID):
            await self.desk.bills.move(line.id, picked.id)
            self.list.put_cursor(None)
            self._done("bills.moved", name=line.item_name, to=picked.text)
