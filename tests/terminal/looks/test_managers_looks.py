"""Looks of the manager's place: people and their deeds, devices, what the branch sells; and of what is asked there."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.paper_sales import a_good_day
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36), (200, 60))
TODAY = "3333\n<f3>"
FACES = {
    "people": f"{TODAY}2<down>",
    "devices": f"{TODAY}4",
    "menu": f"{TODAY}5<f5>3Seco\n34\n<f6>lomo saltado\n41\n<f9>anticuchos\n",
}
ASKED = {
    "new-dish": "3333\n7\n<f8>nuevo\n3Lomo saltado",
    "price": "3333\n7\n<f8>cambiar\nlomo saltado\n41",
    "pin": f"{TODAY}2<f5>julio\n4711\n47",
}


def todays_app(language: Language, script: str) -> PlayedApp:
    desk = busy_desk(language=language, sales=a_good_day())
    desk.today.be_busy()
    counted = next(item for item in desk.menu.items.values() if item.name.startswith("Chicha"))
    desk.availability.say(counted.id, 4_000, counted=True)
    return PlayedApp(desk, script=script)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", FACES)
async def test_the_lists_of_today_look_as_they_did(name, language, size, look) -> None:
    await look(todays_app(language, FACES[name]), size, f"manager-{name}-{language}")


@pytest.mark.parametrize("size", SIZES[:2])
@pytest.mark.parametrize("name", ASKED)
async def test_what_is_asked_looks_as_it_did(name, size, look) -> None:
    await look(todays_app(Language.SPANISH, ASKED[name]), size, f"manager-{name}")
