"""What is weighed, what has an open price, choices twice and nested, and open lines while the menu changes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from replicas import CASHIER, COOK, MANAGER, SERVER
from restaurant import CLOUD, Replica, Village

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.menu.at_the_branch import hide_item
from shared.menu.availability import set_out
from shared.menu.commands import add_item, add_modifier, add_modifier_group, link_modifier_group
from shared.menu.records import Item, Modifier
from shared.orders.commands import (
    add_line,
    change_line,
    first_check_id,
    one_more,
    open_order,
    set_quantity,
)
from shared.orders.equal_lines import add_to_equal
from shared.orders.records import OrderKind
from tests.evening import Hands

ORDER, LINE, SECOND = UUID(int=1_000), UUID(int=1_001), UUID(int=1_002)
CHEESE, OTHERS, COMBO = UUID(int=2_001), UUID(int=2_002), UUID(int=2_003)
FRIES, FRESH, SWEET = UUID(int=2_101), UUID(int=2_102), UUID(int=2_103)


@pytest.fixture
async def cloud(village: Village) -> Replica:
    """The cloud, whose menu has a cheese by the kilo, an item without a price, and a dish with nested choices."""
    cloud = village.replica(CLOUD)
    async with cloud.work() as work:
        menu = await cloud.menu()
        pan = menu.items[village.house.items["pan"]]
        await add_item(work, "Queso", pan.category_id, pan.tax_category_id, 4_800, "que", item_id=CHEESE, unit="kg")
        await add_item(work, "Otros", pan.category_id, pan.tax_category_id, 0, "otr", item_id=OTHERS, open_price=True)
        await add_item(work, "Combo", pan.category_id, pan.tax_category_id, 2_000, "com", item_id=COMBO)
        sides, kinds = await add_modifier_group(work, "Acompaña", 1, 2), await add_modifier_group(work, "Papas", 1, 1)
        await add_modifier(work, sides.id, "Papas", 100, modifier_id=FRIES, opens_id=kinds.id)
        await add_modifier(work, kinds.id, "Frescas", modifier_id=FRESH)
        await add_modifier(work, kinds.id, "Camote", 50, modifier_id=SWEET)
        await link_modifier_group(work, COMBO, sides.id)
    return cloud


@pytest.fixture
async def till(till: Replica, cloud: Replica) -> Replica:
    """A till that knows this menu, with an open order."""
    await till.pull(cloud)
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    return till


@pytest.fixture
def hands(village: Village, till: Replica) -> Hands:
    return Hands(village, till)


async def refused(
    till: Replica, code: str, command: object, *args: object, actor: Actor = CASHIER, **kw: object
) -> None:
    before = await till.digests()
    with pytest.raises(DomainError) as caught:
        async with till.work(actor) as work:
            await command(work, *args, **kw)  # type: ignore[operator]
    assert caught.value.code == code
    assert await till.digests() == before


# -- by weight -------------------------------------------------------------------------------------------------------


async def test_a_weight_is_priced_to_the_cent(till: Replica, hands: Hands) -> None:
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, CHEESE, quantity_milli=347)
    line = await hands.line(ORDER, LINE)
    assert (line.quantity_milli, line.unit, line.unit_minor, line.total_minor) == (347, "kg", 4_800, 1_666)


@pytest.mark.parametrize("weight", [0, -350, 100_001, 350_000])
async def test_a_weight_that_nobody_can_have_meant_is_refused(till: Replica, weight: int) -> None:
    await refused(till, "WEIGHT_NOT_SENSIBLE", add_line, ORDER, LINE, CHEESE, quantity_milli=weight)
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, CHEESE, quantity_milli=350)
    await refused(till, "WEIGHT_NOT_SENSIBLE", set_quantity, LINE, weight)


async def test_each_weighing_is_a_line_and_none_becomes_one_kilo_more(till: Replica, hands: Hands) -> None:
    check = first_check_id(ORDER)
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, CHEESE, quantity_milli=350)
    async with till.work(CASHIER) as work:
        assert not await add_to_equal(work, LINE, CHEESE, (), 350, "", check)
    await refused(till, "LINE_IS_WEIGHED", one_more, LINE, SECOND)
    async with till.work(CASHIER) as work:
        await set_quantity(work, LINE, 410)
    assert (await hands.line(ORDER, LINE)).total_minor == 1_968


# -- open prices -----------------------------------------------------------------------------------------------------


async def test_an_open_price_is_asked_and_believed_of_who_may_set_it(till: Replica, hands: Hands) -> None:
    await refused(till, "PRICE_IS_ASKED", add_line, ORDER, LINE, OTHERS)
    await refused(till, "PRICE_NOT_SENSIBLE", add_line, ORDER, LINE, OTHERS, unit_price_minor=0)
    await refused(till, "PRICE_NOT_SENSIBLE", add_line, ORDER, LINE, OTHERS, unit_price_minor=-100)
    await refused(till, "NOT_PERMITTED", add_line, ORDER, LINE, OTHERS, unit_price_minor=4_500, actor=SERVER)
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, OTHERS, quantity_milli=2_000, unit_price_minor=4_500)
    assert (await hands.line(ORDER, LINE)).total_minor == 9_000
    async with till.work(CASHIER) as work:
        await change_line(work, LINE, unit_price_minor=4_000)
    assert (await hands.line(ORDER, LINE)).total_minor == 8_000


async def test_an_open_price_opens_no_other_price(till: Replica) -> None:
    await refused(till, "NOT_PERMITTED", add_line, ORDER, LINE, CHEESE, quantity_milli=350, unit_price_minor=4_700)
    async with till.work(MANAGER) as work:
        await add_line(work, ORDER, LINE, CHEESE, quantity_milli=350, unit_price_minor=4_700)
    await refused(till, "NOT_PERMITTED", change_line, LINE, unit_price_minor=4_600)


@pytest.mark.parametrize(
    ("right", "item", "kept", "above"),
    [(Permission.SET_OPEN_PRICE, OTHERS, 5_000, 5_001), (Permission.OVERRIDE_PRICE, CHEESE, 5_300, 5_301)],
)
async def test_a_price_stays_within_the_limit_of_its_right(
    till: Replica, right: Permission, item: UUID, kept: int, above: int
) -> None:
    limited = replace(
        CASHIER,
        permissions=CASHIER.permissions | {right},
        limits={Permission.SET_OPEN_PRICE: 5_000, Permission.OVERRIDE_PRICE: 500},
    )
    await refused(till, "ABOVE_LIMIT", add_line, ORDER, LINE, item, unit_price_minor=above, actor=limited)
    async with till.work(limited) as work:
        await add_line(work, ORDER, LINE, item, unit_price_minor=kept)
    await refused(till, "ABOVE_LIMIT", change_line, LINE, unit_price_minor=above, actor=limited)


async def test_the_price_of_what_left_the_menu_is_held_against_what_the_menu_said_last(till: Replica) -> None:
    """Measured from nothing, 47.00 would be above a limit of 5.00, and 3.00 within it."""
    limits = {Permission.OVERRIDE_PRICE: 500}
    limited = replace(CASHIER, permissions=CASHIER.permissions | {Permission.OVERRIDE_PRICE}, limits=limits)
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, CHEESE, quantity_milli=350)
    async with till.work(MANAGER) as work:
        await hide_item(work, CHEESE)
    await refused(till, "ABOVE_LIMIT", change_line, LINE, unit_price_minor=300, actor=limited)
    async with till.work(limited) as work:
        await change_line(work, LINE, unit_price_minor=4_700)
    async with till.work(CASHIER) as work:
        await change_line(work, LINE, unit_price_minor=4_800)


# -- choices ---------------------------------------------------------------------------------------------------------


async def test_what_is_chosen_twice_is_charged_twice_and_cooked_as_such(
    village: Village, till: Replica, hands: Hands
) -> None:
    lomo, choice = village.house.items["lom"], village.house.modifiers
    egg = (choice["jugoso"], choice["huevo"])
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, lomo, (*egg, choice["huevo"]))
        await add_line(work, ORDER, SECOND, lomo, egg)
    double, single = await hands.line(ORDER, LINE), await hands.line(ORDER, SECOND)
    assert (double.total_minor, single.total_minor) == (3_890 + 2 * 300, 3_890 + 300)
    assert (await hands.order(ORDER)).unsent_like(lomo, (*egg, choice["huevo"]), "", double.author) == LINE
    assert double.modifiers == (("Jugoso", 0), ("Huevo", 300), ("Huevo", 300))
    await hands.send(ORDER)
    (ticket,) = await hands.tickets()
    assert sorted(line.modifiers.count("Huevo") for line in ticket.lines) == [1, 2]
    await refused(till, "TOO_MANY_MODIFIERS", change_line, LINE, modifier_ids=[*egg, *[choice["huevo"]] * 2])


async def test_a_nested_choice_is_charged_and_must_be_made(till: Replica, hands: Hands) -> None:
    await refused(till, "TOO_FEW_MODIFIERS", add_line, ORDER, LINE, COMBO, [FRIES])
    await refused(till, "MODIFIER_UNKNOWN", add_line, ORDER, LINE, COMBO, [FRIES, FRESH, UUID(int=9)])
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, COMBO, [SWEET, FRIES])
    line = await hands.line(ORDER, LINE)
    assert (line.modifiers, line.total_minor) == ((("Papas", 100), ("Camote", 50)), 2_150)


# -- while the menu changes ------------------------------------------------------------------------------------------


async def test_a_menu_that_changes_alters_no_open_line_whatever_is_edited_on_it(
    village: Village, cloud: Replica, till: Replica, hands: Hands
) -> None:
    lomo, choice = village.house.items["lom"], village.house.modifiers
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, lomo, [choice["jugoso"], choice["queso"]])
        await add_line(work, ORDER, SECOND, CHEESE, quantity_milli=500)
    async with cloud.work() as work:
        for item in (lomo, CHEESE):
            (await work.get(Item, item)).price_minor += 1_000
        (await work.get(Modifier, choice["queso"])).price_delta_minor = 600
        (await work.get(Modifier, choice["huevo"])).price_delta_minor = 350
    await till.pull(cloud)
    assert [line.total_minor for line in (await hands.order(ORDER)).lines] == [3_890 + 450, 2_400]

    async with till.work(CASHIER) as work:
        await change_line(work, LINE, notes="bien caliente")
        await change_line(work, LINE, modifier_ids=[choice["jugoso"], choice["queso"], choice["huevo"]])
        await set_quantity(work, SECOND, 250)
    assert [line.total_minor for line in (await hands.order(ORDER)).lines] == [3_890 + 450 + 350, 1_200]
    async with till.work(CASHIER) as work:
        await change_line(work, LINE, modifier_ids=[choice["jugoso"], choice["queso"], choice["queso"]])
    assert (await hands.line(ORDER, LINE)).total_minor == 3_890 + 450 + 600, "the second one costs what it costs now"


async def test_a_choice_that_left_the_menu_stays_until_somebody_takes_it_off(
    village: Village, cloud: Replica, till: Replica, hands: Hands
) -> None:
    lomo, choice = village.house.items["lom"], village.house.modifiers
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, lomo, [choice["jugoso"], choice["queso"]])
    async with cloud.work() as work:
        (await work.get(Modifier, choice["queso"])).active = False
    await till.pull(cloud)
    async with till.work(CASHIER) as work:
        await change_line(work, LINE, modifier_ids=[choice["cocido"], choice["queso"]])
    assert (await hands.line(ORDER, LINE)).modifiers == (("Bien cocido", 0), ("Queso", 450))
    async with till.work(CASHIER) as work:
        await change_line(work, LINE, modifier_ids=[choice["cocido"]])
    await refused(till, "MODIFIER_UNKNOWN", change_line, LINE, modifier_ids=[choice["cocido"], choice["queso"]])


async def test_a_sold_out_line_can_be_changed_and_lessened_but_not_enlarged(
    village: Village, cloud: Replica, till: Replica, hands: Hands
) -> None:
    lomo, choice = village.house.items["lom"], village.house.modifiers
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, LINE, lomo, [choice["jugoso"]], 3_000)
        await add_line(work, ORDER, SECOND, CHEESE, quantity_milli=500)
    async with till.work(COOK) as work:
        for item in (lomo, CHEESE):
            await set_out(work, item)
    async with till.work(CASHIER) as work:
        await change_line(work, LINE, modifier_ids=[choice["cocido"]])
        await set_quantity(work, LINE, 2_000)
        await set_quantity(work, SECOND, 300)
    await refused(till, "ITEM_SOLD_OUT", set_quantity, LINE, 3_000)
    await refused(till, "ITEM_SOLD_OUT", set_quantity, SECOND, 500)
    await refused(till, "ITEM_SOLD_OUT", one_more, LINE, UUID(int=5))


# -- money -----------------------------------------------------------------------------------------------------------


async def test_weights_and_open_prices_are_split_paid_and_refunded_to_the_cent(
    village: Village, till: Replica, hands: Hands
) -> None:
    table = await hands.open()
    cheese = await hands.add(table, CHEESE, 347)
    await hands.add(table, OTHERS, 2_000, price=1_333)
    await hands.add(table, COMBO, chosen=(FRIES, SWEET))
    bill = (await hands.order(table)).bill
    assert bill.gross_minor == 1_666 + 2_666 + 2_150
    part = await hands.split(cheese, 100)
    other = await hands.another_check(table)
    await hands.move(part, other)
    view = await hands.order(table)
    assert abs(view.bill.total_minor - bill.total_minor) <= 1, "each part of a weight is rounded by itself"
    await hands.send(table)
    for check in view.checks:
        await hands.pay(check.id, check.bill.total_minor)
    assert (await hands.order(table)).due_minor == 0
    lines = await hands.receipt_lines()
    assert sorted((line.unit, line.quantity_milli) for line in lines)[-2:] == [("kg", 100), ("kg", 247)]
    back = {line.id: line.quantity_milli for line in lines if line.unit == "kg" and line.quantity_milli == 100}
    (check_id,) = {line.check_id for line in lines if line.id in back}
    (sold,) = [line for line in lines if line.id in back]
    assert await hands.refund(check_id, back) == sold.total_minor
    assert not await hands.differences()
