from __future__ import annotations

import pytest

from terminal.input.strokes import stroke_of, strokes_of_key


@pytest.mark.parametrize(
    ("key", "character", "name"),
    [
        ("a", "a", "a"),
        ("A", "A", "A"),
        ("asterisk", "*", "*"),
        ("ñ", "ñ", "ñ"),
        ("space", " ", "space"),
        ("enter", "\r", "enter"),
        ("f5", None, "f5"),
        ("escape", "\x1b", "escape"),
        ("ctrl+u", "\x15", "ctrl+u"),
    ],
)
def test_a_key_is_named_by_what_it_types(key, character, name) -> None:
    assert stroke_of(key, character).name == name


def test_a_key_with_alt_is_escape_and_the_key() -> None:
    assert [stroke.name for stroke in strokes_of_key("alt+7", "7")] == ["escape", "7"]
