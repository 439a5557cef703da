"""A real till changes what its branch sells: at the next key, on the other till, and whose PIN logs them in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kernel.errors import DomainError
from shared.menu.branch_records import BranchItem, BranchPrice
from shared.orders.records import OrderLine
from shared.staff.records import Approval
from tests.faults.till_on_disk import PIN
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.two_tills import MANAGER, TABLE, House, seen, two_tills


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with two_tills(founded, tmp_path) as house:
        yield house


async def test_a_cashiers_new_dish_is_approved_made_where_its_category_is_and_sold_on_the_other_till(
    house: House,
) -> None:
    neighbour = next(item for item in house.till.listed_menu.items.values() if item.station_id is not None)
    category = neighbour.category_name
    said = await seen(
        house.till, f"{TABLE}<f8>nuevo\n", f"{category}\n", "Sopa wantan\n18,5\n", f"{MANAGER}\n", "wantan\n"
    )
    assert "Sopa wantan" in said
    (dish,) = await rows(house.till, BranchItem.__table__)
    (line,) = await rows(house.till, OrderLine.__table__)
    (approval,) = await rows(house.till, Approval.__table__)
    assert (dish.name, dish.price_minor, dish.category_id) == ("Sopa wantan", 1_850, neighbour.category_id)
    assert dish.tax_category_id == neighbour.tax_category_id
    assert (line.item_id, line.unit_price_minor, line.station_id) == (dish.id, 1_850, dish.station_id)
    assert (approval.of_table, approval.of_row_id) == (BranchItem.__tablename__, dish.id)
    await house.meet()
    assert house.other.menu.items[dish.id].name == "Sopa wantan"


async def test_a_new_dish_gets_another_station_and_a_course_on_the_spot(house: House) -> None:
    await house.till.log_in(MANAGER)
    dish_id = await house.till.house_menu.add_dish("Sopa wantan", house.till.listed_menu.categories[0].id, 1_850)
    house.till.log_out()
    station = house.till.stations[-1]
    said = await seen(house.till, f"{MANAGER}\n<f3>5", "\n", "donde\n", f"{station.name}\n")
    assert f"Sopa wantan: desde ahora se hace en {station.name}" in said
    said = await seen(house.till, f"{MANAGER}\n<f3>5", "\n", "tiempo\n", "2")
    assert "Sopa wantan: 2.º tiempo" in said
    await house.meet()
    dish = house.other.menu.items[dish_id]
    assert (dish.station_id, dish.course) == (station.id, 2)


async def test_a_price_holds_at_the_next_key_and_twenty_enters_set_it_once(house: House) -> None:
    item = next(item for item in house.till.listed_menu.items.values() if item.code and not item.modifier_groups)
    ask = (f"{TABLE}<f8>cambiar\n", f"{item.name}\n", "19\n", MANAGER + "\n" * 20)
    await seen(house.till, *ask)
    (price,) = await rows(house.till, BranchPrice.__table__)
    assert (price.item_id, price.price_minor) == (item.id, 1_900)
    assert house.till.menu.items[item.id].price_minor == 1_900
    await house.meet()
    assert house.other.menu.items[item.id].price_minor == 1_900


async def test_one_more_after_a_price_was_changed_is_a_line_of_its_own_and_the_screen_says_its_price(
    house: House,
) -> None:
    await seen(house.till, f"{TABLE}cev\n")
    await seen(house.till, f"{TABLE}<f8>cambiar\n", "ceviche\n", "50\n", f"{MANAGER}\n")
    said = await seen(house.till, f"{TABLE}+")
    assert f"uno más, a {house.till.money(5_000)}, el precio de ahora" in said
    (order,) = house.till.orders.values()
    assert sorted((each.unit_minor, each.quantity_milli) for each in order.lines) == [(4_250, 1_000), (5_000, 1_000)]


async def test_a_pin_that_a_manager_sets_logs_in_here_at_once_and_the_old_one_does_not(house: House) -> None:
    said = await seen(house.till, f"{MANAGER}\n<f3>2<f5>", "rosa\n", "4711\n4711\n")
    assert "PIN de Rosa cambiado" in said
    house.till.log_out()
    assert (await house.till.log_in("4711")).name == "Rosa"
    house.till.log_out()
    with pytest.raises(DomainError, match="PIN_WRONG"):
        await house.till.log_in(PIN)


async def test_the_lists_of_today_tell_what_happened_on_both_tills_and_whose_news_are_missing(house: House) -> None:
    await seen(house.other, f"{TABLE}2*cev\n<f5>", "<ctrl+k><f6>", "1\n", "1", "no le gusto\n", f"{MANAGER}\n", "\n")
    house.till.log_out()
    before = await seen(house.till, f"{MANAGER}\n<f3>2")
    assert "no le gusto" not in before
    await house.meet()
    people = await seen(house.till, f"{MANAGER}\n<f3>2")
    assert "Rosa · anuló 1 Ceviche · no le gusto · aprobó Carmen" in people
    assert house.till.money(4_250) in people
    await house.till.availability.out(next(iter(house.till.menu.items)))
    for face, words in {"1": "todavía no se ha vendido", "4": "LOS DEMÁS EQUIPOS", "5": "AGOTADO"}.items():
        assert words in await seen(house.till, f"{MANAGER}\n<f3>{face}")
    assert [each.is_this for each in await house.till.today.devices()].count(True) == 1
