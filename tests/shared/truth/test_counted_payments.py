"""Which receipt counts which payment is told by what receipts name, whatever the clocks of the tills say."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import CASHIER, NOON, ORGANIZATION, WAITER, HandClock, Village

from shared.kernel.errors import DomainError
from shared.orders.commands import first_check_id
from shared.payments.commands import pay
from shared.payments.counting import counted_by
from shared.payments.finding import find_receipts
from shared.payments.past import past_receipt
from shared.payments.records import Payment, Receipt
from shared.payments.rules import Tender, TenderKind
from shared.payments.seeking import Sought
from shared.payments.slips import take_back
from shared.payments.tips import lift_tip

HALF = 4_250


async def two_ceviches(till: Hands, *others: Hands) -> tuple[UUID, UUID]:
    """An order of 85.00 and its check, known to all."""
    order = await till.open()
    await till.add(order, "cev", 2 * ONE)
    await till.send(order)
    await meet(till, *others)
    return order, first_check_id(order)


def waiter(village: Village, *, minutes: int) -> Hands:
    """A second till whose clock is so far ahead."""
    return Hands(village, village.replica(WAITER, "B", HandClock(NOON + timedelta(minutes=minutes))))


async def paid_by(hands: Hands) -> dict[str, list[tuple[str, int]]]:
    """What a reprint of each receipt lists, by its number."""
    found = {}
    for receipt in sorted(await hands.replica.rows(Receipt), key=lambda each: each.number):
        async with hands.replica.connection() as reader:
            past = await past_receipt(reader, ORGANIZATION, receipt.id)
        assert past is not None
        found[receipt.number] = sorted((row.method_name, row.amount_minor) for row in past.payments)
    return found


async def test_a_clock_that_is_set_back_hides_no_payment(village: Village, till: Hands) -> None:
    order, check = await two_ceviches(till)
    await till.pay(check, HALF, share=2)
    village.clock.pass_time(hours=-1)
    await till.pay(check, 1_000)
    assert [amount for _id, amount in await till.noted(check)] == [1_000]
    assert await till.take_back(check) == 1_000
    assert (await till.check(order, check)).due_minor == HALF


@pytest.mark.parametrize("minutes", [-2, 0, 2])
async def test_a_till_whose_clock_is_wrong_sees_and_takes_back_what_it_noted(
    village: Village, till: Hands, minutes: int
) -> None:
    other = waiter(village, minutes=minutes)
    _order, check = await two_ceviches(till, other)
    await till.pay(check, HALF, share=2)
    await meet(till, other)
    await other.pay(check, 1_000, method="Yape")
    await meet(till, other)
    for hands in (till, other):
        assert [amount for _id, amount in await hands.noted(check)] == [1_000]
    await till.pay(check, HALF - 1_000)
    await meet(till, other)
    for hands in (till, other):
        listed = list((await paid_by(hands)).values())
        assert listed == [[("Visa", HALF)], [("Visa", 3_250), ("Yape", 1_000)]]
        assert await hands.noted(check) == []


@pytest.mark.parametrize("minutes", [-2, 0, 2])
async def test_what_a_receipt_has_counted_is_taken_back_by_right_alone(
    village: Village, till: Hands, minutes: int
) -> None:
    other = waiter(village, minutes=minutes)
    order, check = await two_ceviches(till, other)
    await other.pay(check, HALF, method="Efectivo")
    await meet(till, other)
    assert await till.pay(check, 0, share=2) is not None
    assert await till.noted(check) == []
    (payment,) = await till.replica.rows(Payment)
    with pytest.raises(DomainError, match="PAYMENT_ON_RECEIPT"):
        async with till.replica.work(CASHIER) as work:
            await take_back(work, payment.id)
    assert (await till.check(order, check)).due_minor == HALF


async def test_what_replaces_a_counted_payment_is_counted_too(till: Hands) -> None:
    """However often it is replaced; the next receipt does not list it again."""
    _order, check = await two_ceviches(till)
    await till.pay(check, HALF, share=2)
    (payment,) = await till.replica.rows(Payment)
    second = await till.replace_payment(payment.id, "Yape")
    third = await till.replace_payment(second, "Efectivo")
    assert await till.noted(check) == []
    with pytest.raises(DomainError, match="PAYMENT_ON_RECEIPT"):
        async with till.replica.work(CASHIER) as work:
            await take_back(work, third)
    await till.pay(check, HALF)
    assert list((await paid_by(till)).values()) == [[("Efectivo", HALF)], [("Visa", HALF)]]


@pytest.mark.parametrize("hours", [-1, 0])
async def test_an_operation_finds_the_receipt_that_counts_it(village: Village, till: Hands, hours: int) -> None:
    _order, check = await two_ceviches(till)
    first = await till.pay(check, HALF, share=2)
    village.clock.pass_time(hours=hours)
    yape = Tender(till.house.methods["Yape"], "Yape", TenderKind.WALLET, HALF, reference="4477123")
    async with till.replica.work(CASHIER) as work:
        second = (await pay(work, check, work.ids.new(), [yape])).receipt
    assert second is not None
    assert second.id != first
    async with till.replica.connection() as reader:
        where = (reader, ORGANIZATION, till.replica.place.branch_id)
        assert (await find_receipts(*where, Sought(operation="4477123"))).ids == (second.id,)
        assert (await find_receipts(*where, Sought(operation="44771"))).ids == (second.id,)


@pytest.mark.parametrize("hours", [-1, 0, 1])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_cash_for_the_staff_lies_in_the_drawer_since_its_receipt(
    village: Village, till: Hands, hours: int, before: bool
) -> None:
    """Whether a tip was there before the receipt is told by what its author knew."""
    _order, check = await two_ceviches(till)
    tip = await till.tip(check, 500, "Efectivo") if before else None
    village.clock.pass_time(hours=hours)
    await till.pay(check, HALF, share=2)
    if tip is None:
        village.clock.pass_time(hours=-hours)
        tip = await till.tip(check, 500, "Efectivo")
    if before:
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            async with till.replica.work(CASHIER) as work:
                await lift_tip(work, tip)
    else:
        async with till.replica.work(CASHIER) as work:
            assert (await lift_tip(work, tip)).lifted


def test_payments_that_replace_each_other_end() -> None:
    a, b, c = (UUID(int=at) for at in (1, 2, 3))
    receipts = {UUID(int=8): c.bytes, UUID(int=9): c.bytes + b"no id"}
    assert counted_by(receipts, {a: b, b: a, c: None}) == {c: UUID(int=8)}
