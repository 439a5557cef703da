"""The page of the kitchen's times, from the sales of today and back."""

from __future__ import annotations

from dataclasses import replace

from shared.kitchen.times import Times
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import driven

MANAGER = "3333\n"


async def test_the_times_of_the_kitchen_stand_one_key_from_the_sales() -> None:
    desk = PaperDesk()
    slow, fast = Times("Lomo saltado", 40, 40 * 725, 700, 1_200, 12), Times("Ceviche", 10, 950, 90, 110, 0)
    whole = Times("", 50, 50 * 599, 540, 1_200, 12)
    kitchen, hour = (replace(whole, key=key) for key in ("Cocina", "13"))
    desk.kitchen.known_times = replace(
        desk.kitchen.known_times, all=whole, dishes=(slow, fast), stations=(kitchen,), hours=(hour,), unreceived=3
    )
    for size in ((80, 24), (120, 36)):
        async with driven(desk, script=f"{MANAGER}<f3>", size=size) as till:
            await till.press("f4")
            screen = await till.grid()
            assert "3 Cocina◂" in screen
            assert "12:05" in screen, "the mean of the slowest dish"
            assert "▲12" in screen
            assert "12 (24 %)" in screen
            assert "9:00" in screen
            assert "20:00" in screen, "nine of ten were ready by then"
            await till.press("f4")
            assert "1 Ventas◂" in await till.grid()


async def test_before_the_first_dish_the_page_says_so() -> None:
    async with driven(script=f"{MANAGER}<f3><f4>", size=(80, 24)) as till:
        assert "todavía no terminó nada" in await till.grid()
