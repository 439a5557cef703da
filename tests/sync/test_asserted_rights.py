"""What no command may write, whoever forgot to ask: the session hook reads the declarations that the judge reads."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from restaurant import CASHIER, COOK, MANAGER, SERVER, Replica

from shared.kernel.columns import Standing
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, DeviceKind, Permission
from shared.orders.commands import open_order
from shared.orders.records import Order, OrderKind, OrderStatus
from shared.payments.derived import first_check
from shared.payments.records import Check, Receipt

ORDER = UUID(int=1_000)
NO_SUM = {"gross_minor": 0, "discount_minor": 0, "net_minor": 0, "tax_minor": 0, "total_minor": 0}


@pytest.fixture
async def order(till: Replica) -> UUID:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    return ORDER


async def discount(till: Replica, minor: int, actor: Actor = MANAGER) -> None:
    check = first_check(ORDER, till.author.organization_id, UUID(int=1)).id
    async with till.work(actor) as work:
        (await work.get(Check, check)).discount_minor = minor


@pytest.mark.parametrize("status", [OrderStatus.COMPLETED, OrderStatus.READY, OrderStatus.CANCELLED])
async def test_a_move_without_its_right_is_refused(till: Replica, order: UUID, status: OrderStatus) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(SERVER) as work:
            (await work.get(Order, order)).standing = Standing(0, status)
    assert (await till.row(Order, order)).standing.status is OrderStatus.PENDING


async def test_a_new_row_without_its_right_is_refused(till: Replica) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(COOK) as work:
            work.add(_order(till))


async def test_a_register_without_its_right_is_refused_and_one_above_the_limit(till: Replica, order: UUID) -> None:
    limited = replace(MANAGER, limits={Permission.GIVE_DISCOUNT: 500})
    for actor, minor in ((CASHIER, 100), (limited, 501)):
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            await discount(till, minor, actor)
    await discount(till, 500, limited)


async def test_a_row_that_breaks_its_rule_is_refused(till: Replica, order: UUID) -> None:
    with pytest.raises(DomainError, match=r"ROW_BREAKS_A_RULE.*discount_minor"):
        await discount(till, -1)


async def test_a_kitchen_display_takes_no_money(till: Replica, order: UUID) -> None:
    till.author = replace(till.author, kind=DeviceKind.KITCHEN)
    with pytest.raises(DomainError, match=r"DEVICE_MAY_NOT.*receipts"):
        async with till.work(CASHIER) as work:
            work.add(_receipt(till))


def _order(till: Replica) -> Order:
    at = till.clock.now()
    return Order(
        organization_id=till.author.organization_id,
        branch_id=till.place.branch_id,
        id=UUID(int=1_001),
        number="A-1",
        kind=OrderKind.TAKEOUT,
        currency="PEN",
        opened_at=at,
        business_date=at.date(),
        standing=Standing(0, OrderStatus.PENDING),
    )


def _receipt(till: Replica) -> Receipt:
    at = till.clock.now()
    return Receipt(
        organization_id=till.author.organization_id,
        branch_id=till.place.branch_id,
        id=UUID(int=1_002),
        check_id=first_check(ORDER, till.author.organization_id, UUID(int=1)).id,
        order_id=ORDER,
        number="A-00000001",
        currency="PEN",
        settled_at=at,
        business_date=at.date(),
        local_hour=12,
        **NO_SUM,
    )
