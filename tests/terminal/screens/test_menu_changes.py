"""Changing what this branch sells from the till: a new dish, a price, a dish that is taken off; by whom, how fast."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import driven, keys_of

MANAGER, CASHIER, TABLE = "3333\n", "1234\n", "7\n"
NEW_DISH = ("<f8>nuevo\n", "fondos\n", "Seco de res\n", "38.5\n")
MOST_KEYS_BESIDES_THE_NAME = 20
"""Half a minute has room for three times as many keys of somebody who looks for each."""


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_manager_adds_a_dish_and_it_is_sold_at_the_next_key(size: tuple[int, int]) -> None:
    async with driven(size=size, script=MANAGER + TABLE) as till:
        for step in NEW_DISH:
            await till.press(*keys_of(step))
        assert till.screen_name == "order"
        assert "Seco de res ya se vende a S/ 38.50" in await till.grid()
        assert till.desk.done == ["add Seco de res 3850"]
        await till.type("2*seco de r\n")
        assert "Seco de res" in await till.grid()
        (order,) = till.desk.orders.values()
        assert [(line.item_name, line.unit_minor) for line in order.lines] == [("Seco de res", 3_850)]
    assert len(keys_of("".join(NEW_DISH))) - len("Seco de res") <= MOST_KEYS_BESIDES_THE_NAME


async def test_the_category_on_view_is_the_one_that_enter_takes() -> None:
    async with driven(script=MANAGER + TABLE) as till:
        shelf = till.app.screen.meant_category()
        await till.press(*keys_of("<f8>nuevo\n\nSopa del día\n12\n"))
        (dish,) = [item for item in till.desk.menu.items.values() if item.name == "Sopa del día"]
        assert dish.category_id == shelf
        assert dish.price_minor == 1_200


async def test_a_name_that_is_on_the_menu_already_is_told_while_it_is_typed() -> None:
    async with driven(script=MANAGER + "<f8>nuevo\nfondos\n") as till:
        await till.type("lomo SALTADO")
        assert "Ya hay «Lomo saltado» en Fondos (S/ 38.00" in " ".join((await till.grid()).split())


async def test_a_price_that_is_none_is_told_and_the_form_stays() -> None:
    async with driven(script=MANAGER + "<f8>nuevo\nfondos\nTacacho\n3.5.1\n") as till:
        assert "«3.5.1» no es un monto" in await till.grid()
        assert till.screen_name == "form"
        assert till.desk.done == []


async def test_a_price_changes_for_the_next_order_and_the_cashier_asks_the_manager() -> None:
    async with driven(script=CASHIER + TABLE) as till:
        await till.press(*keys_of("<f8>cambiar\nlomo saltado\n"))
        assert "Ahora S/ 38.00" in await till.grid()
        await till.type("41\n")
        asked = await till.grid()
        assert till.screen_name == "approval"
        assert "Lomo saltado" in asked
        assert "S/ 38.00 → S/" in asked
        assert till.desk.done == []
        await till.type(MANAGER)
        assert till.desk.approved == ["set_price: Rosa Quispe, Carmen Flores"]
        assert "Lomo saltado: S/ 41.00 en Miraflores, desde ahora" in await till.grid()
        await till.type("lom\n")
        (order,) = till.desk.orders.values()
        assert order.lines[0].unit_minor == 4_100


@pytest.mark.parametrize("language", list(Language))
async def test_a_dish_is_taken_off_and_comes_back(language: Language) -> None:
    word = {Language.SPANISH: "quitar de la\n", Language.ENGLISH: "take off the\n"}[language]
    async with driven(PaperDesk(language=language), script=MANAGER + TABLE) as till:
        await till.press(*keys_of("<f8>" + word + "causa lime\n"))
        assert till.desk.done == ["hide Causa limeña"]
        assert not [item for item in till.desk.menu.items.values() if item.name == "Causa limeña"]
        await till.press(*keys_of("<f8>" + word + "1"))
        assert till.desk.done[-1] == "show Causa limeña"
        assert "Causa limeña" in await till.grid()
