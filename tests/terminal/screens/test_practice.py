"""Practice says so all the time, on every screen, in both languages."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import driven

WORDS = {Language.SPANISH: "PRÁCTICA", Language.ENGLISH: "PRACTICE"}
SCRIPTS = {
    "log-in": "",
    "floor": "1234\n",
    "order": "1234\n7\n",
    "payment": "1234\n7\n<f9>",
    "drawer": "1234\n<ctrl+t>",
}


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("language", list(Language))
async def test_every_screen_says_that_it_is_practice(language, name, size) -> None:
    desk = busy_desk(language=language, is_practice=True)
    async with driven(desk, script=SCRIPTS[name], size=size) as till:
        assert WORDS[language] in (await till.grid()).splitlines()[0]


async def test_a_till_at_work_does_not() -> None:
    async with driven(busy_desk(), script="1234\n") as till:
        assert WORDS[Language.SPANISH] not in await till.grid()
