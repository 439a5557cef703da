"""Dishes and prices that a till sets: valid in its branch at once, and one truth with what the organization says."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, ORGANIZATION, TILL, WAITER, HandClock, Replica, Village

from shared.kernel.errors import DomainError
from shared.menu.at_the_branch import add_dish, change_dish, hide_item, set_price, show_item
from shared.menu.availability import set_out
from shared.menu.queries import load_menu
from shared.menu.records import Item
from shared.menu.rules import Menu
from shared.orders.commands import add_line, open_order
from shared.orders.records import OrderKind, OrderLine


@pytest.fixture
def cloud(village: Village) -> Replica:
    return village.replica(CLOUD, "")


@pytest.fixture
def till(village: Village) -> Replica:
    return village.replica(TILL, "A")


@pytest.fixture
def other(village: Village) -> Replica:
    """Another till of the branch."""
    return village.replica(WAITER, "B")


async def menu(replica: Replica, branch_id: UUID | None = BRANCH) -> Menu:
    async with replica.connection() as connection:
        return await load_menu(connection, ORGANIZATION, branch_id)


async def costs(replica: Replica, item: UUID) -> int:
    return (await menu(replica)).items[item].price_minor


async def priced(replica: Replica, item: UUID, price_minor: int | None) -> None:
    async with replica.work(MANAGER) as work:
        await set_price(work, item, price_minor)


async def priced_by_the_organization(cloud: Replica, item: UUID, price_minor: int) -> None:
    async with cloud.work() as work:
        (await work.get(Item, item)).price_minor = price_minor


async def sold(replica: Replica, item: UUID) -> OrderLine:
    async with replica.work(CASHIER) as work:
        order = await open_order(work, work.ids.new(), OrderKind.TAKEOUT)
        return await add_line(work, order.id, work.ids.new(), item)


async def meet(*replicas: Replica) -> None:
    for _twice in range(2):
        for here in replicas:
            for there in replicas:
                if here is not there:
                    await here.pull(there)


async def test_a_till_sells_at_the_price_that_it_set(village: Village, till: Replica) -> None:
    chicha = village.house.items["chi"]
    await priced(till, chicha, 1_500)
    assert await costs(till, chicha) == 1_500
    assert (await sold(till, chicha)).unit_price_minor == 1_500
    assert (await menu(till, None)).items[chicha].price_minor == 1_200, "the organization's menu says what it said"


async def test_the_newest_price_holds_whoever_set_it(village: Village, till: Replica, cloud: Replica) -> None:
    chicha = village.house.items["chi"]
    await priced(till, chicha, 1_500)
    village.clock.pass_time(minutes=1)
    await priced_by_the_organization(cloud, chicha, 1_600)
    await meet(till, cloud)
    assert await costs(till, chicha) == await costs(cloud, chicha) == 1_600
    village.clock.pass_time(minutes=1)
    await priced(till, chicha, 1_500)  # the same again
    await meet(till, cloud)
    assert await costs(till, chicha) == await costs(cloud, chicha) == 1_500
    assert (await sold(till, chicha)).unit_price_minor == 1_500
    village.clock.pass_time(minutes=1)
    await priced(till, chicha, None)
    assert await costs(till, chicha) == 1_600


async def test_a_till_whose_clock_is_behind_overrules_a_price_that_it_knew(village: Village, cloud: Replica) -> None:
    chicha, behind = village.house.items["chi"], HandClock(village.clock.instant)
    till = village.replica(TILL, "A", behind)
    village.clock.pass_time(minutes=30)
    await priced_by_the_organization(cloud, chicha, 1_600)
    await till.pull(cloud)
    await priced(till, chicha, 1_500)
    await cloud.pull(till)
    assert await costs(till, chicha) == await costs(cloud, chicha) == 1_500
    village.clock.pass_time(minutes=30)
    await priced_by_the_organization(cloud, chicha, 1_700)
    await till.pull(cloud)
    assert await costs(till, chicha) == await costs(cloud, chicha) == 1_700


async def test_two_tills_that_set_a_price_at_once_end_in_one(village: Village, till: Replica, other: Replica) -> None:
    chicha = village.house.items["chi"]
    await priced(till, chicha, 1_500)
    village.clock.pass_time(seconds=1)
    await priced(other, chicha, 1_400)
    await meet(till, other)
    assert await costs(till, chicha) == await costs(other, chicha) == 1_400
    assert await till.parked() == await other.parked() == []
    assert await till.digests() == await other.digests()


async def test_a_dish_of_a_branch_is_sold_there_at_once(village: Village, till: Replica, other: Replica) -> None:
    lomo = (await menu(till)).items[village.house.items["lom"]]
    async with till.work(MANAGER) as work:
        dish = await add_dish(
            work,
            "Ají de gallina",
            lomo.category_id,
            lomo.tax_category_id,
            2_900,
            code="aji",
            station_id=lomo.station_id,
        )
    shown = (await menu(till)).by_code["aji"]
    assert (shown.id, shown.name, shown.price_minor, shown.category_name) == (
        dish.id,
        "Ají de gallina",
        2_900,
        "Platos",
    )
    line = await sold(till, dish.id)
    assert (line.unit_price_minor, line.item_name, line.station_id) == (2_900, "Ají de gallina", lomo.station_id)
    await meet(till, other)
    await priced(other, dish.id, 3_100)
    assert (await sold(other, dish.id)).unit_price_minor == 3_100
    assert dish.id not in (await menu(till, UUID(int=0x0B))).items, "it holds in its branch only"


async def test_a_dish_is_sold_out_renamed_and_taken_off(village: Village, till: Replica) -> None:
    lomo = (await menu(till)).items[village.house.items["lom"]]
    async with till.work(MANAGER) as work:
        dish = await add_dish(work, "Ají", lomo.category_id, lomo.tax_category_id, 2_900)
    async with till.work(MANAGER) as work:
        await change_dish(work, dish.id, name="Ají de gallina")
        await set_out(work, dish.id)
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await sold(till, dish.id)
    async with till.work(MANAGER) as work:
        await change_dish(work, dish.id, active=False)
    assert dish.id not in (await menu(till)).items
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await sold(till, dish.id)


async def test_it_takes_the_right(village: Village, till: Replica) -> None:
    lomo = (await menu(till)).items[village.house.items["lom"]]
    for command, given in (
        (set_price, (lomo.id, 1)),
        (add_dish, ("Ají", lomo.category_id, lomo.tax_category_id, 1)),
    ):
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            async with till.work(CASHIER) as work:
                await command(work, *given)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "price_minor", "code"), [("\n", 1, "NAME_MISSING"), ("Ají", -1, "PRICE_NOT_SENSIBLE")]
)
async def test_what_makes_no_sense_is_refused(
    village: Village, till: Replica, name: str, price_minor: int, code: str
) -> None:
    lomo = (await menu(till)).items[village.house.items["lom"]]
    with pytest.raises(DomainError, match=code):
        async with till.work(MANAGER) as work:
            await add_dish(work, name, lomo.category_id, lomo.tax_category_id, price_minor)
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await priced(till, UUID(int=0x07), 1)


async def test_a_hidden_dish_is_sold_nowhere_in_its_branch_until_it_is_shown_again(
    village: Village, till: Replica, other: Replica, cloud: Replica
) -> None:
    chicha = village.house.items["chi"]
    async with till.work(MANAGER) as work:
        await hide_item(work, chicha)
        await hide_item(work, chicha)
    await meet(till, other, cloud)
    for replica in (till, other, cloud):
        assert chicha not in (await menu(replica)).items
        assert chicha in (await menu(replica, None)).items, "other branches sell it"
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await sold(other, chicha)
    async with other.work(MANAGER) as work:
        await show_item(work, chicha)
    await meet(till, other, cloud)
    assert {await costs(replica, chicha) for replica in (till, other, cloud)} == {1_200}
    assert (await sold(till, chicha)).unit_price_minor == 1_200


async def test_hiding_a_dish_of_the_branch_takes_it_off_and_a_cashier_may_not(village: Village, till: Replica) -> None:
    async with till.work(CASHIER) as work:
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            await hide_item(work, village.house.items["chi"])
    house = village.house
    async with till.work(MANAGER) as work:
        whole = (await menu(till)).items[house.items["chi"]]
        dish = (await add_dish(work, "Sopa del día", whole.category_id, whole.tax_category_id, 1_100)).id
    async with till.work(MANAGER) as work:
        await hide_item(work, dish)
    assert dish not in (await menu(till)).items
    async with till.work(MANAGER) as work:
        await show_item(work, dish)
    assert (await menu(till)).items[dish].price_minor == 1_100
