"""What the floor shows: pure, from tables and open orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.books.views import OrderView
from shared.floor.queries import TableView
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from terminal.screens.order.view import order_state, promised_words
from terminal.screens.spots import Spot, spots_at
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckView, CheckWords
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.tile import Tile

NO_CONTACTS: Mapping[UUID, ContactView] = MappingProxyType({})
_STATES = {Tone.NEW: LineState.UNSENT, Tone.COOKING: LineState.STARTED, Tone.READY: LineState.READY}


class ShelfKind(StrEnum):
    """What a shelf of the floor holds."""

    ALL = "all"
    SPACE = "space"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class FloorShelf:
    """All tables, those of one space, or the orders of one kind that need no table."""

    kind: ShelfKind
    title: str
    space_id: UUID | None = None
    order_kind: OrderKind | None = None
    count: int = 0


def floor_shelves(tables: Sequence[TableView], orders: Iterable[OrderView], voice: Voice) -> tuple[FloorShelf, ...]:
    """All tables, then space by space if there is more than one, then the orders without a table."""
    spaces: dict[UUID, str] = {table.space_id: table.space_name for table in tables}
    shelves = [FloorShelf(ShelfKind.ALL, voice.texts("floor.all"))]
    if len(spaces) > 1:
        shelves += [FloorShelf(ShelfKind.SPACE, name, space_id=key) for key, name in spaces.items()]
    waiting = [order for order in orders if order.table_id is None]
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
    return spots_at(tables, oldest_first, shelf.space_id)


def spot_tile(
    spot: Spot,
    voice: Voice,
    cooking: frozenset[UUID],
    hues: dict[UUID, int],
    held: frozenset[UUID] = frozenset(),
    contacts: Mapping[UUID, ContactView] = NO_CONTACTS,
    called: frozenset[UUID] = frozenset(),
) -> Tile:
    """A table or an order: state, amount and age. A table whose orders are empty is free.

    Args:
        cooking: the orders that are `being_made`.
        held: those of which something has `not_gone_out`.
        contacts: whom orders are for.
        called: those of which something waits to be served.
    """
    busy = [order for order in spot.orders if not order.is_empty]
    title = spot.table.name if spot.table else _called(spot.orders[0], contacts)
    hue = hues.get(spot.table.space_id) if spot.table else None
    if not busy:
        seats = _seats(spot.table.seats, voice) if spot.table else voice.texts("state.empty")
        return Tile(id=spot.id, title=title, detail=seats, hue=hue)
    tone, word = most_pressing(
        order_state(
            order, voice, in_kitchen=order.id in cooking, is_held=order.id in held, is_called=order.id in called
        )
        for order in busy
    )
    if len(busy) > 1 and tone is not Tone.LATE:
        word = voice.texts("floor.orders", count=len(busy))
    return Tile(
        id=spot.id,
        title=title,
        detail=amount_of(busy, voice),
        badge=voice.age(min(order.opened_at for order in busy)),
        word=word,
        tone=tone,
    )


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
    cooking: frozenset[UUID],
    held: frozenset[UUID] = frozenset(),
    contacts: Mapping[UUID, ContactView] = NO_CONTACTS,
    called: frozenset[UUID] = frozenset(),
) -> CheckView:
    """Everything open, oldest first, as a list in the check's place."""
    listed = sorted(orders, key=lambda order: (order.opened_at, order.id))
    return CheckView(
        title=voice.texts("floor.open_orders"),
        number=str(len(listed)) if listed else "",
        lines=tuple(
            _order_line(
                order,
                order_state(
                    order, voice, in_kitchen=order.id in cooking, is_held=order.id in held, is_called=order.id in called
                ),
                voice,
                contacts,
            )
            for order in listed
        ),
        total=voice.money(sum(order.owed_minor for order in listed)),
        is_owed=False,
    )


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
        amount=amount_of([order], voice),
        extras=(Extra(" · ".join(filter(None, said)), ExtraKind.NOTE),),
        state=_STATES.get(tone, LineState.SERVED),
    )
