"""How a device and its people want the screens, kept in the device's folder."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from terminal.comfort.settings import COMFORT_FILE, Comfort, Comforts
from terminal.theme.ability import Letters
from terminal.theme.wardrobe import Look

ROSA, LUIS = UUID(int=1), UUID(int=2)
CHOSEN = Comfort(Look.CONTRAST, large=True, sounds=False, letters=Letters.ASCII)


def test_each_person_has_their_own_over_a_restart(tmp_path: Path) -> None:
    Comforts(tmp_path).keep(ROSA, CHOSEN)
    again = Comforts(tmp_path)
    assert again.of(ROSA) == CHOSEN
    assert again.of(LUIS) == again.device == Comfort()


def test_what_the_device_has_is_for_who_chose_nothing(tmp_path: Path) -> None:
    comforts = Comforts(tmp_path)
    comforts.keep(ROSA, CHOSEN)
    comforts.keep(None, Comfort(Look.LIGHT))
    again = Comforts(tmp_path)
    assert again.of(LUIS) == again.of(None) == Comfort(Look.LIGHT)
    assert again.of(ROSA) == CHOSEN


@pytest.mark.parametrize(
    "text", ["", "device = 3", "[device]\nlook = 'pink'\nletters = 7", "[person.x]\nlook = 'light'", "]"]
)
def test_a_file_that_somebody_spoiled_is_as_usual(tmp_path: Path, text: str) -> None:
    (tmp_path / COMFORT_FILE).write_text(text)
    assert Comforts(tmp_path).of(ROSA) == Comfort()


def test_a_folder_that_takes_nothing_holds_until_the_next_start(tmp_path: Path) -> None:
    comforts = Comforts(tmp_path / "gone")
    comforts.keep(ROSA, CHOSEN)
    assert comforts.of(ROSA) == CHOSEN
