"""People at work on replicas of one branch: short words for commands, each a unit of work of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from restaurant import MANAGER, ORGANIZATION, Replica, Village

from shared.books.differences import open_differences
from shared.books.queries import order_view
from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen import sending, serving
from shared.kitchen.queries import open_tickets
from shared.kitchen.ticket_views import TicketView
from shared.orders import commands as orders
from shared.orders import correcting
from shared.orders.records import LineVoid, OrderKind
from shared.orders.undoing import LineBefore, restore_lines
from shared.payments import adjusting, charging, losses, refunding, slips
from shared.payments import commands as payments
from shared.payments.queries import noted_payments
from shared.payments.records import ReceiptLine
from shared.payments.rules import Tender, TenderKind
from shared.payments.tips import add_tip
from shared.payments.way_back import PayBack
from shared.staff.approving import Approving
from shared.taxes.queries import rates_in_force

ONE = 1_000


class Hands:
    """Somebody with all rights of a branch, at one device."""

    def __init__(self, village: Village, replica: Replica | Lent) -> None:
        self.house = village.house
        self.replica = replica
        self.cash = PayBack(village.house.methods["Efectivo"], "Efectivo", TenderKind.CASH)

    # -- taking the order --------------------------------------------------------------------------------------------

    async def open(self, table: str = "1") -> UUID:
        order_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await orders.open_order(work, order_id, OrderKind.DINE_IN, self.house.tables[table])
        return order_id

    async def take_out(self) -> UUID:
        order_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await orders.open_order(work, order_id, OrderKind.TAKEOUT)
        return order_id

    async def add(
        self,
        order_id: UUID,
        dish: str | UUID = "cev",
        quantity: int = ONE,
        check: UUID | None = None,
        *,
        chosen: tuple[UUID, ...] = (),
        price: int | None = None,
    ) -> UUID:
        line_id = self.replica.ids.new()
        item_id = self.house.items[dish] if isinstance(dish, str) else dish
        async with self.replica.work(MANAGER) as work:
            check = check or await payments.check_for_more(work, order_id)
            what = {"quantity_milli": quantity, "unit_price_minor": price, "check_id": check}
            await orders.add_line(work, order_id, line_id, item_id, chosen, **what)
        return line_id

    async def one_more(self, line_id: UUID) -> UUID:
        async with self.replica.work(MANAGER) as work:
            return await orders.one_more(work, line_id, work.ids.new())

    async def set(self, line_id: UUID, quantity: int) -> None:
        async with self.replica.work(MANAGER) as work:
            await orders.set_quantity(work, line_id, quantity)

    async def note(self, line_id: UUID, notes: str) -> None:
        async with self.replica.work(MANAGER) as work:
            await orders.change_line(work, line_id, notes=notes)

    async def reprice(self, line_id: UUID, unit_price_minor: int) -> None:
        async with self.replica.work(MANAGER) as work:
            await orders.change_line(work, line_id, unit_price_minor=unit_price_minor)

    async def remove(self, line_id: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await orders.remove_line(work, line_id)

    async def send(self, order_id: UUID) -> int:
        """Portions that the kitchen heard of."""
        async with self.replica.work(MANAGER) as work:
            return (await sending.send_order(work, order_id)).portions_milli

    async def serve(self, order_id: UUID, *line_ids: UUID, only_ready: bool = False) -> int:
        """Everything, or these lines."""
        async with self.replica.work(MANAGER) as work:
            handed_over = await serving.serve_order(work, order_id, line_ids or None, only_ready=only_ready)
            return handed_over.dishes

    async def promise(self, order_id: UUID, at: datetime | None) -> None:
        async with self.replica.work(MANAGER) as work:
            await orders.promise(work, order_id, at)

    # -- correcting --------------------------------------------------------------------------------------------------

    async def void(self, line_id: UUID, quantity: int, *, was_made: bool = False) -> UUID:
        void_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await correcting.void_line(work, line_id, void_id, quantity, "cold", was_made=was_made)
        return void_id

    async def lift(self, void_id: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await correcting.lift_void(work, void_id)

    async def voids(self) -> list[Any]:
        return await self.replica.rows(LineVoid)

    async def split(self, line_id: UUID, quantity: int) -> UUID:
        part_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await correcting.split_line(work, line_id, part_id, quantity)
        return part_id

    async def another_check(self, order_id: UUID) -> UUID:
        check_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await payments.open_check(work, order_id, check_id)
        return check_id

    async def move(self, line_id: UUID, check_id: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await correcting.move_line(work, line_id, check_id)

    async def join(self, order_id: UUID, into: UUID) -> UUID:
        """The order that has everything now."""
        async with self.replica.work(MANAGER) as work:
            return await payments.join_orders(work, order_id, into)

    async def cancel(self, order_id: UUID, *, was_made: bool = False) -> None:
        async with self.replica.work(MANAGER) as work:
            await correcting.cancel_order(work, order_id, "they left", was_made=was_made)

    async def undo(self, lines: Mapping[UUID, LineBefore]) -> None:
        async with self.replica.work(MANAGER) as work:
            await restore_lines(work, lines)

    # -- the kitchen -------------------------------------------------------------------------------------------------

    async def tickets(self) -> list[TicketView]:
        async with self.replica.connection() as reader:
            return await open_tickets(reader, ORGANIZATION, self.replica.place.branch_id)

    async def wall(self) -> list[tuple[str, str, int, int]]:
        """Dish, notes, portions to make and portions taken back, as the kitchen reads them."""
        return [
            (line.item_name, line.notes, line.to_make_milli, line.withdrawn_milli)
            for ticket in await self.tickets()
            for line in ticket.lines
            if line.to_make_milli or line.withdrawn_milli
        ]

    async def bump(self) -> None:
        """All tickets are made."""
        for ticket in await self.tickets():
            async with self.replica.work(MANAGER) as work:
                await kitchen.bump(work, ticket.id)

    async def confirm(self) -> int:
        """The kitchen notes all that was taken back: how much of it is waste."""
        wasted = 0
        for ticket in await self.tickets():
            async with self.replica.work(MANAGER) as work:
                wasted += sum((await kitchen.confirm(work, ticket.id)).values())
        return wasted

    # -- money -------------------------------------------------------------------------------------------------------

    async def pay(self, check_id: UUID, amount: int, *, share: int = 1, method: str = "Visa") -> UUID | None:
        """The receipt, if the amount makes one."""
        tenders = [self._tender(method, amount)] if amount else []
        async with self.replica.work(MANAGER) as work:
            paid = await payments.pay(work, check_id, work.ids.new(), tenders, share)
            return paid.receipt.id if paid.receipt else None

    async def noted(self, check_id: UUID) -> list[tuple[UUID, int]]:
        """Payments that no receipt counts and nobody took back, with their amounts."""
        async with self.replica.connection() as reader:
            noted = await noted_payments(reader, ORGANIZATION, check_id)
        return [(payment.id, payment.amount_minor) for payment in noted]

    async def take_back(self, check_id: UUID) -> int:
        """The last noted payment was a slip: what it was."""
        payment_id = (await self.noted(check_id))[-1][0]
        async with self.replica.work(MANAGER) as work:
            return (await slips.take_back(work, payment_id)).paid_minor

    async def replace_payment(self, payment_id: UUID, method: str) -> UUID:
        """What a receipt counts was paid by another method."""
        async with self.replica.work(MANAGER) as work:
            return (await slips.replace_payment(work, payment_id, self._tender(method, 0))).id

    def _tender(self, method: str, amount: int) -> Tender:
        kind = {"Visa": TenderKind.CARD, "Efectivo": TenderKind.CASH, "Yape": TenderKind.WALLET}[method]
        return Tender(self.house.methods[method], method, kind, amount)

    async def tip(self, check_id: UUID, amount: int, method: str = "Visa") -> UUID:
        by = self._tender(method, 0)
        async with self.replica.work(MANAGER) as work:
            tip = await add_tip(work, check_id, work.ids.new(), amount, by.method_id, by.method_name, by.kind)
            return tip.id

    async def give_back(self, check_id: UUID) -> int:
        async with self.replica.work(MANAGER) as work:
            given = await refunding.give_back(work, check_id, work.ids.new(), self.cash)
            return given.refund.paid_minor

    async def refund(self, check_id: UUID, portions: Mapping[UUID, int], by: PayBack | None = None) -> int:
        """What was handed out, as it was paid."""
        async with self.replica.work(MANAGER) as work:
            given = await refunding.refund(work, check_id, work.ids.new(), portions, by, "hair")
            return given.refund.paid_minor

    async def charge(self, check_id: UUID) -> int:
        """What was taken."""
        async with self.replica.work(MANAGER) as work:
            paid = await charging.charge(work, check_id, work.ids.new(), self.cash)
            return sum(payment.amount_minor for payment in paid.payments)

    async def write_off(self, check_id: UUID) -> int:
        async with self.replica.work(MANAGER) as work:
            return (await losses.write_off(work, check_id)).amount_minor

    async def walk_out(self, order_id: UUID, *, stops_cooking: bool = True) -> int:
        """The loss."""
        async with self.replica.work(MANAGER) as work:
            return await losses.walk_out(work, order_id, work.ids.new(), "they ran", stops_cooking=stops_cooking)

    async def lift_losses(self, check_id: UUID, receipt_id: UUID | None = None) -> int:
        async with self.replica.work(MANAGER) as work:
            return await losses.lift_losses(work, check_id, receipt_id)

    async def discount(self, check_id: UUID, **what: Any) -> UUID:
        discount_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await adjusting.give_discount(work, check_id, discount_id, **what)
        return discount_id

    async def lift_discount(self, discount_id: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await adjusting.lift_discount(work, discount_id)

    async def service(self, check_id: UUID, rate_millionths: int, *, taxed: bool = True) -> UUID:
        async with self.replica.work(MANAGER) as work:
            return (await adjusting.add_service_charge(work, check_id, rate_millionths, taxed=taxed)).id

    async def lift_service(self, charge_id: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await adjusting.lift_service_charge(work, charge_id)

    async def receipt_lines(self) -> list[Any]:
        return await self.replica.rows(ReceiptLine)

    # -- what is seen ------------------------------------------------------------------------------------------------

    async def order(self, order_id: UUID) -> OrderView:
        async with self.replica.connection() as reader:
            taxes = await rates_in_force(reader, ORGANIZATION, self.replica.clock.now().date())
            view = await order_view(reader, ORGANIZATION, order_id, taxes)
        assert view is not None
        return view

    async def check(self, order_id: UUID, check_id: UUID | None = None) -> CheckView:
        view = await self.order(order_id)
        return next(check for check in view.checks if check.id == check_id) if check_id else view.check

    async def line(self, order_id: UUID, line_id: UUID) -> LineView:
        return next(line for line in (await self.order(order_id)).lines if line.id == line_id)

    async def differences(self) -> dict[str, int]:
        """Differences by kind, with their size."""
        async with self.replica.connection() as reader:
            found = await open_differences(reader, ORGANIZATION, self.replica.place.branch_id)
        return {str(each.kind): each.size for each in found}


class Lent:
    """A device at which somebody works, and somebody else approves: `Hands(village, Lent(till, SERVER, MANAGER))`.

    Args:
        approver: with the rights that the device believes them to have; None if nobody approves.
    """

    def __init__(self, replica: Replica, actor: Actor, approver: Actor | None) -> None:
        self._replica = replica
        self._actor = actor
        self._approver = approver

    @asynccontextmanager
    async def work(self, _usual: Actor) -> AsyncIterator[Work]:
        """A unit of work of the actor."""
        async with self._replica.work(self._actor) as work:
            work.approver = None if self._approver is None else Approving(self._approver)
            yield work

    def __getattr__(self, name: str) -> Any:
        return getattr(self._replica, name)


async def meet(*hands: Hands) -> None:
    """All devices learn all of each other, and hold the same rows."""
    for _round in range(2):
        for to in hands:
            for of in hands:
                if to is not of:
                    await to.replica.pull(of.replica)
    first = await hands[0].replica.digests()
    for each in hands:
        assert not await each.replica.parked()
        assert await each.replica.digests() == first
