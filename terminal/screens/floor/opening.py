"""Opening what was typed or tapped on the floor: the one order of a table, one of several, or a new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.views import OrderView
from shared.kernel.permissions import Permission
from shared.orders.records import OrderKind
from terminal.actions import ScreenName
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.floor.arriving import Arriving
from terminal.screens.floor.leaving import Leaving
from terminal.screens.requests import Draft, ShowOrder
from terminal.screens.spots import Spot, TypedTarget, is_seated
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from shared.floor.queries import TableView
    from shared.reservations.queries import ReservationView

NEW_ORDER = "new order"
"""Id of the row that begins another order at a table."""
THEY, OTHERS, LEAVE, SERVE = "they", "others", "leave", "serve"


class Opening(Arriving, Leaving):
    """Mixed into the floor."""

    _choosing: Callable[[Spot], Awaitable[None]] | None

    async def _open(self, spot: Spot, target: TypedTarget) -> None:
        """Open the one order of a spot, or begin one; of several, ask which."""
        if self._choosing is not None:
            taken, self._choosing = self._choosing, None
            await taken(spot)
            return
        if spot.together is not None and not spot.orders:
            await self._open_order(spot.together.id)
            return
        orders = [order for order in spot.orders if not order.is_empty or is_seated(order)] or spot.orders[:1]
        if spot.table is None or (spot.is_order and not target.another):
            await self._open_order(spot.orders[0].id)
        elif not orders or target.another:
            self._require_taking()
            draft = Draft(OrderKind.DINE_IN, spot.table, target.guests, beside=bool(orders))
            await self._begin_at(spot.table, draft)
        elif len(orders) == 1 and not orders[0].to_hand_over:
            await self._open_order(orders[0].id)
        else:
            await self._ask_which(spot.table, orders, target)

    async def _begin_at(self, table: TableView, draft: Draft) -> None:
        """Begin an order at a table; not unasked where nobody is to sit, or where others are to sit soon."""
        kept = self.kept_for(table.id)
        if table.out_of_service:
            await self._ask_into_service(table)
        elif kept is not None:
            await self._ask_who_sits(table, kept, draft)
        else:
            await self._begin(draft)

    async def _ask_into_service(self, table: TableView) -> None:
        texts = self.desk.texts
        rows = Choice(LEAVE, texts("seating.leave_out")), Choice(SERVE, texts("table.into_service"))

        async def taken(picked: Picked) -> None:
            if picked.id == SERVE:
                await self._serve(Spot(table, ()), out=False)

        place = Voice.of(self.desk).place(OrderKind.DINE_IN, table.name)
        await self.host.ask(Pick(texts("seating.out_of_service", table=place), rows, at=0), taken)

    async def _ask_who_sits(self, table: TableView, kept: ReservationView, draft: Draft) -> None:
        """Whether those who sit down are those whom the table is kept for."""
        texts, voice, name = self.desk.texts, Voice.of(self.desk), self.name_of_party(kept)
        rows = Choice(THEY, texts("seating.they", name=name)), Choice(OTHERS, texts("seating.others"))

        async def taken(picked: Picked) -> None:
            if picked.id == THEY:
                await self._open_order(await self.desk.guests.seat(kept, table.id))
            else:
                await self._begin(draft)

        place = voice.place(OrderKind.DINE_IN, table.name)
        said = texts("seating.promised", name=name, time=voice.clock(kept.at), count=kept.guests)
        await self.host.ask(Pick(texts("seating.title", table=place), rows, said, at=0), taken)

    async def _ask_which(self, table: TableView, orders: Sequence[OrderView], target: TypedTarget) -> None:
        """The orders of a table, and a new one; nobody opens the first of them unseen."""
        texts = self.desk.texts
        rows = list(self.rows_of_orders(orders))
        actor = self.desk.actor
        if actor is not None and actor.may(Permission.TAKE_ORDER):
            rows.append(Choice(NEW_ORDER, texts("floor.new_order")))

        async def taken(picked: Picked) -> None:
            if picked.id == NEW_ORDER:
                await self._begin(Draft(OrderKind.DINE_IN, table, target.guests, beside=True))
            else:
                await self._open_order(picked.id)

        title = texts("floor.which_order", table=Voice.of(self.desk).place(OrderKind.DINE_IN, table.name))
        await self.host.ask(Pick(title, tuple(rows)), taken)

    def rows_of_orders(self, orders: Iterable[OrderView]) -> tuple[Choice, ...]:
        """Orders of one table to choose from, by number and guest, with what each is and owes."""
        raise NotImplementedError

    async def _open_order(self, order_id: object) -> None:
        if isinstance(order_id, UUID) and order_id in self.desk.orders:
            await self.host.go_to(ScreenName.ORDER, ShowOrder(order_id))
