"""What a full-service restaurant does besides: combos and dishes of an hour, allergies, tables that sit together,
reservations, prices and dishes that a manager sets on the spot.

Half of the schedules do it (`World.service`); the others are as they were.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from shared.floor.records import DiningTable
from shared.kernel.instants import local_time
from shared.kernel.work import Work
from shared.menu import at_the_branch
from shared.menu.allergens import ALLERGENS
from shared.menu.branch_records import BranchItem
from shared.menu.queries import load_menu
from shared.menu.rules import MenuItem, default_modifiers
from shared.orders import allergies, combos, seating
from shared.orders import commands as orders
from shared.orders.combo_records import OrderCombo
from shared.orders.records import Order, OrderLine
from shared.payments import commands as payments
from shared.payments import joining
from shared.reservations import commands as reservations
from shared.reservations.forgetting import forget_guest
from shared.reservations.records import Reservation
from tests.simulation.at_device import AtDevice
from tests.simulation.house import CASHIER, MANAGER, SERVICE_CODES, WAITRESS
from tests.simulation.places import ORGANIZATION

WORDS = ("", "mariscos de río", "colorantes")
ASPECTS = ("confirm", "call_off", "did_not_come", "reopen")


class ServiceDeeds(AtDevice):
    """Deeds of a full service."""

    # -- combos and dishes of an hour --------------------------------------------------------------------------------

    async def combo(self) -> None:
        """Order a combo, with any of its choices."""
        order, item = await self._some_order(), await self._served("alm")
        if order is None or item is None or not all(slot.choices for slot in item.slots):
            return
        chosen = [self._rnd.choice(slot.choices) for slot in item.slots]
        combo_id = self._device.store.ids.new()
        items = {each.id: each for each in await self._menu()}
        parts = [
            combos.ComboPart(each.id, self._device.store.ids.new(), default_modifiers(items[each.item_id]))
            for each in chosen
            if each.item_id in items
        ]
        quantity = self._rnd.choice((1_000, 2_000))

        async def add(work: Work) -> bool:
            check_id = await payments.check_for_more(work, order.id)
            lines = await combos.add_combo(work, order.id, combo_id, item.id, parts, quantity, check_id)
            combo = await work.get(OrderCombo, combo_id)
            shares = [line.share_minor or 0 for line in lines]
            return sum(shares) == (combo.price_minor or 0) + (combo.extra_minor or 0)

        self._promised(await self.do(WAITRESS, "combo", add), f"the parts of combo {combo_id} do not come to its price")

    async def one_more_combo(self) -> None:
        combo = await self._newest(OrderCombo)
        if combo is not None:
            new, *lines = (self._device.store.ids.new() for _id in range(3))
            await self.do(WAITRESS, "one more combo", lambda work: combos.one_more_combo(work, combo.id, new, lines))

    async def set_combo(self) -> None:
        """So many of a combo, or none."""
        combo, quantity = await self._newest(OrderCombo), self._rnd.choice((0, 1_000, 3_000))
        if combo is None:
            return
        if quantity:
            await self.do(WAITRESS, "set combo", lambda work: combos.set_combo_quantity(work, combo.id, quantity))
        else:
            await self.do(WAITRESS, "remove combo", lambda work: combos.remove_combo(work, combo.id))

    async def at_its_hour(self) -> None:
        """Order a drink that costs less for some hours, as the clock of this device says."""
        order, item = await self._some_order(), await self._served("pis")
        if order is not None and item is not None:
            line_id = self._device.store.ids.new()
            await self.do(WAITRESS, "happy hour", lambda work: orders.add_line(work, order.id, line_id, item.id))

    # -- guests ------------------------------------------------------------------------------------------------------

    async def say_allergy(self) -> None:
        order = await self._some_order()
        if order is not None:
            allergen, words = self._rnd.choice(ALLERGENS[:3]), self._rnd.choice(WORDS)
            said = ("", words) if words else (allergen, "")
            new, seat = self._device.store.ids.new(), self._rnd.randint(0, 2)
            await self.do(WAITRESS, "allergy", lambda work: allergies.note_allergy(work, order.id, new, *said, seat))

    async def lift_allergy(self) -> None:
        order = await self._some_order()
        if order is not None:
            allergen = self._rnd.choice(ALLERGENS[:3])
            await self.do(WAITRESS, "lift allergy", lambda work: allergies.lift_allergy(work, order.id, allergen))

    async def sit_together(self) -> None:
        """Two parties have one bill from now on."""
        found = await self.orders()
        if len(found) > 1:
            order, into = self._rnd.sample(found, 2)
            await self.do(WAITRESS, "sit together", lambda work: joining.join_tables(work, order.id, into.id))

    async def sit_apart(self) -> None:
        order = await self._newest(Order, Order.joined_to_id.is_not(None))
        if order is not None:
            await self.do(WAITRESS, "sit apart", lambda work: joining.part_tables(work, order.id))

    async def gather(self) -> None:
        """Bring all that a party owes to one check, as whoever opens their bill does."""
        order = await self._some_order()
        if order is not None:
            await self.do(CASHIER, "gather", lambda work: joining.gather(work, order.id))

    async def hand_to(self) -> None:
        order, person = await self._some_order(), self._rnd.choice((CASHIER, WAITRESS))
        if order is not None:
            await self.do(WAITRESS, "hand to", lambda work: seating.hand_to(work, order.id, person))

    async def change_table(self) -> None:
        order, table = await self._some_order(), await self._some_table()
        if order is not None and table is not None:
            knows = self._rnd.random() < 0.5
            beside = [each.id for each in await self.orders() if knows and each.table_id == table]
            await self.do(WAITRESS, "table", lambda work: seating.move_order(work, order.id, table, beside))

    async def book(self) -> None:
        """Note who is to come, or let them wait at the door. The name is one that stands nowhere else."""
        new, name = self._device.store.ids.new(), f"Sra. {self._rnd.randbytes(6).hex()}"
        self._world.guests.append(name)
        if self._rnd.random() < 0.4:
            await self.do(WAITRESS, "wait", lambda work: reservations.let_wait(work, new, name, 2, notes=name))
            return
        table = await self._some_table()
        party = self._party(name, table)
        booked = await self._newest(Reservation)
        if booked is not None and self._rnd.random() < 0.4:
            new = booked.id
            await self.do(WAITRESS, "rebook", lambda work: reservations.change(work, new, party, although_taken=True))
        else:
            await self.do(WAITRESS, "book", lambda work: reservations.book(work, new, party, although_taken=True))

    async def say_of_booking(self) -> None:
        booked = await self._newest(Reservation)
        if booked is not None:
            said = getattr(reservations, self._rnd.choice(ASPECTS))
            await self.do(WAITRESS, "booking", lambda work: said(work, booked.id))

    async def seat(self) -> None:
        booked, table = await self._newest(Reservation), await self._some_table()
        if booked is not None and table is not None and not self._device.is_old:
            new = self._device.store.ids.new()
            await self.do(WAITRESS, "seat", lambda work: reservations.seat(work, booked.id, new, table))

    async def forget_party(self) -> None:
        booked = await self._newest(Reservation)
        if booked is not None:
            await self.do(MANAGER, "forget party", lambda work: forget_guest(work, booked.subject_id))

    # -- the manager on the spot -------------------------------------------------------------------------------------

    async def price_here(self) -> None:
        item, price = await self._some_item(), self._rnd.choice((None, self._rnd.randrange(100, 5_000)))
        if item is not None:
            await self.do(MANAGER, "price here", lambda work: at_the_branch.set_price(work, item.id, price))

    async def dish_here(self) -> None:
        """A dish that this branch alone sells; or one of them is renamed, or ended."""
        dish, like = await self._newest(BranchItem), await self._some_item()
        name, price = f"Sugerencia {self._rnd.randrange(100)}", self._rnd.randrange(100, 5_000)
        if dish is not None and self._rnd.random() < 0.5:
            active = self._rnd.random() < 0.7
            change = partial(at_the_branch.change_dish, item_id=dish.id, name=name, active=active)
            await self.do(MANAGER, "dish", change)
        elif like is not None:
            of = like.category_id, like.tax_category_id
            await self.do(MANAGER, "new dish", lambda work: at_the_branch.add_dish(work, name, *of, price))

    async def order_here(self) -> None:
        """Order what this branch alone sells."""
        dish, order = await self._newest(BranchItem), await self._some_order()
        if dish is not None and order is not None:
            new = self._device.store.ids.new()
            await self.do(WAITRESS, "dish of here", lambda work: orders.add_line(work, order.id, new, dish.id))

    async def hide(self) -> None:
        item, said = await self._some_item(), self._rnd.choice((at_the_branch.hide_item, at_the_branch.show_item))
        if item is not None:
            await self.do(MANAGER, "hide", lambda work: said(work, item.id))

    async def one_more_of_any(self) -> None:
        """One more of any line, the parts of combos and dishes of an hour too."""
        line = await self._newest(OrderLine)
        if line is not None:
            await self.do(WAITRESS, "one more of any", lambda work: orders.one_more(work, line.id, work.ids.new()))

    # -- what they see -----------------------------------------------------------------------------------------------

    async def _menu(self) -> list[MenuItem]:
        async with self._device.store.reading() as connection:
            menu = await load_menu(connection, ORGANIZATION, self._device.enrolment.branch_id)
        return list(menu.items.values())

    async def _some_item(self) -> MenuItem | None:
        items = await self._menu()
        return self._rnd.choice(items) if items else None

    async def _served(self, code: str) -> MenuItem | None:
        assert code in SERVICE_CODES
        return next((item for item in await self._menu() if item.code == code), None)

    async def _some_table(self) -> UUID | None:
        if self._device.is_old:
            return None
        here = DiningTable.branch_id == self._device.enrolment.branch_id
        async with self._device.store.reading() as connection:
            found = (await connection.scalars(sa.select(DiningTable.id).where(here).order_by(DiningTable.id))).all()
        return self._rnd.choice(found[:3]) if found else None

    def _party(self, name: str, table: UUID | None) -> reservations.Party:
        wall = local_time(self._device.clock.now() + timedelta(minutes=30), self._device.store.branch_context.zone)
        return reservations.Party(name, 2, wall.date(), wall.hour * 60 + wall.minute, "999 111 222", table, name)
