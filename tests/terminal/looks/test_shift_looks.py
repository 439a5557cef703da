"""Looks of the drawer and its shift: without one, open, before the close, the count, what differs, and the Z."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_shifts import TWO_DRAWERS
from tests.terminal.screens.till import PlayedApp

OPEN = "3333\n<ctrl+t>\n200\n<f3>Sencillo\n50\n<f4>Hielo\n12\n"
COUNT = f"{OPEN}<f9>\n"
SCRIPTS = {
    "none": "3333\n<ctrl+t>",
    "float": "3333\n<ctrl+t>\n<down>1<down>2",
    "open": OPEN,
    "x": f"{OPEN}<f7>",
    "before": f"{OPEN}<f9>",
    "count": f"{COUNT}<down>1<down>1",
    "difference": f"{COUNT}230\n",
    "counted-again": f"{COUNT}230\n<f6>238\n",
    "z": f"{COUNT}230\n<f6>238<f5>\n",
}
CASES = [
    (Language.SPANISH, (80, 24)),
    (Language.ENGLISH, (80, 24)),
    (Language.SPANISH, (120, 36)),
]


def lunch(language: Language) -> PaperDesk:
    """A busy lunch, at a till with one drawer."""
    return busy_desk(language=language)


@pytest.mark.parametrize(("language", "size"), CASES)
@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_shift_looks_as_it_did(name, language, size, look) -> None:
    app = PlayedApp(lunch(language), script=SCRIPTS[name])
    await look(app, size, f"screen-shift-{language}-{name}")


async def test_the_question_which_drawer_looks_as_it_did(look) -> None:
    desk = lunch(Language.SPANISH)
    desk.shifts.known = type(desk.shifts.known)(TWO_DRAWERS)
    await look(PlayedApp(desk, script="3333\n<ctrl+t>\n"), (80, 24), "screen-shift-which-drawer")
