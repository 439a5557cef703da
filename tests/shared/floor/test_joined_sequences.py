"""Whatever two devices do to tables in whatever order: no dish is lost, bills add up, and discounts are given.

They join, part, gather, move, split, merge, discount and pay, and hear of each other now and then.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import BRANCH, MANAGER, ORGANIZATION, TILL, WAITER, Village

from shared.books.causes import present_differences
from shared.books.queries import open_orders
from shared.books.views import CheckView, OrderView
from shared.kernel.errors import DomainError
from shared.orders.correcting import move_line
from shared.orders.records import OrderLine
from shared.orders.seating import move_order
from shared.payments.adjustment_records import Discount
from shared.payments.commands import join_orders
from shared.payments.joining import gather, join_tables, part_tables
from shared.payments.records import Receipt, ReceiptLine
from shared.payments.splitting import split_off
from shared.taxes.queries import rates_in_force
from shared.truth.family import Difference

STEPS = 24
TOTALS = ("gross_minor", "discount_minor", "service_minor", "net_minor", "tax_minor", "total_minor")


class Floor:
    """Two devices on which somebody does things at random. What may be refused is refused."""

    def __init__(self, village: Village, seed: int) -> None:
        self.rnd = random.Random(seed)
        self.devices = [Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))]
        self.orders: list[UUID] = []
        self.portions = 0

    async def step(self) -> None:
        hands = self.rnd.choice(self.devices)
        hands.replica.clock.pass_time(seconds=1)
        deeds: list[Callable[[Hands], Awaitable[None]]] = [self.join, self.join, self.gather, self.gather, self.part]
        deeds += [
            self.move_table,
            self.move_line,
            self.split,
            self.merge,
            self.discount,
            self.lift,
            self.pay,
            self.meet,
        ]
        try:
            await self.rnd.choice(deeds)(hands)
        except DomainError as error:
            if error.code == "ROW_BREAKS_A_RULE":
                raise

    async def begin(self) -> None:
        """Three parties of two dishes, known everywhere."""
        for table in ("1", "2", "2"):
            self.orders.append(await self.devices[0].open(table))
            for dish in ("cev", "chi"):
                await self.devices[0].add(self.orders[-1], dish, 2 * ONE)
                self.portions += 2 * ONE
            await self.devices[0].send(self.orders[-1])
        await meet(*self.devices)

    async def seen(self, hands: Hands) -> list[OrderView]:
        async with hands.replica.connection() as reader:
            taxes = await rates_in_force(reader, ORGANIZATION, hands.replica.clock.now().date())
            return await open_orders(reader, ORGANIZATION, BRANCH, taxes)

    async def _check(self, hands: Hands) -> CheckView:
        owing = [check for view in await self.seen(hands) for check in view.owing]
        if not owing:
            raise DomainError("NOTHING_TO_PAY")
        return self.rnd.choice(owing)

    async def meet(self, _hands: Hands) -> None:
        await meet(*self.devices)

    async def join(self, hands: Hands) -> None:
        async with hands.replica.work(MANAGER) as work:
            await join_tables(work, *self.rnd.sample(self.orders, 2))

    async def part(self, hands: Hands) -> None:
        async with hands.replica.work(MANAGER) as work:
            await part_tables(work, self.rnd.choice(self.orders))

    async def gather(self, hands: Hands) -> None:
        for view in await self.seen(hands):
            async with hands.replica.work(MANAGER) as work:
                await gather(work, view.id)

    async def move_table(self, hands: Hands) -> None:
        async with hands.replica.work(MANAGER) as work:
            await move_order(work, self.rnd.choice(self.orders), hands.house.tables[self.rnd.choice("12")])

    async def move_line(self, hands: Hands) -> None:
        lines = [line.id for line in await hands.replica.rows(OrderLine)]
        to = await self._check(hands)
        async with hands.replica.work(MANAGER) as work:
            await move_line(work, self.rnd.choice(lines), to.id)

    async def split(self, hands: Hands) -> None:
        check = await self._check(hands)
        line = self.rnd.choice(list(check.bill.lines))
        async with hands.replica.work(MANAGER) as work:
            await split_off(work, check.id, work.ids.new(), {line: self.rnd.choice((ONE, 333))})

    async def merge(self, hands: Hands) -> None:
        async with hands.replica.work(MANAGER) as work:
            await join_orders(work, *self.rnd.sample(self.orders, 2))

    async def discount(self, hands: Hands) -> None:
        what = self.rnd.choice(({"rate_millionths": 100_000}, {"amount_minor": 333}))
        await hands.discount((await self._check(hands)).id, **what)

    async def lift(self, hands: Hands) -> None:
        given = [row.id for row in await hands.replica.rows(Discount) if not row.lifted]
        if given:
            await hands.lift_discount(self.rnd.choice(given))

    async def pay(self, hands: Hands) -> None:
        check = await self._check(hands)
        await hands.pay(check.id, check.due_minor if self.rnd.random() < 0.7 else check.due_minor // 2)

    # -- what must hold ------------------------------------------------------------------------------------------------

    async def holds(self) -> None:
        """What must hold once all have met and each bill was looked at."""
        await meet(*self.devices)
        await self.gather(self.devices[0])
        await meet(*self.devices)
        views = await self.seen(self.devices[0])
        assert _shown(await self.seen(self.devices[1])) == _shown(views), "both show one truth"
        asked = await self._asked()
        for check in (check for view in views for check in view.checks):
            for name in TOTALS:
                amounts = [getattr(line, name) for line in check.bill.lines.values()]
                assert getattr(check.bill, name) == sum(amounts) >= 0
        await self._nothing_is_lost(views, asked)
        await self._promises_are_kept(views, asked)

    async def _asked(self) -> set[tuple[Difference, UUID]]:
        async with self.devices[0].replica.connection() as reader:
            found, _sums, _orders = await present_differences(reader, ORGANIZATION, [BRANCH])
        return {(each.kind, each.check_id) for each in found}

    async def _nothing_is_lost(self, views: list[OrderView], asked: set[tuple[Difference, UUID]]) -> None:
        """Each portion is owed on an open check, or a receipt covers it; receipts are their lines."""
        rows = self.devices[0].replica.rows
        owed = sum(line.owed_milli for view in views for line in view.lines)
        covered = sum(row.quantity_milli for row in await rows(ReceiptLine))
        twice = any(kind is Difference.PAID_TWICE for kind, _check in asked)
        assert owed + covered == self.portions or twice
        totals = Counter[UUID]()
        for row in await rows(ReceiptLine):
            totals[row.receipt_id] += row.total_minor
        assert {row.id: row.total_minor for row in await rows(Receipt)} == totals

    async def _promises_are_kept(self, views: list[OrderView], asked: set[tuple[Difference, UUID]]) -> None:
        """What was gathered from a check that has a discount stands there again, or people are asked."""
        rows = self.devices[0].replica.rows
        used = {row.check_id for row in await rows(ReceiptLine)}
        discounts = await rows(Discount)
        standing = {row.check_id for row in discounts if row.line_id is None and not row.lifted} - used
        owed = {line.id for view in views for line in view.lines if line.owed_milli}
        for line in await rows(OrderLine):
            if line.id in owed and line.gathered_from_id in standing:
                assert (Difference.DISCOUNT_LEFT_BEHIND, line.gathered_from_id) in asked


def _shown(views: list[OrderView]) -> list[object]:
    """What screens show of orders."""
    checks = [[(check.id, check.bill, check.credit_minor, check.discounts) for check in view.checks] for view in views]
    return [(view.id, view.lines, view.joined, of) for view, of in zip(views, checks, strict=True)]


@pytest.mark.parametrize("seed", [101, 104, 107])
async def test_whatever_is_done_to_tables_on_two_devices_no_dish_and_no_discount_is_lost(
    village: Village, seed: int
) -> None:
    floor = Floor(village, seed)
    await floor.begin()
    for _round in range(2):
        for _step in range(STEPS // 2):
            await floor.step()
        await floor.holds()
