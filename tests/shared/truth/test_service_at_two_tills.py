"""Service that two tills add to one check, or take off it, knowing nothing of each other: both end with one bill."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import MANAGER

from shared.payments.limits import taken_off
from shared.payments.records import Receipt
from shared.truth.family import Difference

TEN_PERCENT = 100_000
CEVICHE = 4_250


async def bills(*hands: Hands, order: UUID) -> list[int]:
    """What the check comes to at each till."""
    return [(await each.check(order)).bill.total_minor for each in hands]


@pytest.fixture
async def shared(till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID) -> UUID:
    """A check of three ceviches, known at both."""
    await meet(till, other)
    return check


async def test_added_at_both_it_is_charged_once(till: Hands, other: Hands, order: UUID, shared: UUID) -> None:
    plain = (await bills(till, order=order))[0]
    added = {await each.service(shared, TEN_PERCENT) for each in (till, other)}
    assert len(added) == 1
    await meet(till, other)
    dear = plain + plain // 10
    assert await bills(till, other, order=order) == [dear, dear]


async def test_taken_off_at_both_it_is_gone_and_given_away_once(
    till: Hands, other: Hands, order: UUID, shared: UUID
) -> None:
    plain = (await bills(till, order=order))[0]
    charge = await till.service(shared, TEN_PERCENT)
    await meet(till, other)
    for each in (till, other):
        await each.lift_service(charge)
    await meet(till, other)
    assert await bills(till, other, order=order) == [plain, plain]
    for each in (till, other):
        async with each.replica.work(MANAGER) as work:
            assert (await taken_off(work, order)).amount_minor == plain // 10


async def test_taken_off_and_added_again_at_both_it_is_charged_once(
    till: Hands, other: Hands, order: UUID, shared: UUID
) -> None:
    plain = (await bills(till, order=order))[0]
    charge = await till.service(shared, TEN_PERCENT)
    await meet(till, other)
    anew = set()
    for each in (till, other):
        await each.lift_service(charge)
        anew.add(await each.service(shared, TEN_PERCENT))
    assert len(anew) == 1
    assert charge not in anew
    await meet(till, other)
    dear = plain + plain // 10
    assert await bills(till, other, order=order) == [dear, dear]


async def test_taken_off_at_one_while_the_other_takes_the_money_is_told_and_given_back(
    till: Hands, other: Hands, order: UUID, shared: UUID
) -> None:
    charge = await till.service(shared, TEN_PERCENT)
    await meet(till, other)
    dear = (await bills(till, order=order))[0]
    await till.lift_service(charge)
    await other.pay(shared, dear)
    await meet(till, other)
    assert len(await till.replica.rows(Receipt)) == 1
    told = [await each.differences() for each in (till, other)]
    assert told[0] == told[1]
    assert Difference.CHARGED_TOO_MUCH in told[0]
