"""What a discount takes off in the end stays within the limit of who gave it, or within what was approved."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from restaurant import CASHIER, MANAGER, Replica, Village

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.kitchen.sending import send_order
from shared.orders.commands import add_line, first_check_id, open_order
from shared.orders.records import OrderKind
from shared.payments.adjusting import add_service_charge, give_discount, lift_service_charge
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.commands import pay
from shared.payments.pricing import due_of_check
from shared.payments.rules import Tender, TenderKind
from shared.payments.splitting import split_off
from shared.staff.approving import Approving
from shared.staff.records import Approval

ORDER = UUID(int=1_000)
CHECK, SPLIT = first_check_id(ORDER), UUID(int=1_500)
BREAD, CEVICHES = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=3_001), UUID(int=3_002)
LIMITED = replace(MANAGER, limits={Permission.GIVE_DISCOUNT: 500})
ALL = 1_000_000
BREAD_MINOR = 333


@pytest.fixture
async def order(till: Replica) -> UUID:
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    return ORDER


async def add(till: Replica, village: Village, line_id: UUID, code: str, count: int = 1) -> None:
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, line_id, village.house.items[code], quantity_milli=count * 1_000, check_id=CHECK)


async def off(till: Replica) -> int:
    """What discounts take off what the check owes now."""
    async with till.work(CASHIER) as work:
        return (await due_of_check(work, CHECK)).bill.discount_minor


async def give(
    till: Replica, discount_id: UUID, rate: int = 0, amount: int = 0, actor: Actor = LIMITED, line: UUID | None = None
) -> None:
    async with till.work(actor) as work:
        if actor is CASHIER:
            work.approver = Approving(MANAGER)
        await give_discount(
            work, CHECK, discount_id, rate_millionths=rate, amount_minor=amount, line_id=line, reason="house"
        )


async def test_what_was_approved_of_a_bread_does_not_free_the_ceviches(
    till: Replica, village: Village, order: UUID
) -> None:
    await add(till, village, BREAD, "pan")
    await give(till, FIRST, ALL, actor=CASHIER)
    await add(till, village, CEVICHES, "cev", 5)
    assert await off(till) == (await till.row(Discount, FIRST)).most_minor == BREAD_MINOR


async def test_a_rate_on_an_empty_check_stays_within_the_limit_and_so_do_two(
    till: Replica, village: Village, order: UUID
) -> None:
    await give(till, FIRST, ALL)
    await give(till, SECOND, ALL)
    await add(till, village, CEVICHES, "cev", 10)
    assert await off(till) == 500


async def test_who_has_no_limit_gives_a_rate_of_all_that_comes(till: Replica, village: Village, order: UUID) -> None:
    await add(till, village, BREAD, "pan")
    await give(till, FIRST, ALL, actor=MANAGER)
    await add(till, village, CEVICHES, "cev")
    assert await off(till) == BREAD_MINOR + 4_250
    assert (await till.row(Discount, FIRST)).most_minor is None


@pytest.mark.parametrize("line", [None, CEVICHES])
async def test_discounts_of_one_check_share_the_limit(
    till: Replica, village: Village, order: UUID, line: UUID | None
) -> None:
    await add(till, village, CEVICHES, "cev", 10)
    await give(till, FIRST, amount=400, line=line)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await give(till, SECOND, amount=101)
    await give(till, SECOND, amount=100)
    assert await off(till) == 500


async def test_one_more_above_the_limit_is_approved_with_all_that_the_check_gives(
    till: Replica, village: Village, order: UUID
) -> None:
    await add(till, village, CEVICHES, "cev", 10)
    await give(till, FIRST, amount=400)
    async with till.work(replace(LIMITED, staff_id=CASHIER.staff_id)) as work:
        work.approver = Approving(MANAGER)
        await give_discount(work, CHECK, SECOND, amount_minor=300)
    (approval,) = await till.rows(Approval)
    assert (approval.of_row_id, approval.amount_minor) == (SECOND, 700)


async def test_checks_of_a_split_share_what_a_rate_may_take(till: Replica, village: Village, order: UUID) -> None:
    await give(till, FIRST, ALL)
    await add(till, village, CEVICHES, "cev", 10)
    async with till.work(CASHIER) as work:
        before = (await due_of_check(work, CHECK)).bill
    async with till.work(CASHIER) as work:
        await split_off(work, CHECK, SPLIT, {CEVICHES: 3_333})
    async with till.work(CASHIER) as work:
        bills = [(await due_of_check(work, each)).bill for each in (CHECK, SPLIT)]
    for name in ("total_minor", "discount_minor", "tax_minor"):
        assert sum(getattr(bill, name) for bill in bills) == getattr(before, name)


async def test_what_receipts_gave_of_a_rate_counts(till: Replica, village: Village, order: UUID) -> None:
    await add(till, village, BREAD, "pan")
    await add(till, village, CEVICHES, "cev")
    await give(till, FIRST, 100_000)
    async with till.work(CASHIER) as work:
        await send_order(work, ORDER)
    async with till.work(CASHIER) as work:
        due = (await due_of_check(work, CHECK)).bill.total_minor
        card = Tender(village.house.methods["Visa"], "Visa", TenderKind.CARD, due)
        await pay(work, CHECK, UUID(int=2_000), [card])
    await add(till, village, UUID(int=4), "cev", 10)
    assert await off(till) == 500 - 458


async def lift_service(till: Replica, actor: Actor) -> None:
    async with till.work(MANAGER) as work:
        charge = (await add_service_charge(work, CHECK, 100_000)).id
    async with till.work(actor) as work:
        await lift_service_charge(work, charge)


async def test_a_service_charge_that_is_taken_off_counts_as_a_discount(
    till: Replica, village: Village, order: UUID
) -> None:
    await add(till, village, CEVICHES, "cev")
    await lift_service(till, LIMITED)
    (charge,) = await till.rows(ServiceCharge)
    assert charge.waived_minor == charge.in_all_minor == 425, "what a limit is held against on the cloud, too"
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await give(till, FIRST, amount=100)
    await give(till, FIRST, amount=75)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await add_and_lift_more(till)


async def add_and_lift_more(till: Replica) -> None:
    """A charge of another rate is taken off besides."""
    async with till.work(MANAGER) as work:
        charge = (await add_service_charge(work, CHECK, 20_000)).id
    async with till.work(LIMITED) as work:
        await lift_service_charge(work, charge)


async def test_a_service_charge_that_is_taken_off_after_a_discount_counts_with_it(
    till: Replica, village: Village, order: UUID
) -> None:
    await add(till, village, CEVICHES, "cev")
    await give(till, FIRST, amount=100)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await lift_service(till, LIMITED)


async def test_who_may_give_no_discount_takes_no_service_charge_off(
    till: Replica, village: Village, order: UUID
) -> None:
    await add(till, village, CEVICHES, "cev")
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await lift_service(till, CASHIER)
