"""A count through its keys: what is typed where, and what nobody counted."""

from __future__ import annotations

from shared.drawers.records import MovementKind
from terminal.snapshots.sources import Drawers
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_shifts import TWO_DRAWERS
from tests.terminal.screens.till import driven

COUNT = "3333\n<ctrl+t>\n200\n<f9>\n"


async def test_each_currency_that_nobody_counted_is_asked_about() -> None:
    desk = PaperDesk()
    async with driven(desk, script="3333\n<ctrl+t>\n200\n") as till:
        for currency in ("USD", "EUR"):
            desk.shifts._move(MovementKind.IN, currency, 5_000)
        await till.press("f9", "enter", *"200", "f5")
        assert "count" not in desk.asked
        first = await till.grid()
        assert "no contaste nada" in first
        await till.press("f5")
        second = await till.grid()
        assert "no contaste nada" in second
        assert {name for name in ("USD", "EUR") if f"Efectivo {name}: no contaste" in first + second} == {"USD", "EUR"}
        await till.press(*"50", "f5")
        assert desk.asked[-1] == "count"


async def test_a_shift_is_not_opened_with_nothing_without_a_question() -> None:
    desk = PaperDesk()
    async with driven(desk, script="3333\n<ctrl+t>\n") as till:
        await till.press("f5")
        assert "¿Fondo de cero?" in await till.grid()
        assert "open_shift" not in desk.asked
        await till.press("enter")
        assert desk.asked[-1] == "open_shift"


async def test_an_amount_at_the_question_which_drawer_opens_none() -> None:
    desk = PaperDesk()
    desk.shifts.known = Drawers(TWO_DRAWERS)
    async with driven(desk, script="3333\n<ctrl+t>\n") as till:
        await till.type("250\n")
        assert till.screen_name == "pick"
        assert "«250» no es una fila" in await till.grid()
        await till.press("2", "enter", *"250", "enter")
        (session,) = desk.shifts.known.sessions
        assert session.drawer == "Caja de la barra"
        assert "S/ 250.00" in await till.grid()


async def test_the_sum_stands_above_the_coins_and_arrows_go_where_they_point() -> None:
    async with driven(PaperDesk(), script="3333\n<ctrl+t>\n", size=(80, 24)) as till:
        await till.press("down", "2", "right", "3")
        grid = await till.grid()
        assert "× 2 = 400.00" in grid
        assert "× 3 = 6.00" in grid, "the two soles stand beside the two hundred"
        assert "406.00" in grid


async def test_enter_is_called_by_what_it_does() -> None:
    async with driven(PaperDesk(), script="3333\n<ctrl+t>\n", size=(80, 24)) as till:
        assert "Enter Siguiente" in await till.grid()
        await till.type("200")
        assert "Enter Abrir turno" in await till.grid()
