"""What people do at a simulated device, deed by deed: each looks at what the device shows, and gives a real command.

A deed that finds nothing to do does nothing. What a command promises is held against it at once.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from shared.books.queries import open_orders
from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen.queries import TicketView, bumped_tickets, open_tickets
from shared.menu.queries import load_menu
from shared.menu.rules import MenuItem, default_modifiers
from shared.orders import commands as orders
from shared.orders import correcting
from shared.orders.records import LineVoid, Order, OrderKind
from shared.payments import adjusting, refunding
from shared.payments import commands as payments
from shared.payments.pricing import due_of_check
from shared.payments.queries import MethodView, payment_methods
from shared.payments.records import Discount, ReceiptLine
from shared.payments.refunding import PayBack
from shared.payments.rules import Tender, TenderKind
from shared.taxes.queries import rates_in_force
from shared.truth.reading import families, look, roots_of_order, sums_of_check
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import CASHIER, COOK, INTRUDER, MANAGER, WAITRESS, actor
from tests.simulation.places import ORGANIZATION

if TYPE_CHECKING:
    from tests.simulation.world import World

NOTES = ("", "sin cebolla", "ALERGIA", "mesa del fondo")
AMOUNTS = (500, 1_000, 2_000, 3_000)
FEW = 4
"""People turn to the same few rows, so that they get in each other's way."""


class Deeds:
    """All that people can do at one device, for as long as its program runs."""

    def __init__(self, world: World, device: SimulatedDevice, rnd: random.Random) -> None:
        self._world = world
        self._device = device
        self._rnd = rnd
        self._items: list[MenuItem] = []
        self._methods: list[MethodView] = []

    async def do(self, who: UUID, what: str, command: Callable[[Work], Awaitable[Any]]) -> Any:
        """Give a command. What it returns is acknowledged."""
        result = await self._device.store.run(self._person(who), command)
        self._device.acknowledged = max(self._device.acknowledged, self._device.end_of_own_log())
        self._world.note(self._device.name, what, self._device.acknowledged)
        if self._rnd.random() < 0.8:
            self._device.agent.wake()
        return result

    def _person(self, usual: UUID) -> Actor:
        """Who gives the command: now and then somebody who may not, on a device that does not care."""
        if self._rnd.random() < self._world.intrusion:
            return actor(INTRUDER)
        return actor(usual)

    def _promised(self, kept: bool, what: str) -> None:
        if not kept:
            self._world.complaints.append(f"{self._device.name}: {what}")

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

        async def add(work: Work) -> None:
            check_id = await payments.check_for_more(work, order_id)
            await orders.add_line(work, order_id, line_id, item.id, ids, quantity, notes, check_id=check_id)

        await self.do(who, "add", add)

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
            await kitchen.send_order(work, order.id)
            found = await families(work, await roots_of_order(work, order.id))
            return not any(family.to_send for family in found.values())

        self._promised(await self.do(WAITRESS, "send", send), f"order {order.id} is sent, and something is to send")

    # -- correcting --------------------------------------------------------------------------------------------------

    async def split(self) -> None:
        quantity = self._rnd.choice((500, 1_000))
        line = await self._some_line(lambda line: line.quantity_milli > quantity)
        if line is None:
            return

        async def split(work: Work) -> bool:
            _row, before, whole = await look(work, line.id)
            part_id = work.ids.new()
            await correcting.split_line(work, line.id, part_id, quantity)
            _row, after, part = await look(work, part_id)
            same = (part.content, part.unit_minor, part.live) == (whole.content, whole.unit_minor, quantity)
            return same and before.ordered == after.ordered

        self._promised(
            await self.do(WAITRESS, "split", split), f"line {line.id} is split, and its part is another dish"
        )

    async def move(self) -> None:
        """Put a line on another check of the same order, or of another."""
        found = await self.orders()
        checks = [check.id for order in found[:FEW] for check in order.checks]
        line = await self._some_line(lambda line: bool(line.owed_milli))
        if line is None:
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
        void = await self._newest(LineVoid, ~LineVoid.lifted)
        if void is not None:
            await self.do(MANAGER, "lift", lambda work: correcting.lift_void(work, void.id))

    async def cancel(self) -> None:
        order = await self._some_order()
        if order is not None:
            await self.do(MANAGER, "cancel", lambda work: correcting.cancel_order(work, order.id, "they left"))

    # -- the kitchen -------------------------------------------------------------------------------------------------

    async def cook(self) -> None:
        ticket = await self._some_ticket(open_tickets)
        if ticket is not None:
            command = self._rnd.choice((kitchen.bump, kitchen.bump, kitchen.start))
            await self.do(COOK, command.__name__, lambda work: command(work, ticket.id))

    async def confirm(self) -> None:
        ticket = await self._some_ticket(open_tickets)
        if ticket is not None:
            await self.do(COOK, "confirm", lambda work: kitchen.confirm(work, ticket.id))

    async def recall(self) -> None:
        ticket = await self._some_ticket(bumped_tickets)
        if ticket is None:
            return
        made = any(line.quantity_milli for line in ticket.lines)
        await self.do(COOK, "recall", lambda work: kitchen.recall(work, ticket.id))
        async with self._device.store.reading() as connection:
            asked = {each.id for each in await open_tickets(connection, ORGANIZATION, self._device.enrolment.branch_id)}
        self._promised(not made or ticket.id in asked, f"ticket {ticket.id} is called back, and still done")

    async def serve(self) -> None:
        order = await self._some_order()
        if order is not None:
            await self.do(WAITRESS, "serve", lambda work: kitchen.serve_order(work, order.id))

    # -- money -------------------------------------------------------------------------------------------------------

    async def pay(self) -> None:
        """Send and pay a check, a share of it, or a part of the money."""
        order = await self._some_order()
        check = next((each for each in order.checks if each.bill.lines), None) if order else None
        if order is None or check is None:
            return
        receipt_id, tenders = self._device.store.ids.new(), await self._tenders(max(0, check.due_minor))
        share = self._rnd.choice((1, 1, 1, 2, 3))

        async def pay(work: Work) -> tuple[payments.Paid, bool]:
            await kitchen.send_order(work, order.id)
            paid = await payments.pay(work, check.id, receipt_id, tenders, share)
            return paid, bool((await due_of_check(work, check.id)).parts)

        paid, owes = await self.do(CASHIER, "pay", pay)
        self._promised(share > 1 or paid.receipt is None or not owes, f"check {check.id} is paid, and owes something")

    async def _tenders(self, due_minor: int) -> list[Tender]:
        way = self._rnd.random()
        if way < 0.4:
            return [await self._tender(TenderKind.CASH, -(-due_minor // 1_000) * 1_000)]
        if way < 0.7:
            return [await self._tender(TenderKind.CARD, due_minor)] if due_minor else []
        if way < 0.85 and due_minor > 200:
            return [await self._tender(TenderKind.WALLET, due_minor // 2)]
        return [
            await self._tender(TenderKind.CARD, max(1, due_minor // 3)),
            await self._tender(TenderKind.CASH, due_minor),
        ]

    async def _tender(self, kind: TenderKind, amount_minor: int) -> Tender:
        method = await self._method(kind)
        return Tender(method.id, method.name, kind, amount_minor)

    async def _method(self, kind: TenderKind) -> MethodView:
        if not self._methods:
            async with self._device.store.reading() as connection:
                self._methods = await payment_methods(connection, ORGANIZATION)
        return next(each for each in self._methods if each.kind is kind)

    async def _cash(self) -> PayBack:
        method = await self._method(TenderKind.CASH)
        return PayBack(method.id, method.name, TenderKind.CASH)

    async def give_back(self) -> None:
        check = await self._some_check()
        if check is not None:
            by = await self._cash()
            await self.do(MANAGER, "give back", lambda work: refunding.give_back(work, check.id, work.ids.new(), by))

    async def refund(self) -> None:
        row = await self._newest(ReceiptLine)
        if row is None:
            return
        by, portions = await self._cash(), {row.id: self._rnd.choice((row.quantity_milli, 500))}
        was_made = self._rnd.random() < 0.3

        async def refund(work: Work) -> tuple[int, int]:
            before = (await sums_of_check(work, row.check_id)).owed_milli
            await refunding.refund(work, row.check_id, work.ids.new(), portions, by, "hair", was_made=was_made)
            parts = (await due_of_check(work, row.check_id)).parts
            return before, sum(part.quantity_milli for part in parts.values())

        before, after = await self.do(MANAGER, "refund", refund)
        self._promised(after <= before, f"given back on check {row.check_id}, and owed again")

    async def write_off(self) -> None:
        check = await self._some_check()
        if check is not None:
            await self.do(MANAGER, "write off", lambda work: payments.write_off(work, check.id))

    async def discount(self) -> None:
        line = await self._some_line(lambda line: bool(line.owed_milli))
        if line is not None:
            what: dict[str, Any] = self._rnd.choice(
                ({"rate_millionths": 100_000}, {"amount_minor": self._rnd.randrange(1, 300)})
            )
            what["line_id"] = self._rnd.choice((line.id, None))
            await self.do(
                MANAGER,
                "discount",
                lambda work: adjusting.give_discount(work, line.check_id, work.ids.new(), **what),
            )

    async def lift_discount(self) -> None:
        found = await self._newest(Discount, ~Discount.lifted)
        if found is not None:
            await self.do(MANAGER, "lift discount", lambda work: adjusting.lift_discount(work, found.id))

    # -- what they see -----------------------------------------------------------------------------------------------

    async def orders(self) -> Sequence[OrderView]:
        """The orders about which something is to be done."""
        async with self._device.store.reading() as connection:
            taxes = await rates_in_force(connection, ORGANIZATION, self._device.clock.now().date())
            return await open_orders(connection, ORGANIZATION, self._device.enrolment.branch_id, taxes)

    async def _read_menu(self) -> None:
        if not self._items or self._rnd.random() < 0.1:
            async with self._device.store.reading() as connection:
                menu = await load_menu(connection, ORGANIZATION)
            self._items = list(menu.items.values())

    async def _some_order(self) -> OrderView | None:
        """Mostly one of the oldest: all devices turn to the same few."""
        found = await self.orders()
        return self._rnd.choice(found[:3] if self._rnd.random() < 0.7 else found) if found else None

    async def _some_check(self) -> CheckView | None:
        order = await self._some_order()
        return self._rnd.choice(order.checks) if order else None

    async def _some_line(self, wanted: Callable[[LineView], bool] = lambda _line: True) -> LineView | None:
        found = [line for order in await self.orders() for line in order.lines if line.quantity_milli and wanted(line)]
        return self._rnd.choice(found[:FEW]) if found else None

    async def _some_ticket(self, query: Callable[..., Awaitable[Sequence[TicketView]]]) -> TicketView | None:
        async with self._device.store.reading() as connection:
            found = await query(connection, ORGANIZATION, self._device.enrolment.branch_id)
        return self._rnd.choice(found[:3]) if found else None

    async def _newest(self, kind: Any, *where: Any) -> Any:
        """One of the newest rows of a table in this branch, by their ids."""
        here = kind.branch_id == self._device.enrolment.branch_id
        async with self._device.store.reading() as connection:
            rows = await connection.execute(
                sa.select(kind.__table__).where(here, *where).order_by(kind.id.desc()).limit(FEW)
            )
            found = rows.all()
        return self._rnd.choice(found) if found else None
