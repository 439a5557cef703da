"""A void before cooking began is asked of nobody; one after takes the right to void, or who has it approves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from branch_books import LOMO, noon

from shared.kernel.permissions import Role
from tests.cloud.replication.house import TODAY, House, Said, check, created, order

WAITER, MANAGER = UUID(int=0x3A17E4), UUID(int=0x3A9A9E4)
ORDER, CHECK, LINE, VOID = (UUID(int=0x701D0 + number) for number in range(4))
ASKED = ("without_right", WAITER, "void_sent_line", 1)


@pytest.fixture
async def sent(house: House) -> House:
    await house.hire(Role.WAITER, WAITER)
    await house.hire(Role.BRANCH_MANAGER, MANAGER)
    branch = house.own.branch_id
    of = {"order_id": ORDER, "root_id": LINE, "check_id": CHECK, "item_id": LOMO.item_id, "author": LINE}
    line = created(
        "order_lines",
        LINE,
        branch_id=branch,
        **of,
        item_name="Lomo",
        unit_price_minor=LOMO.price_minor,
        quantity_milli=2_000,
        added_at=noon(TODAY),
    )
    house.own.say(order(ORDER, branch), check(CHECK, ORDER, branch), line)
    await house.fold()
    return house


def void(house: House, **given: Any) -> Said:
    of = {"order_id": ORDER, "root_id": LINE, "line_id": LINE, "seen_milli": 2_000, "quantity_milli": 1_000}
    said = {"begun": False, "thrown_milli": 0, "voided_at": noon(TODAY), "lifted": False}
    return created("line_voids", VOID, branch_id=house.own.branch_id, **{**of, **said, **given})


@pytest.mark.parametrize(
    ("given", "actor", "asked"),
    [
        ({}, WAITER, []),
        ({"begun": True}, WAITER, [ASKED]),
        ({"thrown_milli": 1_000, "content_id": LINE}, WAITER, [ASKED]),
        ({"begun": True}, MANAGER, []),
    ],
)
async def test_the_right_is_asked_for_from_cooking_on(sent: House, given: Any, actor: UUID, asked: list[Any]) -> None:
    sent.own.say(void(sent, **given), actor=actor)
    await sent.fold()
    assert await sent.verdicts(sent.own) == await sent.parked() == []
    assert await sent.events() == asked
