"""Spots: what can be opened on the floor, and which one somebody means who types `7`, `a3` or a name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from shared.books.views import OrderView
from shared.floor.queries import TableView
from shared.menu.search import Fit, Name, Typed, has_letter
from shared.orders.contacts import ContactView

MAX_GUESTS = 999
MOST_NAMES = 4_096
"""Names of tables and numbers of orders that stay prepared for searching. Names of guests do not: they are
forgotten."""
GUESTS_MARK = "*"
ANOTHER_MARK = "+"


@dataclass(frozen=True, slots=True)
class Spot:
    """What can be opened: a table with its orders (oldest first), or one order.

    Attributes:
        is_order: whether one order is meant, though it is at a table: somebody typed its number.
        together: the order at another table whose party this table's sits with.
    """

    table: TableView | None
    orders: tuple[OrderView, ...]
    is_order: bool = False
    together: OrderView | None = None

    @property
    def id(self) -> UUID:
        """The table's or the order's."""
        return self.table.id if self.table else self.orders[0].id


@dataclass(frozen=True, slots=True)
class TypedTarget:
    """What was typed: a spot's name or number, and how many guests sit down (`4*7`).

    Attributes:
        another: whether a new order is wanted, though the table has one (`7+`).
    """

    text: str
    guests: int = 0
    another: bool = False


def read_target(text: str) -> TypedTarget:
    """What somebody typed on the floor; a number of guests that nobody can mean is taken for a name."""
    wanted = text.strip()
    another = len(wanted) > 1 and wanted.endswith(ANOTHER_MARK)
    wanted = wanted.removesuffix(ANOTHER_MARK).rstrip() if another else wanted
    guests, mark, name = wanted.partition(GUESTS_MARK)
    if mark and guests.strip().isascii() and guests.strip().isdigit() and 0 < int(guests) <= MAX_GUESTS:
        return TypedTarget(name.strip(), int(guests), another)
    return TypedTarget(wanted, 0, another)


@dataclass(frozen=True, slots=True)
class Meant:
    """The spots that a typed text may mean, the surest first; `equals` of them fit equally well.

    Attributes:
        is_whole: whether the text is all of the first one's name.
    """

    spots: tuple[Spot, ...] = ()
    equals: int = 0
    is_whole: bool = False

    @property
    def sure(self) -> Spot | None:
        """The one that is meant; None if it is none, or may be several."""
        return self.spots[0] if self.equals == 1 else None


_LIKENESS = {
    Fit.NAME: 0,
    Fit.FIRST_WORDS: 1,
    Fit.WORDS: 1,
    Fit.FIRST_BEGINNINGS: 2,
    Fit.BEGINNINGS: 2,
    Fit.INSIDE: 3,
}
"""Where a word stands in a table's name says nothing."""


def meant(
    text: str,
    tables: Sequence[TableView],
    orders: Iterable[OrderView],
    contacts: Mapping[UUID, ContactView] | None = None,
) -> Meant:
    """The spots that a typed text may mean.

    A whole name (`a17` is order `A-17`) comes before a word of it (`7` is `Mesa 7`, `17` is `A-17`), then beginnings
    and parts, which a number alone only shows. An order at a table is found by its number too, and every order by the
    name of its customer; a table comes first, since that is what people say.
    """
    typed = Typed(text)
    if not typed:
        return Meant()
    listed, known, table_of = list(orders), contacts or {}, {table.id: table for table in tables}
    named = [(spot, _name(spot.table.name), 0) for spot in spots_at(tables, listed) if spot.table]
    for order in listed:
        loose = Spot(None if order.table_id is None else table_of.get(order.table_id), (order,), is_order=True)
        named.append((loose, _name(order.number), 1))
        if has_letter(text) and order.id in known:
            named.append((loose, Name(known[order.id].name), 2))
    ranked: list[tuple[tuple[int, int], Spot]] = []
    for spot, name, place in named:
        fit = name.fit(typed)
        if fit is not None:
            ranked.append(((_LIKENESS[fit], place), spot))
    if not ranked:
        return Meant()
    ranked.sort(key=lambda each: each[0])
    best = ranked[0][0]
    is_guess = not has_letter(text) and best[0] >= _LIKENESS[Fit.BEGINNINGS]
    equals = 0 if is_guess else sum(rank == best for rank, _ in ranked)
    return Meant(tuple(spot for _, spot in ranked), equals, best[0] == _LIKENESS[Fit.NAME])


def spots_at(
    tables: Sequence[TableView], orders: Iterable[OrderView], space_id: UUID | None = None
) -> tuple[Spot, ...]:
    """The tables (of one space), each with its orders, oldest first."""
    at_table: dict[UUID | None, list[OrderView]] = defaultdict(list)
    together: dict[UUID | None, OrderView] = {}
    for order in sorted(orders, key=lambda order: (order.opened_at, order.id)):
        at_table[order.table_id].append(order)
        together |= {party.table_id: order for party in order.joined if party.table_id != order.table_id}
    shown = (table for table in tables if space_id in (None, table.space_id))
    return tuple(Spot(table, tuple(at_table[table.id]), together=together.get(table.id)) for table in shown)


def is_seated(order: OrderView) -> bool:
    """Whether guests sit there who have not ordered."""
    return order.is_empty and not order.has_left and bool(order.guests or order.joined)


_name = lru_cache(maxsize=MOST_NAMES)(Name)
