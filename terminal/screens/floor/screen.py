"""The floor screen: pick a table or an order, or begin one without a table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.views import CheckView, OrderView
from shared.kernel.errors import DomainError
from shared.menu.search import has_letter
from terminal.actions import Action, ScreenName, action_by_id
from terminal.dialogs.questions import Choice
from terminal.input.strokes import Stroke
from terminal.screens.bills.actions import BillActions
from terminal.screens.bills.view import check_of
from terminal.screens.floor.legend import legend_lines
from terminal.screens.floor.opening import Opening
from terminal.screens.floor.picture import FloorPicture
from terminal.screens.floor.view import (
    FloorShelf,
    ShelfKind,
    floor_shelves,
    order_rows,
    orders_view,
    orders_words,
    shelf_tiles,
    spots_of,
)
from terminal.screens.held_first import held_first
from terminal.screens.house_money import HouseMoney
from terminal.screens.menu_changes import MenuChanges
from terminal.screens.message_list import MessageList
from terminal.screens.order.view import handover_titles, why_not_paid
from terminal.screens.requests import LoggedIn, PayOrder
from terminal.screens.safety import SafetyLog
from terminal.screens.spots import Meant, Spot, read_target
from terminal.screens.till import TillScreen
from terminal.screens.voice import Voice
from terminal.screens.walked_out import WalkOut, can_walk_out
from terminal.theme.palette import Tone
from terminal.widgets.check_panel import CheckPanel
from terminal.widgets.item_grid import NOWHERE
from terminal.widgets.key_bar import BarKey
from terminal.widgets.plan_grid import NO_PLACES, Places, PlanGrid
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.explained import HelpLine
    from terminal.screens.requests import Request

PIN_ECHO = timedelta(seconds=10)
"""How long after a log-in the floor expects the same PIN again."""


class FloorScreen(BillActions, HouseMoney, MenuChanges, MessageList, SafetyLog, Opening, TillScreen):
    """Tables by space, orders by kind, and the list of all that is open."""

    SCREEN_NAME = ScreenName.FLOOR
    TILE_HEIGHT = 5
    LOW_TILE_HEIGHT = 4

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, orders_words(Voice.of(desk)), desk.texts("floor.hint"))
        self.tiles = self._plan = PlanGrid(id="tiles", tile_height=self.TILE_HEIGHT, grows=True)
        self._shows_plan = True
        self._placed: tuple[object, Places] = (None, NO_PLACES)
        self._drawn_from: FloorPicture | None = None
        self._asked = ""
        self._choosing: Callable[[Spot], Awaitable[None]] | None = None
        self._shelves: tuple[FloorShelf, ...] = ()
        self._shelf = 0
        self._minute = -1
        self._pin, self._pin_until = "", desk.now()

    async def load(self, request: Request | None = None) -> None:
        """Note the PIN of somebody who has just logged in, so that it is not shown if it is typed again."""
        self._pin = request.pin if isinstance(request, LoggedIn) else ""
        self._pin_until = self.desk.now() + PIN_ECHO

    # What is on view

    def refresh_view(self) -> None:
        """Shelves, tables, orders and keys."""
        voice, orders = Voice.of(self.desk), self.desk.orders.values()
        self._shelves = floor_shelves(self.desk.tables, orders, voice, self._own_section())
        self._shelf = min(self._shelf, len(self._shelves) - 1)
        self._minute = voice.wall.minute
        self._show_tiles(keep_place=True)
        picture = self._picture()
        of_orders = picture.cooking, picture.held, self.desk.contacts, picture.called
        self.list.show(orders_view(orders, voice, *of_orders, len(self.desk.tables)))
        self.show_frame()

    def arrive(self) -> None:
        """Somebody comes back to the floor: the line is empty, the cursor rests."""
        self.line.clear()
        self.line.answer("")
        self._choosing = None
        self.list.put_cursor(None)
        self.tiles.hide_cursor()
        self.remind_of_shift()
        self.refresh_view()

    def tick(self) -> None:
        """Ages move on with the minute."""
        super().tick()
        if self._pin and not self.line.text and self.desk.now() > self._pin_until:
            self._pin = ""
        if self.desk.local_now().minute != self._minute:
            self.refresh_view()

    def shelf_tiles(self) -> tuple[Tile, ...]:
        """All tables, the spaces, the kinds."""
        return shelf_tiles(self._shelves, self._shelf)

    def room_for(self) -> int:
        """All tables."""
        return len(self.desk.tables)

    def selected_shelf(self) -> int:
        """The open shelf."""
        return self._shelf

    async def open_shelf(self, at: int) -> None:
        """Show another shelf; what is typed is given up."""
        self._shelf = at
        self.line.clear()
        self.shelves.set_tiles(self.shelf_tiles(), keep_place=True)
        self._show_tiles(keep_place=False)

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys; how many orders are to be handed over stands on theirs."""
        title, short = handover_titles(self.desk.orders.values(), self.desk.texts)
        return tuple(
            replace(key, title=title, short=short) if key.action == "handover" else key for key in super().bar_keys()
        )

    def why_not(self, action: Action) -> str | None:
        """Paying needs something open, the kitchen a station."""
        if action.id == "pay" and not any(order.takes_money for order in self.desk.orders.values()):
            return self.desk.texts("floor.nothing_open")
        if action.id == "walked_out" and not any(map(can_walk_out, self.desk.orders.values())):
            return self.desk.texts("walked_out.nothing")
        if action.id == "bill" and not any(order.owing for order in self.desk.orders.values()):
            return self.desk.texts("floor.nothing_open")
        if action.id == "hand_all" and not self._own_orders():
            return self.desk.texts("table.none_mine")
        if action.id == "kitchen" and not self.desk.stations:
            return self.desk.texts("floor.no_stations")
        return None

    def _show_tiles(self, *, keep_place: bool, cursor: int = NOWHERE) -> None:
        typed, shelf, picture = read_target(self.line.text).text, self._shelves[self._shelf], self._picture()
        spots = picture.meant(typed).spots if typed else spots_of(shelf, self.desk.tables, self.desk.orders.values())
        places = self._places() if self._shows_plan and not typed and shelf.is_room(self._shelves) else NO_PLACES
        tiles = tuple(picture.tiles(spots, on_plan=bool(places)).values())
        self._plan.show_plan(tiles, places, keep_place=keep_place, cursor=cursor)

    def _picture(self) -> FloorPicture:
        self._drawn_from = FloorPicture.of(self.desk, self._drawn_from)
        return self._drawn_from

    def _places(self) -> Places:
        if self._placed[0] is not self.desk.tables:
            self._placed = (self.desk.tables, {table.id: table.place for table in self.desk.tables})
        return self._placed[1]

    def _own_section(self) -> UUID | None:
        """Who is logged in, if tables are theirs."""
        person = self.desk.actor.staff_id if self.desk.actor is not None else None
        return person if any(table.server_id == person for table in self.desk.tables) else None

    def holds_work(self) -> bool:
        """Only what is typed: all people begin at the tables."""
        return self.is_typing()

    # The command line

    async def typed(self, stroke: Stroke) -> None:
        """Type; Escape takes back what is typed, so that all tables are there again."""
        if stroke.name == "escape" and (self.line.text or self._choosing is not None):
            self._choosing = None if not self.line.text else self._choosing
            self.line.clear()
            self.typing_changed("")
            return
        await super().typed(stroke)

    def typing_changed(self, text: str) -> None:
        """Show what may be meant; the first of it is what Enter opens."""
        target = read_target(text)
        is_sure = self._meant(target.text).sure is not None
        self._show_tiles(keep_place=False, cursor=0 if is_sure else NOWHERE)
        if not target.text:
            self.say(self._asked if self._choosing is not None else "")
            return
        if not self.tiles.tiles and self._pin.startswith(text):
            if text == self._pin:
                self.line.clear()
                self._show_tiles(keep_place=False)
            self.say("")
            return
        if not self.tiles.tiles:
            refused = self._no_spot(target.text)
            self.say(self.desk.texts(refused.code, **refused.params), Tone.WARN)
            return
        if not is_sure:
            self.say(self.desk.texts("floor.which"))
            return
        first = self.tiles.tiles[0]
        self.say(f"{first.title} · {first.word or self.desk.texts('floor.free')} · {first.detail}")

    async def submit(self, text: str) -> bool:
        """Open what was typed."""
        spot, target = self._typed_spot(text), read_target(text)
        self._show_tiles(keep_place=False)
        self.say("")
        if spot is None:
            if not target.text:
                return False
            if not self._meant(target.text).spots:
                raise self._no_spot(target.text)
            # More letters tell them apart: `mesa`, Enter, `7`.
            self.line.write(f"{text.rstrip()} ")
            self._show_tiles(keep_place=False)
            self.say(self.desk.texts("floor.which"))
            return False
        await self._open(spot, target)
        return False

    def _no_spot(self, text: str) -> DomainError:
        """Nothing here is called so; of a dish it says where an order begins."""
        search = self.desk.search_of(self.desk.menu)
        if (
            self._choosing is not None
            or not has_letter(text)
            or not (search.exact(text).items or search.find(text).items)
        ):
            return DomainError("floor.not_found", text=text)
        takeout = action_by_id(ScreenName.FLOOR, "takeout")
        return DomainError(
            "floor.is_dish", text=text, key=takeout.key_label(self.desk.texts), title=takeout.title(self.desk.texts)
        )

    def _typed_spot(self, text: str) -> Spot | None:
        """The spot under the cursor if the text may mean it, else the one that is surely meant."""
        found = self._meant(read_target(text).text)
        cursor = self.tiles.cursor_tile
        return next((spot for spot in found.spots if cursor and spot.id == cursor.id), found.sure)

    def _meant(self, text: str) -> Meant:
        return self._picture().meant(text)

    async def choose_tile(self, tile: Tile) -> bool:
        """A table or an order was chosen."""
        target = read_target(self.line.text)
        self.line.clear()
        spot = self._spot(tile.id)
        if spot is not None:
            await self._open(spot, target)
        return False

    def _spot(self, spot_id: object) -> Spot | None:
        tables, orders = self.desk.tables, list(self.desk.orders.values())
        everything = spots_of(FloorShelf(ShelfKind.ALL, ""), tables, orders)
        loose = (Spot(None, (order,)) for order in orders)
        return next((spot for spot in (*everything, *loose) if spot.id == spot_id), None)

    # Actions

    async def do_open(self) -> bool:
        """Enter: what is typed, else the tile under the cursor, else the order under the list's cursor."""
        line = self.list.cursor_line
        if not self.line.text and line is not None and self.tiles.cursor_tile is None:
            await self._open_order(line.id)
            return False
        return await self.accept()

    async def do_pay(self) -> None:
        """Pay what is typed or under the cursor, without opening it first."""
        meant = self._orders_meant()
        order = next((order.id for order in meant if order.takes_money), None)
        if order is None:
            raise why_not_paid(meant, Voice.of(self.desk)) if meant else DomainError("floor.choose_to_pay")
        order_id = order

        async def pay() -> None:
            await self.host.go_to(ScreenName.PAYMENT, PayOrder(order_id, back_to=ScreenName.FLOOR))

        await held_first(self.desk, self.host, order_id, pay)

    async def do_walked_out(self) -> None:
        """The party of what is typed or under the cursor left without paying."""
        order = next(filter(can_walk_out, self._orders_meant()), None)
        if order is None:
            raise DomainError("walked_out.which")
        await WalkOut(self.desk, self.host, order).ask()

    def bill_of(self) -> tuple[OrderView, CheckView] | None:
        """The first check that owes something, of what is typed or under the cursor."""
        found = ((order, check_of(order)) for order in self._orders_meant())
        return next(((order, check) for order, check in found if check is not None), None)

    async def do_bill(self) -> None:
        """Print the bill of what is typed or under the cursor, without opening it first."""
        if self.bill_of() is None:
            raise DomainError("floor.choose_to_pay" if not self._orders_meant() else "bills.nothing_owed")
        await super().do_bill()

    async def bill_changed(self) -> None:
        """What was typed is done."""
        self.line.clear()
        self.refresh_view()

    def _orders_meant(self) -> tuple[OrderView, ...]:
        spot, line = self.spot_meant(), self.list.cursor_line
        orders = spot.orders if spot else ()
        orders = orders if orders or spot is None or spot.together is None else (spot.together,)
        if not orders and line is not None:
            orders = tuple(order for order in self.desk.orders.values() if order.id == line.id)
        return orders

    # Tables that sit, move and are given away

    def spot_meant(self) -> Spot | None:
        """What is typed, else what is under the cursor."""
        cursor = self.tiles.cursor_tile
        return self._typed_spot(self.line.text) if self.line.text else (self._spot(cursor.id) if cursor else None)

    async def choose_spot(self, key: str, name: str, taken: Callable[[Spot], Awaitable[None]], table: str = "") -> None:
        """Let the next table that is typed or tapped be the answer to a question; Escape takes it back."""
        self._choosing, self._asked = taken, self.desk.texts(key, name=name, table=table)
        self.line.clear()
        self.tiles.hide_cursor()
        self._show_tiles(keep_place=False)
        self.say(self._asked, Tone.NEW)

    async def sitting_changed(self) -> FloorScreen:
        """What was typed is done."""
        self.line.clear()
        self.refresh_view()
        return self

    def say_of_course(self, text: str, tone: Tone = Tone.READY) -> None:
        """What was typed is done."""
        self.line.clear()
        self.refresh_view()
        self.say_for_a_while(text, tone)

    def signs(self) -> tuple[HelpLine, ...]:
        """What the signs of tables mean."""
        return legend_lines(self.desk.texts)

    async def do_legend(self) -> None:
        """Explain the signs of tables."""
        await self.host.show_sheet(self.desk.texts("floor.sign.title"), self.signs())

    async def do_plan(self) -> None:
        """Show the tables as the plan of the room, or as a list."""
        self._shows_plan = not self._shows_plan
        self._show_tiles(keep_place=False)
        key = "plan" if self._plan.is_plan else "no_plan" if self._shows_plan else "list"
        self.say_for_a_while(self.desk.texts(f"floor.{key}"))

    def rows_of_orders(self, orders: Iterable[OrderView]) -> tuple[Choice, ...]:
        """Orders of one table to choose from, by number and guest, with what each is and owes."""
        voice, picture = Voice.of(self.desk), self._picture()
        return order_rows(orders, voice, picture.cooking, picture.held, self.desk.contacts)

    def on_check_panel_picked(self, event: CheckPanel.Picked) -> None:
        """An order of the list was tapped."""
        event.stop()
        self.tap(f"order {event.line_id}", lambda: self._open_order(event.line_id))
