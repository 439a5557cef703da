"""Prices that no menu said: who may set them, and whom people are asked about."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from branch_books import CASHIER, noon

from shared.kernel.permissions import SYSTEM, Permission, Role
from shared.menu.at_the_branch import branch_price_id
from shared.menu.commands import add_category, add_item
from shared.menu.records import Item
from shared.taxes.commands import add_tax_category
from tests.cloud.replication.house import TODAY, House, Said, check, created, edited, order

WAITER, MANAGER = UUID(int=0x3A17E4), UUID(int=0x3A9A9E4)
OPEN_ORDER, OPEN_CHECK = UUID(int=0x0DE1), UUID(int=0x0DE2)
CHEESE, OTHERS = UUID(int=0xC4EE5E), UUID(int=0x07)
QUESTION = "without_right"


@pytest.fixture
async def house(house: House) -> House:
    """A waiter, a manager, an open order, and a menu: cheese at 48.00, once 45.00, and an item with an open price."""
    for staff_id, role in {WAITER: Role.WAITER, MANAGER: Role.BRANCH_MANAGER}.items():
        await house.hire(role, staff_id)
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        category, tax = await add_category(work, "Quesos"), await add_tax_category(work, "IGV")
        await add_item(work, "Queso", category.id, tax.id, 4_500, item_id=CHEESE, unit="kg")
        await add_item(work, "Otros", category.id, tax.id, 0, item_id=OTHERS, open_price=True)
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        (await work.get(Item, CHEESE)).price_minor = 4_800
    branch = house.own.branch_id
    house.own.say(order(OPEN_ORDER, branch), check(OPEN_CHECK, OPEN_ORDER, branch))
    await house.fold()
    return house


def line(house: House, item: UUID, price_minor: int, line_id: UUID | None = None) -> Said:
    row = line_id or uuid4()
    same = {"order_id": OPEN_ORDER, "root_id": row, "author": house.own.key.id, "check_id": OPEN_CHECK}
    what = {"item_id": item, "item_name": "x", "unit_price_minor": price_minor, "quantity_milli": 500}
    return created(
        "order_lines", row, branch_id=house.own.branch_id, **same, **what, modifiers=[], added_at=noon(TODAY)
    )


@pytest.mark.parametrize(
    ("actor", "item", "price_minor", "asked"),
    [
        (WAITER, CHEESE, 4_800, None),
        (WAITER, CHEESE, 4_500, None),  # the device had not heard of the new price
        (WAITER, CHEESE, 4_700, "override_price"),
        (CASHIER, CHEESE, 0, "override_price"),
        (MANAGER, CHEESE, 4_700, None),
        (CASHIER, OTHERS, 9_900, None),
        (WAITER, OTHERS, 9_900, "override_price"),  # the first of the two rights that would do
        (MANAGER, OTHERS, 9_900, None),
    ],
)
async def test_a_price_that_the_menu_never_said_takes_the_right_unless_it_is_open(
    house: House, actor: UUID, item: UUID, price_minor: int, asked: str | None
) -> None:
    house.own.say(line(house, item, price_minor), actor=actor)
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert await house.events() == ([(QUESTION, actor, asked, 1)] if asked else [])


async def test_who_may_set_open_prices_may_correct_no_other(house: House) -> None:
    other, open_line = uuid4(), uuid4()
    house.own.say(line(house, CHEESE, 4_800, other), line(house, OTHERS, 9_900, open_line))
    house.own.say(edited("order_lines", open_line, unit_price_minor=8_800))
    await house.fold()
    assert await house.events() == []
    house.own.say(edited("order_lines", other, unit_price_minor=100))
    await house.fold()
    assert await house.events() == [(QUESTION, CASHIER, "override_price", 1)]


async def test_limits_are_held_against_an_open_price_and_against_the_difference_of_another(house: House) -> None:
    await house.limit(Role.CASHIER, Permission.SET_OPEN_PRICE, 5_000)
    await house.limit(Role.BRANCH_MANAGER, Permission.OVERRIDE_PRICE, 500)
    house.own.say(line(house, OTHERS, 5_000))
    house.own.say(line(house, CHEESE, 5_300), actor=MANAGER)
    await house.fold()
    assert await house.events() == []
    house.own.say(line(house, OTHERS, 5_001))
    house.own.say(line(house, CHEESE, 5_301), actor=MANAGER)
    await house.fold()
    assert {event[1] for event in await house.events()} == {CASHIER, MANAGER}


async def test_one_more_of_what_a_manager_priced_is_no_price_of_its_own(house: House) -> None:
    house.own.say(line(house, CHEESE, 4_700), actor=MANAGER)
    house.own.say(line(house, CHEESE, 4_700), actor=WAITER)
    await house.fold()
    house.own.say(line(house, CHEESE, 4_700), actor=WAITER)
    await house.fold()
    assert await house.events() == []
    house.own.say(line(house, CHEESE, 4_600), line(house, CHEESE, 4_600), actor=WAITER)
    await house.fold()
    assert await house.events() == [(QUESTION, WAITER, "override_price", 1)], "no line vouches for an earlier one"


@pytest.mark.parametrize("is_folded", [True, False])
async def test_one_more_of_what_a_manager_repriced_is_no_price_of_its_own(house: House, is_folded: bool) -> None:
    first = uuid4()
    house.own.say(line(house, CHEESE, 4_800, first), actor=WAITER)
    house.own.say(edited("order_lines", first, unit_price_minor=4_700), actor=MANAGER)
    if is_folded:
        await house.fold()
    house.own.say(line(house, CHEESE, 4_700), actor=WAITER)
    await house.fold()
    assert await house.events() == []
    house.own.say(line(house, CHEESE, 4_600), actor=WAITER)
    house.own.say(edited("order_lines", first, unit_price_minor=4_600), actor=MANAGER)
    await house.fold()
    assert await house.events() == [(QUESTION, WAITER, "override_price", 1)], (
        "no later price vouches for an earlier one"
    )


async def test_one_more_of_what_was_repriced_again_before_the_cloud_heard_of_it(house: House) -> None:
    first = uuid4()
    house.own.say(line(house, CHEESE, 4_800, first), actor=WAITER)
    for price_minor in (4_700, 4_600):
        house.own.say(edited("order_lines", first, unit_price_minor=price_minor), actor=MANAGER)
    await house.fold()
    house.own.say(line(house, CHEESE, 4_700), actor=WAITER)
    await house.fold()
    assert await house.events() == []


def branch_price(house: House, price_minor: int, hand: str = "Centro") -> Said:
    branch = house.hands[hand].branch_id
    key = branch_price_id(branch, CHEESE)
    return created("branch_prices", key, branch_id=branch, item_id=CHEESE, price_minor=price_minor)


@pytest.mark.parametrize("is_folded", [True, False])
async def test_a_price_that_the_branch_set_is_a_listed_one_there(house: House, is_folded: bool) -> None:
    house.own.say(branch_price(house, 5_200), actor=MANAGER)
    if is_folded:
        await house.fold()
    house.own.say(line(house, CHEESE, 5_200), actor=WAITER)
    house.own.say(
        edited("branch_prices", branch_price_id(house.own.branch_id, CHEESE), price_minor=5_300), actor=MANAGER
    )
    if is_folded:
        await house.fold()
    house.own.say(line(house, CHEESE, 5_300), line(house, CHEESE, 5_200), actor=WAITER)
    await house.fold()
    assert await house.events() == []
    house.own.say(line(house, CHEESE, 5_400), actor=WAITER)
    await house.fold()
    assert await house.events() == [(QUESTION, WAITER, "override_price", 1)]


async def test_a_price_of_another_branch_is_none_here(house: House) -> None:
    await house.hire(Role.BRANCH_MANAGER, UUID(int=0x3A9A9E5), house.other.branch_id)
    house.other.say(branch_price(house, 100, "Playa"), actor=UUID(int=0x3A9A9E5))
    house.own.say(line(house, CHEESE, 100), actor=WAITER)
    await house.fold()
    assert await house.events() == [(QUESTION, WAITER, "override_price", 1)]


async def test_a_dish_of_the_branch_has_a_price_of_its_own(house: House) -> None:
    dish = UUID(int=0xD154)
    category, tax = [(await house.rows(table))[0].id for table in ("categories", "tax_categories")]
    said = {"name": "Ají", "category_id": category, "tax_category_id": tax, "price_minor": 2_900}
    house.own.say(created("branch_items", dish, branch_id=house.own.branch_id, **said), actor=MANAGER)
    house.own.say(line(house, dish, 2_900), actor=WAITER)
    await house.fold()
    assert await house.parked() == await house.events() == []
    house.own.say(line(house, dish, 2_800), actor=WAITER)
    await house.fold()
    assert await house.events() == [(QUESTION, WAITER, "override_price", 1)]


async def test_setting_prices_and_dishes_takes_the_right(house: House) -> None:
    house.own.say(branch_price(house, 5_200), actor=CASHIER)
    await house.fold()
    assert await house.events() == [(QUESTION, CASHIER, "set_price", 1)]
