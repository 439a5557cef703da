"""What the floor shows: pure, from tables and open orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from shared.books.views import OrderView
from shared.floor.queries import TableView
from shared.floor.records import TableShape
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from terminal.dialogs.questions import Choice
from terminal.screens.floor.states import (
    HUES,
    TOGETHER,
    Around,
    FloorState,
    letter_of,
    most_pressing_state,
    state_of_order,
    waits_too_long,
)
from terminal.screens.order.view import order_state, promised_words
from terminal.screens.spots import Spot, is_seated, spots_at
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckView, CheckWords
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.tile import Tile

NO_CONTACTS: Mapping[UUID, ContactView] = MappingProxyType({})
NOTHING_AROUND = Around()
_LONG_WORDS = ("unsent", "out_of_service", "bill_asked", "partly_ready")
"""Of states: each has a shorter one."""
_STATES = {Tone.NEW: LineState.UNSENT, Tone.COOKING: LineState.STARTED, Tone.READY: LineState.READY}


class ShelfKind(StrEnum):
    """What a shelf of the floor holds."""

    ALL = "all"
    MINE = "mine"
    SPACE = "space"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class FloorShelf:
    """All tables, those of one space or of one person, or the orders of one kind that need no table."""

    kind: ShelfKind
    title: str
    space_id: UUID | None = None
    order_kind: OrderKind | None = None
    count: int = 0
    person_id: UUID | None = None

    def is_room(self, shelves: Sequence[FloorShelf]) -> bool:
        """Whether its tables stand in one room, whose plan can be shown."""
        one_room = not any(shelf.kind is ShelfKind.SPACE for shelf in shelves)
        return self.kind is ShelfKind.SPACE or (self.kind is ShelfKind.ALL and one_room)


def floor_shelves(
    tables: Sequence[TableView], orders: Iterable[OrderView], voice: Voice, person_id: UUID | None = None
) -> tuple[FloorShelf, ...]:
    """All tables, one's own, then space by space if there is more than one, then the orders without a table.

    Args:
        person_id: who has tables of their own.
    """
    spaces: dict[UUID, str] = {table.space_id: table.space_name for table in tables}
    shelves = [FloorShelf(ShelfKind.ALL, voice.texts("floor.all"))]
    if person_id is not None:
        shelves.append(FloorShelf(ShelfKind.MINE, voice.texts("floor.mine"), person_id=person_id))
    if len(spaces) > 1:
        shelves += [FloorShelf(ShelfKind.SPACE, name, space_id=key) for key, name in spaces.items()]
    waiting = [order for order in orders if order.table_id is None]
    tabs = sum(order.kind is OrderKind.DINE_IN for order in waiting)
    if tabs:
        shelves.append(FloorShelf(ShelfKind.KIND, voice.texts("floor.tabs"), order_kind=OrderKind.DINE_IN, count=tabs))
    for kind in (OrderKind.TAKEOUT, OrderKind.DELIVERY):
        count = sum(order.kind is kind for order in waiting)
        shelves.append(FloorShelf(ShelfKind.KIND, voice.texts(f"kind.{kind}"), order_kind=kind, count=count))
    return tuple(shelves)


def shelf_tiles(shelves: Sequence[FloorShelf], selected: int) -> tuple[Tile, ...]:
    """The shelves, with how many orders wait on those that hold orders."""
    return tuple(
        Tile(id=at, title=shelf.title, hue=at, selected=at == selected, badge=str(shelf.count) if shelf.count else "")
        for at, shelf in enumerate(shelves)
    )


def spots_of(shelf: FloorShelf, tables: Sequence[TableView], orders: Iterable[OrderView]) -> tuple[Spot, ...]:
    """What stands on a shelf, always in the same order; orders by age."""
    oldest_first = sorted(orders, key=lambda order: (order.opened_at, order.id))
    if shelf.kind is ShelfKind.KIND:
        return tuple(
            Spot(None, (order,)) for order in oldest_first if order.table_id is None and order.kind is shelf.order_kind
        )
    spots = spots_at(tables, oldest_first, shelf.space_id)
    if shelf.kind is ShelfKind.MINE:
        return tuple(each for each in spots if _is_of(each, shelf.person_id))
    return spots


def _is_of(spot: Spot, person_id: UUID | None) -> bool:
    """Whether a table is somebody's: of their section, or with guests that were given to them."""
    return (spot.table is not None and spot.table.server_id == person_id) or any(
        order.server_id == person_id and not order.is_empty for order in spot.orders
    )


def spot_tile(
    spot: Spot,
    voice: Voice,
    cooking: Mapping[UUID, LineState],
    held: frozenset[UUID] = frozenset(),
    contacts: Mapping[UUID, ContactView] = NO_CONTACTS,
    called: frozenset[UUID] = frozenset(),
    known: Around = NOTHING_AROUND,
) -> Tile:
    """A table or an order: state, amount and age. A table whose orders are empty is free, unless guests sit there.

    Args:
        cooking: the orders that are `being_made`, and how far each is.
        held: those of which something has `not_gone_out`.
        contacts: whom orders are for.
        called: those of which something waits to be served.
        known: what else is known of tables.
    """
    busy = [order for order in spot.orders if not order.is_empty or is_seated(order)]
    title = spot.table.name if spot.table else _called(spot.orders[0], contacts)
    if not busy and spot.together is not None:
        return _together_tile(spot, spot.together, title, voice)
    if not busy:
        return _quiet_tile(spot, title, voice, known)
    states = [
        _state_of(order, voice, cooking.get(order.id), order.id in held, order.id in called, known) for order in busy
    ]
    state = most_pressing_state(each.state for each in states)
    tone, word = most_pressing((each.tone, each.word) for each in states)
    if len(busy) > 1 and tone is not Tone.LATE:
        word = voice.texts("floor.orders", count=len(busy))
    age, guests = voice.short_age(min(order.opened_at for order in busy)), sum(order.all_guests for order in busy)
    return Tile(
        id=spot.id,
        title=f"{title}{_more_tables(busy)}",
        detail=amount_of(busy, voice) if any(not order.is_empty for order in busy) else "",
        hint=_guests(guests, voice),
        short_hint=voice.texts("floor.people_short", count=guests) if guests else "",
        badge=age,
        mark=letter_of(state),
        word=word,
        short_word=_shorter(word, voice),
        tone=tone,
        hue=HUES.get(state),
        loud=True,
    )


class _Shown(NamedTuple):
    """An order as its tile shows it."""

    state: FloorState
    tone: Tone
    word: str


def _state_of(
    order: OrderView, voice: Voice, in_kitchen: LineState | None, is_held: bool, is_called: bool, known: Around
) -> _Shown:
    tone, word = order_state(order, voice, in_kitchen=in_kitchen, is_held=is_held, is_called=is_called)
    if is_seated(order):
        tone, word = Tone.PLAIN, voice.texts("state.seated")
    since = min((known.cooking_since[each] for each in order.ids if each in known.cooking_since), default=None)
    too_long = waits_too_long(order, voice, since)
    state = state_of_order(order, tone, is_called=is_called, too_long=too_long is not None)
    if state is FloorState.TOO_LONG:
        tone, word = Tone.WARN, voice.texts("state.too_long", minutes=too_long)
    return _Shown(state, tone, word)


def _together_tile(spot: Spot, order: OrderView, title: str, voice: Voice) -> Tile:
    """A table whose party sits together with another one: the bill is there."""
    word = voice.texts("floor.together", table=voice.place(order.kind, order.table_name))
    return Tile(id=spot.id, title=title, word=word, tone=Tone.COOKING, mark=TOGETHER, loud=True)


def _quiet_tile(spot: Spot, title: str, voice: Voice, known: Around) -> Tile:
    """A table at which nobody sits: free, reserved or out of service."""
    table = spot.table
    if table is None:
        return Tile(id=spot.id, title=title, detail=voice.texts("state.empty"), quiet=True)
    if table.out_of_service:
        word, letter = voice.texts("state.out_of_service"), letter_of(FloorState.OUT_OF_SERVICE)
        return Tile(id=spot.id, title=title, mark=letter, word=word, short_word=_shorter(word, voice), quiet=True)
    seats = _seats(table.seats, voice)
    reserved = known.reserved.get(table.id)
    if reserved is None:
        return Tile(id=spot.id, title=title, detail=seats, quiet=True)
    twice = reserved.id in known.clashing
    return Tile(
        id=spot.id,
        title=title,
        detail=_guests(reserved.guests, voice),
        badge=voice.clock(reserved.at),
        mark=letter_of(FloorState.RESERVED),
        word=voice.texts("state.reserved_twice") if twice else reserved.name or voice.texts("state.reserved"),
        tone=Tone.LATE if twice else Tone.PLAIN,
        hue=HUES[FloorState.RESERVED],
        quiet=True,
    )


def _shorter(word: str, voice: Voice) -> str:
    """The word of a state as small tiles have room for it; empty if it is short enough."""
    known = {voice.texts(f"state.{each}"): each for each in _LONG_WORDS}
    return voice.texts(f"state_short.{known[word]}") if word in known else ""


def is_round(spot: Spot) -> bool:
    """Whether it is a round table."""
    return spot.table is not None and spot.table.shape is TableShape.ROUND


def _more_tables(orders: Sequence[OrderView]) -> str:
    """`+1`: the tables that were pushed to this one."""
    return "".join(f" + {party.table_name}" for order in orders for party in order.joined if party.table_name)


def _guests(count: int, voice: Voice) -> str:
    return voice.texts("floor.people", count=count) if count else ""


def amount_of(orders: Sequence[OrderView], voice: Voice) -> str:
    """What some orders owe; below nothing: what is to be given back, where nothing is owed. Or that all is paid."""
    if orders and all(order.to_hand_over for order in orders):
        return voice.texts("state.paid")
    owed = sum(order.owed_minor for order in orders)
    return voice.money(owed or sum(order.short_minor - order.to_give_back_minor for order in orders))


def most_pressing(states: Iterable[tuple[Tone, str]]) -> tuple[Tone, str]:
    """The state that somebody should act on first."""
    urgency = (Tone.LATE, Tone.WARN, Tone.READY, Tone.NEW, Tone.COOKING, Tone.VOID, Tone.PLAIN)
    return min(states, key=lambda state: urgency.index(state[0]))


def orders_words(voice: Voice) -> CheckWords:
    """The words of the list of open orders."""
    texts = voice.texts
    return CheckWords((), "", texts("floor.no_orders"), texts("order.more"), texts("floor.open_total"))


def orders_view(
    orders: Iterable[OrderView],
    voice: Voice,
    cooking: Mapping[UUID, LineState],
    held: frozenset[UUID] = frozenset(),
    contacts: Mapping[UUID, ContactView] = NO_CONTACTS,
    called: frozenset[UUID] = frozenset(),
    tables: int = 0,
) -> CheckView:
    """Everything open, oldest first, as a list in the check's place.

    Its large figure is how many tables are occupied, of how many: guests read along, and what all owe is not for them.
    """
    listed = sorted(orders, key=lambda order: (order.opened_at, order.id))
    return CheckView(
        title=voice.texts("floor.open_orders"),
        number=str(len(listed)) if listed else "",
        lines=tuple(
            _order_line(
                order,
                order_state(
                    order,
                    voice,
                    in_kitchen=cooking.get(order.id),
                    is_held=order.id in held,
                    is_called=order.id in called,
                ),
                voice,
                contacts,
            )
            for order in listed
        ),
        total=_occupied(listed, tables),
        is_owed=False,
    )


def order_rows(
    orders: Iterable[OrderView],
    voice: Voice,
    cooking: Mapping[UUID, LineState],
    held: frozenset[UUID] = frozenset(),
    contacts: Mapping[UUID, ContactView] = NO_CONTACTS,
) -> tuple[Choice, ...]:
    """Orders of one table to choose from: `A-17  Rosa · sent · 12'`, with what each owes."""
    listed = sorted(orders, key=lambda order: (order.opened_at, order.id))
    rows = []
    for order, line in zip(listed, orders_view(listed, voice, cooking, held, contacts).lines, strict=True):
        place, said = voice.place(order.kind, order.table_name), line.extras[0].text
        if line.name != place:
            said = f"{line.name} · {said.removeprefix(f'{place} · ')}"
        rows.append(Choice(order.id, f"{order.number}  {said}", line.amount))
    return tuple(rows)


def _occupied(orders: Sequence[OrderView], tables: int) -> str:
    """`7/16`: tables at which somebody sits; where there are none, how many orders are open."""
    there = {table for order in orders if not order.is_empty or is_seated(order) for table in order.table_ids}
    return f"{len(there)}/{tables}" if tables else str(len(orders))


def _seats(count: int, voice: Voice) -> str:
    return voice.texts("floor.seat") if count == 1 else voice.texts("floor.seats", count=count)


def _called(order: OrderView, contacts: Mapping[UUID, ContactView]) -> str:
    """`A-17 Rosa`: its number, and whom it is for."""
    contact = contacts.get(order.id)
    return f"{order.number} {contact.name}".rstrip() if contact is not None else order.number


def _order_line(
    order: OrderView, state: tuple[Tone, str], voice: Voice, contacts: Mapping[UUID, ContactView]
) -> CheckLine:
    tone, word = state
    word = voice.texts("state.seated") if is_seated(order) else word
    pressing = f"{tone.glyph} " if tone in (Tone.WARN, Tone.LATE) else ""
    place = voice.place(order.kind, order.table_name)
    contact = contacts.get(order.id)
    name = contact.name if contact is not None and contact.name else place
    said = [f"{pressing}{word}", promised_words(order, voice), voice.age(order.opened_at)]
    if name != place:
        said.insert(0, place)
    return CheckLine(
        id=order.id,
        quantity=order.number,
        name=name,
        amount="" if is_seated(order) else amount_of([order], voice),
        extras=(Extra(" · ".join(filter(None, said)), ExtraKind.NOTE),),
        state=_STATES.get(tone, LineState.SERVED),
    )
