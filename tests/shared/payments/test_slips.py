"""A payment that was a slip of the hand is taken back once, and what came in for the check is what it was before."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, CASHIER, TILL, WAITER, Village

from shared.kernel.errors import DomainError, NotPermitted
from shared.payments import slips
from shared.payments.queries import kept_payments
from shared.payments.records import Payment
from shared.payments.refund_records import Refund
from shared.payments.rules import Tender, TenderKind
from shared.payments.tips import Tip, add_tip
from shared.sales.queries import By, Span, sales_by

CEVICHE = 4_250


@pytest.fixture
def hands(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


async def opened(hands: Hands) -> UUID:
    order = await hands.open()
    await hands.add(order)
    await hands.send(order)
    return order


async def test_a_part_that_is_taken_back_is_owed_again(hands: Hands) -> None:
    order = await opened(hands)
    check = (await hands.order(order)).check_id
    await hands.pay(check, 2_000)
    assert (await hands.check(order)).due_minor == 2_250
    assert await hands.take_back(check) == 2_000
    assert (await hands.check(order)).due_minor == CEVICHE
    assert await hands.noted(check) == []
    assert await hands.pay(check, CEVICHE) is not None
    assert await hands.differences() == {}


async def test_a_payment_is_taken_back_once(hands: Hands) -> None:
    order = await opened(hands)
    check = (await hands.order(order)).check_id
    await hands.pay(check, 2_000)
    ((payment_id, _amount),) = await hands.noted(check)
    await hands.take_back(check)
    async with hands.replica.work(CASHIER) as work:
        with pytest.raises(DomainError, match="PAYMENT_TAKEN_BACK"):
            await slips.take_back(work, payment_id)


async def test_what_a_receipt_counts_is_replaced_by_who_may(hands: Hands) -> None:
    order = await opened(hands)
    check = (await hands.order(order)).check_id
    await hands.pay(check, CEVICHE)
    (payment,) = await hands.replica.rows(Payment)
    cash = Tender(hands.house.methods["Efectivo"], "Efectivo", TenderKind.CASH, 0)
    async with hands.replica.work(CASHIER) as work:
        with pytest.raises(DomainError, match="PAYMENT_ON_RECEIPT"):
            await slips.take_back(work, payment.id)
        with pytest.raises(NotPermitted):
            await slips.replace_payment(work, payment.id, cash)
    await hands.replace_payment(payment.id, "Efectivo")
    async with hands.replica.connection() as reader:
        (kept,) = await kept_payments(reader, payment.organization_id, check)
        day = payment.business_date
        groups = await sales_by(reader, Span(payment.organization_id, (BRANCH,), day, day), By.METHOD)
    assert (kept.method_name, kept.amount_minor) == ("Efectivo", CEVICHE)
    assert [(each.name, each.payments, each.total_minor) for each in groups] == [
        ("Efectivo", 1, CEVICHE),
        ("Visa", 0, 0),
    ]
    assert await hands.differences() == {}


async def test_two_tills_that_take_one_payment_back_do_it_once(village: Village) -> None:
    one, two = Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))
    order = await opened(one)
    check = (await one.order(order)).check_id
    await one.pay(check, 2_000)
    await meet(one, two)
    await one.take_back(check)
    await two.take_back(check)
    await meet(one, two)
    assert len(await one.replica.rows(Refund)) == 1
    assert (await two.check(order)).due_minor == CEVICHE


async def test_the_tip_of_a_payment_goes_back_with_it_or_to_the_right_method(hands: Hands) -> None:
    order = await opened(hands)
    check = (await hands.order(order)).check_id
    visa, cash = hands.house.methods["Visa"], hands.house.methods["Efectivo"]
    await hands.pay(check, 2_000)
    ((payment_id, _amount),) = await hands.noted(check)
    async with hands.replica.work(CASHIER) as work:
        await add_tip(work, check, work.ids.new(), 300, visa, "Visa", TenderKind.CARD, payment_id=payment_id)
    await hands.take_back(check)
    assert [tip.lifted for tip in await hands.replica.rows(Tip)] == [True]
    await hands.pay(check, CEVICHE)
    ((payment_id,),) = [[row.id for row in await hands.replica.rows(Payment) if row.amount_minor == CEVICHE]]
    async with hands.replica.work(CASHIER) as work:
        await add_tip(work, check, work.ids.new(), 500, visa, "Visa", TenderKind.CARD, payment_id=payment_id)
    await hands.replace_payment(payment_id, "Efectivo")
    standing = [tip for tip in await hands.replica.rows(Tip) if not tip.lifted]
    assert [(tip.amount_minor, tip.method_id) for tip in standing] == [(500, cash)]


@pytest.mark.parametrize("chosen", [("Efectivo", "Efectivo"), ("Efectivo", "Yape")])
async def test_two_tills_that_replace_one_payment_do_it_once(village: Village, chosen: tuple[str, str]) -> None:
    one, two = Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))
    order = await opened(one)
    check = (await one.order(order)).check_id
    await one.pay(check, CEVICHE)
    (payment,) = await one.replica.rows(Payment)
    visa = one.house.methods["Visa"]
    async with one.replica.work(CASHIER) as work:
        await add_tip(work, check, work.ids.new(), 500, visa, "Visa", TenderKind.CARD, payment_id=payment.id)
    await meet(one, two)
    await one.replace_payment(payment.id, chosen[0])
    await two.replace_payment(payment.id, chosen[1])
    await meet(one, two)
    for each in (one, two):
        async with each.replica.connection() as reader:
            (kept,) = await kept_payments(reader, payment.organization_id, check)
        (tip,) = [tip for tip in await each.replica.rows(Tip) if not tip.lifted]
        assert (kept.amount_minor, tip.amount_minor, tip.payment_id) == (CEVICHE, 500, kept.id)
        assert tip.method_name in chosen
        assert each.house.methods[kept.method_name] == kept.method_id
        assert (await each.check(order)).credit_minor == 0
        assert await each.differences() == {}
