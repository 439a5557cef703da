"""Looks on a Linux console: sixteen colours, and the signs of its stock font."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from terminal.theme.ability import Ability, Colours, Letters
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import PlayedApp
from tests.terminal.theme.console_fonts import listed_characters

CONSOLE = Ability(Colours.SIXTEEN, Letters.CONSOLE)
ASCII = Ability(Colours.SIXTEEN, Letters.ASCII)
SCRIPTS = {
    "floor": "1234\n",
    "order": "1234\n7\n",
    "payment": "1234\n7\n<f9>200",
    "help": "1234\n7\n<f1>",
    "menu": "1234\n7\n<f8>",
}


def on_console(language: Language, script: str, ability: Ability = CONSOLE, start: str = "pos") -> PlayedApp:
    return PlayedApp(busy_desk(language=language), start, script=script, ability=ability)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_till_on_a_console_looks_as_it_did(name, size, look) -> None:
    await look(on_console(Language.SPANISH, SCRIPTS[name]), size, f"console-{name}")


async def test_the_english_till_on_a_console_looks_as_it_did(look) -> None:
    await look(on_console(Language.ENGLISH, SCRIPTS["payment"]), (80, 24), "console-english-payment")


async def test_the_kitchen_on_a_console_looks_as_it_did(look) -> None:
    await look(on_console(Language.SPANISH, "2", start="kds"), (99, 28), "console-kitchen")


async def test_the_till_without_utf8_looks_as_it_did(look) -> None:
    await look(on_console(Language.SPANISH, SCRIPTS["payment"], ASCII), (80, 24), "ascii-payment")


SEEN = {"log-in": ("pos", ""), "kitchen": ("kds", "2")} | {name: ("pos", script) for name, script in SCRIPTS.items()}


@pytest.mark.parametrize("name", SEEN)
async def test_nothing_on_the_screen_is_missing_in_the_font(name) -> None:
    from tests.terminal.looks.picture import screenshot, text_grid

    start, script = SEEN[name]
    for size in ((80, 24), (200, 60)):
        shown = text_grid(await screenshot(on_console(Language.SPANISH, script, start=start), size))
        assert set(shown) - listed_characters() - {"\n"} == set()
