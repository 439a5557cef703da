"""Looks of a till whose cloud is in trouble: at the door, on the floor, and in the help that the floor points to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import NOON, PaperState
from tests.terminal.screens.till import PlayedApp

URL = {"url": "https://comanda.saboresdelrimac.pe"}
TROUBLES = {
    "away": ("offline", "CLOUD_UNREACHABLE", URL),
    "certificate": ("offline", "CLOUD_CERTIFICATE", URL),
    "portal": ("offline", "CLOUD_IS_SOMETHING_ELSE", URL),
    "failing": ("offline", "SYNC_FAILED", {}),
    "refused": ("refused", "FRAME_NOT_SIGNED", {}),
    "forked": ("refused", "CLOUD_FORKED", {}),
    "older": ("online", "PROGRAM_OLDER", {}),
}
SCRIPTS = {"login": "", "floor": "1234\n", "help": "1234\n<f1>"}


def state(name: str) -> PaperState:
    cloud, message, params = TROUBLES[name]
    return PaperState(
        cloud=cloud,
        cloud_message=message,
        cloud_params=params,
        last_contact=NOON - timedelta(hours=3),
        pending=128,
        oldest_pending=NOON - timedelta(hours=2, minutes=50),
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("place", SCRIPTS)
@pytest.mark.parametrize("name", TROUBLES)
async def test_a_trouble_of_the_cloud_looks_as_it_did(name, place, size, look) -> None:
    await look(PlayedApp(busy_desk(state=state(name)), script=SCRIPTS[place]), size, f"cloud-{name}-{place}")


@pytest.mark.parametrize("place", ["login", "help"])
async def test_it_looks_well_in_english_too(place, look) -> None:
    desk = busy_desk(state=state("refused"), language=Language.ENGLISH)
    await look(PlayedApp(desk, script=SCRIPTS[place]), (80, 24), f"cloud-english-{place}")


async def test_a_new_device_that_is_not_let_in_says_all_of_why(look) -> None:
    told = PaperState(cloud="never", cloud_message="CLOUD_CERTIFICATE", cloud_params=URL, last_contact=None)
    await look(PlayedApp(PaperDesk(premises=None, state=told)), (80, 24), "cloud-new-device")
