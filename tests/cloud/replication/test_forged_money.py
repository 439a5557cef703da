"""Money that no honest till writes: it stays, and people are asked about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from branch_books import CARD, CASH, METHODS, noon

from shared.kernel.permissions import SYSTEM, Permission, Role
from shared.payments.adjustment_records import DiscountKind
from shared.payments.records import PaymentMethod
from shared.payments.rules import TenderKind
from tests.cloud.replication.house import TODAY, House, Said, check, created, order, payment

MANAGER = UUID(int=0x3A9A9E4)
ORDER, CHECK = UUID(int=0x0DE1), UUID(int=0x0DE2)
RIGHT, OTHERWISE = "give_discount", "copied_otherwise"


@pytest.fixture
async def house(house: House) -> House:
    """A manager who may give 20.00 away, and an open order."""
    await house.hire(Role.BRANCH_MANAGER, MANAGER)
    await house.limit(Role.BRANCH_MANAGER, Permission.GIVE_DISCOUNT, 2_000)
    branch = house.own.branch_id
    house.own.say(order(ORDER, branch), check(CHECK, ORDER, branch))
    await house.fold()
    return house


def discount(house: House, **given: Any) -> Said:
    how = {"kind": DiscountKind.RATE, "rate_millionths": 100_000, "worth_minor": 500, "most_minor": 2_000}
    what = {"check_id": CHECK, "given_at": noon(TODAY), "given_by": MANAGER}
    return created("discounts", uuid4(), branch_id=house.own.branch_id, **{**what, **how, **given})


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, False),
        ({"most_minor": 2_001}, True),
        ({"most_minor": None}, True),
        ({"most_minor": None, "rate_millionths": 0, "amount_minor": 500, "kind": DiscountKind.AMOUNT}, False),
        ({"worth_minor": 2_001, "most_minor": 2_001}, True),
    ],
)
async def test_a_rate_without_a_bound_takes_a_right_without_a_limit(house: House, given: Any, asked: bool) -> None:
    house.own.say(discount(house, **given), actor=MANAGER)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert {event[:3] for event in await house.events()} == ({("without_right", MANAGER, RIGHT)} if asked else set())


async def test_who_has_no_limit_gives_rates_without_a_bound(house: House) -> None:
    owner = await house.hire(Role.ORGANIZATION_ADMIN)
    house.own.say(discount(house, most_minor=None), actor=owner)
    await house.fold()
    assert await house.events() == []


async def test_money_of_another_kind_than_its_method_stays_and_is_asked_about(house: House) -> None:
    name, kind = METHODS[CARD]
    honest = payment(CHECK, house.own.branch_id, method_id=CARD, method_name=name, kind=kind, number="A-P00000001")
    house.own.say(honest, actor=MANAGER)
    await house.fold()
    assert await house.events() == []
    forged = payment(CHECK, house.own.branch_id, kind=TenderKind.ACCOUNT, number="A-P00000002")
    house.own.say(forged, actor=MANAGER)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert [event[:3] for event in await house.events()] == [("without_right", MANAGER, OTHERWISE)]


async def test_a_till_that_had_not_heard_of_a_new_kind_is_not_asked_about(house: House) -> None:
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        (await work.get(PaymentMethod, CASH)).kind = TenderKind.VOUCHER
    house.own.say(payment(CHECK, house.own.branch_id), actor=MANAGER)
    await house.fold()
    assert await house.events() == []
