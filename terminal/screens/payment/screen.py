"""The payment screen: keys become a `Paying`, and Enter takes the money at once, a part or all of it.

What was taken is kept by the till, whatever happens to the screen: it stands there as paid when the check is opened
again. The change stays on the screen until the next sale.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.drawers.records import TAKES_MONEY
from shared.kernel.errors import DomainError
from shared.orders.records import OrderKind
from shared.payments.rules import Asks, TenderKind
from terminal.actions import Action, ScreenName, action_by_id
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.bills.view import check_names
from terminal.screens.method_words import method_title
from terminal.screens.order.view import gone_words, order_title
from terminal.screens.payment.extras import PaymentExtras
from terminal.screens.payment.paying import Paying, Till
from terminal.screens.payment.view import Taken, lines_to_pay, method_by_letter, tender_target
from terminal.screens.requests import Draft, PayOrder, Request
from terminal.screens.split.actions import SplitActions
from terminal.screens.split.plan import SplitPlan
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey
from terminal.widgets.key_pad import ERASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.books.views import CheckView, OrderView
    from shared.payments.rules import Tender
    from terminal.desks.desk import Desk, PaidView
    from terminal.guests.view import GuestLine
    from terminal.widgets.item_grid import ItemGrid
    from terminal.widgets.tile import Tile

_ERASING = ("backspace", ERASE)

LAST_SAID = {
    (True, True): "payment.last",
    (True, False): "payment.last_exact",
    (False, True): "payment.last_made_up",
    (False, False): "payment.last_made_up_exact",
}
"""What the next screen says of the last sale, by whether it has a receipt, and change."""


class PaymentScreen(SplitActions, PaymentExtras):
    """One check's payment, or that of a part of it."""

    SCREEN_NAME = ScreenName.PAYMENT

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._back_to = ScreenName.FLOOR
        self._just_noted = self._is_made_up = False
        self._asked: tuple[object, ...] | None = None

    # What is on view

    async def load(self, request: Request | None = None) -> None:
        """Begin the payment of an order."""
        if isinstance(request, PayOrder):
            await self._begin(request.order_id, request.back_to, request.check_id)

    async def _begin(
        self, order_id: UUID, back_to: ScreenName, check_id: UUID | None = None, plan: SplitPlan | None = None
    ) -> None:
        if check_id is None:
            await self.desk.floor.gather(order_id)
        order, premises = self.desk.orders.get(order_id), self.desk.premises
        if premises is not None and premises.device_kind not in TAKES_MONEY:
            raise DomainError("payment.not_here")
        asked_for = (each for each in order.checks if each.takes_money and each.id == check_id) if order else ()
        if order is None:
            raise DomainError("order.gone")
        check = order.to_pay if check_id is None else next(iter(asked_for), None)
        if check is None:
            raise DomainError("order.gone")
        if premises is None:
            raise DomainError("login.waiting")
        await self.desk.bills.begin(order.id, check.id)
        order, check = self._as_it_is(order, check)
        noted = await self.desk.noted_payments(check.id)
        self._is_made_up, self._plan = not check.is_owed, plan
        till = Till(order.currency, premises.cash_step_minor, premises.cash_rounding)
        self._order_id, self._check_id, self._back_to = order_id, check.id, back_to
        which = self._which_check(order, check)
        # Which of several checks is on must be seen in a narrow title, so the guests are left out.
        title = order_title(order.kind, order.table_name, 0 if which else order.guests, Voice.of(self.desk))
        self._title = " · ".join((title, *which, order.number))
        self._paying = Paying.begin(self._due(check), till, self.desk.methods, noted, self.desk.exchange)
        self._taken, self._just_noted, self._asked, self._asked_slip = None, False, None, False
        self._said = ("", Tone.PLAIN)
        self.refresh_view()

    def _which_check(self, order: OrderView, check: CheckView) -> tuple[str, ...]:
        """`cuenta 1 de 2`, where the order has several; `parte 1 de 3`, where it is split."""
        texts, plan = self.desk.texts, self._plan
        said = check_names(order, check.id, texts)
        if plan is None:
            return said
        part = texts("split.part", at=plan.at, count=plan.of) if plan.of else texts("split.an_amount")
        return (*said, part)

    def _as_it_is(self, order: OrderView, check: CheckView) -> tuple[OrderView, CheckView]:
        """An order and a check of it, read again."""
        now = self.desk.orders.get(order.id, order)
        return now, next((each for each in now.checks if each.id == check.id), check)

    def _due(self, check: CheckView) -> int:
        """What is still to be paid of the check, or of the part of it that is on."""
        plan = self._plan
        return _due(check) if plan is None or not check.is_owed else plan.due(check)

    def still_owing(self) -> OrderView | None:
        """The order whose check was just paid, if another check of it is to be paid."""
        order = self.desk.orders.get(self._order_id) if self._order_id is not None else None
        return order if order is not None and order.takes_money else None

    @property
    def screen_name(self) -> ScreenName:
        """Once the money is taken only the next sale is left."""
        return ScreenName.PAID if self._taken else ScreenName.PAYMENT

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Another till may have taken this check meanwhile, or more was ordered."""
        if "orders" in topics and self._taken is None:
            self.tap("changed", self._follow_order)
        self.refresh_view()

    async def _follow_order(self) -> None:
        if self._taken is not None or self._order_id is None or self._paying is None:
            return
        order, check = self.desk.orders.get(self._order_id), self._check()
        if check is None:
            voice = Voice.of(self.desk)
            is_over = order is None or order.to_hand_over
            gone = gone_words(await self.desk.what_became_of(self._order_id), voice) if is_over else ""
            floor = await self.host.go_to(ScreenName.FLOOR)
            floor.say_for_a_while(gone or voice.texts("order.gone"), Tone.WARN)
        elif (due_minor := self._due(check)) != self._paying.due_minor:
            noted_now = await self.desk.noted_payments(check.id)
            self.become(replace(self._paying, due_minor=due_minor, noted=noted_now))
            self.say(self.desk.texts("payment.changed", due=self.desk.money(due_minor)), Tone.WARN)

    def _check(self) -> CheckView | None:
        """The check on view, while money is taken for it."""
        order = self.desk.orders.get(self._order_id) if self._order_id is not None else None
        checks = order.checks if order is not None else ()
        return next((each for each in checks if each.id == self._check_id and each.takes_money), None)

    def guest_lines(self) -> tuple[GuestLine, ...]:
        """What is owed on the check on view. Of equal parts none: no dish belongs to one of them."""
        bill = self.bill_of()
        if bill is None or (self._plan is not None and not self._plan.is_all_of(bill[1])):
            return ()
        return lines_to_pay(bill[0], bill[1].id, Voice.of(self.desk))

    def why_not(self, action: Action) -> str | None:
        """Taking back needs something that was noted, details a method that has some."""
        if action.id == "details" and (self._paying is None or not self.slip_fields(self._paying)):
            return self.desk.texts("payment.no_details")
        if action.id == "undo_tender" and not (self._paying and self._paying.noted):
            return self.desk.texts("payment.nothing_noted")
        return self.why_no_split(action) or self.why_no_bill(action)

    # Bills and splits

    def bill_of(self) -> tuple[OrderView, CheckView] | None:
        """The check on view, while something is owed on it."""
        order, check = self.desk.orders.get(self._order_id) if self._order_id else None, self._check()
        return (order, check) if order is not None and check is not None and check.is_owed else None

    def bill_is_chosen(self) -> bool:
        """It is the check on view."""
        return True

    async def bill_changed(self) -> None:
        """Ask for what the check comes to now; of a split one, for the part."""
        check = self._check()
        if check is not None and self._plan is not None:
            self._plan = self._plan.anew(check)
        await self._take_up()

    async def take_up_plan(self, plan: SplitPlan | None) -> None:
        """Pay this part next. The digit that picked it needs no Enter: one by habit asks before it takes money."""
        if self._order_id is not None:
            await self._begin(self._order_id, self._back_to, self._check_id, plan)
            self._just_noted = plan is not None

    async def pay_check(self, check_id: UUID) -> None:
        """Pay another check of the order next."""
        if self._order_id is not None:
            await self._begin(self._order_id, self._back_to, check_id)

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys; Enter says so where it closes the check without money."""
        closes = self._taken is None and self._paying is not None and self._paying.nothing_asked
        title = self.desk.texts("payment.close")
        return tuple(
            replace(key, title=title, short=self.desk.texts("payment.close_tile"))
            if closes and key.action == "take_money"
            else key
            for key in super().bar_keys()
        )

    # Keys

    @property
    def takes_every_key(self) -> bool:
        """After the sale every key begins the next one."""
        return self._taken is not None

    async def typed(self, stroke: Stroke) -> None:
        """Digits are the amount, letters the methods; after the sale any key begins the next one."""
        if self._taken is not None:
            there = await self.do_next_sale()
            if there is not self:
                await there.press(stroke)
            return
        paying = self._paying
        if paying is None:
            return
        self._just_noted, self._asked = False, None
        self.say("")
        if stroke.is_digit or stroke.name in (".", ","):
            self.become(paying.with_key(stroke.name))
            self._refuse_too_much()
        elif stroke.name in _ERASING:
            self.become(paying.erased())
        elif stroke.name in ("delete", "ctrl+u"):
            self.become(paying.cleared())
        elif stroke.name in ("up", "down"):
            self.become(paying.with_method(paying.at + (1 if stroke.name == "down" else -1)))
        else:
            at = method_by_letter(paying, stroke.name) if len(stroke.name) == 1 else None
            if at is not None:
                self._asked_slip = False
                self.become(paying.with_method(at))

    async def scanned(self, text: str) -> None:
        """Refuse a code: it is no money, and nothing is noted."""
        self.remark("payment.no_money")

    async def pasted(self, text: str) -> None:
        """Refuse pasted text likewise."""
        self.remark("payment.no_money")

    def _refuse_too_much(self) -> None:
        """Refuse an amount that is more than any till takes, until it is erased.

        Raises:
            DomainError: payment.too_much (params: most).
        """
        paying = self._paying
        if paying is not None and paying.is_too_much:
            raise DomainError("payment.too_much", most=self.desk.money(paying.most_minor))

    def become(self, paying: Paying) -> None:
        """Show another state of the payment."""
        self._paying = paying
        self.refresh_view()

    # Actions

    async def do_take_money(self) -> bool:
        """Enter: take the typed amount by the chosen method. It closes the check if it pays the rest.

        False while something is left: the next Enter is a tender of its own. One that follows with nothing in between
        may be a key that bounced, so it asks.
        """
        paying = self._paying
        if paying is None or (paying.method is None and paying.handed_over() is None):
            raise DomainError("payment.no_method")
        self._refuse_too_much()
        if paying.is_foreign and paying.rate is None:
            raise DomainError("payment.no_rate", currency=paying.money)
        if self._just_noted and paying.method is not None and not paying.nothing_asked:
            self._just_noted = False
            left = self.desk.money(paying.asked_minor)
            self.say(self.desk.texts("payment.again", left=left, method=paying.method.title), Tone.WARN)
            return True
        if paying.is_change_unlikely and self._asks_first("change", paying.change_minor):
            change = self.desk.money(paying.change_minor)
            self.say(self.desk.texts("payment.change_asked", change=change), Tone.WARN)
            return True
        if paying.over_minor and paying.left_minor:
            return self._ask_about_rest(paying)
        if paying.method is not None and paying.tender_is_something:
            if paying.method.kind is TenderKind.ACCOUNT:
                await self.ask_account()
                return True
            if paying.method.asks is Asks.AT_ONCE and not self._asked_slip and self.slip_fields(paying):
                await self.ask_slip(paying, then_take=True)
                return True
        return await self.take()

    def _asks_first(self, *about: object) -> bool:
        """Whether this was not asked yet: the next Enter answers it."""
        if self._asked == about:
            return False
        self._asked = about
        return True

    def _ask_about_rest(self, paying: Paying) -> bool:
        """What is too much by a method without change may be a tip; of a voucher it lapses."""
        method, over = paying.method, paying.over_minor
        assert method is not None, "only a method can be given too much by"
        amount = self.desk.money(over)
        if method.kind is TenderKind.ACCOUNT:
            raise DomainError("CHANGE_NEEDS_CASH")
        lapses = method.kind is TenderKind.VOUCHER
        self.become(paying.cleared() if lapses else replace(paying, tip_minor=paying.tip_minor + over))
        key = "payment.lapses" if lapses else "payment.is_tip"
        self.say(self.desk.texts(key, method=method.title, amount=amount), Tone.WARN)
        return True

    async def take(self, account_id: UUID | None = None) -> bool:
        """Take what is typed, now that all of it is known. Returns whether the check is closed."""
        paying = self._paying
        tenders = paying.handed_over(account_id) if paying is not None else None
        if paying is None or tenders is None:
            raise DomainError("payment.no_method")
        said = paying.details.reference
        if said and paying.method is not None and self._asks_first("used", paying.method.id, said):
            used = await self.desk.tenders.used_today(paying.method.id, said)
            if used is not None:
                amount = self.desk.money(used.amount_minor)
                self.say(self.desk.texts("payment.used_today", number=said, amount=amount), Tone.WARN)
                return True
        return await self._pay(paying, tenders)

    async def do_undo_tender(self) -> None:
        """Take the last noted tender back: by another method or amount it is noted anew."""
        paying, self._just_noted = self._paying, False
        if paying is None or self._order_id is None or not paying.noted:
            return
        last = paying.noted[-1]
        await self.desk.take_back(self._order_id, last.id)
        await self._take_up()
        amount = self.desk.money(last.amount_minor)
        self.say(
            self.desk.texts(
                "payment.taken_back", method=method_title(last.method_name, self.desk.methods), amount=amount
            ),
            Tone.READY,
        )

    async def do_back(self) -> bool:
        """Leave. What was noted is paid, and stands when the check is opened again."""
        await self.host.go_to(self._back_to)
        return True

    async def do_next_sale(self) -> KeptScreen:
        """On to the next check of the order, else to the floor, or to the next sale of a counter.

        The change can be read until something else is done.
        """
        taken, texts, order = self._taken, self.desk.texts, self.still_owing()
        if taken is not None and order is not None:
            check = self._check()
            plan = self._plan.after(check) if self._plan is not None and check is not None else None
            await self._begin(order.id, self._back_to, check.id if check is not None else None, plan)
            # The Enter that left the last sale may bounce: the next one asks before it takes money.
            self._just_noted = True
            change, left = self.desk.money(taken.change_minor), self.desk.money(order.owed_minor or order.short_minor)
            key = "payment.next_check" if taken.change_minor else "payment.next_check_exact"
            self.say(texts(key, change=change, receipt=taken.receipt_number, left=left), Tone.READY)
            return self
        if self.desk.sells_at_counter:
            there = await self.host.go_to(ScreenName.ORDER, Draft(OrderKind.TAKEOUT))
        else:
            there = await self.host.go_to(ScreenName.FLOOR)
        if taken is not None:
            change = self.desk.money(taken.change_minor)
            key = LAST_SAID[bool(taken.receipt_number), bool(taken.change_minor)]
            said = texts(key, change=change, number=taken.receipt_number)
            there.say(" · ".join(filter(None, (taken.called, said))), Tone.READY)
        self._taken = self._paying = self._order_id = self._check_id = None
        return there

    async def _pay(self, paying: Paying, tenders: Sequence[Tender]) -> bool:
        """Take tenders. Returns whether the check is closed."""
        if self._order_id is None or self._check_id is None:
            return True
        order = self.desk.orders.get(self._order_id)
        called = order.number if order is not None and order.table_id is None else ""
        check, plan, tip = self._check(), self._plan, paying.tip_minor
        part = plan.part_of(check) if plan is not None and check is not None else None
        paid: PaidView = await self.desk.pay(self._order_id, self._check_id, tenders, tip_minor=tip, part_minor=part)
        self._asked, self._asked_slip = None, False
        if paid.left_minor > 0:
            await self._take_up()
            self._just_noted = True
            self.say(*self._of_drawer(paid))
            return False
        total = (paying.due_minor if self._is_made_up else paid.total_minor) + paid.rounding_minor
        self._taken = Taken(paid.receipt_number or "", total, paid.change_minor, called)
        self._said = self._of_drawer(paid)
        self.refresh_view()
        return True

    def _of_drawer(self, paid: PaidView) -> tuple[str, Tone]:
        """That nobody opened a shift, said once: by the payment that began the session."""
        return (self.desk.texts("payment.opens_drawer"), Tone.WARN) if paid.opens_drawer else ("", Tone.PLAIN)

    async def _take_up(self) -> None:
        """Show the check as it stands after a tender was taken, or taken back."""
        check = self._check()
        if check is not None and self._paying is not None:
            self.become(self._paying.after(self._due(check), await self.desk.noted_payments(check.id)))

    async def choose(self, grid: ItemGrid, tile: Tile) -> bool:
        """A method is chosen; a quick note is tendered at once."""
        paying, self._just_noted = self._paying, False
        if paying is None or self._taken is not None:
            return True
        self._asked = None
        if grid is self.methods and isinstance(tile.id, UUID):
            self._asked_slip = False
            self.become(paying.with_method(tender_target(paying, tile.id)))
        elif isinstance(tile.id, int):
            self.become(paying.with_amount(tile.id))
            return await self.act(action_by_id(ScreenName.PAYMENT, "take_money"))
        return False


def _due(check: CheckView) -> int:
    """What is still to be paid on a check, or what its receipts are short of."""
    return check.due_minor if check.is_owed else check.short_minor
