"""What is done to the table of an order without leaving it; another table is chosen on the floor, which leads back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from shared.kernel.errors import DomainError
from shared.orders.records import OrderKind
from terminal.actions import ScreenName, action_by_id
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.order.bills import OrderBills
from terminal.screens.order.in_kitchen import ends_of
from terminal.screens.requests import ShowOrder
from terminal.screens.sitting import Sitting
from terminal.screens.spots import Spot

if TYPE_CHECKING:
    from terminal.dialogs.questions import Given

ALLERGY, SPLIT, RESERVE, GUESTS = "allergy", "split_off", "reserve", "guests"


class OrderSitting(Sitting, OrderBills):
    """Mixed into the order screen."""

    async def do_table(self) -> None:
        """Ask what to do with the table; of an order that is not opened yet, how many sit there."""
        spot = self.spot_meant()
        if spot is not None:
            await self._ask_deed_of(spot)
        elif self._draft is not None and self._draft.table is not None:
            await self._ask_deed_of_draft(Spot(self._draft.table, ()))
        else:
            raise DomainError("order.no_table")

    async def _ask_deed_of_draft(self, spot: Spot) -> None:
        """What can be said before the first dish."""
        texts = self.desk.texts
        rows = tuple(Choice(each, texts(f"table.{each}")) for each in (GUESTS, ALLERGY))

        async def chosen(picked: Picked) -> None:
            if picked.id == ALLERGY:
                await self.do_more_deed(ALLERGY)
            else:
                await self._ask_count(spot, None, self._note_in_draft)

        await self.host.ask(Pick(self._name_of(spot), rows, at=0), chosen)

    async def _note_in_draft(self, _spot: Spot, given: Given) -> None:
        if self._draft is not None:
            self._draft = replace(self._draft, guests=self._count(given))
            self._done("table.noted", count=self._draft.guests)

    def spot_meant(self) -> Spot | None:
        """This order at its table."""
        order = self.order
        if order is None:
            return None
        table = next((each for each in self.desk.tables if each.id == order.table_id), None)
        return Spot(table, (order,), is_order=True)

    def more_deeds(self) -> tuple[tuple[str, bool], ...]:
        """What a guest may not eat, part of the bill, and who is to come."""
        order = self.order
        dines_in = order is not None and order.kind is OrderKind.DINE_IN
        return (ALLERGY, order is not None), (SPLIT, self.bill_of() is not None), (RESERVE, dines_in)

    async def do_more_deed(self, name: str) -> None:
        """Split off a check here; reservations are on the floor."""
        if name == ALLERGY:
            await self.act(action_by_id(ScreenName.ORDER, "allergy"))
        elif name == SPLIT:
            await self.do_split()
        elif name == RESERVE:
            floor = await self.host.go_to(ScreenName.FLOOR)
            await floor.act(action_by_id(ScreenName.FLOOR, "reservations"))

    async def choose_spot(self, key: str, name: str, taken: Callable[[Spot], Awaitable[None]], table: str = "") -> None:
        """Ask on the floor for the other table."""
        floor = cast("Sitting", await self.host.go_to(ScreenName.FLOOR))
        await floor.choose_spot(key, name, taken, table)

    async def sitting_changed(self) -> Keyed:
        """Show the order again, or the one with which it sits together now; the floor, if it is gone."""
        order_id, orders = self.order_id, self.desk.orders
        shown = ends_of(orders).get(order_id, order_id) if order_id is not None else None
        if shown is None or shown not in orders:
            return await self.host.go_to(ScreenName.FLOOR)
        return await self.host.go_to(ScreenName.ORDER, ShowOrder(shown))
