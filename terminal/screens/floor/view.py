"""What the floor shows: pure, from tables and open orders. And what somebody means who types `7`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.books.views import OrderView
from shared.floor.queries import TableView
from shared.menu.search import Fit, Name, Typed, has_letter
from shared.orders.records import OrderKind
from terminal.screens.order.view import order_state
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckView, CheckWords
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.tile import Tile

MAX_GUESTS = 999
GUESTS_MARK = "*"
_STATES = {Tone.NEW: LineState.UNSENT, Tone.COOKING: LineState.SENT, Tone.READY: LineState.READY}


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


@dataclass(frozen=True, slots=True)
class Spot:
    """What can be opened: a table with its orders (oldest first), or an order without a table."""

    table: TableView | None
    orders: tuple[OrderView, ...]

    @property
    def id(self) -> UUID:
        """The table's or the order's."""
        return self.table.id if self.table else self.orders[0].id


@dataclass(frozen=True, slots=True)
class TypedTarget:
    """What was typed: a spot's name or number, and how many guests sit down (`4*7`)."""

    text: str
    guests: int = 0


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
    at_table: dict[UUID | None, list[OrderView]] = defaultdict(list)
    for order in oldest_first:
        at_table[order.table_id].append(order)
    shown = (table for table in tables if shelf.space_id in (None, table.space_id))
    return tuple(Spot(table, tuple(at_table[table.id])) for table in shown)


def spot_tile(
    spot: Spot,
    voice: Voice,
    cooking: frozenset[UUID],
    hues: dict[UUID, int],
    held: frozenset[UUID] = frozenset(),
) -> Tile:
    """A table or an order: state, amount and age. A table whose orders are empty is free.

    Args:
        cooking: the orders that are `being_made`.
        held: those of which something has `not_gone_out`.
    """
    busy = [order for order in spot.orders if not order.is_empty]
    title = spot.table.name if spot.table else spot.orders[0].number
    hue = hues.get(spot.table.space_id) if spot.table else None
    if not busy:
        seats = voice.texts("floor.seats", count=spot.table.seats) if spot.table else voice.texts("state.empty")
        return Tile(id=spot.id, title=title, detail=seats, hue=hue)
    tone, word = most_pressing(
        order_state(order, voice, in_kitchen=order.id in cooking, is_held=order.id in held) for order in busy
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
    """What some orders owe; below nothing: what is to be given back, where nothing is owed."""
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
    orders: Iterable[OrderView], voice: Voice, cooking: frozenset[UUID], held: frozenset[UUID] = frozenset()
) -> CheckView:
    """Everything open, oldest first, as a list in the check's place."""
    listed = sorted(orders, key=lambda order: (order.opened_at, order.id))
    return CheckView(
        title=voice.texts("floor.open_orders"),
        number=str(len(listed)) if listed else "",
        lines=tuple(_order_line(order, voice, order.id in cooking, order.id in held) for order in listed),
        total=voice.money(sum(order.owed_minor for order in listed)),
    )


def read_target(text: str) -> TypedTarget:
    """What somebody typed on the floor; a number of guests that nobody can mean is taken for a name."""
    guests, mark, name = text.partition(GUESTS_MARK)
    if mark and guests.strip().isascii() and guests.strip().isdigit() and 0 < int(guests) <= MAX_GUESTS:
        return TypedTarget(name.strip(), int(guests))
    return TypedTarget(text.strip())


@dataclass(frozen=True, slots=True)
class Meant:
    """The spots that a typed text may mean, the surest first; `equals` of them fit equally well."""

    spots: tuple[Spot, ...] = ()
    equals: int = 0

    @property
    def sure(self) -> Spot | None:
        """The one that is meant; None if it is none, or may be several."""
        return self.spots[0] if self.equals == 1 else None


def meant(text: str, tables: Sequence[TableView], orders: Iterable[OrderView]) -> Meant:
    """The spots that a typed text may mean.

    A whole name (`a17` is order `A-17`) comes before a word of it (`7` is `Mesa 7`, `17` is `A-17`), then beginnings
    and parts, which a number alone only shows. An order at a table is found by its number too; a table comes first,
    since that is what people say.
    """
    typed = Typed(text)
    if not typed:
        return Meant()
    listed = list(orders)
    everything = FloorShelf(ShelfKind.ALL, "")
    at_tables = [(spot, spot.table.name, False) for spot in spots_of(everything, tables, listed) if spot.table]
    loose = [(Spot(_table_of(order, tables), (order,)), order.number, True) for order in listed]
    ranked: list[tuple[tuple[int, bool], Spot]] = []
    for spot, name, is_order in (*at_tables, *loose):
        fit = Name(name).fit(typed)
        if fit is not None:
            ranked.append(((_LIKENESS[fit], is_order), spot))
    if not ranked:
        return Meant()
    ranked.sort(key=lambda each: each[0])
    best = ranked[0][0]
    is_guess = not has_letter(text) and best[0] >= _LIKENESS[Fit.BEGINNINGS]
    return Meant(tuple(spot for _, spot in ranked), 0 if is_guess else sum(rank == best for rank, _ in ranked))


_LIKENESS = {
    Fit.NAME: 0,
    Fit.FIRST_WORDS: 1,
    Fit.WORDS: 1,
    Fit.FIRST_BEGINNINGS: 2,
    Fit.BEGINNINGS: 2,
    Fit.INSIDE: 3,
}
"""Where a word stands in a table's name says nothing."""


def _table_of(order: OrderView, tables: Sequence[TableView]) -> TableView | None:
    return next((table for table in tables if table.id == order.table_id), None)


def _order_line(order: OrderView, voice: Voice, in_kitchen: bool, is_held: bool) -> CheckLine:
    tone, word = order_state(order, voice, in_kitchen=in_kitchen, is_held=is_held)
    pressing = f"{tone.glyph} " if tone in (Tone.WARN, Tone.LATE) else ""
    place = voice.place(order.kind, order.table_name)
    age = voice.age(order.opened_at)
    return CheckLine(
        id=order.id,
        quantity=order.number,
        name=place,
        amount=amount_of([order], voice),
        extras=(Extra(f"{pressing}{word} · {age}", ExtraKind.NOTE),),
        state=_STATES.get(tone, LineState.SERVED),
    )
