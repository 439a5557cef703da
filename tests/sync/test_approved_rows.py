"""The session hook writes an approval for each row that took the approver's right, in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from restaurant import CASHIER, COOK, MANAGER, SERVER, Replica, Village

from shared.kernel.errors import DomainError, LacksRight
from shared.kernel.permissions import Actor, Permission
from shared.kitchen.commands import bump
from shared.kitchen.records import KitchenTicket
from shared.kitchen.sending import send_order
from shared.orders.commands import add_line, open_order
from shared.orders.correcting import cancel_order
from shared.orders.records import LineVoid, Order, OrderKind
from shared.payments.adjusting import give_discount
from shared.payments.adjustment_records import Discount
from shared.payments.derived import first_check_id
from shared.staff.approving import Approving
from shared.staff.records import Approval

ORDER, LINE, DISCOUNT = UUID(int=1_000), UUID(int=1_001), UUID(int=1_002)
CHECK = first_check_id(ORDER)


@pytest.fixture
async def order(till: Replica, village: Village) -> UUID:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await add_line(work, ORDER, LINE, village.house.items["cev"], check_id=CHECK)
    return ORDER


async def give(
    till: Replica, minor: int, approver: Actor | None, *, finds_out: bool = False, shown: dict[str, int] | None = None
) -> None:
    async with till.work(SERVER) as work:
        work.shown = shown
        work.approver = None if approver is None else Approving(approver)
        if finds_out:
            work.finds_out()
        await give_discount(work, CHECK, DISCOUNT, amount_minor=minor)


async def cancel_finding_out(till: Replica) -> None:
    async with till.work(SERVER) as work:
        work.finds_out()
        await cancel_order(work, ORDER)


async def bump_all(till: Replica) -> None:
    for ticket in await till.rows(KitchenTicket):
        async with till.work(COOK) as work:
            await bump(work, ticket.id)


async def test_an_approved_discount_names_both_and_its_row(till: Replica, order: UUID) -> None:
    await give(till, 100, MANAGER)
    (approval,) = await till.rows(Approval)
    assert (approval.approver_id, approval.asker_id) == (MANAGER.staff_id, SERVER.staff_id)
    assert (approval.permission, approval.amount_minor) == ("give_discount", 100)
    assert (approval.of_table, approval.of_row_id) == ("discounts", DISCOUNT)
    assert (await till.row(Discount, DISCOUNT)).given_by == SERVER.staff_id


@pytest.mark.parametrize(
    ("minor", "approver"), [(100, None), (100, COOK), (501, replace(MANAGER, limits={Permission.GIVE_DISCOUNT: 500}))]
)
async def test_who_may_not_approves_nothing(till: Replica, order: UUID, minor: int, approver: Actor | None) -> None:
    with pytest.raises(LacksRight, match="NOT_PERMITTED"):
        await give(till, minor, approver)
    assert await till.rows(Discount) == await till.rows(Approval) == []


async def test_what_is_lacking_is_known_as_a_whole_and_nothing_is_written(till: Replica, order: UUID) -> None:
    with pytest.raises(LacksRight, match="NOT_PERMITTED") as caught:
        await give(till, 100, None, finds_out=True)
    assert caught.value.acts == ((Permission.GIVE_DISCOUNT, 100),)
    assert await till.rows(Discount) == await till.rows(Approval) == []


async def test_what_is_refused_anyway_is_refused_before_anybody_is_asked(till: Replica, order: UUID) -> None:
    with pytest.raises(DomainError, match="DISCOUNT_NOT_SENSIBLE"):
        await give(till, 10_000_000, None, finds_out=True)


async def test_an_approver_may_everything_that_one_command_needs(till: Replica, order: UUID) -> None:
    async with till.work(SERVER) as work:
        await send_order(work, ORDER)
    await bump_all(till)
    with pytest.raises(LacksRight) as caught:
        await cancel_finding_out(till)
    assert {right for right, _ in caught.value.acts} == {Permission.CANCEL_ORDER, Permission.VOID_SENT_LINE}
    async with till.work(SERVER) as work:
        work.approver = Approving(MANAGER)
        await cancel_order(work, ORDER)
    (void,) = await till.rows(LineVoid)
    (approval,) = await till.rows(Approval)
    assert (approval.of_table, approval.of_row_id) == ("line_voids", void.id)
    assert (await till.row(Order, ORDER)).has_left


async def test_who_may_by_themselves_leaves_no_approval(till: Replica, order: UUID) -> None:
    async with till.work(MANAGER) as work:
        work.approver = Approving(replace(MANAGER, staff_id=CASHIER.staff_id))
        await give_discount(work, CHECK, DISCOUNT, amount_minor=100)
    assert await till.rows(Approval) == []


@pytest.mark.parametrize("shown", [{}, {Permission.GIVE_DISCOUNT: 99}])
async def test_what_grew_since_it_was_shown_is_lacking_anew_and_nothing_is_written(
    till: Replica, order: UUID, shown: dict[str, int]
) -> None:
    with pytest.raises(LacksRight) as caught:
        await give(till, 100, MANAGER, finds_out=True, shown=shown)
    assert caught.value.acts == ((Permission.GIVE_DISCOUNT, 100),)
    assert await till.rows(Discount) == await till.rows(Approval) == []
