"""Looks of what never stops: the status line when something has stopped, and the list before opening."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.language import Language
from terminal.supervision.duties import Duty, Stopped
from tests.terminal.screens.paper_desk import NOON, PaperState, busy_desk
from tests.terminal.screens.paper_opening import PaperOpening
from tests.terminal.screens.till import PlayedApp

SINCE = NOON - timedelta(hours=1, minutes=37)
STOPPED = {
    "printing": (Stopped(Duty.PRINTING, SINCE),),
    "silent": (Stopped(Duty.SILENT, SINCE),),
    "both": (Stopped(Duty.PRINTING, SINCE), Stopped(Duty.PULLING, SINCE)),
}


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("name", STOPPED)
async def test_what_has_stopped_looks_as_it_did(name, size, look) -> None:
    desk = busy_desk(state=PaperState(stopped=STOPPED[name]))
    await look(PlayedApp(desk, script="1234\n"), size, f"stopped-{name}")


async def test_the_help_says_what_to_do_about_it(look) -> None:
    desk = busy_desk(state=PaperState(stopped=STOPPED["silent"]), language=Language.ENGLISH)
    await look(PlayedApp(desk, script="1234\n?"), (80, 24), "stopped-help")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("language", list(Language))
async def test_the_list_before_opening_looks_as_it_did(language, size, look) -> None:
    desk = busy_desk(before_opening=PaperOpening(), language=language)
    title = "Antes" if language is Language.SPANISH else "Before"
    await look(PlayedApp(desk, script=f"1234\n<f8>{title}\n"), size, f"before-opening-{language}")
