"""What people do about money at a simulated device: pay, give back, write off, discounts and service charges."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import Cash, cash_in, cash_out, drop_cash
from shared.drawers.queries import open_sessions
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import BusinessDate
from shared.kernel.work import Work
from shared.kitchen import sending
from shared.payments import adjusting, losses, prebills, refunding, slips, splitting
from shared.payments import commands as payments
from shared.payments.accounts import Account, open_account, owed_on, pay_account
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.pricing import due_of_check, split_of
from shared.payments.queries import MethodView, payment_methods
from shared.payments.records import Payment, ReceiptLine, WriteOff
from shared.payments.rules import Tender, TenderKind
from shared.payments.tips import add_tip
from shared.payments.way_back import PayBack
from shared.shifts.closing import close_day
from shared.shifts.commands import Counted, Head, close_session, count_session
from shared.shifts.opening import open_shift
from shared.truth.reading import sums_of_check
from tests.simulation.at_device import AtDevice
from tests.simulation.house import CASHIER, MANAGER, WAITRESS
from tests.simulation.places import ORGANIZATION


class MoneyDeeds(AtDevice):
    """Deeds about money."""

    async def pay(self) -> None:
        """Send and pay a check, a share of it, or a part of the money."""
        order = await self._some_order()
        check = next((each for each in order.checks if each.bill.lines), None) if order else None
        if order is None or check is None:
            return
        receipt_id, tenders = self._device.store.ids.new(), await self._tenders(max(0, check.due_minor))
        share = self._rnd.choice((1, 1, 1, 2, 3))

        async def pay(work: Work) -> tuple[payments.Paid, bool]:
            await sending.send_order(work, order.id)
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

    async def take_back(self) -> None:
        """A noted payment was a slip of the hand; or it is a receipt's already, and was by another method."""
        row = await self._newest(Payment)
        if row is None:
            return
        cash = await self._tender(TenderKind.CASH, 0)

        async def take_back(work: Work) -> None:
            try:
                await slips.take_back(work, row.id)
            except DomainError as error:
                if error.code != "PAYMENT_ON_RECEIPT":
                    raise
                await slips.replace_payment(work, row.id, cash)

        await self.do(MANAGER, "take back", take_back)

    async def tip(self) -> None:
        check = await self._some_check()
        if check is not None:
            by = await self._tender(self._rnd.choice((TenderKind.CASH, TenderKind.CARD)), 0)
            amount = self._rnd.randrange(1, 900)
            whose = (by.method_id, by.method_name, by.kind)
            await self.do(CASHIER, "tip", lambda work: add_tip(work, check.id, work.ids.new(), amount, *whose))

    async def walk_out(self) -> None:
        """A party leaves without paying; the kitchen stops, or has made it all."""
        order = await self._some_order()
        if order is not None:
            act_id, stops = self._device.store.ids.new(), self._rnd.random() < 0.5

            async def lose(work: Work) -> None:
                await losses.walk_out(work, order.id, act_id, "they ran", stops_cooking=stops)

            await self.do(MANAGER, "walk out", lose)

    async def come_back(self) -> None:
        """They pay after all."""
        row = await self._newest(WriteOff)
        if row is not None:
            await self.do(MANAGER, "come back", lambda work: losses.lift_losses(work, row.check_id))

    async def on_account(self) -> None:
        """All devices of a branch let the same person owe a check, who is opened by whoever comes first."""
        order = await self._some_order()
        check = next((each for each in order.checks if each.bill.lines and each.due_minor > 0), None) if order else None
        if order is None or check is None:
            return
        account_id, receipt_id = self._account_id(), self._device.store.ids.new()
        tender = replace(await self._tender(TenderKind.ACCOUNT, check.due_minor), account_id=account_id)

        async def pay(work: Work) -> None:
            if await work.session.get(Account, (work.organization_id, account_id)) is None:
                await open_account(work, account_id, "Ana")
            await sending.send_order(work, order.id)
            await payments.pay(work, check.id, receipt_id, [tender])

        await self.do(MANAGER, "on account", pay)

    async def collect(self) -> None:
        """Somebody pays a part of what they owe."""
        tender, account_id = await self._tender(TenderKind.CASH, 0), self._account_id()

        async def collect(work: Work) -> None:
            owed = await owed_on(work.session, work.organization_id, account_id)
            if owed > 1:
                await pay_account(work, account_id, work.ids.new(), replace(tender, amount_minor=owed // 2))

        await self.do(CASHIER, "collect", collect)

    def _account_id(self) -> UUID:
        return derived_id("simulated account", self._device.enrolment.branch_id)

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
            await self.do(MANAGER, "write off", lambda work: losses.write_off(work, check.id))

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

            async def lift(work: Work) -> bool:
                await adjusting.lift_discount(work, found.id)
                lines = (await due_of_check(work, found.check_id)).bill.lines.values()
                return any(each.id == found.id for line in lines for each in line.discounts)

            is_left = await self.do(MANAGER, "lift discount", lift)
            self._promised(not is_left, f"discount {found.id} is lifted, and still given")

    async def split_off(self) -> None:
        """Put some portions of a check on a check of their own; together they come to what it was."""
        order = await self._some_order()
        check = next((each for each in order.checks if len(each.price.lines) > 1), None) if order else None
        if order is None or check is None:
            return
        line, new_id = self._rnd.choice(check.price.lines), self._device.store.ids.new()
        portions = {line.key: self._rnd.choice((line.quantity_milli, max(1, line.quantity_milli // 3)))}
        self._world.opened_checks.add(new_id.bytes)

        async def split(work: Work) -> tuple[int, int]:
            before = await self._owed_by_split(work, check.id)
            await splitting.split_off(work, check.id, new_id, portions)
            return before, await self._owed_by_split(work, check.id)

        before, after = await self.do(WAITRESS, "split off", split)
        self._promised(before == after, f"check {check.id} comes to {before}, and split to {after}")

    async def _owed_by_split(self, work: Work, check_id: UUID) -> int:
        return sum([(await due_of_check(work, each.id)).whole_minor for each in await split_of(work, check_id)])

    async def ask_bill(self) -> None:
        """Guests ask for the bill."""
        order = await self._some_order()
        if order is not None:
            check = self._rnd.choice(order.checks)
            await self.do(CASHIER, "bill", lambda work: prebills.ask_bill(work, check.id, work.ids.new()))

    async def charge_service(self) -> None:
        order = await self._some_order()
        if order is not None:
            check, rate = self._rnd.choice(order.checks), self._rnd.choice((50_000, 100_000))
            await self.do(CASHIER, "service", lambda work: adjusting.add_service_charge(work, check.id, rate))

    async def lift_service(self) -> None:
        found = await self._newest(ServiceCharge, ~ServiceCharge.lifted)
        if found is not None:

            async def lift(work: Work) -> tuple[bool, int]:
                await adjusting.lift_service_charge(work, found.id)
                left = sa.select(ServiceCharge.id).where(
                    ServiceCharge.check_id == found.check_id, ~ServiceCharge.lifted
                )
                is_left = (await work.session.scalars(left)).first() is not None
                return is_left, (await due_of_check(work, found.check_id)).bill.service_minor

            is_left, charged = await self.do(MANAGER, "lift service", lift)
            self._promised(is_left or not charged, f"service charge {found.id} is lifted, and still charged")

    # -- the day -------------------------------------------------------------------------------------------------------

    async def open_shift(self) -> None:
        session_id, float_minor = self._device.store.ids.new(), self._rnd.choice((0, 5_000))
        floats = [Cash("PEN", float_minor)] if float_minor else ()
        await self.do(CASHIER, "open shift", lambda work: open_shift(work, session_id, None, floats))

    async def move_cash(self) -> None:
        movement_id, cash = self._device.store.ids.new(), Cash("PEN", self._rnd.choice((100, 250)))
        move = self._rnd.choice((cash_in, cash_out, drop_cash))
        await self.do(MANAGER, "move cash", lambda work: move(work, movement_id, cash, "change"))

    async def close_shift(self) -> None:
        """Count what this device has open, and close it, whatever is missing."""
        cash = self._rnd.choice((0, 4_000))

        async def close(work: Work) -> None:
            known = await open_sessions(work.session, work.organization_id, work.branch_id)
            mine = [view.session.id for view in known if view.session.device_id == work.place.device_id]
            if mine:
                await count_session(work, mine[0], [Counted(Cash("PEN", cash))])
                await close_session(work, mine[0], Head(0, ""))

        await self.do(CASHIER, "close shift", close)

    async def close_day(self) -> None:
        """Today or, in the middle of the evening, the day that was."""
        before = timedelta(days=self._rnd.randrange(2))
        await self.do(MANAGER, "close day", lambda work: close_day(work, BusinessDate(work.business_date - before)))
