"""Before opening: from the menu of the floor and of the shift, one list of what works, what does not and what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_opening import BAD_MORNING, PaperOpening
from tests.terminal.screens.till import driven

MENU_OF_THE_FLOOR = "1234\n<f8>Antes\n"


@pytest.mark.parametrize("script", [MENU_OF_THE_FLOOR, "1234\n<ctrl+t><f8>Antes\n"], ids=["floor", "shift"])
async def test_it_is_in_the_menu_and_names_what_does_not_work_first(script: str) -> None:
    desk = busy_desk(before_opening=PaperOpening())
    async with driven(desk, script=script) as till:
        seen = await till.grid()
        assert seen.index("cocina") < seen.index("bar") < seen.index("caja")
        assert "papel" in seen
        assert "atrasa 47 min" in seen
        await till.press("escape")
        assert till.screen_name != "before_opening"


async def test_what_is_still_tried_is_said_and_enter_tries_again_and_twenty_times_do_no_harm() -> None:
    opening = PaperOpening()
    opening.gate.clear()
    async with driven(busy_desk(before_opening=opening), script=MENU_OF_THE_FLOOR) as till:
        assert "probando…" in await till.grid()
        opening.gate.set()
        assert "47 min" in await till.grid()
        opening.checks = tuple(check for check in BAD_MORNING if check.name != "cocina")
        await till.press(*["enter"] * 20)
        seen = await till.grid()
        assert "cocina" not in seen
        assert "Se puede abrir. Por mirar: Nube, Hora" in seen
        assert opening.runs >= 2


async def test_on_a_low_screen_the_rest_is_reached_and_its_length_is_said() -> None:
    async with driven(busy_desk(before_opening=PaperOpening()), size=(80, 24), script=MENU_OF_THE_FLOOR) as till:
        assert "filas más abajo" in await till.grid()
        await till.press("pagedown", "pagedown", "pagedown")
        seen = await till.grid()
        assert "filas más abajo" not in seen
        assert "Guardar ventas" in seen


async def test_what_people_wrote_is_text_and_no_markup() -> None:
    opening = PaperOpening([replace(BAD_MORNING[1], name="[/red]💥\x1b[2J")])
    async with driven(busy_desk(before_opening=opening), script=MENU_OF_THE_FLOOR) as till:
        assert "[/red]" in await till.grid()


@pytest.mark.parametrize(("after", "said"), [(0, "si alguien lo pide"), (1, "Tras un intento"), (3, "Tras 3 intentos")])
async def test_who_stands_in_for_a_printer_that_does_not_work_is_said(after: int, said: str) -> None:
    opening = PaperOpening([replace(BAD_MORNING[0], params={"substitute": "caja", "after": after})])
    async with driven(busy_desk(before_opening=opening), script=MENU_OF_THE_FLOOR) as till:
        assert said in " ".join((await till.grid()).split())


async def test_a_desk_that_cannot_try_anything_shows_an_empty_list() -> None:
    async with driven(PaperDesk(), script=MENU_OF_THE_FLOOR) as till:
        assert "Antes de abrir" in await till.grid()
