"""A restaurant with two devices, an order on both, and one line of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import TILL, WAITER, Village

from shared.orders.commands import first_check_id


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Hands:
    return Hands(village, village.replica(WAITER, "B"))


@pytest.fixture
async def order(till: Hands, other: Hands) -> UUID:
    found = await till.open()
    await meet(till, other)
    return found


@pytest.fixture
def check(order: UUID) -> UUID:
    return first_check_id(order)


@pytest.fixture
async def line(till: Hands, other: Hands, order: UUID) -> UUID:
    """One ceviche at 42.50, not sent."""
    found = await till.add(order)
    await meet(till, other)
    return found


@pytest.fixture
async def sent(till: Hands, other: Hands, order: UUID, line: UUID) -> UUID:
    """Three, sent."""
    await till.set(line, 3 * ONE)
    await till.send(order)
    await meet(till, other)
    return line
