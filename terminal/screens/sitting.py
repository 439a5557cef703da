"""What is done to a table, from the floor or from its order: seat, move, join, part, hand over, fire, hold, free ...

A deed that needs another table asks for it on the floor, wherever it began.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from terminal.actions import ScreenName
from terminal.dialogs.questions import Amount, AmountKind, Choice, Field, FieldKind, Form, Given, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.firing import Firing, courses_to_hold
from terminal.screens.requests import ShowOrder
from terminal.screens.seating import Seating
from terminal.screens.spots import Spot, is_seated
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terminal.desks.desk import Desk

ONE = 1_000
SEVERAL = 2
WHOLE = "whole"
MOST_AT_TABLE = 99
NOBODY = "nobody"


class Sitting(Seating, Firing):
    """Mixed into floor and order, which say which table is meant."""

    desk: Desk

    def spot_meant(self) -> Spot | None:
        """The table or order that is typed or under the cursor."""
        raise NotImplementedError

    async def choose_spot(self, key: str, name: str, taken: Callable[[Spot], Awaitable[None]], table: str = "") -> None:
        """Let the next table that is typed or tapped be the answer to a question.

        Args:
            table: the table of which the question speaks.
        """
        raise NotImplementedError

    async def sitting_changed(self) -> Keyed:
        """Show what became of it. Returns the screen that says so."""
        raise NotImplementedError

    def more_deeds(self) -> tuple[tuple[str, bool], ...]:
        """What can be done besides, each with whether it can be done now."""
        return ()

    async def do_table(self) -> None:
        """Ask what to do with the table that is typed or under the cursor, else with the next that is chosen."""
        spot = self.spot_meant()
        if spot is None:
            await self.choose_spot("table.which", "", self._ask_deed_of)
        else:
            await self._ask_deed_of(spot)

    async def _ask_deed_of(self, spot: Spot) -> None:
        """Ask what to do; with several orders at the table, with which of them, or with the table, comes first."""
        there = self._orders_of(spot)
        if spot.table is None or spot.is_order or len(there) < SEVERAL:
            await self._ask_deed_at(spot)
            return
        texts, by_id = self.desk.texts, {order.id: order for order in there}
        rows = (*self.rows_of_orders(there), Choice(WHOLE, texts("table.whole", count=len(there)), key="0"))

        async def taken(picked: Picked) -> None:
            order = by_id.get(picked.id) if isinstance(picked.id, UUID) else None
            await self._ask_deed_at(spot if order is None else Spot(spot.table, (order,), is_order=True))

        await self.host.ask(Pick(texts("floor.which_order", table=self._name_of(spot)), rows), taken)

    def rows_of_orders(self, orders: Iterable[OrderView]) -> tuple[Choice, ...]:
        """Orders of one table to choose from."""
        raise NotImplementedError

    async def _ask_deed_at(self, spot: Spot) -> None:
        await self.host.ask(Pick(self._name_of(spot), self._deeds(spot)), partial(self._do_picked, spot))

    def _name_of(self, spot: Spot) -> str:
        """`Table 7`; of one of several orders there, `Table 7 · A-2`."""
        if spot.table is None:
            return spot.orders[0].number
        place = Voice.of(self.desk).place(OrderKind.DINE_IN, spot.table.name)
        is_one = spot.is_order and bool(self._others_at(spot))
        return f"{place} · {spot.orders[0].number}" if is_one else place

    def _others_at(self, spot: Spot) -> list[OrderView]:
        """The other orders at the table of an order."""
        of, table_id = {order.id for order in spot.orders}, spot.table.id if spot.table else None
        there = (order for order in self.desk.orders.values() if order.table_id == table_id and order.id not in of)
        return [order for order in there if not order.is_empty or is_seated(order)]

    def _deeds(self, spot: Spot) -> tuple[Choice, ...]:
        """What can be done with a table; what cannot be done now is not listed."""
        texts, table = self.desk.texts, spot.table
        there = self._orders_of(spot)
        seated = [order for order in there if is_seated(order)]
        one = len(there) == 1
        joined = [party for order in there for party in order.joined]
        course = ""
        waits, sent_later = self._with_held(spot), self._with_more(spot)
        names = [
            ("fire_next", waits is not None and len(there) < SEVERAL),
            ("fire", waits is not None and len(there) < SEVERAL),
            ("hold", sent_later is not None and len(there) < SEVERAL),
            ("seat", table is not None and not there and spot.together is None and not table.out_of_service),
            ("guests", one),
            ("move", bool(there)),
            ("join", bool(there) and not spot.together),
            ("part", bool(joined) or spot.together is not None),
            ("hand", bool(there)),
            ("hand_all", bool(there) and len(self._own_orders()) > 1),
            ("free", one and bool(seated)),
            ("section", table is not None),
            ("into_service", table is not None and table.out_of_service),
            ("out_of_service", table is not None and not table.out_of_service and not there),
            *self.more_deeds(),
        ]
        if waits is not None:
            course = self.name_of_course(waits.held_courses[0].course)
        return tuple(
            Choice(name, texts(f"table.{name}", course=course), self._detail(name, spot))
            for name, holds in names
            if holds
        )

    def _detail(self, name: str, spot: Spot) -> str:
        """What stands beside a row: how many sit there, who serves it."""
        there = self._orders_of(spot)
        if name == "guests" and there:
            return str(there[0].guests or "")
        if name == "hand" and there:
            return there[0].server_name
        if name == "section" and spot.table is not None:
            return self._person(spot.table.server_id)
        return ""

    def _with_held(self, spot: Spot) -> OrderView | None:
        """The first order there of which a course waits."""
        return next((order for order in _all_of(spot) if order.held_courses), None)

    def _with_more(self, spot: Spot) -> OrderView | None:
        """The first order there of which a course can be held."""
        return next((order for order in _all_of(spot) if courses_to_hold(order)), None)

    def _orders_of(self, spot: Spot) -> list[OrderView]:
        return [order for order in spot.orders if not order.is_empty or is_seated(order)]

    def _person(self, person_id: UUID | None) -> str:
        return next((each.name for each in self.desk.staff if each.id == person_id), "")

    async def _do_picked(self, spot: Spot, picked: Picked) -> None:
        deeds: dict[object, Callable[[Spot], Awaitable[None]]] = {
            "seat": self._ask_guests_to_seat,
            "guests": self._ask_guests,
            "move": self._ask_where,
            "join": self._ask_with_whom,
            "part": self._part,
            "hand": self._ask_colleague,
            "hand_all": lambda _spot: self.do_hand_all(),
            "fire_next": self._fire_next,
            "fire": self._fire,
            "hold": self._hold,
            "free": self._free,
            "section": self._ask_section,
            "into_service": partial(self._serve, out=False),
            "out_of_service": partial(self._serve, out=True),
        }
        if picked.id in deeds:
            await deeds[picked.id](spot)
        else:
            await self.do_more_deed(str(picked.id))

    async def do_more_deed(self, name: str) -> None:
        """Do one of `more_deeds`."""

    async def _told(self, key: str, **params: object) -> None:
        screen = await self.sitting_changed()
        screen.say_for_a_while(self.desk.texts(f"table.done.{key}", **params), Tone.READY)

    # Courses

    async def _fire_next(self, spot: Spot) -> None:
        order = self._with_held(spot)
        if order is None:
            raise DomainError("order.nothing_held")
        await self.fire_course_of(order, order.held_courses[0].course)

    async def _fire(self, spot: Spot) -> None:
        if (order := self._with_held(spot)) is not None:
            await self.ask_what_to_fire(order)

    async def _hold(self, spot: Spot) -> None:
        if (order := self._with_more(spot)) is not None:
            await self.ask_what_to_hold(order)

    # Seating

    async def _ask_guests_to_seat(self, spot: Spot) -> None:
        await self._ask_count(spot, None, self._seat_party)

    async def _ask_guests(self, spot: Spot) -> None:
        await self._ask_count(spot, self._orders_of(spot)[0], self._note_guests)

    async def _ask_count(self, spot: Spot, order: OrderView | None, taken: Callable[..., Awaitable[None]]) -> None:
        texts = self.desk.texts
        quick = tuple(Given(AmountKind.QUANTITY, count * ONE) for count in (2, 3, 4, 5, 6, 8))
        usual = spot.table.seats if spot.table else 2
        usual = order.guests or usual if order is not None else usual
        question = Amount(
            self._name_of(spot),
            (AmountKind.QUANTITY,),
            texts("table.how_many"),
            usual=Given(AmountKind.QUANTITY, usual * ONE),
            quick=quick,
            unit=texts("table.people"),
        )
        await self.host.ask(question, partial(taken, spot))

    async def _seat_party(self, spot: Spot, given: Given) -> None:
        if spot.table is not None:
            table, count = spot.table, self._count(given)

            async def seat() -> None:
                await self.desk.floor.seat(table.id, count)
                await self._told("seat", table=self._name_of(spot), count=count)

            async def elsewhere() -> None:
                await self.choose_spot("table.seat_where", str(count), partial(self._seat_there, given))

            await self.with_care(table, count, seat, elsewhere)

    async def _seat_there(self, given: Given, spot: Spot) -> None:
        if spot.table is None:
            raise DomainError("floor.choose_table")
        if self._orders_of(spot) or spot.together is not None:
            raise DomainError("guests.somebody_there", table=self._name_of(spot))
        await self._seat_party(spot, given)

    async def _note_guests(self, spot: Spot, given: Given) -> None:
        await self.desk.floor.note_guests(self._orders_of(spot)[0].id, self._count(given))
        await self._told("guests", table=self._name_of(spot), count=self._count(given))

    def _count(self, given: Given) -> int:
        count = given.value // ONE
        if not 0 < count <= MOST_AT_TABLE:
            raise DomainError("GUESTS_NOT_SENSIBLE", most=MOST_AT_TABLE)
        return count

    async def _free(self, spot: Spot) -> None:
        gone = [order for order in self._orders_of(spot) if is_seated(order)]
        stay = self._others_at(spot)
        await self.desk.floor.free([each for order in gone for each in order.ids])
        if stay:
            await self._told("one_left", table=self._name_of(spot), count=len(stay))
        else:
            await self._told("free", table=self._name_of(spot))

    async def do_tab(self) -> None:
        """Open a tab by name, without a table."""
        texts = self.desk.texts
        fields = (
            Field("name", texts("customer.name"), needed=True),
            Field("guests", texts("table.people"), FieldKind.NUMBER, most=2),
        )
        await self.host.ask(Form(texts("action.tab"), fields, texts("table.tab_asked")), self._open_tab)

    async def _open_tab(self, given: Mapping[str, str]) -> None:
        guests = int(given["guests"] or 1)
        if not 0 < guests <= MOST_AT_TABLE:
            raise DomainError("GUESTS_NOT_SENSIBLE", most=MOST_AT_TABLE)
        order_id = await self.desk.floor.seat(None, guests, ContactView(given["name"]))
        screen = await self.host.go_to(ScreenName.ORDER, ShowOrder(order_id))
        screen.say_for_a_while(self.desk.texts("table.done.tab", name=given["name"]), Tone.READY)

    # Moving and joining

    async def _ask_where(self, spot: Spot) -> None:
        await self.choose_spot("table.move_where", self._name_of(spot), partial(self._move_to, spot))

    async def _move_to(self, spot: Spot, to: Spot) -> None:
        table, orders = to.table, self._orders_of(spot)
        if table is None or (spot.table is not None and table.id == spot.table.id):
            raise DomainError("floor.another_table")
        into = next(iter(self._orders_of(to)), to.together)
        if into is None:
            move = partial(self._move_there, orders, table.id, self._name_of(to))
            is_smaller = spot.table is None or table.seats < spot.table.seats
            guests = sum(each.all_guests for each in orders) if is_smaller else 0
            await self.with_care(table, guests, move, partial(self._ask_where, spot))
            return
        texts = self.desk.texts
        rows = (Choice("join", texts("table.join_there")), Choice("apart", texts("table.stay_apart")))

        async def taken(how: Picked) -> None:
            if how.id == "join":
                await self._join_there(orders, into, self._name_of(to))
            else:
                await self._move_there(orders, table.id, self._name_of(to), beside=True)

        await self.host.ask(Pick(texts("table.somebody_there", table=self._name_of(to)), rows), taken)

    async def _move_there(self, orders: Sequence[OrderView], to: UUID, name: str, *, beside: bool = False) -> None:
        await self.desk.floor.move([order.id for order in orders], to, beside=beside)
        await self._told("move", table=name)

    async def _ask_with_whom(self, spot: Spot) -> None:
        await self.choose_spot("table.join_whom", self._name_of(spot), partial(self._join, spot))

    async def _join(self, spot: Spot, to: Spot) -> None:
        into, own = next(iter(self._orders_of(to)), to.together), self._orders_of(spot)
        if into is None:
            await self._push(own[0], spot, to)
            return
        if into.id in {order.id for order in own}:
            raise DomainError("floor.another_table")
        await self._join_there(own, into, self._name_of(to))

    async def _push(self, order: OrderView, spot: Spot, to: Spot) -> None:
        """Push a free table to that of a party: it sits at both."""
        if to.table is None:
            raise DomainError("floor.choose_table")
        table = to.table

        async def push() -> None:
            await self.desk.floor.push_table(order.id, table.id)
            await self._told("push", table=self._name_of(spot), other=self._name_of(to))

        await self.with_care(table, 0, push, partial(self._ask_with_whom, spot))

    async def _join_there(self, orders: Sequence[OrderView], into: OrderView, name: str) -> None:
        await self.desk.floor.join([order.id for order in orders if order.id != into.id], into.id)
        await self._told("join", table=name)

    async def _part(self, spot: Spot) -> None:
        """Part the party of this table from the other one, or all that joined this one."""
        if spot.together is not None and spot.table is not None:
            parties = [each for each in spot.together.joined if each.table_id == spot.table.id]
        else:
            parties = [party for order in self._orders_of(spot) for party in order.joined]
        await self.desk.floor.part([party.id for party in parties])
        await self._told("part", table=self._name_of(spot))

    # Who serves it

    async def _ask_colleague(self, spot: Spot) -> None:
        await self.host.ask(Pick(self.desk.texts("table.to_whom"), self._servers()), partial(self._hand, spot))

    def _servers(self) -> tuple[Choice, ...]:
        """Those who take orders in this branch."""
        return tuple(Choice(each.id, each.name) for each in self.desk.staff if each.may(Permission.TAKE_ORDER))

    async def _hand(self, spot: Spot, picked: Picked) -> None:
        if isinstance(picked.id, UUID):
            await self.desk.floor.hand_to([each for order in self._orders_of(spot) for each in order.ids], picked.id)
            await self._told("hand", table=self._name_of(spot), name=picked.text)

    def _own_orders(self) -> list[OrderView]:
        """The orders that who is logged in serves."""
        actor = self.desk.actor
        return [order for order in self.desk.orders.values() if actor is not None and order.server_id == actor.staff_id]

    async def do_hand_all(self) -> None:
        """Give all parties that one serves to a colleague, who takes over."""
        own, texts, actor = self._own_orders(), self.desk.texts, self.desk.actor
        if not own or actor is None:
            raise DomainError("table.none_mine")
        rows = tuple(each for each in self._servers() if each.id != actor.staff_id)

        async def taken(picked: Picked) -> None:
            if isinstance(picked.id, UUID):
                await self.desk.floor.hand_to([each for order in own for each in order.ids], picked.id)
                await self._told("hand_all", count=len(own), name=picked.text)

        places = ", ".join(order.table_name or order.number for order in own)
        await self.host.ask(Pick(texts("table.to_whom"), rows, texts("table.hand_all_asked", places=places)), taken)

    async def _ask_section(self, spot: Spot) -> None:
        rows = (*self._servers(), Choice(NOBODY, self.desk.texts("table.nobody")))
        await self.host.ask(Pick(self.desk.texts("table.whose"), rows), partial(self._assign, spot))

    async def _assign(self, spot: Spot, picked: Picked) -> None:
        if spot.table is not None:
            person = picked.id if isinstance(picked.id, UUID) else None
            await self.desk.floor.assign([spot.table.id], person)
            await self._told("section", table=self._name_of(spot), name=picked.text)

    async def _serve(self, spot: Spot, *, out: bool) -> None:
        if spot.table is not None:
            await self.desk.floor.set_out_of_service(spot.table.id, out=out)
            await self._told("out_of_service" if out else "into_service", table=self._name_of(spot))


def _all_of(spot: Spot) -> tuple[OrderView, ...]:
    """The orders of a table, and the one with whose party it sits."""
    return spot.orders if spot.together is None else (*spot.orders, spot.together)
