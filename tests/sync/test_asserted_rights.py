"""What no command may write, whoever forgot to ask: the session hook reads the declarations that the judge reads."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from restaurant import CASHIER, COOK, MANAGER, SERVER, Replica

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, DeviceKind, Permission
from shared.orders.commands import open_order
from shared.orders.records import LineVoid, Order, OrderKind, OrderLine
from shared.payments.adjustment_records import Discount, DiscountKind
from shared.payments.derived import first_check_id
from shared.payments.records import Receipt

ORDER, LINE = UUID(int=1_000), UUID(int=1_001)
CHECK = first_check_id(ORDER)
NO_SUM = {"gross_minor": 0, "discount_minor": 0, "net_minor": 0, "tax_minor": 0, "total_minor": 0}


@pytest.fixture
async def order(till: Replica) -> UUID:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    return ORDER


async def discount(till: Replica, minor: int, actor: Actor = MANAGER) -> None:
    async with till.work(actor) as work:
        work.add(_discount(till, minor))


async def test_a_total_without_its_right_is_refused(till: Replica, order: UUID) -> None:
    void = UUID(int=1_003)
    async with till.work(MANAGER) as work:
        work.add(_line(till))
        work.add(_void(till, void))
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(SERVER) as work:
            (await work.get(LineVoid, void)).lifted = True
    assert not (await till.row(LineVoid, void)).lifted


async def test_a_new_row_without_its_right_is_refused(till: Replica) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(COOK) as work:
            work.add(_order(till))


async def test_a_register_without_its_right_is_refused_and_one_above_the_limit(till: Replica, order: UUID) -> None:
    limited = replace(MANAGER, limits={Permission.GIVE_DISCOUNT: 500})
    for actor, minor, code in ((CASHIER, 100, "NOT_PERMITTED"), (limited, 501, "ABOVE_LIMIT")):
        with pytest.raises(DomainError, match=code):
            await discount(till, minor, actor)
    await discount(till, 500, limited)


async def test_a_row_that_breaks_its_rule_is_refused(till: Replica, order: UUID) -> None:
    with pytest.raises(DomainError, match=r"ROW_BREAKS_A_RULE.*rate or an amount"):
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
    )


def _receipt(till: Replica) -> Receipt:
    at = till.clock.now()
    return Receipt(
        organization_id=till.author.organization_id,
        branch_id=till.place.branch_id,
        id=UUID(int=1_002),
        check_id=CHECK,
        order_id=ORDER,
        number="A-00000001",
        currency="PEN",
        settled_at=at,
        business_date=at.date(),
        local_hour=12,
        **NO_SUM,
    )


def _of_branch(till: Replica, row_id: UUID) -> dict[str, object]:
    return {"organization_id": till.author.organization_id, "branch_id": till.place.branch_id, "id": row_id}


def _discount(till: Replica, minor: int) -> Discount:
    return Discount(
        **_of_branch(till, till.ids.new()),
        check_id=CHECK,
        kind=DiscountKind.AMOUNT,
        amount_minor=minor,
        worth_minor=minor,
        in_all_minor=minor,
        given_at=till.clock.now(),
        lifted=False,
    )


def _void(till: Replica, row_id: UUID) -> LineVoid:
    of = {"order_id": ORDER, "root_id": LINE, "line_id": LINE, "seen_milli": 1_000, "quantity_milli": 1_000}
    return LineVoid(**_of_branch(till, row_id), **of, voided_at=till.clock.now(), lifted=False)


def _line(till: Replica) -> OrderLine:
    of = {"order_id": ORDER, "root_id": LINE, "author": LINE, "check_id": CHECK, "item_id": LINE, "item_name": "Pan"}
    return OrderLine(
        **_of_branch(till, LINE), **of, unit_price_minor=100, quantity_milli=1_000, added_at=till.clock.now()
    )
