"""A limit holds for all that people give away of one order: however they split, lift and pay between two presses."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from evening import ONE, Hands, Lent, meet
from restaurant import MANAGER, TILL, Replica, Village

from shared.exceptions.commands import settle
from shared.exceptions.rules import exception_id
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.orders.commands import first_check_id
from shared.payments.limits import taken_off
from shared.payments.records import Receipt, ReceiptLine
from shared.payments.splitting import split_off
from shared.truth.family import Difference

CEVICHE, LIMIT = 4_250, 1_000
TEN_PERCENT = 100_000


def limited(right: Permission, most_minor: int) -> Actor:
    return replace(MANAGER, limits={right: most_minor})


GIVER, REFUNDER = limited(Permission.GIVE_DISCOUNT, LIMIT), limited(Permission.REFUND, CEVICHE)


def by(village: Village, hands: Hands, actor: Actor) -> Hands:
    """The same device in the hands of somebody else."""
    assert isinstance(hands.replica, Replica)
    return Hands(village, Lent(hands.replica, actor, None))


async def ceviches(till: Hands, portions: int) -> tuple[UUID, UUID, UUID]:
    """An order, its check and its line."""
    order = await till.open()
    line = await till.add(order, "cev", portions * ONE)
    await till.send(order)
    return order, first_check_id(order), line


async def test_what_a_receipt_gave_of_a_lifted_discount_counts(village: Village, till: Hands) -> None:
    giver = by(village, till, GIVER)
    order, check, _line = await ceviches(till, 4)
    first = await giver.discount(check, amount_minor=LIMIT)
    await till.pay(check, -(-(await till.check(order, check)).due_minor // 4), share=4)
    await giver.lift_discount(first)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await giver.discount(check, amount_minor=LIMIT)
    given = sum(row.discount_minor for row in await till.replica.rows(Receipt))
    await giver.discount(check, amount_minor=LIMIT - given)
    await till.pay(check, (await till.check(order, check)).due_minor)
    assert sum(row.discount_minor for row in await till.replica.rows(Receipt)) == LIMIT


async def test_checks_of_a_split_share_one_limit(village: Village, till: Hands) -> None:
    giver = by(village, till, GIVER)
    order, check, line = await ceviches(till, 2)
    async with till.replica.work(MANAGER) as work:
        other = work.ids.new()
        await split_off(work, check, other, {line: ONE})
    await giver.discount(other, amount_minor=LIMIT - 1)
    await till.pay(other, (await till.check(order, other)).due_minor)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await giver.discount(check, amount_minor=2)
    await giver.discount(check, amount_minor=1)


async def test_another_check_of_the_table_shares_it_too(village: Village, till: Hands) -> None:
    giver = by(village, till, GIVER)
    order, check, _line = await ceviches(till, 1)
    other = await till.another_check(order)
    await till.add(order, "cev", check=other)
    await giver.discount(check, amount_minor=LIMIT)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await giver.discount(other, amount_minor=1)


@pytest.mark.parametrize("service_first", [True, False])
async def test_taking_service_off_counts_before_a_discount_and_after_it(
    village: Village, till: Hands, service_first: bool
) -> None:
    giver = by(village, till, GIVER)
    _order, check, _line = await ceviches(till, 2)
    charge = await till.service(check, TEN_PERCENT)
    if service_first:
        await giver.lift_service(charge)
        with pytest.raises(DomainError, match="ABOVE_LIMIT"):
            await giver.discount(check, amount_minor=LIMIT)
        await giver.discount(check, amount_minor=LIMIT - 2 * CEVICHE // 10)
    else:
        await giver.discount(check, amount_minor=LIMIT)
        with pytest.raises(DomainError, match="ABOVE_LIMIT"):
            await giver.lift_service(charge)


async def test_service_that_is_added_again_was_not_taken_off(village: Village, till: Hands) -> None:
    giver = by(village, till, GIVER)
    _order, check, _line = await ceviches(till, 2)
    for _slip in range(3):
        await giver.lift_service(await till.service(check, TEN_PERCENT))
    await till.service(check, TEN_PERCENT)
    await giver.discount(check, amount_minor=LIMIT)


async def test_refunds_of_all_checks_of_an_order_share_one_limit(village: Village, till: Hands) -> None:
    refunder = by(village, till, REFUNDER)
    order, check, line = await ceviches(till, 2)
    async with till.replica.work(MANAGER) as work:
        other = work.ids.new()
        await split_off(work, check, other, {line: ONE})
    for each in (check, other):
        await till.pay(each, (await till.check(order, each)).due_minor, method="Efectivo")
    first, second = await till.replica.rows(ReceiptLine)
    assert await refunder.refund(first.check_id, {first.id: ONE}) == CEVICHE
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await refunder.refund(second.check_id, {second.id: ONE})


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_pressed_in_whatever_order_gives_no_more_than_the_limit(village: Village, seed: int) -> None:
    rnd, till = Random(seed), Hands(village, village.replica(TILL))
    giver = by(village, till, GIVER)
    order, check, line = await ceviches(till, 6)
    discounts: list[UUID] = []

    async def press() -> None:
        checks = [each for each in (await till.order(order)).checks if each.is_owed]
        of = rnd.choice(checks)
        match rnd.choice(("give", "give", "lift", "service", "part", "split")):
            case "give":
                discounts.append(await giver.discount(of.id, amount_minor=rnd.choice((100, 400, LIMIT))))
            case "lift" if discounts:
                await giver.lift_discount(rnd.choice(discounts))
            case "service":
                await giver.lift_service(await till.service(of.id, TEN_PERCENT))
            case "part":
                await till.pay(of.id, -(-of.due_minor // 3), share=3)
            case "split":
                async with till.replica.work(MANAGER) as work:
                    await split_off(work, check, work.ids.new(), {line: ONE})

    for _press in range(12):
        try:
            await press()
        except DomainError:
            continue
        async with till.replica.work(MANAGER) as work:
            assert (await taken_off(work, order)).amount_minor <= LIMIT
    given = sum(row.discount_minor for row in await till.replica.rows(Receipt))
    assert given + sum(each.bill.discount_minor for each in (await till.order(order)).checks) <= LIMIT


# -- two tills at once -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amounts", [(LIMIT, LIMIT), (LIMIT, 1), (500, 500)])
async def test_discounts_of_two_tills_beyond_the_limit_both_stand_and_somebody_is_asked(
    village: Village, till: Hands, other: Hands, amounts: tuple[int, int]
) -> None:
    order, check, _line = await ceviches(till, 2)
    await meet(till, other)
    for hands, amount in zip((till, other), amounts, strict=True):
        await by(village, hands, GIVER).discount(check, amount_minor=amount)
    await meet(till, other)
    beyond = {"discounts_above_limit": sum(amounts) - LIMIT} if sum(amounts) > LIMIT else {}
    for hands in (till, other):
        assert (await hands.check(order, check)).bill.discount_minor == sum(amounts)
        assert await hands.differences() == beyond
    await till.pay(check, (await till.check(order, check)).due_minor)
    assert await till.differences() == beyond


async def test_an_explained_excess_of_discounts_is_over_and_so_is_one_that_was_lifted(
    village: Village, till: Hands, other: Hands
) -> None:
    order, check, _line = await ceviches(till, 2)
    await meet(till, other)
    given = [await by(village, hands, GIVER).discount(check, amount_minor=LIMIT) for hands in (till, other)]
    await meet(till, other)
    kind = Difference.DISCOUNTS_ABOVE_LIMIT
    async with till.replica.work(MANAGER) as work:
        await settle(work, kind, exception_id(kind, order, 0), LIMIT, "the owner's guests")
    await till.lift_discount(given[0])
    assert await till.differences() == {}


async def test_one_till_that_gives_and_voids_and_gives_again_is_asked_nothing(village: Village, till: Hands) -> None:
    giver = by(village, till, GIVER)
    order, check, _line = await ceviches(till, 1)
    bread = await till.add(order, "pan", 3 * ONE)
    await giver.discount(check, is_comp=True, reason="cold", line_id=bread)
    await till.remove(bread)
    await giver.discount(check, amount_minor=LIMIT)
    assert await till.differences() == {}


async def test_who_has_no_limit_is_asked_nothing(village: Village, till: Hands, other: Hands) -> None:
    _order, check, _line = await ceviches(till, 2)
    await meet(till, other)
    await till.discount(check, amount_minor=2 * LIMIT)
    await by(village, other, GIVER).discount(check, amount_minor=LIMIT)
    await meet(till, other)
    assert await till.differences() == {}


async def test_refunds_of_two_tills_beyond_the_limit_are_asked_about(
    village: Village, till: Hands, other: Hands
) -> None:
    _order, check, _line = await ceviches(till, 2)
    await till.pay(check, 2 * CEVICHE, method="Efectivo")
    await meet(till, other)
    (paid,) = await till.replica.rows(ReceiptLine)
    for hands in (till, other):
        assert await by(village, hands, REFUNDER).refund(check, {paid.id: ONE}) == CEVICHE
    await meet(till, other)
    for hands in (till, other):
        assert (await hands.differences())["refunds_above_limit"] == CEVICHE


@pytest.mark.parametrize("apart", [True, False], ids=["on two checks", "on one check"])
async def test_two_service_charges_taken_off_at_once_beyond_the_limit_are_asked_about(
    village: Village, till: Hands, other: Hands, apart: bool
) -> None:
    order, check, _line = await ceviches(till, 2 if apart else 3)
    second = check
    if apart:
        second = await till.another_check(order)
        await till.add(order, "cev", 2 * ONE, check=second)
        await till.send(order)
    charges = [await till.service(check, TEN_PERCENT), await till.service(second, TEN_PERCENT + 10_000)]
    before = sum(each.bill.total_minor for each in (await till.order(order)).checks)
    await meet(till, other)
    for hands, charge in zip((till, other), charges, strict=True):
        await by(village, hands, GIVER).lift_service(charge)
    await meet(till, other)
    lost = before - sum(each.bill.total_minor for each in (await till.order(order)).checks)
    assert lost == (850 + 935 if apart else 1_403)
    for hands in (till, other):
        assert await hands.differences() == {"discounts_above_limit": lost - LIMIT}


async def test_a_service_charge_taken_off_here_and_a_discount_given_there_share_one_limit(
    village: Village, till: Hands, other: Hands
) -> None:
    _order, check, _line = await ceviches(till, 2)
    charge = await till.service(check, TEN_PERCENT)
    await meet(till, other)
    await by(village, till, GIVER).lift_service(charge)
    await by(village, other, GIVER).discount(check, amount_minor=LIMIT)
    await meet(till, other)
    assert await till.differences() == {"discounts_above_limit": 850} == await other.differences()
    await till.service(check, TEN_PERCENT)
    assert await till.differences() == {}, "it is charged again"
