"""What people do at a simulated device, deed by deed: each looks at what the device shows, and gives a real command.

A deed that finds nothing to do does nothing. What a command promises is held against it at once. Here is what is
ordered; kitchen, money and guests have files of their own.
"""

from __future__ import annotations

from uuid import UUID

from shared.kernel.work import Work
from shared.kitchen import sending
from shared.menu.availability import availability
from shared.menu.rules import default_modifiers
from shared.orders import commands as orders
from shared.orders import correcting
from shared.orders.coursing import set_course, set_seat
from shared.orders.records import LineVoid, Order, OrderKind
from shared.payments import commands as payments
from shared.truth.reading import families, look, roots_of_order
from tests.simulation.at_device import FEW
from tests.simulation.guest_deeds import GuestDeeds
from tests.simulation.house import CASHIER, MANAGER, WAITRESS
from tests.simulation.kitchen_deeds import KitchenDeeds
from tests.simulation.money_deeds import MoneyDeeds
from tests.simulation.phone_deeds import PhoneDeeds
from tests.simulation.places import ORGANIZATION
from tests.simulation.service_deeds import ServiceDeeds

NOTES = ("", "sin cebolla", "ALERGIA", "mesa del fondo")
AMOUNTS = (500, 1_000, 2_000, 3_000)


class Deeds(GuestDeeds, KitchenDeeds, MoneyDeeds, PhoneDeeds, ServiceDeeds):
    """All that people can do at one device."""

    # -- taking orders -----------------------------------------------------------------------------------------------

    async def order(self) -> None:
        await self._read_menu()
        order_id = self._device.store.ids.new()
        kind = self._rnd.choice((OrderKind.DINE_IN, self._world.taken_away(self._device)))
        who = self._rnd.choice((CASHIER, WAITRESS))
        guests = 0 if self._device.is_old else 2
        await self.do(who, "open", lambda work: orders.open_order(work, order_id, kind, guests=guests))
        for _line in range(self._rnd.randint(1, 2)):
            await self._add_to(order_id, who)

    async def add(self) -> None:
        """Mostly to an open order; now and then to one that is paid, since they stay for another round."""
        await self._read_menu()
        order = await (self._some_order() if self._rnd.random() < 0.7 else self._newest(Order))
        if order is not None:
            await self._add_to(order.id, WAITRESS)

    async def _add_to(self, order_id: UUID, who: UUID) -> None:
        item = self._rnd.choice(self._items)
        ids, line_id = default_modifiers(item), self._device.store.ids.new()
        quantity, notes = self._rnd.choice((1_000, 2_000, 500)), self._rnd.choice(NOTES)

        async def add(work: Work) -> bool:
            left = (await availability(work.session, ORGANIZATION, work.branch_id, work.business_date)).get(item.id)
            check_id = await payments.check_for_more(work, order_id)
            await orders.add_line(work, order_id, line_id, item.id, ids, quantity, notes, check_id=check_id)
            return left is None or left.left_milli >= quantity

        self._promised(await self.do(who, "add", add), f"fewer are left of {item.name} than were ordered")

    async def one_more(self) -> None:
        line = await self._some_line()
        if line is not None:
            await self.do(WAITRESS, "one more", lambda work: orders.one_more(work, line.id, work.ids.new()))

    async def set_quantity(self) -> None:
        line = await self._some_line(lambda line: not line.is_told)
        if line is None:
            return
        quantity = self._rnd.choice(AMOUNTS)

        async def typed(work: Work) -> int:
            await orders.set_quantity(work, line.id, quantity)
            return (await look(work, line.id))[2].live

        live = await self.do(WAITRESS, "set", typed)
        self._promised(live == quantity, f"typed {quantity}, and line {line.id} says {live}")

    async def note(self) -> None:
        line = await self._some_line()
        if line is not None:
            notes = self._rnd.choice(NOTES)
            changed = await self.do(WAITRESS, "note", lambda work: orders.change_line(work, line.id, notes=notes))
            self._promised(changed.notes == notes, f"what was written to line {line.id} is lost at once")

    async def choose(self) -> None:
        """Choose other modifiers of a dish that has some."""
        await self._read_menu()
        groups = {item.id: item.modifier_groups for item in self._items if item.modifier_groups}
        line = await self._some_line(lambda line: line.item_id in groups)
        if line is not None:
            options = [self._rnd.choice(group.choices).id for group in groups[line.item_id]]
            await self.do(WAITRESS, "choose", lambda work: orders.change_line(work, line.id, modifier_ids=options))

    async def reprice(self) -> None:
        line = await self._some_line()
        if line is not None:
            price = self._rnd.randrange(100, 5_000)
            await self.do(MANAGER, "reprice", lambda work: orders.change_line(work, line.id, unit_price_minor=price))

    async def remove(self) -> None:
        line = await self._some_line(lambda line: not line.is_told)
        if line is not None:
            await self.do(WAITRESS, "remove", lambda work: orders.remove_line(work, line.id))

    async def send(self) -> None:
        order = await self._some_order()
        if order is None:
            return

        async def send(work: Work) -> bool:
            await sending.send_order(work, order.id)
            found = await families(work, await roots_of_order(work, order.id))
            return not any(family.to_send for family in found.values())

        self._promised(await self.do(WAITRESS, "send", send), f"order {order.id} is sent, and something is to send")

    async def course(self) -> None:
        """Serve a line in another course, or for another guest."""
        line = await self._some_line(lambda line: not line.is_told)
        if line is not None:
            course, seat = self._rnd.randint(0, 3), self._rnd.randint(0, 2)

            async def said(work: Work) -> None:
                await set_course(work, line.id, course)
                await set_seat(work, line.id, seat)

            await self.do(WAITRESS, "course", said)

    async def fire(self) -> None:
        """Fire the next course of an order."""
        order = next((order for order in await self.orders() if order.held_courses), None)
        if order is not None:
            await self.do(WAITRESS, "fire", lambda work: sending.fire_course(work, order.id))

    # -- correcting --------------------------------------------------------------------------------------------------

    async def split(self) -> None:
        """Part a line in two; mostly because somebody pays their part of it on a check of their own."""
        quantity, apart = self._rnd.choice((500, 1_000)), self._rnd.random() < 0.6
        line = await self._some_line(lambda line: line.quantity_milli > quantity)
        if line is None:
            return
        part_id, check_id = self._device.store.ids.new(), self._device.store.ids.new()
        self._world.opened_checks.add(check_id.bytes)

        async def split(work: Work) -> bool:
            row, before, whole = await look(work, line.id)
            await correcting.split_line(work, line.id, part_id, quantity)
            _row, after, part = await look(work, part_id)
            same = (part.content, part.unit_minor) == (whole.content, whole.unit_minor)
            # Where voids took more than their line has, the ids of the parts decide who has what is left.
            if before.ordered == sum(each.live for each in before.parts.values()):
                same = same and part.live == quantity
            if apart and same:
                await payments.open_check(work, row.order_id, check_id)
                await correcting.move_line(work, part_id, check_id)
            return same and before.ordered == after.ordered

        self._promised(
            await self.do(WAITRESS, "split", split), f"line {line.id} is split, and its part is another dish"
        )

    async def move(self) -> None:
        """Put a line on another check of the same order, or of another."""
        line = await self._some_line(lambda line: bool(line.owed_milli))
        found = await self.orders()
        checks = [check.id for order in found[:FEW] for check in order.checks]
        if line is None or all(each.id != line.check_id for order in found for each in order.checks):
            return
        if self._rnd.random() < 0.4:
            order = next(order for order in found if any(each.id == line.check_id for each in order.checks))
            check_id = self._device.store.ids.new()
            self._world.opened_checks.add(check_id.bytes)
            await self.do(WAITRESS, "another check", lambda work: payments.open_check(work, order.id, check_id))
        else:
            check_id = self._rnd.choice(checks)
        await self.do(WAITRESS, "move", lambda work: correcting.move_line(work, line.id, check_id))

    async def void(self) -> None:
        line = await self._some_line(lambda line: line.is_told and bool(line.owed_milli))
        if line is not None:
            quantity = self._rnd.choice([each for each in AMOUNTS if each < line.owed_milli] + [line.owed_milli])
            was_made = line.made_milli >= quantity and self._rnd.random() < 0.5

            async def void(work: Work) -> bool:
                before = (await look(work, line.id))[2].live
                await correcting.void_line(work, line.id, work.ids.new(), quantity, "cold", was_made=was_made)
                return before - (await look(work, line.id))[2].live == quantity

            self._promised(await self.do(MANAGER, "void", void), f"line {line.id} is voided, and still there")

    async def lift(self) -> None:
        void = await self._newest(LineVoid, ~LineVoid.lifted, LineVoid.thrown_milli == 0)
        if void is not None:
            await self.do(MANAGER, "lift", lambda work: correcting.lift_void(work, void.id))

    async def cancel(self) -> None:
        order = await self._some_order()
        if order is not None:
            await self.do(MANAGER, "cancel", lambda work: correcting.cancel_order(work, order.id, "they left"))
