"""Tables that several devices put together at once, while a party left: all lines and all money are at open orders."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, MANAGER, ORGANIZATION, TILL, WAITER, Village

from shared.books.queries import open_orders
from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.orders.commands import first_check_id
from shared.orders.correcting import leave
from shared.taxes.queries import rates_in_force

CEVICHE, PAID = 4_250, 1_000
THIRD = UUID(int=TILL.int + 7)
Join = tuple[int, int]
CROSSWISE = list(product(((0, 1), (1, 0)), ((0, 1), (1, 0))))
IN_A_ROW = list(product(((0, 1), (1, 0)), ((1, 2), (2, 1), (0, 2), (2, 0))))
TWO = [*product(CROSSWISE, (0, 1)), *product(IN_A_ROW, (1,))]
"""Who joins what, and whose party has left, as one device alone knows."""
CIRCLES = list(product(((0, 1), (1, 0)), ((1, 2), (2, 1)), ((0, 2), (2, 0))))


@pytest.fixture
async def devices(village: Village) -> list[Hands]:
    return [
        Hands(village, village.replica(each, letter)) for each, letter in ((TILL, "A"), (WAITER, "B"), (THIRD, "C"))
    ]


async def _three_orders(devices: Sequence[Hands]) -> list[UUID]:
    """A dish on each, and a part payment on the first, known everywhere."""
    orders = sorted([await devices[0].open("1"), await devices[0].open("2"), await devices[0].open("2")])
    for each in orders:
        await devices[0].add(each)
        await devices[0].send(each)
    await devices[0].pay(first_check_id(orders[0]), PAID)
    await meet(*devices)
    return orders


async def _lets_go(hands: Hands, order_id: UUID) -> None:
    async with hands.replica.work(MANAGER) as work:
        await leave(work, order_id)


async def _open(hands: Hands) -> list[OrderView]:
    async with hands.replica.connection() as reader:
        taxes = await rates_in_force(reader, ORGANIZATION, hands.replica.clock.now().date())
        return await open_orders(reader, ORGANIZATION, BRANCH, taxes)


async def _all_is_there(devices: Sequence[Hands]) -> list[OrderView]:
    """The open orders: they have three dishes and what was paid, and each of them takes more."""
    found = await _open(devices[0])
    for each in devices:
        assert await _open(each) == found
    assert [line.owed_milli for view in found for line in view.lines] == [1_000] * 3
    checks = [check for view in found for check in view.checks]
    assert sum(check.due_minor for check in checks) == 3 * CEVICHE - PAID
    return found


@pytest.mark.parametrize(("joins", "gone"), TWO)
async def test_two_joins_at_once_lose_nothing_and_one_more_puts_the_rest_together(
    devices: list[Hands], joins: Sequence[Join], gone: int
) -> None:
    orders = await _three_orders(devices)
    await _lets_go(devices[0], orders[gone])  # the others do not know it
    for hands, (order, into) in zip(devices, joins, strict=False):
        await hands.join(orders[order], orders[into])
    await meet(*devices)
    found = await _all_is_there(devices)
    assert len(found) == 2
    stays = await devices[1].join(found[0].id, found[1].id)
    assert [view.id for view in await _all_is_there(devices[1:2])] == [stays]


@pytest.mark.parametrize("joins", CIRCLES)
async def test_three_orders_joined_in_a_circle_are_one(devices: list[Hands], joins: Sequence[Join]) -> None:
    orders = await _three_orders(devices)
    await _lets_go(devices[0], orders[2])  # the others do not know it
    for hands, (order, into) in zip(devices, joins, strict=True):
        await hands.join(orders[order], orders[into])
    await meet(*devices)
    assert [view.id for view in await _all_is_there(devices)] == [orders[2]]
    await devices[1].add(orders[2], "chi")
    for over in orders[:2]:
        with pytest.raises(DomainError, match="ORDER_CLOSED"):
            await devices[1].add(over)


@pytest.mark.parametrize("of", list(permutations(range(3))))
async def test_which_device_joins_which_pair_of_a_circle_first_makes_no_difference(
    devices: list[Hands], of: Sequence[int]
) -> None:
    orders = await _three_orders(devices)
    circle = ((0, 1), (1, 2), (2, 0))
    for at in of:
        order, into = circle[at]
        await devices[at].join(orders[order], orders[into])
        if at == of[0]:  # the next one knows of it, and joins what is over to what has it now
            await devices[of[1]].replica.pull(devices[at].replica)
    await meet(*devices)
    assert [view.id for view in await _all_is_there(devices)] == [orders[2]]
