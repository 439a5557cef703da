"""Each person's own language: chosen in the menu, at once here; the log-in screen keeps the house's."""

from __future__ import annotations

import pytest

from tests.terminal.screens.till import driven

ROSA, JULIO, COOK = "1234\n", "2222\n", "4444\n"


@pytest.mark.parametrize("place", ["", "7\n"])
async def test_the_screens_are_english_at_once_and_at_the_next_log_in_and_nobody_elses_are(place: str) -> None:
    async with driven(script=ROSA + place + "<f8>idioma\n") as till:
        asked = await till.grid()
        assert "Español" in asked
        assert "English" in asked
        await till.type("2")
        assert till.screen_name == "floor"
        assert "Ctrl L Lock" in await till.grid()
        await till.press("f10")
        assert "Escribe tu PIN" in await till.grid(), "the log-in screen speaks the house's language"
        await till.type(JULIO)
        assert "Ctrl L Bloquear" in await till.grid()
        await till.press("f10")
        await till.type(ROSA)
        assert "Ctrl L Lock" in await till.grid()
        await till.type("7\n")
        assert "F5 Send" in await till.grid()
        await till.press("f8")
        assert "Idioma / Language" in await till.grid()
        await till.type("language\n")
        await till.type("1")
        assert "Ctrl L Bloquear" in await till.grid()


async def test_the_cook_finds_it_in_the_menu_of_the_wall() -> None:
    async with driven(script=COOK + "<f8>") as till:
        await till.type("langu\n")
        await till.type("2")
        assert till.screen_name == "kitchen"
        assert "F3 By dish" in await till.grid()
