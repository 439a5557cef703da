"""The manager's place: every list by its digit, by Tab and by a tap; who did what; PINs; what this branch sells."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.paper_sales import a_good_day
from tests.terminal.screens.till import DrivenTill, driven, keys_of

MANAGER, CASHIER = "3333\n", "1234\n"
FACES = {"1": "today", "2": "people", "3": "kitchen_times", "4": "devices", "5": "house_menu"}
JULIO = key(10, 2222)


def todays_desk(**more: object) -> PaperDesk:
    desk = busy_desk(sales=a_good_day(), **more)
    desk.today.be_busy()
    return desk


async def tapped(till: DrivenTill, word: str, row: int = 1) -> None:
    """Tap on a word in a row of the screen."""
    line = (await till.grid()).splitlines()[row]
    await till.pilot.click(offset=(line.index(word) + 1, row))
    await till.settled()


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_each_list_is_reached_by_its_digit_by_tab_and_by_a_tap(size: tuple[int, int]) -> None:
    async with driven(todays_desk(), size=size, script=f"{MANAGER}<f3>") as till:
        for digit, name in FACES.items():
            await till.press(digit)
            assert till.screen_name == name
        await till.press("tab")
        assert till.screen_name == "today"
        await till.press("shift+tab")
        assert till.screen_name == "house_menu"
        for word, name in (("Equipos", "devices"), ("Personas", "people"), ("Ventas", "today")):
            await tapped(till, word)
            assert till.screen_name == name
        await till.press("f2")
        assert till.screen_name == "floor"


async def test_every_list_of_sums_says_from_which_till_nothing_was_heard_today() -> None:
    async with driven(todays_desk(), script=f"{MANAGER}<f3>") as till:
        for digit in "1235":
            await till.press(digit)
            assert "Hoy sin noticias de: Caja 2. Lo suyo falta aquí." in await till.grid()
        await till.press("4")
        devices = await till.grid()
        assert "hoy sin noticias; último dato ayer 22:41" in devices
        assert "nunca se supo de este equipo" in devices


async def test_the_person_under_the_cursor_is_the_one_whose_deeds_are_told() -> None:
    async with driven(todays_desk(), size=(80, 24), script=f"{MANAGER}<f3>2") as till:
        every = await till.grid()
        assert "Rosa Quispe · abrió la gaveta sin venta" in every
        await till.press("down")
        julio = await till.grid()
        assert "gaveta · Julio Mamani" in julio
        assert "anuló 2 Lomo saltado · El cliente cambió de idea" in julio
        assert "abrió la gaveta" not in julio
        row = next(at for at, line in enumerate(julio.splitlines()) if "Rosa Quispe" in line)
        await tapped(till, "Rosa", row)
        assert "gaveta · Rosa Quispe" in await till.grid()


async def test_a_manager_sets_a_pin_that_was_typed_twice() -> None:
    async with driven(todays_desk(), script=f"{MANAGER}<f3>2<f5>") as till:
        await till.press(*keys_of("julio\n4711\n4712\n"))
        assert "No son iguales" in await till.grid()
        assert till.desk.pins.given == {}
        for key_name in ("escape", "escape", "f5"):
            await till.press(key_name)
        await till.press(*keys_of("julio\n4711\n4711\n"))
        assert till.desk.pins.given == {JULIO: "4711"}
        assert "PIN de Julio Mamani cambiado" in await till.grid()


async def test_the_menu_of_the_branch_is_one_list_and_a_row_leads_to_what_can_be_done() -> None:
    async with driven(todays_desk(), script=f"{MANAGER}<f3>5") as till:
        await till.press(*keys_of("<f5>postres\nMazamorra\n9.50\n"))
        await till.press(*keys_of("<f6>lomo saltado\n41\n"))
        await till.press(*keys_of("<f7>causa limeña\n1"))
        await till.press(*keys_of("<f9>tequeños de lomo\n"))
        shown = await till.grid()
        for words in (
            "PLATOS SOLO DE AQUÍ",
            "PRECIOS DE AQUÍ",
            "AGOTADO",
            "FUERA DE LA CARTA DE AQUÍ",
            "en las demás S/ 38.00",
        ):
            assert words in shown
        row = next(at for at, line in enumerate(shown.splitlines()) if "Lomo saltado" in line)
        await tapped(till, "Lomo", row)
        assert "El precio de las demás sucursales" in await till.grid()
        await till.press("2")
        assert till.desk.done[-1].startswith("price Lomo saltado")
        assert "PRECIOS DE AQUÍ" not in await till.grid()
        await till.press(*["down"] * 9, "enter")
        await till.press("1")
        assert "FUERA DE LA CARTA" not in await till.grid()
        assert till.desk.done[-1] == "show Tequeños de lomo"


async def test_who_may_not_see_reports_is_told_who_may() -> None:
    async with driven(todays_desk(language=Language.ENGLISH), script=f"{CASHIER}<f3>") as till:
        assert till.screen_name == "floor"
        assert "Who may: Carmen Flores" in await till.grid()
