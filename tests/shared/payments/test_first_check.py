"""The first check of an order follows from the order: its id is computed, so that there is one however often."""

from __future__ import annotations

from uuid import UUID

from restaurant import BRANCH, ORGANIZATION, SERVER, TILL, WAITER, Village

from shared.orders.commands import open_order
from shared.orders.records import OrderKind
from shared.payments.derived import first_check
from shared.payments.records import Check

ORDER = UUID(int=1_000)


async def test_an_order_opens_with_the_check_that_follows_from_it(village: Village) -> None:
    checks = []
    for device in (TILL, WAITER):
        replica = village.replica(device)
        async with replica.work(SERVER) as work:
            await open_order(work, ORDER, OrderKind.TAKEOUT)
        checks += await replica.rows(Check)
    expected = first_check(ORDER, ORGANIZATION, BRANCH)
    assert [(check.id, check.order_id) for check in checks] == [(expected.id, ORDER)] * 2


def test_two_orders_have_two_checks() -> None:
    assert first_check(ORDER, ORGANIZATION, BRANCH).id != first_check(UUID(int=1_001), ORGANIZATION, BRANCH).id
