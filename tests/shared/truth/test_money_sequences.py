"""Whatever is sold, discounted, split, refunded and written off in whatever order: the money of each check adds up."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import ONE, Hands
from restaurant import ORGANIZATION

from shared.kernel.errors import DomainError
from shared.orders.commands import first_check_id
from shared.payments.past import past_receipt
from shared.payments.records import Payment, Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.payments.rules import TenderKind
from shared.sales.records import sales_by_hour, takings_by_method
from shared.truth.balances import CheckState, state_of
from shared.truth.reading import sums_of_checks

STEPS = 24
REFUSED = frozenset(
    {"NOTHING_TO_PAY", "NOTHING_TO_GIVE_BACK", "NOT_SO_MANY", "ORDER_CLOSED", "NOTHING_TO_WRITE_OFF", "NOTHING_TO_LIFT"}
    | {"ORDER_HAS_PAYMENTS", "DISCOUNT_NOT_SENSIBLE", "LINES_NOT_SENT", "CHANGE_NEEDS_CASH", "ALREADY_PAID"}
    | {"MORE_THAN_IT_PAID", "SHARE_NOT_SENSIBLE", "TENDER_NOT_POSITIVE", "SERVICE_NOT_SENSIBLE"}
)
"""What may be refused: it was asked for at random."""


class Evening:
    """Somebody who does things at random at one till."""

    def __init__(self, hands: Hands, seed: int) -> None:
        self.hands = hands
        self.random = random.Random(seed)
        self.orders: list[UUID] = []

    async def step(self) -> None:
        deeds = (self.sell, self.pay, self.pay, self.refund, self.refund, self.discount, self.service, self.walk_out)
        deed = self.random.choice((*deeds, self.come_back, self.give_back))
        if not self.orders:
            deed = self.sell
        try:
            await deed()
        except DomainError as error:
            if error.code not in REFUSED:
                raise

    def _check(self) -> UUID:
        return first_check_id(self.random.choice(self.orders))

    async def sell(self) -> None:
        order = await self.hands.open(self.random.choice("12"))
        for _dish in range(self.random.randint(1, 3)):
            await self.hands.add(order, self.random.choice(("cev", "chi", "pan")), self.random.randint(1, 3) * ONE)
        await self.hands.send(order)
        self.orders.append(order)

    async def pay(self) -> None:
        order = self.random.choice(self.orders)
        due = (await self.hands.check(order, first_check_id(order))).due_minor
        share = self.random.choice((1, 1, 1, 2, 3))
        method = self.random.choice(("Visa", "Efectivo"))
        amount = self.random.choice((due, due // 2, due // 3, due + 777 if method == "Efectivo" else due))
        await self.hands.pay(first_check_id(order), amount, share=share, method=method)

    async def refund(self) -> None:
        receipts = await self.hands.replica.rows(Receipt)
        if not receipts:
            return
        chosen = self.random.choice(receipts)
        async with self.hands.replica.connection() as reader:
            past = await past_receipt(reader, ORGANIZATION, chosen.id)
        assert past is not None
        lines = [line for line in past.lines if line.left_milli]
        if not lines:
            return
        portions = {
            line.row.id: self.random.choice((line.left_milli, min(ONE, line.left_milli), max(1, line.left_milli // 3)))
            for line in self.random.sample(lines, self.random.randint(1, len(lines)))
        }
        by = self.random.choice((None, self.hands.cash))
        expected = sum(line.worth_minor(portions.get(line.row.id, 0)) for line in lines)
        await self.hands.refund(past.receipt.check_id, portions, by=by)
        newest = max(await self.hands.replica.rows(Refund), key=lambda row: row.id)
        assert newest.total_minor == expected, "the screen said what it would come to"

    async def discount(self) -> None:
        what = self.random.choice(({"rate_millionths": 100_000}, {"amount_minor": 333}))
        await self.hands.discount(self._check(), **what)

    async def service(self) -> None:
        await self.hands.service(self._check(), 100_000)

    async def walk_out(self) -> None:
        await self.hands.walk_out(self.random.choice(self.orders), stops_cooking=self.random.random() < 0.3)

    async def come_back(self) -> None:
        check = self._check()
        await self.hands.lift_losses(check)
        with suppress(DomainError):
            await self.hands.pay(check, 10**6, method="Efectivo")

    async def give_back(self) -> None:
        await self.hands.give_back(self._check())

    # -- what must hold ------------------------------------------------------------------------------------------------

    async def adds_up(self) -> None:
        rows = self.hands.replica.rows
        lines, refund_lines = await rows(ReceiptLine), await rows(RefundLine)
        payments, backs, refunds = await rows(Payment), await rows(RefundPayment), await rows(Refund)
        losses = [row for row in await rows(WriteOff) if not row.lifted]
        sold, taken_back, credited = Counter[UUID](), Counter[UUID](), Counter[UUID]()
        for row in lines:
            sold[row.id] += row.quantity_milli
        for row in refund_lines:
            taken_back[row.receipt_line_id] += row.quantity_milli
            credited[row.receipt_line_id] += row.total_minor
        for row in lines:
            assert taken_back[row.id] <= row.quantity_milli, "never more than was sold"
            assert credited[row.id] <= row.total_minor
            if taken_back[row.id] == row.quantity_milli:
                assert credited[row.id] == row.total_minor, "parts add up to the cent"
        of_payment, of_refund = Counter[UUID](), Counter[UUID]()
        for row in backs:
            of_refund[row.refund_id] += row.paid_minor
            assert row.payment_id is not None or row.kind is TenderKind.CASH
            if row.payment_id is not None:
                of_payment[row.payment_id] += row.paid_minor
        for row in payments:
            assert of_payment[row.id] <= row.amount_minor, "never more to a card than it paid"
        for row in refunds:
            assert of_refund[row.id] == row.paid_minor
        charged = {row.check_id for row in lines if taken_back[row.id] < row.quantity_milli}
        gone = {row.check_id for row in lines} - charged
        assert not [row for row in losses if row.check_id in gone], "what is no sale is no loss"
        self._checks(payments, refunds, await self._over(gone))
        await self._sums(lines, refund_lines, payments, backs, losses)

    async def _over(self, checks: set[UUID]) -> set[UUID]:
        """Those of some checks about whose money nothing is to be done."""
        async with self.hands.replica.connection() as reader:
            sums = await sums_of_checks(reader, ORGANIZATION, checks)
        return {check for check, row in sums.items() if state_of(row) is CheckState.SETTLED}

    def _checks(self, payments: list[Any], refunds: list[Any], over: set[UUID]) -> None:
        came, went = Counter[UUID](), Counter[UUID]()
        for row in payments:
            came[row.check_id] += row.amount_minor
        for row in refunds:
            went[row.check_id] += row.paid_minor
        for check in went:
            assert went[check] <= came[check], "never more than came in"
        for check in over:
            assert went[check] == came[check], "what is all given back is given back to the last coin"

    async def _sums(
        self, lines: list[Any], refund_lines: list[Any], payments: list[Any], backs: list[Any], losses: list[Any]
    ) -> None:
        lost = sum(row.amount_minor for row in losses if row.receipt_id is not None)
        net = sum(row.total_minor for row in lines) - sum(row.total_minor for row in refund_lines)
        of = sales_by_hour.c
        async with self.hands.replica.connection() as reader:
            sums = sa.select(*(sa.func.coalesce(sa.func.sum(each), 0) for each in (of.total_minor, of.lost_minor)))
            total, lost_sum = (await reader.execute(sums)).one()
            taken = (await reader.execute(sa.select(sa.func.sum(takings_by_method.c.amount_minor)))).scalar() or 0
        assert (int(total), int(lost_sum)) == (net - lost, lost)
        assert int(taken) == sum(row.amount_minor for row in payments) - sum(row.paid_minor for row in backs)


@pytest.mark.parametrize("seed", range(8))
async def test_the_money_of_any_sequence_adds_up(till: Hands, seed: int) -> None:
    evening = Evening(till, seed)
    for _step in range(STEPS):
        await evening.step()
        await evening.adds_up()
