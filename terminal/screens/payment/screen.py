"""The payment screen: keys become a `Paying`, Enter takes the money, the change stays until the next sale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from shared.kernel.errors import DomainError
from shared.payments.records import TAKES_MONEY
from shared.payments.rules import Tender
from terminal.actions import Action, ScreenName, action_by_id
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.order.view import gone_words, order_title
from terminal.screens.payment.view import (
    Paying,
    Taken,
    Till,
    due_caption,
    method_by_letter,
    method_tiles,
    note_tiles,
    standing_words,
    tender_lines,
    tender_target,
)
from terminal.screens.requests import PayOrder, Request
from terminal.screens.status import status_of
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits, figure_and_sign
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.key_pad import ERASE, KeyPad
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.books.views import CheckView, OrderView
    from terminal.desk import Desk, PaidView

_ERASING = ("backspace", ERASE)
TALL = 30


class PaymentScreen(KeptScreen):
    """One check's payment."""

    SCREEN_NAME = ScreenName.PAYMENT
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        texts = desk.texts
        self._order_id: UUID | None = None
        self._check_id: UUID | None = None
        self._back_to = ScreenName.FLOOR
        self._title = ""
        self._paying: Paying | None = None
        self._taken: Taken | None = None
        self._leave_asked = self._just_noted = self._is_made_up = False
        self._change_asked: int | None = None
        self._said = ("", Tone.PLAIN)
        self.status = StatusLine()
        self.title_line = TitleLine(id="title")
        self.methods = ItemGrid(columns=1, id="methods")
        self.due = BigDigits(caption=texts("payment.due"), id="due")
        self.given = BigDigits(caption=texts("payment.given"), id="given")
        self.change = BigDigits(caption=texts("payment.change"), id="change")
        self.notes = ItemGrid(least_width=11, tile_height=3, id="notes")
        self.pad = KeyPad((("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (".", "0", ERASE)), id="pad")
        self.message = TitleLine(id="message", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Methods, figures, pad, one line for what there is to say, keys."""
        yield self.status
        with Horizontal(id="frame"):
            yield self.methods
            with Vertical(id="figures"):
                yield self.title_line
                yield self.due
                yield self.given
                yield self.change
                yield self.notes
            yield self.pad
        yield self.message
        yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """Lower tiles on a low screen."""
        tall = event.size.height >= TALL
        self.methods.set_shape(tile_height=4 if tall else 3)
        self.notes.set_shape(tile_height=4 if tall else 3, least_width=14 if tall else 11)

    # What is on view

    async def load(self, request: Request | None = None) -> None:
        """Begin the payment of an order."""
        if isinstance(request, PayOrder):
            self._begin(request.order_id, request.back_to, request.check_id)

    def _begin(self, order_id: UUID, back_to: ScreenName, check_id: UUID | None = None) -> None:
        order, premises = self.desk.orders.get(order_id), self.desk.premises
        if premises is not None and premises.device_kind not in TAKES_MONEY:
            raise DomainError("payment.not_here")
        asked_for = (each for each in order.checks if each.takes_money and each.id == check_id) if order else ()
        check = order and (order.to_pay if check_id is None else next(iter(asked_for), None))
        if order is None or check is None:
            raise DomainError("order.gone")
        if premises is None:
            raise DomainError("login.waiting")
        self._is_made_up = not check.is_owed
        # A receipt stands already: what it is short of is taken to the cent.
        step = 1 if self._is_made_up else premises.cash_step_minor
        till = Till(order.currency, step, premises.cash_rounding)
        self._order_id, self._check_id, self._back_to = order_id, check.id, back_to
        title = order_title(order.kind, order.table_name, order.guests, Voice.of(self.desk))
        self._title = " · ".join((title, order.number, *self._which_check(order, check)))
        self._paying = Paying.begin(_due(check), till, self.desk.methods)
        self._taken, self._leave_asked, self._just_noted, self._change_asked = None, False, False, None
        self._said = ("", Tone.PLAIN)
        self.refresh_view()

    def _which_check(self, order: OrderView, check: CheckView) -> tuple[str, ...]:
        """`cuenta 1 de 2`, where the order has several."""
        at, count = order.place_of(check.id)
        return (self.desk.texts("payment.check", at=at, count=count),) if count > 1 else ()

    def _still_owing(self) -> OrderView | None:
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
        order = self.desk.orders.get(self._order_id)
        checks = order.checks if order is not None else ()
        check = next((each for each in checks if each.id == self._check_id and each.takes_money), None)
        if check is None:
            voice = Voice.of(self.desk)
            noted = tender_lines(self._paying, voice)
            gone = gone_words(await self.desk.what_became_of(self._order_id), voice) if order is None else ""
            floor = await self.host.go_to(ScreenName.FLOOR)
            if noted:
                floor.say(voice.texts("payment.gone", tenders=noted), Tone.WARN)
            else:
                floor.say_for_a_while(gone or voice.texts("order.gone"), Tone.WARN)
        elif (due_minor := _due(check)) != self._paying.due_minor:
            # What was noted stays: a card may have been charged for it at its own terminal.
            self._become(replace(self._paying, due_minor=due_minor))
            self.say(self.desk.texts("payment.changed", due=self.desk.money(due_minor)), Tone.WARN)

    def refresh_view(self) -> None:
        """Everything, from what is due to the keys."""
        self.status.show(status_of(self.desk))
        self.bar.set_keys(self.bar_keys())
        self.set_class(self._taken is not None, "-paid")
        self._show_message()
        paying, voice = self._paying, Voice.of(self.desk)
        if self._taken is not None:
            self._show_taken(self._taken, voice)
        elif paying is not None:
            self._show_paying(paying, voice)

    def _show_paying(self, paying: Paying, voice: Voice) -> None:
        self.title_line.show(self._title)
        self.methods.set_tiles(method_tiles(paying), keep_place=True)
        self._figure(self.due, paying.asked_minor, due_caption(paying, voice))
        by = paying.method.name if paying.method else ""
        self._figure(self.given, paying.given_minor, voice.texts("payment.given_by", method=by))
        if paying.short_minor:
            self._figure(self.change, paying.short_minor, voice.texts("payment.short"), Tone.WARN)
        else:
            tone = Tone.READY if paying.change_minor else None
            self._figure(self.change, paying.change_minor, voice.texts("payment.change"), tone)
        self.notes.set_tiles(note_tiles(paying, voice), keep_place=True)

    def _figure(self, digits: BigDigits, minor: int, caption: str, tone: Tone | None = None) -> None:
        """An amount as large as it goes: the currency's sign joins the caption."""
        figure, sign = figure_and_sign(self.desk.money(minor))
        digits.show(figure, caption=f"{caption}  {sign}", tone=tone)

    def _show_message(self) -> None:
        """What there is to say, else how the payment stands."""
        text, tone = self._said
        if not text and self._taken is not None and (order := self._still_owing()) is not None:
            owed = self.desk.money(order.owed_minor or order.short_minor)
            text, tone = self.desk.texts("payment.more_checks", number=order.number, left=owed), Tone.WARN
        if not text and self._paying is not None and self._taken is None:
            text = standing_words(self._paying, Voice.of(self.desk))
        self.message.show(text, tone)

    def _show_taken(self, taken: Taken, voice: Voice) -> None:
        key = "payment.receipt" if taken.receipt_number else "payment.made_up"
        self.title_line.show(voice.texts(key, title=self._title, number=taken.receipt_number))
        self._figure(self.due, taken.total_minor, voice.texts("payment.paid"))
        self._figure(self.change, taken.change_minor, voice.texts("payment.change"), Tone.READY)

    def tick(self) -> None:
        """The clock moves on."""
        self.status.show(status_of(self.desk))

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Above the keys."""
        self._said = (text, tone)
        self._show_message()

    def why_not(self, action: Action) -> str | None:
        """Taking back and keeping a part need something noted."""
        if action.id in ("undo_tender", "pay_part") and not (self._paying and self._paying.tenders):
            return self.desk.texts("payment.nothing_noted")
        return None

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys; Enter says so where it closes the check without money."""
        closes = self._taken is None and self._paying is not None and self._paying.nothing_asked
        title = self.desk.texts("payment.close")
        return tuple(
            replace(key, title=title, short="") if closes and key.action == "take_money" else key
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
        self._leave_asked = self._just_noted = False
        self._change_asked = None
        self.say("")
        if stroke.is_digit or stroke.name in (".", ","):
            self._become(paying.with_key(stroke.name))
            self._refuse_too_much()
        elif stroke.name in _ERASING:
            self._become(paying.erased())
        elif stroke.name in ("delete", "ctrl+u"):
            self._become(paying.cleared())
        elif stroke.name in ("up", "down"):
            self._become(paying.with_method(paying.at + (1 if stroke.name == "down" else -1)))
        else:
            at = method_by_letter(paying, stroke.name) if len(stroke.name) == 1 else None
            if at is not None:
                self._become(paying.with_method(at))

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

    def _become(self, paying: Paying) -> None:
        self._paying = paying
        self.refresh_view()

    # Actions

    async def do_take_money(self) -> bool:
        """Enter: the typed amount by the chosen method. It closes the check if it pays the rest, else it is noted.

        False while it was only noted: the next Enter is a tender of its own. One that follows with nothing in between
        may be a key that bounced, so it asks.
        """
        paying = self._paying
        tenders = paying.handed_over() if paying else None
        if paying is None or tenders is None:
            raise DomainError("payment.no_method")
        self._refuse_too_much()
        if self._just_noted and paying.method is not None and not paying.nothing_asked:
            self._just_noted = False
            left = self.desk.money(paying.asked_minor)
            self.say(self.desk.texts("payment.again", left=left, method=paying.method.name), Tone.WARN)
            return True
        if paying.is_change_unlikely and self._change_asked != paying.change_minor:
            self._change_asked = paying.change_minor
            change = self.desk.money(paying.change_minor)
            self.say(self.desk.texts("payment.change_asked", change=change), Tone.WARN)
            return True
        if paying.settlement(tenders).left_minor > 0:
            self._become(paying.with_tender(tenders[-1]))
            self._just_noted = True
            return False
        await self._pay(tenders)
        return True

    async def do_pay_part(self) -> None:
        """Take what is noted, though the check is not paid in full: the guests who leave have paid their part."""
        if self._paying is not None:
            await self._pay(self._paying.tenders)

    async def do_undo_tender(self) -> None:
        """Take the last noted tender back; nobody has taken that money yet."""
        self._just_noted = False
        if self._paying is not None:
            self._become(self._paying.without_last())

    async def do_back(self) -> bool:
        """Leave without taking money; what was noted is given up on the second press, meant as one of its own."""
        paying = self._paying
        if paying is not None and paying.tenders and not self._leave_asked:
            self._leave_asked = True
            self.say(self.desk.texts("payment.leave_asked"), Tone.WARN)
            return True
        await self.host.go_to(self._back_to)
        return True

    async def do_next_sale(self) -> KeptScreen:
        """On to the next check of the order, else to the floor. The change can be read until something else is done."""
        taken, texts, order = self._taken, self.desk.texts, self._still_owing()
        if taken is not None and order is not None:
            self._begin(order.id, self._back_to)
            # The Enter that left the last sale may bounce: the next one asks before it takes money.
            self._just_noted = True
            change, left = self.desk.money(taken.change_minor), self.desk.money(order.owed_minor or order.short_minor)
            number = taken.receipt_number
            self.say(texts("payment.next_check", change=change, receipt=number, left=left), Tone.READY)
            return self
        floor = await self.host.go_to(ScreenName.FLOOR)
        if taken is not None:
            change = self.desk.money(taken.change_minor)
            key = "payment.last" if taken.receipt_number else "payment.last_made_up"
            floor.say(texts(key, change=change, number=taken.receipt_number), Tone.READY)
        self._taken = self._paying = self._order_id = self._check_id = None
        return floor

    async def _pay(self, tenders: Sequence[Tender]) -> None:
        if self._order_id is None or self._check_id is None:
            return
        paid: PaidView = await self.desk.pay(self._order_id, self._check_id, tenders)
        if paid.left_minor > 0:
            order = self.desk.orders.get(self._order_id)
            if order is not None and order.takes_money:
                self._begin(order.id, self._back_to, self._check_id)
            self.say(self.desk.texts("payment.part_taken", left=self.desk.money(paid.left_minor)), Tone.READY)
            return
        total = self._paying.due_minor if self._is_made_up and self._paying else paid.total_minor + paid.rounding_minor
        self._taken = Taken(paid.receipt_number or "", total, paid.change_minor)
        self._said = ("", Tone.PLAIN)
        self.refresh_view()

    # Fingers

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A method is chosen; a quick note is tendered at once."""
        event.stop()
        tile, grid = event.tile, event.grid

        async def chosen() -> bool:
            paying, self._just_noted = self._paying, False
            if paying is None or self._taken is not None:
                return True
            if grid is self.methods and isinstance(tile.id, UUID):
                self._become(paying.with_method(tender_target(paying, tile.id)))
                return False
            if isinstance(tile.id, int):
                self._become(paying.with_amount(tile.id))
                return await self.act(action_by_id(ScreenName.PAYMENT, "take_money"))
            return False

        self.tap(f"tile {tile.id}", chosen)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        stroke = Stroke("backspace") if event.key == ERASE else Stroke(event.key, event.key)

        async def pressed() -> bool:
            return await self.press(stroke)

        self.tap(f"pad {event.key}", pressed)


def _due(check: CheckView) -> int:
    """What is still to be paid on a check, or what its receipts are short of."""
    return check.due_minor if check.is_owed else check.short_minor
