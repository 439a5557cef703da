"""A real till changes what its branch sells: at the next key, on the other till, and whose PIN logs them in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.menu.branch_records import BranchItem, BranchPrice
from shared.orders.records import OrderLine
from shared.staff.records import Approval
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


async def test_a_price_holds_at_the_next_key_and_twenty_enters_set_it_once(house: House) -> None:
    item = next(item for item in house.till.listed_menu.items.values() if item.code and not item.modifier_groups)
    ask = (f"{TABLE}<f8>cambiar\n", f"{item.name}\n", "19\n", MANAGER + "\n" * 20)
    await seen(house.till, *ask)
    (price,) = await rows(house.till, BranchPrice.__table__)
    assert (price.item_id, price.price_minor) == (item.id, 1_900)
    assert house.till.menu.items[item.id].price_minor == 1_900
    await house.meet()
    assert house.other.menu.items[item.id].price_minor == 1_900
