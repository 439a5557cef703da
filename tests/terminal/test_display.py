"""What a kitchen display keeps of itself, beside other displays of its folder and over a restart."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from shared.kernel.errors import DomainError
from terminal.wall.display import CardDigits, Display, display_of
from terminal.wall.settings import WallSettings

BAR, GRILL = UUID(int=1), UUID(int=2)


def test_each_program_takes_the_first_display_that_is_free_and_is_what_it_was(tmp_path: Path) -> None:
    with display_of(tmp_path) as first, display_of(tmp_path) as second:
        Display(first).show_station(BAR)
        Display(second).show_pass(shown=True)
        Display(second).settle(WallSettings(sounds=False))
    with display_of(tmp_path) as first, display_of(tmp_path) as second:
        one, two = Display(first), Display(second)
        assert (one.station_id, one.shows_pass, one.settings.sounds) == (BAR, False, True)
        assert (two.station_id, two.shows_pass, two.settings.sounds) == (None, True, False)


def test_a_named_display_is_shown_by_one_program_alone(tmp_path: Path) -> None:
    with display_of(tmp_path, "parrilla") as folder:
        assert folder.name == "parrilla"
        with pytest.raises(DomainError, match="DISPLAY_TAKEN"), display_of(tmp_path, "parrilla"):
            pass
        with display_of(tmp_path) as other:
            assert other != folder


@pytest.mark.parametrize("name", ["..", "a/b", "ñ", "x" * 25], ids=["dots", "slash", "letter", "long"])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DomainError, match="DISPLAY_NAME"), display_of(tmp_path, name):
        pass


def test_the_digits_of_cards_are_those_that_stood_for_each_station(tmp_path: Path) -> None:
    digits = Display(tmp_path).digits
    digits.of(BAR)[UUID(int=7)] = "4"
    digits.of(None)[UUID(int=7)] = "1"
    digits.keep()
    again = Display(tmp_path).digits
    assert (again.of(BAR), again.of(None), again.of(GRILL)) == ({UUID(int=7): "4"}, {UUID(int=7): "1"}, {})


@pytest.mark.parametrize("text", ["", "[]", '{"all": 3}', '{"all": {"x": "1"}}'])
def test_a_file_that_says_no_digits_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "cards.json").write_text(text)
    assert CardDigits(tmp_path / "cards.json").of(None) == {}
