"""What a terminal can show, by its environment."""

from __future__ import annotations

import pytest

from terminal.theme.ability import Ability, Colours, Letters, ability_of, outer_terminal

UTF8 = {"LANG": "es_PE.UTF-8"}
CASES = {
    "a window": ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "", Colours.TRUE, Letters.ALL),
    "256 colours": ({"TERM": "xterm-256color"}, "", Colours.MANY, Letters.ALL),
    "an old xterm": ({"TERM": "xterm"}, "", Colours.SIXTEEN, Letters.ALL),
    "a Linux console": ({"TERM": "linux"}, "", Colours.SIXTEEN, Letters.CONSOLE),
    "a console that was left COLORTERM": (
        {"TERM": "linux", "COLORTERM": "truecolor"}, "", Colours.SIXTEEN, Letters.CONSOLE,
    ),
    "tmux in a window": (
        {"TERM": "tmux-256color", "COLORTERM": "truecolor"}, "xterm-256color", Colours.TRUE, Letters.ALL,
    ),
    "tmux on a console": (
        {"TERM": "screen-256color", "COLORTERM": "truecolor"}, "linux", Colours.SIXTEEN, Letters.CONSOLE,
    ),
    "tmux in an old xterm": ({"TERM": "tmux-256color"}, "xterm", Colours.SIXTEEN, Letters.ALL),
    "screen": ({"TERM": "screen"}, "", Colours.SIXTEEN, Letters.ALL),
    "kitty": ({"TERM": "xterm-kitty"}, "", Colours.MANY, Letters.ALL),
    "no terminal is named": ({}, "", Colours.SIXTEEN, Letters.ALL),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_terminal_shows(name: str) -> None:
    environ, outer, colours, letters = CASES[name]
    assert ability_of({**UTF8, **environ}, outer) == Ability(colours, letters)


@pytest.mark.parametrize(
    ("locale", "letters"),
    [
        ({}, Letters.ALL),
        ({"LANG": "es_PE.UTF-8"}, Letters.ALL),
        ({"LANG": "es_PE.utf8"}, Letters.ALL),
        ({"LANG": "es_PE.ISO-8859-1"}, Letters.LATIN),
        ({"LANG": "es_ES.iso885915@euro"}, Letters.LATIN),
        ({"LC_ALL": "C", "LANG": "es_PE.UTF-8"}, Letters.ASCII),
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, Letters.ALL),
        ({"LANG": "ru_RU.KOI8-R"}, Letters.ASCII),
        ({"LANG": "x.NOTHING"}, Letters.ASCII),
        ({"LANG": "es_PE"}, Letters.ALL),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else value,
)
def test_the_locale_says_which_letters(locale, letters) -> None:
    assert ability_of({"TERM": "xterm", **locale}).letters is letters


def test_outside_of_tmux_nothing_is_asked() -> None:
    assert outer_terminal({"TERM": "xterm"}) == ""


def test_a_tmux_that_does_not_answer_is_no_trouble() -> None:
    assert outer_terminal({"TMUX": "/nowhere/socket,1,0", "PATH": "/usr/bin:/bin"}) == ""
