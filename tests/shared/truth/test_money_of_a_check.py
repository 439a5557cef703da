"""Discounts, shares, losses and moved lines: what is owed is one figure, wherever a line stands and whoever asks."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import ONE, Hands, meet
from restaurant import MANAGER, Village

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.orders.commands import first_check_id
from shared.payments.refunding import refund
from shared.sales.records import sales_by_hour

CEVICHE = 4_250


async def test_the_discount_of_a_line_follows_it_to_another_check(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.discount(check, amount_minor=1_000, line_id=sent)
    second = await till.another_check(order)
    await till.move(sent, second)
    assert (await till.check(order, second)).due_minor == 3 * CEVICHE - 1_000
    await till.pay(second, 3 * CEVICHE - 1_000)
    assert (await till.order(order)).is_free


async def test_an_amount_that_is_taken_off_is_given_once_over_several_receipts(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.discount(check, amount_minor=1_000)
    assert (await till.check(order)).due_minor == 3 * CEVICHE - 1_000
    for share in (3, 2, 1):
        await till.pay(check, 3_917 if share > 1 else 3 * CEVICHE - 1_000 - 2 * 3_917, share=share)
    assert sum(line.discount_minor for line in await till.receipt_lines()) == 1_000
    assert (await till.order(order)).is_free
    assert not await till.differences()


async def test_cancelling_leaves_what_was_moved_to_another_table(till: Hands, order: UUID, sent: UUID) -> None:
    there = await till.open("2")
    await till.move(sent, first_check_id(there))
    await till.cancel(order)
    assert (await till.check(there)).due_minor == 3 * CEVICHE
    assert await till.pay(first_check_id(there), 3 * CEVICHE)
    assert not await till.differences()


async def test_written_off_on_both_is_one_loss(till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID) -> None:
    await till.pay(check, 3 * CEVICHE)
    await meet(till, other)
    (bought,) = await till.receipt_lines()
    for each in (till, other):
        await each.refund(check, {bought.id: 2 * ONE})
    await meet(till, other)
    assert await till.write_off(check) == await other.write_off(check) == CEVICHE
    await meet(till, other)
    assert await till.differences() == {"refunded_twice": ONE}
    assert (await till.check(order, check)).due_minor == 0


async def test_nothing_stands_on_a_check_that_is_not_there(till: Hands, order: UUID, sent: UUID) -> None:
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await till.move(sent, UUID(int=404))
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await till.add(order, "chi", check=UUID(int=404))


async def test_served_without_a_station_and_removed_elsewhere_is_explained(
    till: Hands, other: Hands, order: UUID
) -> None:
    bread = await till.add(order, "pan", 2 * ONE)
    await meet(till, other)
    await till.send(order)
    await till.serve(order)
    await other.remove(bread)
    await meet(till, other)
    assert await till.differences() == {"cooked_not_charged": 2 * ONE}


async def test_the_discount_of_a_line_is_one_of_its_parts(till: Hands, order: UUID, check: UUID, sent: UUID) -> None:
    await till.discount(check, rate_millionths=500_000, line_id=sent)
    second = await till.another_check(order)
    part = await till.split(sent, ONE)
    assert (await till.check(order, check)).due_minor == 3 * CEVICHE // 2
    await till.move(part, second)
    assert (await till.check(order, second)).due_minor == CEVICHE // 2


async def test_screen_and_command_price_a_line_that_is_paid_in_part_alike(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.discount(check, amount_minor=1_000, line_id=sent)
    await till.pay(check, 5_875, share=2)
    second = await till.another_check(order)
    await till.move(sent, second)
    due = (await till.check(order, second)).due_minor
    assert await till.pay(second, due)
    assert sum(line.discount_minor for line in await till.receipt_lines()) == 1_000


async def test_an_amount_that_a_refund_took_back_is_given_again(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.discount(check, amount_minor=1_000)
    await till.pay(check, 3 * CEVICHE - 1_000)
    (bought,) = await till.receipt_lines()
    assert await till.refund(check, {bought.id: 3 * ONE}) == 3 * CEVICHE - 1_000
    for void in await till.voids():
        await till.lift(void.id)
    assert (await till.check(order, check)).due_minor == 3 * CEVICHE - 1_000
    assert await till.differences() == {"given_back_yet_live": 3 * ONE}


async def test_thirds_that_three_tills_took_settle_the_check(
    till: Hands, other: Hands, village: Village, order: UUID, line: UUID, check: UUID
) -> None:
    third = Hands(village, village.replica(village.empty("third").device_id, "C"))
    await till.send(order)
    await meet(till, other, third)
    for each in (till, other, third):
        assert await each.pay(check, 1_417, share=3)
    await meet(till, other, third)
    assert (await till.order(order)).is_free
    assert not await till.differences()


@pytest.mark.parametrize("share", [0, -1, 101])
async def test_a_check_is_not_divided_by_nothing(till: Hands, check: UUID, sent: UUID, share: int) -> None:
    with pytest.raises(DomainError, match="SHARE_NOT_SENSIBLE"):
        await till.pay(check, 100, share=share)


async def test_a_refund_above_the_limit_of_the_role_is_refused_and_nothing_is_written(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    (bought,) = await till.receipt_lines()
    limited = replace(MANAGER, limits={Permission.REFUND: CEVICHE})
    log = await till.replica.log()
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        async with till.replica.work(limited) as work:
            await refund(work, check, work.ids.new(), {bought.id: 2 * ONE}, till.cash, "hair")
    assert await till.replica.log() == log
    async with till.replica.work(limited) as work:
        await refund(work, check, work.ids.new(), {bought.id: ONE}, till.cash, "hair")


async def checks_by_day(hands: Hands) -> dict[str, int]:
    """So many checks, and what they sold, by day."""
    days, found = sales_by_hour.c, {}
    async with hands.replica.connection() as reader:
        rows = await reader.execute(sa.select(days.business_date, days.checks, days.total_minor))
        for day, checks, total in rows:
            earlier = found.get(f"{day:%d}", (0, 0))
            found[f"{day:%d}"] = (earlier[0] + int(checks), earlier[1] + int(total))
    return found


async def test_a_check_that_is_wholly_given_back_is_none_from_that_day(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    (bought,) = await till.receipt_lines()
    await till.refund(check, {bought.id: ONE})
    ((today, counted),) = (await checks_by_day(till)).items()
    assert counted == (1, 2 * CEVICHE)
    till.replica.clock.pass_time(days=1)
    await till.refund(check, {bought.id: 2 * ONE})
    await meet(till, other)
    for each in (till, other):
        by_day = await checks_by_day(each)
        assert by_day.pop(today) == (1, 2 * CEVICHE), "that day sold it"
        assert list(by_day.values()) == [(-1, -2 * CEVICHE)]


async def test_a_check_that_is_cancelled_while_it_is_paid_is_none(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await other.cancel(order)
    await meet(till, other)
    await till.give_back(check)
    await meet(till, other)
    for each in (till, other):
        assert not any(checks for checks, _total in (await checks_by_day(each)).values())


async def test_a_check_that_was_paid_twice_is_one_and_one_that_was_given_away_is_one(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.discount(check, rate_millionths=1_000_000)
    await meet(till, other)
    await till.pay(check, 0)
    await other.pay(check, 0)
    await meet(till, other)
    await till.give_back(check)
    assert list((await checks_by_day(till)).values()) == [(1, 0)]
