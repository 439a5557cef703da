from __future__ import annotations

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from terminal.input.escape import keep_escape_before_digits
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


def typed(sent: str) -> list[str]:
    """The names of what a terminal without the kitty protocol sends."""
    keep_escape_before_digits()
    parser = XTermParser()
    found = [*parser.feed(sent), *parser.feed("")]
    keys = [event for event in found if isinstance(event, events.Key)]
    return [stroke.name for key in keys for stroke in strokes_of_key(key.key, key.character)]


@pytest.mark.parametrize("after", [*"0123456789", "a", "ñ"])
def test_what_is_typed_right_after_escape_is_not_lost(after) -> None:
    assert typed(f"\x1b{after}") == ["escape", after]
