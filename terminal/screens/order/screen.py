"""The order screen: what is typed or tapped becomes commands to the desk, and the check shows what they did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.views import LineState, LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.quantity import ONE, format_quantity
from shared.menu.rules import Menu, MenuItem, default_modifiers, needs_choice
from terminal.actions import EXCEPTIONS, LINE_UP, Action, ScreenName, action_by_id
from terminal.input.strokes import Stroke
from terminal.link_state import Cloud
from terminal.screens.order.command import LESS_MARK, NOTE_MARK, AddAgain, SetNote, SetQuantity, TakeOff
from terminal.screens.order.foretelling import Again, Lessened, foretold, still_to_take_off
from terminal.screens.order.menu_line import Deed, MenuLine, Reading, Refusal, Take, Which
from terminal.screens.order.options import OptionsDialog, Taken
from terminal.screens.order.reach import NOT_GONE_OUT, not_gone_out, sent_words
from terminal.screens.order.view import (
    Shelf,
    being_made,
    check_view,
    check_words,
    counts_of,
    gone_words,
    hues_of,
    item_tiles,
    last_line,
    others_at_table,
    shelf_tiles,
    shelves_of,
    target_line,
    why_not_paid,
)
from terminal.screens.requests import Draft, PayOrder, Request, ShowOrder
from terminal.screens.rights import names_with
from terminal.screens.till import TillScreen, put_cursor
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_panel import CheckPanel
from terminal.widgets.key_bar import BarKey
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from terminal.desk import Desk


class OrderScreen(TillScreen):
    """One order: an open one, or one that its first line will open."""

    SCREEN_NAME = ScreenName.ORDER

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, check_words(Voice.of(desk)), desk.texts("order.hint"))
        self.order_id: UUID | None = None
        self._draft: Draft | None = None
        self._shelves: tuple[Shelf, ...] = ()
        self._menu_line = MenuLine(Menu((), {}, {}))
        self._shelf = 0
        self._again: Again | None = None
        self._lessened: Lessened | None = None
        self._cancel_asked = False
        self._options: OptionsDialog | None = None

    # What is on view

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

    @property
    def order(self) -> OrderView | None:
        """The order on view, if it was opened."""
        return None if self.order_id is None else self.desk.orders.get(self.order_id)

    def _show(self, order_id: UUID | None, draft: Draft | None) -> None:
        self.order_id, self._draft = order_id, draft
        self._shelf, self._cancel_asked = 0, False
        self._again = self._lessened = None
        self.line.clear()
        self.line.answer("")
        self.list.put_cursor(None)
        self.refresh_view()
        self._show_tiles(keep_place=False)

    def refresh_view(self) -> None:
        """The check, the badges on the dishes, and the keys."""
        if self.desk.menu is not self._menu_line.menu:
            self._menu_line = MenuLine(self.desk.menu)
            self._shelves = shelves_of(self.desk.menu)
            self._shelf = min(self._shelf, max(0, len(self._shelves) - 1))
            self._show_tiles(keep_place=False)
        else:
            self._show_tiles(keep_place=True)
        order = self.order
        in_kitchen = order is not None and order.id in being_made(self.desk.tickets, self.desk.orders)
        contact = self.desk.contacts.get(order.id) if order is not None else None
        held = order is not None and order.id in not_gone_out(self.desk.tickets, self.desk.state, self.desk.plan)
        voice = Voice.of(self.desk)
        self.list.show(check_view(order, self._draft, voice, in_kitchen=in_kitchen, is_held=held, contact=contact))
        self.show_frame()

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

    def shelf_tiles(self) -> tuple[Tile, ...]:
        """The categories."""
        return shelf_tiles(self._shelves, self._shelf)

    def selected_shelf(self) -> int:
        """The open category."""
        return self._shelf

    async def open_shelf(self, at: int) -> None:
        """Show another category; what is typed is given up."""
        self._shelf, self._cancel_asked = at, False
        self.line.clear()
        self.shelves.set_tiles(self.shelf_tiles(), keep_place=True)
        self._show_tiles(keep_place=False)

    def why_not(self, action: Action) -> str | None:
        """What an action needs of this order or of the chosen line."""
        refused, order = None, self.order
        match action.id:
            case "note" | "options" | "remove":
                refused = self._why_not_line(action.id)
            case "send" if order is None or not order.unsent:
                refused = DomainError("order.nothing_to_send" if order and order.lines else "order.no_lines")
            case "serve" if order is None or not order.unserved:
                refused = DomainError("order.nothing_to_serve")
            case "pay" if order is None or not order.takes_money:
                refused = why_not_paid([order] if order is not None else [], Voice.of(self.desk))
            case "cancel" if order is None:
                key = action_by_id(ScreenName.ORDER, "tables").key_label(self.desk.texts)
                refused = DomainError("order.nothing_to_cancel", key=key)
        return None if refused is None else self.desk.texts(refused.code, **refused.params)

    def _why_not_line(self, action_id: str) -> DomainError | None:
        line = self._target()
        if line is None:
            return self._no_line()
        if line.is_paid:
            return DomainError("LINE_IS_PAID", item=line.item_name)
        if action_id == "remove" and line.state is not LineState.OPEN:
            return self._is_sent(line)
        item = self.desk.menu.items.get(line.item_id)
        if action_id == "options" and (item is None or not item.modifier_groups):
            return DomainError("order.no_options", name=line.item_name)
        return None

    def bar_keys(self) -> tuple[BarKey, ...]:
        """What is probably wanted next stands out: sending while something is not sent, then the payment."""
        keys = super().bar_keys()
        lead = next((key.action for key in keys if key.action in ("send", "pay") and key.enabled), None)
        return tuple(replace(key, leads=key.action == lead) for key in keys)

    def _show_tiles(self, *, keep_place: bool) -> None:
        found = self._menu_line.read(self.line.text).found
        items = (self._shelves[self._shelf].items if self._shelves else ()) if found is None else found
        tiles = item_tiles(items, hues_of(self._shelves), counts_of(self.order), Voice.of(self.desk))
        self.tiles.set_tiles(tiles, keep_place=keep_place)

    # The command line

    async def typed(self, stroke: Stroke) -> None:
        """Type; one digit after the minus key says how many less, and with a second one it is a code."""
        digit = (stroke.character or "").isdecimal()
        if self._lessened is not None and digit:
            begun = self.line.text.removeprefix(LESS_MARK)
            self.line.write(begun or LESS_MARK)
        if not digit and stroke.name != "enter":
            self._lessened = None
        await super().typed(stroke)

    def typing_changed(self, text: str) -> None:
        """Show what is found, and what Enter would do."""
        self._cancel_asked = False
        self._show_tiles(keep_place=False)
        reading = self._menu_line.read(text)
        if isinstance(reading.deed, Take):
            put_cursor(self.tiles, 0)
        self.say(*self._foretold(reading.deed))

    def _foretold(self, deed: Deed | None) -> tuple[str, Tone]:
        return foretold(deed, self._target(), self._again, self._lessened, self.desk)

    async def submit(self, text: str) -> bool:
        """Do what was typed."""
        under_cursor = self._item_of(self.tiles.cursor_tile)
        reading = self._menu_line.read(text)
        self._show_tiles(keep_place=False)
        self.say("")
        if under_cursor is not None and (
            under_cursor in (reading.found or ()) or isinstance(reading.deed, SetQuantity)
        ):
            await self._add(under_cursor, reading.quantity_milli)
        else:
            await self._do_typed(reading, text)
        return False

    async def _do_typed(self, reading: Reading, text: str) -> None:
        match reading.deed:
            case Take(item, quantity):
                await self._add(item, quantity)
            case Which():
                # More letters tell them apart: `morada`, Enter, `chi`.
                self.line.write(f"{text.rstrip()} ")
                self._show_tiles(keep_place=False)
                self.say(*self._foretold(reading.deed))
            case Refusal(code, params):
                raise DomainError(code, **params)
            case SetQuantity(quantity):
                await self._set_quantity(quantity)
            case TakeOff(quantity):
                await self._take_off(quantity)
            case SetNote(note):
                await self._note(note)
            case AddAgain():
                await self._add_again()

    async def choose_tile(self, tile: Tile) -> bool:
        """A dish was tapped; a quantity typed before says how many."""
        item = self._item_of(tile)
        if item is not None:
            await self._add(item, self._take_quantity())
        return False

    async def scanned(self, text: str) -> None:
        """A code adds its dish, as a tap on its tile does; while a note is written it is text of the note."""
        if self._is_noting:
            self._write(text)
            return
        reading = self._menu_line.scanned(text)
        if isinstance(reading.deed, Take):
            await self._add(reading.deed.item, self._take_quantity())
        else:
            await self._do_typed(reading, text)

    async def pasted(self, text: str) -> None:
        """Pasted text goes into the note that is written; Enter remains a person's."""
        if self._is_noting:
            self._write(text)
        else:
            key = action_by_id(ScreenName.ORDER, "note").key_label(self.desk.texts)
            self.say(self.desk.texts("order.paste_refused", key=key), Tone.WARN)

    def _take_quantity(self) -> int:
        """How many the typed text says, and an empty line; one if it says nothing of it."""
        self._cancel_asked, self._lessened = False, None
        reading = self._menu_line.read(self.line.text)
        self.line.clear()
        self._show_tiles(keep_place=True)
        if isinstance(reading.deed, Refusal) and reading.found is None:
            raise DomainError(reading.deed.code, **reading.deed.params)
        return reading.quantity_milli

    @property
    def _is_noting(self) -> bool:
        return self.line.text.startswith(NOTE_MARK)

    def _write(self, text: str) -> None:
        fits = self.line.insert(text)
        self.typing_changed(self.line.text)
        if not fits:
            self.remark("input.cut")

    def _item_of(self, tile: Tile | None) -> MenuItem | None:
        return self.desk.menu.items.get(tile.id) if tile is not None and isinstance(tile.id, UUID) else None

    # Commands

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
            self.order_id = await self.desk.open_order(draft.kind, table_id, draft.guests)
        line_id = await self.desk.add_line(self.order_id, item, modifier_ids, quantity_milli)
        self._again = Again(item.id, modifier_ids, quantity_milli)
        last = target_line(self.order, None)
        self.list.put_cursor(None if last is not None and last.id == line_id else line_id)
        self._done("order.added", quantity=format_quantity(quantity_milli), name=item.name)

    async def _set_quantity(self, quantity_milli: int) -> None:
        line = self._need_line()
        if line.state is LineState.OPEN:
            await self.desk.set_quantity(self._need_order(), line.id, quantity_milli)
            self._done("order.changed", name=line.item_name)
        else:
            await self._add_to_sent(line, quantity_milli)

    async def _add_to_sent(self, line: LineView, quantity_milli: int) -> None:
        """Let a dish that was sent become more, one by one; what is sent already is not made less by any key here.

        Raises:
            DomainError: order.is_sent.
        """
        more, rest = divmod(quantity_milli - line.quantity_milli, ONE)
        if more <= 0 or rest:
            raise self._is_sent(line)
        line_id = line.id
        for _one in range(more):
            line_id = await self.desk.one_more(self._need_order(), line_id)
        self.list.put_cursor(None)
        self._done("order.more_to_send", name=line.item_name, quantity=format_quantity(more * ONE))

    def _is_sent(self, line: LineView) -> DomainError:
        """Says what works on a dish that was sent, and who may take it back."""
        names = names_with(Permission.VOID_SENT_LINE, self.desk.staff)
        return DomainError("order.is_sent", name=line.item_name, names=names or self.desk.texts("order.nobody"))

    async def _take_off(self, quantity_milli: int) -> None:
        line = self._need_line()
        wanted, self._lessened = still_to_take_off(self._lessened, line, quantity_milli), None
        if wanted >= line.quantity_milli:
            held = format_quantity(line.quantity_milli)
            raise DomainError("order.not_so_many", name=line.item_name, quantity=held)
        if wanted > 0:
            await self._set_quantity(line.quantity_milli - wanted)

    async def _add_again(self) -> None:
        again = self._again
        item = self.desk.menu.items.get(again.item_id) if again is not None else None
        if again is None or item is None:
            raise DomainError("order.nothing_to_repeat")
        await self._add_with(item, again.quantity_milli, again.modifier_ids)

    async def _note(self, notes: str) -> None:
        line = self._need_line()
        await self.desk.change_line(self._need_order(), line.id, notes=notes)
        self._changed(line)

    def _changed(self, line: LineView) -> None:
        """Say that a line was changed; and that the kitchen does not know of it yet if it cooks another version."""
        self._done("order.changed_after_sending" if line.is_told else "order.changed", name=line.item_name)

    async def do_more(self) -> None:
        """One more of the chosen line, else of the last: a line of its own if it was sent, or was written elsewhere."""
        line = self._target() or last_line(self.order) or self._need_line()
        more = await self.desk.one_more(self._need_order(), line.id)
        if more != line.id:
            self.list.put_cursor(None)
        self._done("order.one_more_to_send" if line.is_told else "order.one_more", name=line.item_name)

    async def do_less(self) -> None:
        """One less; the last one is removed by its own key."""
        line = self._need_line()
        self._lessened = Lessened(line.id, 0)
        if line.state is not LineState.OPEN:
            raise self._is_sent(line)
        if line.quantity_milli <= ONE:
            raise DomainError("order.last_one", name=line.item_name)
        await self._set_quantity(line.quantity_milli - ONE)
        self._lessened = Lessened(line.id, ONE)

    async def do_note(self) -> None:
        """Begin a note for the chosen line, with what it says already."""
        line = self._need_line()
        self.line.write(f"/{line.notes}")
        self.typing_changed(self.line.text)

    async def do_options(self) -> None:
        """Ask for the options of the chosen line again."""
        line = self._need_line()
        item = self.desk.menu.items.get(line.item_id)
        if item is None:
            return
        order_id = self._need_order()

        async def taken(modifier_ids: tuple[UUID, ...]) -> None:
            await self.desk.change_line(order_id, line.id, modifier_ids=modifier_ids)
            self._changed(line)

        await self._ask(item, line.modifier_ids, taken)

    async def do_remove(self) -> None:
        """Remove the chosen line, which was not sent yet."""
        line = self._need_line()
        await self.desk.remove_line(self._need_order(), line.id)
        self._done("order.removed", name=line.item_name)

    async def do_send(self) -> None:
        """Send what is not sent."""
        sent = await self.desk.send(self._need_order())
        if not sent.portions_milli:
            raise DomainError("order.already_sent")
        self.refresh_view()
        key, tone = sent_words(sent, self.desk.state)
        self.say(self.desk.texts(key), tone)

    async def do_serve(self) -> None:
        """All that was sent is on the table."""
        order = self.order
        if order is not None:
            await self.desk.serve(order.id)
            self._done("order.served", number=order.number)

    async def do_pay(self) -> None:
        """On to the payment."""
        self.line.clear()
        await self.host.go_to(ScreenName.PAYMENT, PayOrder(self._need_order(), back_to=ScreenName.ORDER))

    async def do_cancel(self) -> bool:
        """Cancel the order, on the second press; presses that waited with the first are the same press."""
        order = self.order
        if order is None:
            return True
        if not self._cancel_asked:
            self._cancel_asked = True
            self.say(self.desk.texts("order.cancel_asked", number=order.number), Tone.LATE)
            return True
        self._cancel_asked = False
        await self.desk.cancel(order.id)
        floor = await self.host.go_to(ScreenName.FLOOR)
        floor.say(self.desk.texts("order.cancelled", number=order.number))
        return True

    async def do_tables(self) -> None:
        """Back to the floor."""
        if self.line.text:
            self.line.clear()
            self.say("")
            self._show_tiles(keep_place=False)
            return
        await self.host.go_to(ScreenName.FLOOR)

    async def act(self, action: Action) -> bool:
        """Any other action takes back the question whether to cancel, and what the minus key began."""
        self._lessened = None
        if action.id != "cancel":
            self._cancel_asked = False
        return await super().act(action)

    async def _ask(self, item: MenuItem, chosen: tuple[UUID, ...] | None, taken: Taken) -> None:
        self._options = self._options or OptionsDialog(self.desk)
        self._options.ask(item, chosen, taken)
        await self.host.open_dialog(self._options)

    def _target(self) -> LineView | None:
        cursor = self.list.cursor_line
        return target_line(self.order, cursor.id if cursor else None)

    def _need_line(self) -> LineView:
        line = self._target()
        if line is None:
            raise self._no_line()
        return line

    def _no_line(self) -> DomainError:
        if self.order is None or not self.order.lines:
            return DomainError("order.no_lines")
        return DomainError("order.no_line", key=LINE_UP.key_label(self.desk.texts))

    def _need_order(self) -> UUID:
        if self.order_id is None:
            raise self._no_line()
        return self.order_id

    def _done(self, code: str, **params: object) -> None:
        self.refresh_view()
        self.say(self.desk.texts(code, **params), Tone.READY)

    def on_check_panel_picked(self, event: CheckPanel.Picked) -> None:
        """A line was tapped: the keys that mean a line mean this one now."""
        event.stop()
        self._lessened = None
        self.show_frame()
