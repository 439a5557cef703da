"""The order screen: what is typed or tapped becomes commands to the desk, and the check shows what they did.

Its parts, each on top of the one before: `frame.py` (what it holds and shows), `adding.py` (items),
`taking_back.py`, `line_actions.py` (one line), `typed_orders.py` (the command line), `serving.py`, `after_sending.py`
(on to the next table); here the whole order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.orders.records import OrderKind
from terminal.actions import EXCEPTIONS, LINE_UP, Action, ScreenName, action_by_id
from terminal.screens.course_words import course_name, held_words
from terminal.screens.customers import CustomerForm
from terminal.screens.firing import later_courses
from terminal.screens.held_first import held_first
from terminal.screens.menu_changes import MenuChanges
from terminal.screens.message_list import MessageList
from terminal.screens.order.after_sending import AfterSending
from terminal.screens.order.command import LESS_MARK
from terminal.screens.order.menu_line import Refusal, Which
from terminal.screens.order.sitting import OrderSitting
from terminal.screens.order.view import gone_words, handover_titles, last_line, others_at_table, why_not_paid
from terminal.screens.reach import NOT_GONE_OUT, sent_words
from terminal.screens.requests import Draft, PayOrder, Request, ShowOrder
from terminal.screens.voice import Voice
from terminal.screens.walked_out import WalkOut, can_walk_out
from terminal.syncing.link_state import Cloud
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey

BESIDE_THE_ORDER = {"undo", "exceptions", "receipts", "shift", "printers", "handover", "messages"}
BESIDE_THE_ORDER |= {"availability", "set_price", "new_dish", "hide_dish"}
"""Actions that do nothing to the order on view. All others wait while a text is typed."""

ON_A_LINE = {"note", "options", "remove"}
"""Actions of one line that have a key on every keyboard: where none is chosen they choose the last one."""


class OrderScreen(MenuChanges, MessageList, OrderSitting, AfterSending):
    """The whole order: showing it, sending, noting its customer, paying, cancelling."""

    async def load(self, request: Request | None = None) -> None:
        """Show an open order, or begin a new one."""
        match request:
            case ShowOrder(order_id):
                self._show(order_id, None)
                others = others_at_table(self.order, self.desk.orders.values())
                if others:
                    inbox = EXCEPTIONS.key_label(self.desk.texts)
                    self.say(self.desk.texts("order.also_here", numbers=", ".join(others), key=inbox), Tone.WARN)
            case Draft():
                self._show(None, request)
                self._tell_unsent()

    def meant_dishes(self) -> tuple[UUID, ...]:
        """The dish of the chosen line, else of the last one."""
        line = self._target()
        return (line.item_id,) if line is not None else ()

    def meant_category(self) -> UUID | None:
        """The category on view."""
        return self._shelves.open.category.id if self._shelves.open is not None else None

    def _tell_unsent(self) -> None:
        """At a counter nobody looks at the floor: what is paid and was not sent is told with the next sale."""
        unsent = [each.number for each in self.desk.orders.values() if each.to_hand_over and each.unsent]
        if unsent and self.desk.sells_at_counter:
            key = action_by_id(ScreenName.ORDER, "send").key_label(self.desk.texts)
            self.say(self.desk.texts("order.paid_unsent", numbers=", ".join(unsent), key=key), Tone.LATE)

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Somebody else may have paid or cancelled this order: then there is nothing left to do here.

        What was said of a cloud that is away ends when it is back.
        """
        if self.order_id is not None and self.order_id not in self.desk.orders:
            self.tap("gone", self._leave_if_gone)
        if self.line.answered == self.desk.texts(NOT_GONE_OUT) and self.desk.state.cloud == Cloud.ONLINE:
            self.say("")
        self.refresh_view()

    async def _leave_if_gone(self) -> None:
        if self.order_id is not None and self.order_id not in self.desk.orders:
            said = gone_words(await self.desk.what_became_of(self.order_id), Voice.of(self.desk))
            floor = await self.host.go_to(ScreenName.FLOOR)
            floor.say_for_a_while(said, Tone.WARN)

    # Keys

    def why_not(self, action: Action) -> str | None:
        """What an action needs of this order or of the chosen line."""
        refused, order = None, self.order
        match action.id:
            case "undo":
                refused = self._why_not_undo()
            case "note" | "options" | "remove" | "measure" | "course" | "seat" | "hold":
                refused = self._why_not_line(action.id)
            case "send" | "fire":
                refused = self._why_not_sent(action.id)
            case "serve" if order is None or not any(line.unserved_milli for line in order.lines):
                refused = DomainError("order.nothing_to_serve")
            case "walked_out" if not can_walk_out(order):
                refused = DomainError("walked_out.nothing")
            case "pay" if order is None or not order.takes_money:
                refused = why_not_paid([order] if order is not None else [], Voice.of(self.desk))
            case "another_order" if order is None or order.table_id is None:
                refused = DomainError("order.no_table")
            case "table" if order is None and (self._draft is None or self._draft.table is None):
                refused = DomainError("order.no_table")
            case "cancel" if order is None:
                key = action_by_id(ScreenName.ORDER, "tables").key_label(self.desk.texts)
                refused = DomainError("order.nothing_to_cancel", key=key)
        if refused is None:
            return self.why_no_order_bill(action)
        return self.desk.texts(refused.code, **refused.params)

    def _why_not_sent(self, action_id: str) -> DomainError | None:
        """Why nothing is sent or fired. With nothing to send the key fires what waits; at a counter it lists."""
        order = self.order
        waits, unsent = order is not None and bool(order.held_courses), order is not None and bool(order.unsent)
        if waits or (action_id == "send" and (unsent or self.desk.sells_at_counter)):
            return None
        if action_id == "fire":
            return DomainError("order.nothing_held")
        return DomainError("order.nothing_to_send" if order and order.lines else "order.no_lines")

    def _why_not_undo(self) -> DomainError | None:
        try:
            self._steps.last(self.order)
        except DomainError as error:
            return None if self.line.text else error
        return None

    def bar_keys(self) -> tuple[BarKey, ...]:
        """What is probably wanted next stands out: sending while something is not sent, then the payment."""
        keys = super().bar_keys()
        lead = next((key.action for key in keys if key.action in ("send", "pay") and key.enabled), None)
        if self._sends_nothing and self.desk.sells_at_counter:
            title, short = handover_titles(self.desk.orders.values(), self.desk.texts)
            lead = lead if lead != "send" else None
            keys = tuple(replace(key, title=title, short=short) if key.action == "send" else key for key in keys)
        elif self._sends_nothing and self.order is not None and self.order.held_courses:
            course = course_name(self.order.held_courses[0].course, self.menu.courses, self.desk.texts)
            title, short = self.desk.texts("order.fire_one", course=course), self.desk.texts("action.fire")
            keys = tuple(replace(key, title=title, short=short) if key.action == "send" else key for key in keys)
            lead = lead if lead != "send" else None
        return tuple(replace(key, leads=key.action == lead) for key in keys)

    @property
    def _sends_nothing(self) -> bool:
        return self.order is None or not self.order.unsent

    async def act(self, action: Action) -> bool:
        """Any other action takes back the question whether to cancel, and what the minus key began."""
        self._lessened = None
        if action.id != "cancel":
            self._cancel_asked = False
        if action.permission is not None and action.id not in BESIDE_THE_ORDER and self._waits_typed():
            return True
        if action.id in ON_A_LINE and self._target() is None and self._choose_last(action):
            return True
        return await super().act(action)

    def _choose_last(self, action: Action) -> bool:
        """Choose the last line for a key that needs one, and say that the same key goes on. False if there is none."""
        line = last_line(self.order)
        if line is None:
            return False
        self.list.put_cursor(line.id)
        self.show_frame()
        texts = self.desk.texts
        keys = {"key": action.key_label(texts), "up": LINE_UP.key_label(texts)}
        self.say(texts("order.line_chosen", name=line.item_name, **keys), Tone.NEW)
        return True

    def _waits_typed(self) -> bool:
        """Whether something is typed that Enter has not taken; then it says so: no deed passes over it in silence."""
        text = self.line.text
        if text == LESS_MARK:
            self.line.clear()  # the minus key wrote it, not the person
            text = ""
        if not text:
            return False
        deed = self.menu_line.read(text).deed
        if self._next_spot(text) is not None:
            code = "order.typed_waits"
        elif isinstance(deed, Which):
            code = "order.typed_which"
        else:
            code = "order.typed_wrong" if deed is None or isinstance(deed, Refusal) else "order.typed_waits"
        self.say(self.desk.texts(code), Tone.WARN)
        return True

    # Actions

    async def do_send(self) -> None:
        """Send what is not sent; at a counter, where paying sends, show what is to be handed over."""
        if self._sends_nothing and self.desk.sells_at_counter:
            await self.do_handover()
            return
        if self._sends_nothing and self.order is not None and self.order.held_courses:
            await self.do_fire()
            return
        going = later_courses(self.order)
        sent = await self.desk.send(self._need_order())
        if not sent.portions_milli and sent.held and self._sends_nothing:
            # All of it waits behind what was sent before: nobody may believe that it went.
            self.refresh_view()
            await self.do_fire()
            return
        if not sent.portions_milli:
            raise DomainError("order.already_sent")
        self.refresh_view()
        key, tone = sent_words(sent, self.desk.state)
        self.has_sent()
        said, waits = self.desk.texts(key), held_words(sent.held, self.menu.courses, self.desk.texts)
        gone = [self.name_of_course(each) for each in going if each not in {held.course for held in sent.held}]
        if gone:
            said = f"{said} · {self.desk.texts('order.goes_now', courses=', '.join(gone))}"
        if waits:
            fire = action_by_id(ScreenName.ORDER, "send").key_label(self.desk.texts)
            said = f"{said} · {self.desk.texts('order.waits', courses=waits, key=fire)}"
        self.say(said, tone)

    async def do_walked_out(self) -> None:
        """The party left without paying: ask why, then write it off."""
        if self.order is not None:
            await WalkOut(self.desk, self.host, self.order).ask()

    async def do_handover(self) -> None:
        """Look at what is paid and not handed over."""
        await self.host.show_dialog(ScreenName.HANDOVER)

    async def do_another_order(self) -> None:
        """Begin another order at this table."""
        order = self.order
        table = next((each for each in self.desk.tables if order is not None and each.id == order.table_id), None)
        if table is None:
            raise DomainError("order.no_table")
        await self.host.go_to(ScreenName.ORDER, Draft(OrderKind.DINE_IN, table, beside=True))

    async def do_customer(self) -> None:
        """Note whom the order is for: a table's, too."""
        order, draft = self.order, self._draft
        if order is not None:
            form = CustomerForm(self.desk, order.kind, self.desk.contacts.get(order.id), order.promised_at)
        else:
            assert draft is not None, "the screen shows an order or a draft"
            form = CustomerForm(self.desk, draft.kind, draft.contact, draft.promised_at)

        async def taken(given: Mapping[str, str]) -> None:
            contact, promised_at = form.answer(given)
            if order is not None:
                await self.desk.customers.note(order.id, contact, promised_at)
            elif draft is not None:
                self._draft = replace(draft, contact=contact, promised_at=promised_at)
            self._done("order.customer_noted")

        await self.host.ask(form.question(), taken)

    async def do_pay(self) -> None:
        """On to the payment."""
        self.line.clear()
        order_id = self._need_order()

        async def pay() -> None:
            await self.host.go_to(ScreenName.PAYMENT, PayOrder(order_id, back_to=ScreenName.ORDER))

        await held_first(self.desk, self.host, order_id, pay)

    async def do_cancel(self) -> bool:
        """Cancel the order: for a reason if something was sent, else on the second press.

        Presses that waited with the first are the same press.
        """
        order = self.order
        if order is None:
            return True
        if any(line.is_told and line.owed_milli for line in order.lines):
            await self._cancel_sent(order)
            return True
        if not self._cancel_asked:
            self._cancel_asked = True
            self.say(self.desk.texts("order.cancel_asked", number=order.number), Tone.LATE)
            return True
        await self.desk.corrections.cancel(order.id)
        self._cancel_asked = False
        await self._left(order)
        return True

    async def _left(self, order: OrderView) -> None:
        there = await self.go_home()
        there.say(self.desk.texts("order.cancelled", number=order.number))

    async def do_tables(self) -> None:
        """Back to the floor."""
        if self.line.text:
            self.line.clear()
            self.say("")
            self._show_tiles(keep_place=False)
            return
        await self.host.go_to(ScreenName.FLOOR)
