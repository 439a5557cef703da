"""Looks of what is sold by weight, at an open price, with nested choices, and of the shelves below a shelf."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_dishes import dishes_desk
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36), (200, 60))
SCRIPTS = {
    "weight": "1234\n7\nque\n0.35",
    "price": "1234\n7\n2*otr\n45",
    "nested": "1234\n7\ncom\n<tab>1+1",
    "check": "1234\n1\n0.350*que\notr 45\ncom\n<tab>1+12",
    "shelf": "1234\n7\n<tab><tab>",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCRIPTS)
async def test_dishes_of_another_kind_look_as_they_did(name, size, look) -> None:
    await look(PlayedApp(dishes_desk(busy=True), script=SCRIPTS[name]), size, f"screen-dish-{name}")


@pytest.mark.parametrize("name", ["weight", "nested"])
async def test_in_english_they_look_as_they_did(name, look) -> None:
    desk = dishes_desk(busy=True, language=Language.ENGLISH)
    await look(PlayedApp(desk, script=SCRIPTS[name]), (80, 24), f"screen-dish-english-{name}")
