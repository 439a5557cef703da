"""Courses held by hand and fired at a time: on two devices, once, whoever is first."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import MANAGER, TILL, WAITER, Village
from service_menu import two_devices

from shared.kernel.errors import DomainError
from shared.kitchen.firing import OTHERS_WAIT, FireTime, fire_at, fire_now, hold_course
from shared.kitchen.records import KitchenTicket
from shared.orders.coursing import set_course


@pytest.fixture
async def devices(village: Village) -> tuple[Hands, Hands]:
    return two_devices(village)


async def coursed(hands: Hands, course: int = 2) -> UUID:
    order = await hands.open()
    line = await hands.add(order)
    async with hands.replica.work(MANAGER) as work:
        await set_course(work, line, course)
    return order


async def test_a_held_course_is_not_sent_and_is_fired_once_by_two_devices(devices: tuple[Hands, Hands]) -> None:
    till, other = devices
    order = await coursed(till)
    async with till.replica.work(MANAGER) as work:
        assert await hold_course(work, order, 2) == 1
    assert await till.send(order) == 0
    await meet(till, other)
    for hands in devices:
        async with hands.replica.work(MANAGER) as work:
            await fire_now(work, order, 2)
    await meet(till, other)
    assert len(await till.replica.rows(KitchenTicket)) == 1
    assert await till.wall() == await other.wall() == [("Ceviche", "", 1_000, 0)]
    assert not await till.differences()


async def test_the_time_of_a_course_stands_on_every_device_and_is_over_once_it_is_fired(
    village: Village, devices: tuple[Hands, Hands]
) -> None:
    till, other = devices
    order = await coursed(till)
    at = village.clock.now() + timedelta(hours=13)  # after midnight
    async with till.replica.work(MANAGER) as work:
        await fire_at(work, order, 2, at)
    await meet(till, other)
    for hands in devices:
        assert (await hands.order(order)).fire_times == {2: FireTime(at, TILL, MANAGER.staff_id)}
    async with other.replica.work(MANAGER) as work:
        await fire_now(work, order, 2)
    await meet(till, other)
    assert (await till.order(order)).fire_times == {}
    with pytest.raises(DomainError, match="NOTHING_HELD"):
        async with till.replica.work(MANAGER) as work:
            await fire_now(work, order, 2)


def test_the_device_that_was_told_goes_first(village: Village) -> None:
    at = village.clock.now()
    said = FireTime(at, TILL)
    assert said.is_due(at, TILL)
    assert not said.is_due(at, WAITER)
    assert said.is_due(at + OTHERS_WAIT, WAITER)


def test_a_device_whose_clock_is_wrong_fires_what_others_were_told_at_its_true_time(village: Village) -> None:
    at, wrong = village.clock.now() + timedelta(hours=2), timedelta(hours=3)
    said = FireTime(at, TILL)
    for skew in (-wrong, wrong):  # ahead, behind
        assert not said.is_due(at + timedelta(minutes=-1) - skew, WAITER, skew)
        assert said.is_due(at + OTHERS_WAIT - skew, WAITER, skew)
    assert said.is_due(at, TILL, wrong), "who was told goes by the clock on which it was said"


async def test_what_has_no_course_cannot_wait(devices: tuple[Hands, Hands]) -> None:
    till, _other = devices
    order = await coursed(till, 0)
    async with till.replica.work(MANAGER) as work:
        with pytest.raises(DomainError, match="COURSE_IS_NEEDED"):
            await hold_course(work, order, 0)
        with pytest.raises(DomainError, match="NOTHING_TO_HOLD"):
            await hold_course(work, order, 3)
