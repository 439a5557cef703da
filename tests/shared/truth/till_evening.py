"""Somebody who does at random all that a till can do about money. What must hold after each deed: `money_holds.py`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from evening import ONE, Hands
from restaurant import BRANCH, CLOUD, MANAGER, ORGANIZATION, TILL, Village

from shared.books.views import CheckView, LineView, OrderView
from shared.countries.exchange import least_that_covers, worth_minor
from shared.drawers.commands import Cash, cash_in, cash_out, drop_cash, open_session
from shared.kernel.errors import DomainError
from shared.payments.accounts import open_account, owed_on, pay_account
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.commands import pay
from shared.payments.exchange import set_rate
from shared.payments.methods import add_payment_method
from shared.payments.past import past_receipt
from shared.payments.records import Payment, Receipt
from shared.payments.rules import Tender, TenderKind
from shared.payments.splitting import split_off
from shared.payments.tips import Tip, add_tip, lift_tip
from shared.shifts.commands import Counted, Head, close_session, count_session
from tests.shared.truth.money_holds import money_holds

ANA, RATE = UUID(int=77), 3_755_000
DOLLARS = "Dólares"
MORE_METHODS = {
    DOLLARS: TenderKind.CASH,
    "A cuenta": TenderKind.ACCOUNT,
    "Vale": TenderKind.VOUCHER,
    "Depósito": TenderKind.TRANSFER,
}
_REFUSED_BY_MAKERS = frozenset({"ROW_BREAKS_A_RULE"})
"""What no random wish may lead to: a command would write what no replica keeps."""


async def hands_at(village: Village) -> Hands:
    """A manager at a till that takes all kinds of money, with a person who may pay later."""
    cloud, till = village.replica(CLOUD, ""), village.replica(TILL)
    hands = Hands(village, till)
    async with cloud.work() as work:
        for at, (name, kind) in enumerate(MORE_METHODS.items(), start=6):
            more = {"currency": "USD"} if name == DOLLARS else {"gives_change": kind is TenderKind.VOUCHER}
            hands.house.methods[name] = (await add_payment_method(work, name, kind, at, **more)).id
        await set_rate(work, "USD", RATE, branch_id=BRANCH, day=cloud.clock.now().date())
    await till.pull(cloud)
    async with till.work(MANAGER) as work:
        await open_account(work, ANA, "Ana Torres")
    return hands


class TillEvening:
    """See the module.

    Attributes:
        done, refused: how often each deed was done, or refused by its code.
    """

    def __init__(self, hands: Hands, seed: int) -> None:
        self.hands = hands
        self.rnd = random.Random(seed)
        self.orders: list[UUID] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self._session: UUID | None = None

    @property
    def deeds(self) -> list[Callable[[], Awaitable[None]]]:
        """All that a till does; what people do most often comes more often."""
        common = [self.sell, self.sell, self.add, self.pay, self.pay, self.pay, self.pay_part, self.split, self.refund]
        corrections = [self.change, self.remove, self.void, self.move, self.take_back, self.replace, self.give_back]
        adjusting = [self.discount, self.discount_line, self.comp, self.service, self.lift_discount, self.lift_service]
        money = [self.tip, self.lift_tip, self.collect, self.cash_in, self.cash_out, self.drop, self.bump]
        rare = [self.walk_out, self.come_back, self.charge, self.write_off, self.cancel, self.close]
        return [*common, *corrections, *adjusting, *money, *rare]

    async def step(self) -> None:
        """One deed; most orders are small and soon over, as they are. No two are done at one moment."""
        self.hands.replica.clock.pass_time(seconds=1)
        if self._session is None:
            await self.begin()
        deed = self.rnd.choice(self.deeds) if self.orders else self.sell
        try:
            await deed()
        except DomainError as error:
            if error.code in _REFUSED_BY_MAKERS:
                raise
            self.refused[deed.__name__, error.code] += 1
        else:
            self.done[deed.__name__] += 1

    # -- the order -----------------------------------------------------------------------------------------------------

    async def _some(
        self, fits: Callable[[CheckView], object] = lambda _check: True
    ) -> tuple[OrderView, CheckView, list[LineView]]:
        """A check, most often one that fits, with its lines."""
        views = [await self.hands.order(order_id) for order_id in self.orders]
        checks = [(order, check) for order in views for check in order.checks]
        fitting = [(order, check) for order, check in checks if fits(check)]
        order, check = self.rnd.choice(fitting if fitting and self.rnd.random() < 0.8 else checks)
        return order, check, [line for line in order.lines if line.check_id == check.id]

    async def _line(self) -> LineView:
        _order, _check, lines = await self._some()
        if not lines:
            raise DomainError("NOTHING_THERE")
        return self.rnd.choice(lines)

    async def sell(self) -> None:
        order = await self.hands.open(self.rnd.choice("12"))
        self.orders.append(order)
        del self.orders[:-5]
        for _dish in range(self.rnd.randint(1, 3)):
            await self.hands.add(order, self.rnd.choice(("cev", "chi", "pan")), self.rnd.choice((1, 1, 2, 3)) * ONE)
        if self.rnd.random() < 0.9:
            await self.hands.send(order)

    async def add(self) -> None:
        order = self.rnd.choice(self.orders)
        await self.hands.add(order, self.rnd.choice(("cev", "pan")), self.rnd.choice((ONE, 350)))
        if self.rnd.random() < 0.7:
            await self.hands.send(order)

    async def change(self) -> None:
        line = await self._line()
        await self.hands.set(line.id, self.rnd.randint(1, 4) * ONE)

    async def remove(self) -> None:
        await self.hands.remove((await self._line()).id)

    async def void(self) -> None:
        line = await self._line()
        portions = self.rnd.choice((line.quantity_milli, min(ONE, line.quantity_milli), line.quantity_milli // 2))
        await self.hands.void(line.id, portions, was_made=self.rnd.random() < 0.3)

    async def bump(self) -> None:
        await self.hands.bump()

    async def cancel(self) -> None:
        await self.hands.cancel(self.rnd.choice(self.orders))

    # -- the bill ------------------------------------------------------------------------------------------------------

    async def split(self) -> None:
        order, check, lines = await self._some(lambda check: check.is_owed)
        owed = [line for line in lines if line.owed_milli]
        among = self.rnd.choice((2, 3, 3, 6))
        portions = {
            line.id: self.rnd.choice((line.owed_milli, line.owed_milli // among, line.owed_milli // among))
            for line in self.rnd.sample(owed, self.rnd.randint(1, len(owed)) if owed else 0)
        }
        before = await self._comes_to(order.id)
        async with self.hands.replica.work(MANAGER) as work:
            await split_off(work, check.id, work.ids.new(), {key: part for key, part in portions.items() if part})
        assert await self._comes_to(order.id) == before, "children add up to their parent"

    async def move(self) -> None:
        order, check, _lines = await self._some(lambda check: len(check.bill.lines) > 1)
        line = self.rnd.choice(order.lines) if order.lines else None
        if line is None or len(order.checks) < 2 or order.checks[0].discounts or order.checks[0].services:
            raise DomainError("NOTHING_TO_MOVE")
        await self.hands.move(line.id, check.id)

    async def _comes_to(self, order_id: UUID) -> int:
        return sum(check.bill.total_minor + check.counted_minor for check in (await self.hands.order(order_id)).checks)

    async def discount(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.is_owed)
        what = self.rnd.choice(({"rate_millionths": 125_000}, {"amount_minor": self.rnd.randint(1, 900)}))
        await self.hands.discount(check.id, **what)

    async def discount_line(self) -> None:
        line = await self._line()
        await self.hands.discount(line.check_id, line_id=line.id, rate_millionths=self.rnd.choice((100_000, 333_333)))

    async def comp(self) -> None:
        line = await self._line()
        whole = self.rnd.random() < 0.3
        await self.hands.discount(line.check_id, line_id=None if whole else line.id, is_comp=True, reason="Reclamo")

    async def service(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.is_owed)
        await self.hands.service(check.id, self.rnd.choice((100_000, 130_000)), taxed=self.rnd.random() < 0.5)

    async def lift_discount(self) -> None:
        await self.hands.lift_discount(await self._standing(Discount))

    async def lift_service(self) -> None:
        await self.hands.lift_service(await self._standing(ServiceCharge))

    async def _standing(self, kind: type[Any]) -> UUID:
        standing = [row.id for row in await self.hands.replica.rows(kind) if not row.lifted]
        if not standing:
            raise DomainError("NOTHING_TO_LIFT")
        return self.rnd.choice(standing)

    # -- money ---------------------------------------------------------------------------------------------------------

    def _tender(self, due: int) -> Tender:
        """Money by any method: too little, enough, or more with change."""
        name = self.rnd.choice(("Visa", "Efectivo", "Efectivo", "Yape", *MORE_METHODS))
        kind = MORE_METHODS.get(name) or {"Visa": TenderKind.CARD, "Yape": TenderKind.WALLET}.get(name, TenderKind.CASH)
        much = self.rnd.choice((due, due, due, due // 2, due // 3 + 1))
        if kind in (TenderKind.CASH, TenderKind.VOUCHER):
            much = self.rnd.choice((much, -(-due // 10) * 10, due // 10 * 10, due + 777, -(-due // 5_000) * 5_000))
        more: dict[str, Any] = {"gives_change": kind is TenderKind.VOUCHER}
        if kind is TenderKind.ACCOUNT:
            more["account_id"] = ANA
        if name == DOLLARS:
            given = least_that_covers(max(1, much), RATE, "USD", "PEN")
            much = worth_minor(given, RATE, "USD", "PEN")
            more |= {"given_currency": "USD", "given_minor": given, "rate_millionths": RATE}
        return Tender(self.hands.house.methods[name], name, kind, much, **more)

    async def pay(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.is_owed or check.short_minor)
        await self._pay(check, share=self.rnd.choice((1, 1, 1, 2, 3)))

    async def pay_part(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.is_owed or check.short_minor)
        await self._pay(check, part_minor=self.rnd.randint(1, max(1, check.due_minor)))

    async def _pay(self, check: CheckView, share: int = 1, part_minor: int | None = None) -> None:
        due = part_minor or -(-(check.due_minor if check.is_owed else check.short_minor) // share)
        tenders = [self._tender(max(0, due))] if due > 0 else []
        async with self.hands.replica.work(MANAGER) as work:
            await pay(work, check.id, work.ids.new(), tenders, share, part_minor)

    async def take_back(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.is_owed and check.credit_minor > 0)
        if not await self.hands.noted(check.id):
            raise DomainError("NOTHING_THERE")
        await self.hands.take_back(check.id)

    async def replace(self) -> None:
        payments = await self.hands.replica.rows(Payment)
        if not payments:
            raise DomainError("NOTHING_THERE")
        await self.hands.replace_payment(self.rnd.choice(payments).id, self.rnd.choice(("Visa", "Efectivo", "Yape")))

    async def tip(self) -> None:
        _order, check, _lines = await self._some()
        name = self.rnd.choice(("Visa", "Efectivo"))
        kind = TenderKind.CARD if name == "Visa" else TenderKind.CASH
        async with self.hands.replica.work(MANAGER) as work:
            method = self.hands.house.methods[name]
            await add_tip(work, check.id, work.ids.new(), self.rnd.randint(1, 900), method, name, kind)

    async def lift_tip(self) -> None:
        tip = await self._standing(Tip)
        async with self.hands.replica.work(MANAGER) as work:
            await lift_tip(work, tip)

    async def collect(self) -> None:
        async with self.hands.replica.connection() as reader:
            owed = await owed_on(reader, ORGANIZATION, ANA)
        name, kind = self.rnd.choice((("Visa", TenderKind.CARD), ("Efectivo", TenderKind.CASH)))
        much = self.rnd.choice((owed, owed // 2, owed // 10 * 10))
        async with self.hands.replica.work(MANAGER) as work:
            tender = Tender(self.hands.house.methods[name], name, kind, much)
            await pay_account(work, ANA, work.ids.new(), tender)

    async def refund(self) -> None:
        receipts = await self.hands.replica.rows(Receipt)
        if not receipts:
            raise DomainError("NOTHING_THERE")
        async with self.hands.replica.connection() as reader:
            past = await past_receipt(reader, ORGANIZATION, self.rnd.choice(receipts).id)
        assert past is not None
        lines = [line for line in past.lines if line.left_milli]
        portions = {
            line.row.id: self.rnd.choice((line.left_milli, min(ONE, line.left_milli), max(1, line.left_milli // 3)))
            for line in self.rnd.sample(lines, self.rnd.randint(1, len(lines)) if lines else 0)
        }
        by = self.rnd.choice((None, None, self.hands.cash))
        await self.hands.refund(past.receipt.check_id, portions, by=by)

    async def give_back(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.to_give_back_minor)
        await self.hands.give_back(check.id)

    async def charge(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.receipts)
        await self.hands.charge(check.id)

    async def write_off(self) -> None:
        _order, check, _lines = await self._some(lambda check: check.short_minor)
        await self.hands.write_off(check.id)

    async def walk_out(self) -> None:
        await self.hands.walk_out(self.rnd.choice(self.orders), stops_cooking=self.rnd.random() < 0.3)

    async def come_back(self) -> None:
        _order, check, _lines = await self._some()
        await self.hands.lift_losses(check.id)

    # -- the drawer ----------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Open a shift."""
        async with self.hands.replica.work(MANAGER) as work:
            floats = [Cash("PEN", self.rnd.choice((0, 10_000)))]
            self._session = (await open_session(work, work.ids.new(), None, floats)).session.id

    async def cash_in(self) -> None:
        async with self.hands.replica.work(MANAGER) as work:
            await cash_in(work, work.ids.new(), Cash("PEN", self.rnd.randint(1, 5_000)), "Sencillo")

    async def cash_out(self) -> None:
        async with self.hands.replica.work(MANAGER) as work:
            await cash_out(work, work.ids.new(), Cash("PEN", self.rnd.randint(1, 500)), "Hielo")

    async def drop(self) -> None:
        async with self.hands.replica.work(MANAGER) as work:
            await drop_cash(work, work.ids.new(), Cash("PEN", self.rnd.randint(1, 500)))

    async def close(self) -> None:
        assert self._session is not None
        async with self.hands.replica.work(MANAGER) as work:
            await count_session(work, self._session, [Counted(Cash("PEN", 10_000))])
        async with self.hands.replica.work(MANAGER) as work:
            await close_session(work, self._session, Head(1, "00"))
        self._session = None

    async def holds(self) -> None:
        """Everything that must hold after each deed."""
        await money_holds(self.hands, self.orders, ANA)
