"""A manager with nothing but a finger: a new dish, a price and the lists of today, on a real till."""

from __future__ import annotations

import pytest

from shared.menu.branch_records import BranchItem, BranchPrice
from terminal.widgets.key_pad import ACCEPT
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.test_by_touch_alone import Finger
from tests.terminal.screens.till import PlayedApp
from tests.terminal.screens.two_tills import MANAGER


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_dish_and_a_price_by_taps_alone(till: TillOnDisk, size: tuple[int, int]) -> None:
    async with till.desk() as desk:
        desk.log_out()
        app = PlayedApp(desk)  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            finger = Finger(app, desk, pilot)
            await finger.pad(*MANAGER, ACCEPT)
            category = next(iter(desk.listed_menu.items.values())).category_name
            assert "AGOTADO" not in await finger.tap("F3 Hoy", "5 Carta")
            await finger.tap("F5 ", category)
            await finger.pad(*"sopa", ACCEPT, *"12", ACCEPT)
            (dish,) = await finger.rows(BranchItem)
            assert (dish.name, dish.price_minor) == ("sopa", 1_200)
            assert "PLATOS SOLO DE AQUÍ" in await finger.see()
            await finger.tap("▶sopa", "Cambiar un precio aquí")
            await finger.pad(*"15")
            await finger.tap("Enter Aceptar")
            (dish,) = await finger.rows(BranchItem)
            assert (dish.price_minor, await finger.rows(BranchPrice)) == (1_500, []), "its own price, and no other"
            for tab, words in {"4 Equipos": "ESTE EQUIPO", "2 Personas": "Persona", "1 Ventas": "Resumen"}.items():
                assert words in await finger.tap(tab)
