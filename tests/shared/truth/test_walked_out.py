"""Parties that leave without paying: the loss stands by itself, and whoever pays after all is no loss."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import ONE, Hands, meet
from restaurant import MANAGER, ORGANIZATION

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.payments import losses
from shared.payments.records import WriteOff
from shared.payments.refund_records import Refund
from shared.payments.refunding import refund
from shared.sales.queries import Span, totals
from shared.sales.records import sales_by_hour

CEVICHE = 4_250


async def sold(hands: Hands) -> tuple[int, int, int]:
    """Checks that were sold, for how much, and what was lost."""
    columns = [sa.func.sum(sales_by_hour.c[name]) for name in ("checks", "total_minor", "lost_minor")]
    async with hands.replica.connection() as reader:
        row = (await reader.execute(sa.select(*columns))).one()
    return tuple(int(each or 0) for each in row)  # type: ignore[return-value]


@pytest.fixture
async def served(till: Hands, other: Hands, order: UUID, sent: UUID) -> UUID:
    """Three ceviches on the table."""
    await till.bump()
    await till.serve(order)
    await meet(till, other)
    return sent


async def test_what_was_on_the_table_is_lost_and_no_sale_and_the_table_is_free(
    till: Hands, other: Hands, order: UUID, served: UUID
) -> None:
    assert await till.walk_out(order) == 3 * CEVICHE
    assert (await till.order(order)).is_free
    assert await sold(till) == (0, 0, 3 * CEVICHE)
    assert not await till.differences()
    await meet(till, other)
    assert await sold(other) == (0, 0, 3 * CEVICHE)


async def test_what_the_kitchen_still_cooks_is_called_off_and_not_lost(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.add(order, quantity=2 * ONE)
    assert await till.walk_out(order) == 0
    assert (await till.order(order)).is_free
    assert [(make, withdrawn) for _dish, _note, make, withdrawn in await till.wall()] == [(0, 3 * ONE)]
    assert await sold(till) == (0, 0, 0)


async def test_where_nobody_notes_what_is_made_all_of_it_may_be_lost(till: Hands, order: UUID, sent: UUID) -> None:
    assert await till.walk_out(order, stops_cooking=False) == 3 * CEVICHE
    assert await sold(till) == (0, 0, 3 * CEVICHE)


async def test_what_was_paid_of_it_is_a_sale(till: Hands, order: UUID, check: UUID, served: UUID) -> None:
    await till.pay(check, 2_000)
    assert await till.walk_out(order) == 3 * CEVICHE - 2_000
    assert await sold(till) == (1, 2_000, 3 * CEVICHE - 2_000)
    assert not await till.differences()


async def test_they_come_back_and_pay(till: Hands, order: UUID, check: UUID, served: UUID) -> None:
    await till.walk_out(order)
    assert await till.lift_losses(check) == 3 * CEVICHE
    assert await till.differences() == {"short": 3 * CEVICHE}
    await till.pay(check, 3 * CEVICHE, method="Efectivo")
    assert await sold(till) == (1, 3 * CEVICHE, 0)
    assert not await till.differences()
    with pytest.raises(DomainError, match="NOTHING_TO_LIFT"):
        await till.lift_losses(check)


async def test_paid_on_one_till_while_written_off_on_the_other_is_told_and_ends_without_money(
    till: Hands, other: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await other.walk_out(order)
    await meet(till, other)
    assert await till.differences() == {"paid_after_all": 3 * ONE}
    assert await till.give_back(check) == 0
    assert not await till.differences()
    assert await sold(till) == (1, 3 * CEVICHE, 0)
    await meet(till, other)
    assert not await other.differences()


async def test_written_off_on_both_is_lost_once(
    till: Hands, other: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    for each in (till, other):
        await each.walk_out(order)
    await meet(till, other)
    assert await till.differences() == {"paid_after_all": 3 * ONE}
    assert await till.give_back(check) == 0
    assert not await till.differences()
    assert await sold(till) == (0, 0, 3 * CEVICHE)


async def test_written_off_on_both_and_back_again_pays_once(
    till: Hands, other: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    for each in (till, other):
        await each.walk_out(order)
    await meet(till, other)
    assert await till.lift_losses(check) == 3 * CEVICHE
    view = await till.order(order)
    assert (view.takes_money, view.short_minor, view.to_give_back_minor) == (True, 3 * CEVICHE, 0)
    await till.pay(check, 3 * CEVICHE)
    assert await till.give_back(check) == 0
    await meet(till, other)
    for each in (till, other):
        assert not await each.differences()
        assert await sold(each) == (1, 3 * CEVICHE, 0)


async def test_a_part_of_it_was_paid_elsewhere_meanwhile(
    till: Hands, other: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    await till.pay(check, 2_000)
    await other.walk_out(order)
    await meet(till, other)
    assert await till.differences() == {"to_give_back": 2_000}
    assert await till.give_back(check) == 0
    assert not await till.differences()
    assert await sold(till) == (1, 2_000, 3 * CEVICHE - 2_000)


async def test_nothing_is_lost_of_what_is_paid_or_was_never_sent(
    till: Hands, order: UUID, check: UUID, line: UUID
) -> None:
    with pytest.raises(DomainError, match="NOTHING_TO_WRITE_OFF"):
        await till.walk_out(order)
    await till.send(order)
    await till.pay(check, CEVICHE)
    with pytest.raises(DomainError, match="NOTHING_TO_WRITE_OFF"):
        await till.walk_out(order)


async def test_a_loss_above_the_limit_of_the_right_is_refused(till: Hands, order: UUID, served: UUID) -> None:
    limited = replace(MANAGER, limits={Permission.WRITE_OFF: 3 * CEVICHE - 1})
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        async with till.replica.work(limited) as work:
            await losses.walk_out(work, order, work.ids.new(), "they ran")
    assert not (await till.order(order)).is_free


async def test_a_refund_of_what_was_never_paid_lifts_the_loss(
    till: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    await till.walk_out(order)
    (bought,) = await till.receipt_lines()
    assert await till.refund(check, {bought.id: ONE}) == 0
    assert await sold(till) == (1, 0, 2 * CEVICHE)
    assert await till.refund(check, {bought.id: 2 * ONE}) == 0
    assert await sold(till) == (0, 0, 0)
    assert set(await till.differences()) == {"changed_after_cooking"}, "the kitchen had made them"


async def test_sales_refunds_and_losses_stand_apart_and_make_the_total(
    till: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    there = await till.open("2")
    await till.add(there)
    await till.send(there)
    await till.walk_out(there, stops_cooking=False)
    await till.pay(check, 3 * CEVICHE)
    (bought,) = [line for line in await till.receipt_lines() if line.check_id == check]
    await till.refund(check, {bought.id: ONE})
    async with till.replica.connection() as reader:
        day = till.replica.clock.now().date()
        branch = till.replica.place.branch_id
        (total,) = await totals(reader, Span(ORGANIZATION, (branch,), day, day))
    assert (total.sold_minor, total.refunded_minor, total.lost_minor) == (4 * CEVICHE, CEVICHE, CEVICHE)
    assert (total.checks, total.total_minor) == (1, 2 * CEVICHE)


async def test_a_refund_of_what_was_written_off_after_all_hands_out_nothing(
    till: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    """They came back and did not pay either, and what is missing was written off."""
    await till.walk_out(order)
    await till.lift_losses(check)
    await till.write_off(check)
    (bought,) = await till.receipt_lines()
    assert await till.refund(check, {bought.id: ONE}) == 0
    assert (await till.check(order, check)).credit_minor == 0
    await till.refund(check, {bought.id: 2 * ONE})
    assert sum(row.amount_minor for row in await till.replica.rows(WriteOff) if not row.lifted) == 0
    assert all(row.rounding_minor == 0 for row in await till.replica.rows(Refund))


async def test_of_what_was_paid_in_part_and_written_off_what_was_paid_goes_back(
    till: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    await till.walk_out(order)
    await till.lift_losses(check)
    await till.pay(check, CEVICHE)
    await till.write_off(check)
    (bought,) = await till.receipt_lines()
    assert [await till.refund(check, {bought.id: ONE}) for _dish in range(3)] == [0, 0, CEVICHE]
    assert not set(await till.differences()) - {"changed_after_cooking"}


async def test_who_may_refund_and_not_write_off_asks_where_a_loss_stays(
    till: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    await till.walk_out(order)
    (bought,) = await till.receipt_lines()
    refunds_alone = replace(MANAGER, permissions=MANAGER.permissions - {Permission.WRITE_OFF})
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.replica.work(refunds_alone) as work:
            await refund(work, check, work.ids.new(), {bought.id: ONE}, None, "cold")
    async with till.replica.work(refunds_alone) as work:
        await refund(work, check, work.ids.new(), {bought.id: 3 * ONE}, None, "cold")


async def test_of_two_losses_of_a_check_one_is_lifted_by_itself(
    till: Hands, other: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    """A waiter's till ordered one more for a party that the other till had seen leave."""
    await other.add(order)
    await other.send(order)
    await till.walk_out(order)
    await meet(till, other)
    assert await till.walk_out(order, stops_cooking=False) == CEVICHE
    first, second = await till.replica.rows(WriteOff)
    assert (first.amount_minor, second.amount_minor) == (3 * CEVICHE, CEVICHE)
    assert await till.lift_losses(check, second.receipt_id) == CEVICHE
    assert [row.lifted for row in await till.replica.rows(WriteOff)] == [False, True]
    await till.pay(check, CEVICHE, method="Efectivo")
    assert (await sold(till))[1:] == (CEVICHE, 3 * CEVICHE)
    assert await till.lift_losses(check, first.receipt_id) == 3 * CEVICHE


async def test_a_loss_that_both_tills_wrote_off_is_lifted_by_either_receipt(
    till: Hands, other: Hands, order: UUID, check: UUID, served: UUID
) -> None:
    for each in (till, other):
        await each.walk_out(order)
    await meet(till, other)
    first, _second = await till.replica.rows(WriteOff)
    assert await till.lift_losses(check, first.receipt_id) == 3 * CEVICHE
    await till.pay(check, 3 * CEVICHE, method="Efectivo")
    assert await till.give_back(check) == 0
    assert not await till.differences()
    assert await sold(till) == (1, 3 * CEVICHE, 0)


async def test_a_limit_of_losses_holds_for_a_day_and_frees_nothing_in_parts(
    till: Hands, order: UUID, served: UUID
) -> None:
    assert await till.walk_out(order) == 3 * CEVICHE
    second = await till.open("2")
    await till.add(second)
    await till.send(second)
    await till.bump()
    limited = replace(MANAGER, limits={Permission.WRITE_OFF: 4 * CEVICHE - 1})
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        async with till.replica.work(limited) as work:
            await losses.walk_out(work, second, work.ids.new(), "se fueron")
    async with till.replica.work(replace(limited, limits={Permission.WRITE_OFF: 4 * CEVICHE})) as work:
        assert await losses.walk_out(work, second, work.ids.new(), "se fueron") == CEVICHE
    till.replica.clock.pass_time(days=1)
    third = await till.open()
    await till.add(third)
    await till.send(third)
    async with till.replica.work(replace(limited, limits={Permission.WRITE_OFF: CEVICHE})) as work:
        assert await losses.walk_out(work, third, work.ids.new(), "se fueron", stops_cooking=False) == CEVICHE
