"""Splitting, paying, discounting and voiding in any order: the parts of a check always add up to what it was."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import MANAGER, Replica, Village

from shared.kernel.errors import DomainError
from shared.orders.commands import first_check_id
from shared.payments.adjusting import lift_discount
from shared.payments.commands import pay
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.payments.rules import Tender, TenderKind
from shared.payments.splitting import split_off

LOMO = 3_890
DISHES = ("lom", "cev", "chi", "pan")
SEEDS = range(16)


@pytest.fixture
def till(village: Village, till: Replica) -> Hands:
    return Hands(village, till)


async def order_of(till: Hands, *dishes: tuple[str, int], table: str = "1") -> tuple[UUID, UUID, dict[str, UUID]]:
    """A sent order, its check, and its lines by dish."""
    order = await till.open(table)
    lines = {}
    for dish, quantity in dishes:
        lines[dish] = await till.add(order, "cev" if dish == "lom" else dish, quantity)
        if dish == "lom":
            await till.reprice(lines[dish], LOMO)
    await till.send(order)
    return order, first_check_id(order), lines


async def split(till: Hands, check: UUID, portions: dict[UUID, int]) -> UUID:
    new = till.replica.ids.new()
    async with till.replica.work(MANAGER) as work:
        await split_off(work, check, new, portions)
    return new


async def pay_part(till: Hands, check: UUID, amount: int, part: int | None = None) -> None:
    method = till.house.methods["Visa"]
    async with till.replica.work(MANAGER) as work:
        tenders = [Tender(method, "Visa", TenderKind.CARD, amount)] if amount else []
        await pay(work, check, work.ids.new(), tenders, part_minor=part)


async def comes_to(till: Hands, order: UUID) -> int:
    """What all checks of an order charged and owe."""
    return sum(check.bill.total_minor + check.counted_minor for check in (await till.order(order)).checks)


async def dues(till: Hands, order: UUID) -> list[int]:
    return [check.due_minor for check in (await till.order(order)).checks if check.is_owed]


async def test_a_shared_dish_in_thirds_adds_up_to_the_cent(till: Hands) -> None:
    order, check, lines = await order_of(till, ("lom", ONE), ("cev", ONE))
    second = await split(till, check, {lines["lom"]: 333})
    third = await split(till, check, {lines["lom"]: 333, lines["cev"]: ONE})
    found = {each.id: each.bill.total_minor for each in (await till.order(order)).checks}
    assert sum(found.values()) == LOMO + 4_250
    assert sorted((found[check], found[second], found[third] - 4_250)) == [1_296, 1_297, 1_297]
    for each, due in found.items():
        await pay_part(till, each, due)
    assert sum(row.total_minor for row in await till.replica.rows(Receipt)) == LOMO + 4_250
    assert (await till.order(order)).is_free


@pytest.mark.parametrize("among", range(2, 7))
@pytest.mark.parametrize("dishes", [1, 2, 5])
async def test_a_shared_dish_is_shared_to_the_cent_by_all(till: Hands, among: int, dishes: int) -> None:
    """One by one, as the key cuts what is left; and each pays before the next is cut, or all in the end."""
    for pays_at_once in (False, True):
        order, check, lines = await order_of(till, ("lom", dishes * ONE), table="1" if pays_at_once else "2")
        for left in range(among, 1, -1):
            owed = (await till.line(order, lines["lom"])).owed_milli
            new = await split(till, check, {lines["lom"]: owed // left})
            if pays_at_once:
                await pay_part(till, new, (await till.check(order, new)).due_minor)
        charged = [each.bill.total_minor + each.counted_minor for each in (await till.order(order)).checks]
        assert sum(charged) == dishes * LOMO
        assert max(charged) - min(charged) <= 1, charged


async def test_two_thirds_of_a_dish_on_one_check_are_as_much_as_two_shares(till: Hands) -> None:
    order, check, lines = await order_of(till, ("lom", ONE))
    second = await split(till, check, {lines["lom"]: 333})
    third = await split(till, check, {lines["lom"]: 333})
    (part,) = [line for line in (await till.order(order)).lines if line.check_id == third]
    await till.move(part.id, second)
    found = {each.id: each.bill.total_minor for each in (await till.order(order)).checks if each.bill.lines}
    assert found[second] in (2_593, 2_594)
    assert sum(found.values()) == LOMO


async def test_what_was_given_to_the_check_goes_with_what_is_split_off(till: Hands) -> None:
    order, check, lines = await order_of(till, ("lom", ONE), ("cev", 2 * ONE), ("pan", ONE))
    await till.discount(check, rate_millionths=125_000)
    await till.discount(check, amount_minor=1_001)
    await till.service(check, 100_000)
    before = await comes_to(till, order)
    new = await split(till, check, {lines["cev"]: ONE, lines["pan"]: 500})
    assert await comes_to(till, order) == before
    view = await till.check(order, new)
    assert view.bill.discount_minor
    assert view.bill.service_minor
    await pay_part(till, new, view.due_minor)
    assert await comes_to(till, order) == before
    assert not await till.differences()


async def test_service_without_tax_is_split_to_the_cent(till: Hands) -> None:
    order, check, lines = await order_of(till, ("lom", ONE), ("cev", ONE))
    before = await comes_to(till, order)
    await till.service(check, 130_000, taxed=False)
    (whole,) = (await till.order(order)).checks
    assert whole.bill.total_minor == before + whole.bill.service_minor
    assert whole.bill.service_minor == 897  # 13 % of what 81.40 is without its 18 %
    charged = await comes_to(till, order)
    for part in (333, 333):
        await split(till, check, {lines["lom"]: part})
    assert await comes_to(till, order) == charged
    for due in (each.due_minor for each in (await till.order(order)).checks):
        assert due > 0
    for each in (await till.order(order)).checks:
        await pay_part(till, each.id, each.due_minor)
    receipts = await till.replica.rows(Receipt)
    assert sum(row.total_minor for row in receipts) == charged
    assert sum(row.service_minor for row in receipts) == 897


async def test_an_inherited_discount_is_lifted_from_one_check_alone(till: Hands) -> None:
    order, check, lines = await order_of(till, ("cev", 2 * ONE))
    given = await till.discount(check, rate_millionths=100_000)
    new = await split(till, check, {lines["cev"]: ONE})
    async with till.replica.work(MANAGER) as work:
        await lift_discount(work, given, new)
    assert (await till.check(order, new)).bill.discount_minor == 0
    assert (await till.check(order, check)).bill.discount_minor == 425


async def test_a_part_counts_what_was_paid_before(till: Hands) -> None:
    order, check, _lines = await order_of(till, ("cev", 2 * ONE))
    await till.pay(check, 1_500)  # somebody left early
    half = (8_500 - 1_500) // 2
    await pay_part(till, check, half, 1_500 + half)
    (receipt,) = await till.replica.rows(Receipt)
    assert receipt.total_minor == 1_500 + half
    assert await dues(till, order) == [half]


async def test_nothing_and_everything_are_no_split(till: Hands) -> None:
    _order, check, lines = await order_of(till, ("cev", ONE))
    for portions in ({}, {lines["cev"]: ONE}, {UUID(int=7): 1}):
        with pytest.raises(DomainError, match="NOTHING_TO_MOVE"):
            await split(till, check, portions)


async def test_a_split_that_fails_in_the_middle_changes_nothing(till: Hands) -> None:
    order, check, lines = await order_of(till, ("lom", ONE), ("cev", ONE))
    before, log = await till.order(order), await till.replica.log()
    with pytest.raises(ConnectionError):  # noqa: PT012 - the split itself is fine
        async with till.replica.work(MANAGER) as work:
            await split_off(work, check, work.ids.new(), {lines["lom"]: 500})
            raise ConnectionError
    assert await till.replica.log() == log
    assert await till.order(order) == before


async def test_two_tills_that_split_one_check_at_once_lose_nothing(till: Hands, village: Village) -> None:
    other = Hands(village, village.replica(village.empty("second").device_id, "B"))
    order, check, lines = await order_of(till, ("lom", ONE), ("cev", 2 * ONE))
    await meet(till, other)
    await split(till, check, {lines["lom"]: ONE})
    await split(other, check, {lines["cev"]: ONE})
    await meet(till, other)
    assert await comes_to(till, order) == await comes_to(other, order) == LOMO + 2 * 4_250


@pytest.mark.parametrize("seed", SEEDS)
async def test_children_add_up_to_the_parent_after_every_step(till: Hands, seed: int) -> None:
    rnd = Random(seed)
    quantities = [rnd.choice((ONE, 2 * ONE, 3 * ONE, 350)) for _dish in DISHES]
    order, _check, _lines = await order_of(till, *zip(DISHES, quantities, strict=True))
    total = await comes_to(till, order)
    for _step in range(rnd.randrange(4, 9)):
        view = await till.order(order)
        check = rnd.choice(view.checks)
        lines = [line for line in view.lines if line.check_id == check.id and line.owed_milli]
        if not lines:
            continue
        line = rnd.choice(lines)
        deed = rnd.choice(("split", "split", "pay", "share", "part", "discount", "service", "void"))
        if deed == "split":
            portion = rnd.choice((line.owed_milli, line.owed_milli // 3, line.owed_milli // 2)) or 1
            try:
                await split(till, check.id, {line.id: portion})
            except DomainError as error:
                assert error.code == "NOTHING_TO_MOVE"  # noqa: PT017 - anything else is a fault
        elif deed in ("pay", "share", "part"):
            due = check.due_minor
            shares = {"pay": due, "share": -(-due // rnd.choice((2, 3))), "part": rnd.randrange(1, max(2, due))}
            try:
                await pay_part(till, check.id, shares[deed], shares[deed])
            except DomainError as error:
                assert error.code == "SHARE_NOT_SENSIBLE"  # noqa: PT017 - a few cents of many dishes
        else:
            try:
                if deed == "discount":
                    what = rnd.choice(({"rate_millionths": 125_000}, {"amount_minor": rnd.randrange(1, 500)}))
                    await till.discount(check.id, line_id=rnd.choice((None, line.id)), **what)
                elif deed == "service":
                    await till.service(check.id, 100_000, taxed=rnd.random() < 0.5)
                else:
                    await till.void(line.id, rnd.choice((line.owed_milli, max(1, line.owed_milli // 2))))
            except DomainError as error:
                assert error.code == "DISCOUNT_NOT_SENSIBLE"  # noqa: PT017 - anything else is a fault
            total = await comes_to(till, order)
        assert await comes_to(till, order) == total, deed
        assert all(due >= 0 for due in await dues(till, order))
    for check in (await till.order(order)).checks:
        if check.is_owed:
            await pay_part(till, check.id, check.due_minor)
            assert await comes_to(till, order) == total
    receipts, lines = await till.replica.rows(Receipt), await till.replica.rows(ReceiptLine)
    assert sum(row.total_minor for row in receipts) == total
    assert sum(row.amount_minor for row in await till.replica.rows(Payment)) == total
    assert sum(row.total_minor for row in lines) == total
    assert not (await till.order(order)).owing
    assert not await till.differences()
