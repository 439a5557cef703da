"""What the order screen holds and shows, and how its actions find the line and the order that they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from shared.books.views import LineView, OrderView
from shared.kernel.errors import DomainError
from shared.menu.rules import Menu
from shared.orders.records import OrderKind
from terminal.actions import LINE_UP, ScreenName, action_by_id
from terminal.screens.guest_words import guest_check
from terminal.screens.order.dish_tiles import item_tiles
from terminal.screens.order.foretelling import Again, Lessened
from terminal.screens.order.in_kitchen import being_made, reach_of
from terminal.screens.order.menu_line import MenuLine
from terminal.screens.order.shelves import BACK, Shelves, hues_of
from terminal.screens.order.steps import Steps
from terminal.screens.order.view import (
    NOTHING_KNOWN,
    check_view,
    check_words,
    counts_of,
    target_line,
)
from terminal.screens.reach import not_gone_out
from terminal.screens.ready_calls import is_called
from terminal.screens.requests import Draft
from terminal.screens.till import TillScreen, put_cursor
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_panel import CheckPanel
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from textual.widget import Widget

    from shared.reservations.queries import ReservationView
    from terminal.desks.desk import Desk
    from terminal.guests.view import GuestView
    from terminal.screens.base import KeptScreen


LINE_KEYS = ("more", "less", "note", "options", "remove", "serve", "course", "seat", "fire", "hold", "allergy", "table")
"""The actions of a line that a tap on it offers below the check."""
KEYS_IN_A_ROW = 3


class OrderFrame(TillScreen):
    """One order: an open one, or one that its first line will open."""

    SCREEN_NAME = ScreenName.ORDER

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, check_words(Voice.of(desk)), desk.texts("order.hint"))
        self.order_id: UUID | None = None
        self._draft: Draft | None = None
        self._shelves = Shelves()
        self._menu_line = MenuLine(Menu((), {}, {}))
        self._again: Again | None = None
        self._lessened: Lessened | None = None
        self._cancel_asked = self._is_touched = False
        self._seat = 0
        self._steps = Steps()
        self._line_keys = {desk.texts(f"line_key.{action_id}"): action_id for action_id in LINE_KEYS}
        labels = tuple(self._line_keys)
        rows = tuple(labels[at : at + KEYS_IN_A_ROW] for at in range(0, len(labels), KEYS_IN_A_ROW))
        self.line_keys = KeyPad(rows, id="line_keys")

    # What is on view

    @property
    def order(self) -> OrderView | None:
        """The order on view, if it was opened."""
        return None if self.order_id is None else self.desk.orders.get(self.order_id)

    @property
    def menu(self) -> Menu:
        """The menu of this hour for this kind of order."""
        kind = self.order.kind if self.order is not None else self._draft.kind if self._draft is not None else ""
        return self.desk.menu_for(str(kind))

    @property
    def menu_line(self) -> MenuLine:
        """What reads typed texts, from the menu of this hour: a happy hour is over at the next key."""
        if self.menu is not self._menu_line.menu:
            self.refresh_view()
        return self._menu_line

    def tick(self) -> None:
        """Show the prices of a happy hour as it begins and ends."""
        super().tick()
        if self.menu is not self._menu_line.menu:
            self.refresh_view()

    def _show(self, order_id: UUID | None, draft: Draft | None) -> None:
        self.order_id, self._draft = order_id, draft
        self._shelves, self._cancel_asked = Shelves(self._shelves.all), False
        self._again = self._lessened = None
        self._seat = 0
        self._steps = Steps()
        self.line.clear()
        self.line.answer("")
        self.list.put_cursor(None)
        self.refresh_view()
        self._show_tiles(keep_place=False)

    def refresh_view(self) -> None:
        """The check, the badges on the dishes, and the keys."""
        if self.menu is not self._menu_line.menu:
            self._menu_line = line = MenuLine(self.menu, self.desk.search_of)
            self.call_after_refresh(lambda: line.search)  # of a large menu it takes as long as a repaint
            was, self._shelves = self._shelves.open, self._shelves.of_menu(self.menu)
            now = self._shelves.open
            self._show_tiles(keep_place=was is not None and now is not None and was.category.id == now.category.id)
        else:
            self._show_tiles(keep_place=True)
        order = self.order
        in_kitchen = being_made(self.desk.tickets, self.desk.orders).get(order.id) if order is not None else None
        contact = self.desk.contacts.get(order.id) if order is not None else None
        not_out = not_gone_out(self.desk.tickets, self.desk.state, self.desk.plan)
        held = order is not None and not not_out.isdisjoint(order.ids)
        voice = Voice.of(self.desk)
        called = order is not None and is_called(order, self.desk.made)
        reach = reach_of(self.desk.tickets, order.ids) if order is not None else NOTHING_KNOWN
        self.list.show(
            check_view(
                order,
                self._draft,
                voice,
                in_kitchen=in_kitchen,
                is_held=held,
                contact=contact,
                courses=self.menu.courses,
                reach=reach,
                is_called=called,
                booked_note=booked_note(order, self.desk.reservations),
            )
        )
        self.show_frame()

    def show_frame(self) -> None:
        """Status, shelves and keys; with the keys of a line while one is chosen by a tap."""
        self._is_touched = self._is_touched and self.list.cursor_line is not None
        self.line_keys.display = self._is_touched
        super().show_frame()

    def below_list(self) -> Iterable[Widget]:
        """The keys of a tapped line."""
        yield self.line_keys

    def shelf_tiles(self) -> tuple[Tile, ...]:
        """The categories."""
        return self._shelves.shelf_tiles(Voice.of(self.desk))

    def selected_shelf(self) -> int:
        """The tile of the open category."""
        return next((at for at, tile in enumerate(self.shelf_tiles()) if tile.selected), 0)

    async def open_shelf(self, at: int) -> None:
        """Show another category, or the way back; what is typed is given up."""
        chosen = self.shelf_tiles()[at].id
        self._open(self._shelves.back() if chosen == BACK else self._shelves.chosen(cast("UUID", chosen)))

    async def turn_shelf(self, by: int) -> None:
        """Open the category `by` positions further, those below a category coming after it."""
        self._open(self._shelves.turned(by))
        put_cursor(self.shelves, self.selected_shelf())
        self.shelves.hide_cursor()

    def guest_view(self) -> GuestView:
        """The check, for a guest's display."""
        return guest_check(self.list.view)

    def room_for(self) -> int:
        """The dishes of the largest category."""
        return max((len(shelf.tiles) for shelf in self._shelves.all), default=0)

    def shelves_back(self) -> bool:
        """Show the categories above again. Returns False if the uppermost are on view."""
        if self._shelves.level is None:
            return False
        self._open(self._shelves.back())
        return True

    def _open(self, shelves: Shelves) -> None:
        stays = shelves.level == self._shelves.level
        self._shelves, self._cancel_asked = shelves, False
        self.line.clear()
        self.shelves.set_tiles(self.shelf_tiles(), keep_place=stays)
        self._show_tiles(keep_place=False)

    def _show_tiles(self, *, keep_place: bool) -> None:
        found = self.menu_line.read(self.searched).found
        items = self._shelves.tiles if found is None else found
        tiles = item_tiles(
            items,
            hues_of(self._shelves.all),
            counts_of(self.order),
            self.desk.left,
            Voice.of(self.desk),
            {each.allergen for each in self.order.allergies} if self.order is not None else (),
        )
        self.tiles.set_tiles(tiles, keep_place=keep_place)

    @property
    def searched(self) -> str:
        """The text that is searched for in the menu."""
        return self.line.text

    # Doing

    async def perform(self, deed: Callable[[], Awaitable[object]]) -> object:
        """Do it, and note what it changed, so that it can be undone."""
        before, steps = self.order, self._steps
        try:
            return await super().perform(deed)
        finally:
            steps.note(before, self.order)

    async def do_undo(self) -> None:
        """Undo the last step that was neither sent nor paid; while something is typed, delete that."""
        if self.line.text:
            self.line.clear()
            self._show_tiles(keep_place=False)
            self.say("")
            return
        step = self._steps.last(self.order)
        await self.desk.corrections.undo(step.order_id, step.lines)
        self._steps.forget(step, self.order)
        self._done(f"order.undone.{step.word}", **step.params)

    # Fingers

    def on_check_panel_picked(self, event: CheckPanel.Picked) -> None:
        """A line was tapped: the keys that mean a line mean this one now, and those of a line are shown."""
        event.stop()
        self._lessened, self._is_touched = None, True
        self.show_frame()

    def on_check_panel_headed(self, event: CheckPanel.Headed) -> None:
        """The head was tapped: what is done with the table, or with whom the order is for."""
        event.stop()
        at_table = self.order is None or self.order.table_id is not None
        self.tap("head", lambda: self.act(action_by_id(ScreenName.ORDER, "table" if at_table else "customer")))

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap on a key of the line. Textual gives letters to the base by itself."""
        event.stop()
        if event.pad is self.line_keys:
            self.tap_action(self._line_keys[event.key])

    # What an action means

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

    async def go_home(self) -> KeptScreen:
        """Leave the order: to the tables; at a counter to the next sale, which is open at once."""
        if not self.desk.sells_at_counter:
            return await self.host.go_to(ScreenName.FLOOR)
        return await self.host.go_to(ScreenName.ORDER, Draft(OrderKind.TAKEOUT))

    def _done(self, code: str, **params: object) -> None:
        self.refresh_view()
        self.say(self.desk.texts(code, **params), Tone.READY)


def booked_note(order: OrderView | None, reservations: Iterable[ReservationView]) -> str:
    """What the guests of an order said when they booked or began to wait: a birthday, a high chair."""
    ids = order.ids if order is not None else ()
    return " · ".join(each.notes for each in reservations if each.notes and each.order_id in ids)
