"""What a check was charged too little is taken, and ends the difference."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands, meet

from shared.kernel.errors import DomainError
from shared.payments.records import Payment
from shared.payments.refund_records import Refund

CEVICHE = 4_250
TENTH, FIFTH = 100_000, 200_000


async def _came_in(who: Hands) -> int:
    paid = sum(row.amount_minor for row in await who.replica.rows(Payment))
    return paid - sum(row.paid_minor for row in await who.replica.rows(Refund))


async def test_what_was_charged_too_little_is_taken(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await other.service(check, TENTH)
    await till.pay(check, 3 * CEVICHE)
    await meet(till, other)
    ((kind, missing),) = (await till.differences()).items()
    assert kind == "charged_too_little"
    taken = await till.charge(check)
    assert abs(taken - missing) <= 5, "cash is rounded to the coin"
    assert await _came_in(till) == 3 * CEVICHE + taken
    await meet(till, other)
    for each in (till, other):
        assert not await each.differences()
        assert (await each.order(order)).is_free
    with pytest.raises(DomainError, match="NOTHING_TO_PAY"):
        await other.charge(check)


async def test_a_discount_that_was_lifted_while_it_was_paid_is_taken(
    till: Hands, other: Hands, check: UUID, sent: UUID
) -> None:
    discount = await till.discount(check, rate_millionths=FIFTH)
    await meet(till, other)
    await other.lift_discount(discount)
    await till.pay(check, 3 * CEVICHE * 8 // 10)
    await meet(till, other)
    assert await other.differences() == {"charged_too_little": 3 * CEVICHE * 2 // 10}
    assert await other.charge(check) == 3 * CEVICHE * 2 // 10
    await meet(till, other)
    assert not await till.differences()
    assert await _came_in(till) == 3 * CEVICHE


async def test_taken_on_both_devices_it_is_given_back_once(till: Hands, other: Hands, check: UUID, sent: UUID) -> None:
    await other.service(check, TENTH)
    await till.pay(check, 3 * CEVICHE)
    await meet(till, other)
    taken = await till.charge(check)
    assert await other.charge(check) == taken
    await meet(till, other)
    assert {"paid_twice"} <= set(await till.differences()) <= {"paid_twice", "refunded_twice"}
    await till.give_back(check)
    await meet(till, other)
    assert await _came_in(other) == 3 * CEVICHE + taken
    assert set(await other.differences()) <= {"refunded_twice"}, "a note says that it was one"


async def test_nothing_is_taken_where_nothing_is_charged_too_little(till: Hands, check: UUID, sent: UUID) -> None:
    await till.pay(check, 3 * CEVICHE)
    with pytest.raises(DomainError, match="NOTHING_TO_PAY"):
        await till.charge(check)


async def test_what_three_receipts_charged_too_little_is_taken_at_once(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await other.service(check, TENTH)
    for left in (3, 2, 1):
        await till.pay(check, CEVICHE, share=left)
    await meet(till, other)
    ((_kind, missing),) = (await till.differences()).items()
    assert abs(await till.charge(check) - missing) <= 5
    await meet(till, other)
    for each in (till, other):
        assert not await each.differences()
        assert (await each.order(order)).is_free


async def test_of_what_was_refunded_nothing_is_taken(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    discount = await till.discount(check, rate_millionths=FIFTH)
    await meet(till, other)
    await other.lift_discount(discount)
    await till.pay(check, 3 * CEVICHE * 8 // 10)
    (line,) = await till.receipt_lines()
    await till.refund(check, {line.id: 1_000})
    await meet(till, other)
    assert await till.charge(check) == 2 * CEVICHE * 2 // 10
    await meet(till, other)
    assert not await other.differences()
    assert (await other.order(order)).is_free
    assert await _came_in(other) == 2 * CEVICHE
