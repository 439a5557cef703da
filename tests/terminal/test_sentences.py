"""The catalogues of the terminal: every sentence is said somewhere, and both languages say the same things.

A sentence counts as said if its key stands in the code as it is, or if a key that is put together there can be it
(`f"action.{self.id}"`). Titles and help of actions are held against the registry.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import terminal
from shared.kernel.language import OF_ONE, Language, catalogue
from terminal.actions import ScreenName, actions_of

ROOMS = ("terminal", "terminal.printing", "terminal.demo", "terminal.rehearsal")
CODE = ("terminal", "shared", "sync", "cloud")
"""What says them: the cloud by the codes of its answers."""
SHORT = {"status_short": "status"}
"""Areas with the short form of what another area says."""
OF_ACTIONS = ("action", "action_short", "help")


@cache
def said() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The strings of the code, and the patterns of those that are put together."""
    constants: set[str] = set()
    patterns: set[str] = set()
    for room in CODE:
        for path in (Path(terminal.__path__[0]).parent / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    constants.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    patterns.add("".join(_part(part) for part in node.values))
    return frozenset(constants), tuple(re.compile(pattern) for pattern in sorted(patterns) if _names_an_area(pattern))


def _part(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.-]+"


def _names_an_area(pattern: str) -> bool:
    return re.match(r"[a-z_]+\\\.", pattern) is not None


def unsaid(room: str) -> Iterator[str]:
    constants, _patterns = said()
    for key in catalogue(room, Language.SPANISH):
        area, _, rest = key.partition(".")
        if room == "terminal" and area in OF_ACTIONS and "." not in rest:
            if not _of_an_action(rest) and key not in constants:
                yield key
        elif not _is_said(key) and not (area in SHORT and _is_said(f"{SHORT[area]}.{rest}")):
            yield key


def _is_said(key: str) -> bool:
    constants, patterns = said()
    return any(
        each in constants or any(pattern.fullmatch(each) for pattern in patterns)
        for each in (key, key.removesuffix(OF_ONE))
    )


@cache
def _of_an_action(action_id: str) -> bool:
    return any(each.id == action_id for name in ScreenName for each in actions_of(name))


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_is_said_somewhere(room: str) -> None:
    assert list(unsaid(room)) == []


def test_a_sentence_that_nothing_says_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"payment.nobody_says_this": "x", "action.nobody_does_this": "x", "NOBODY_RAISES_THIS": "x"}
    known = {**catalogue("terminal", Language.SPANISH), **more}
    monkeypatch.setattr("tests.terminal.test_sentences.catalogue", lambda *_of: known)
    assert set(more) <= set(unsaid("terminal"))


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same_things_with_the_same_particulars(room: str) -> None:
    spanish, english = (catalogue(room, language) for language in (Language.SPANISH, Language.ENGLISH))
    assert spanish.keys() == english.keys()
    assert [key for key in spanish if _particulars(spanish[key]) != _particulars(english[key])] == []


def _particulars(sentence: str) -> set[str]:
    return {name for _text, name, _how, _conversion in string.Formatter().parse(sentence) if name is not None}
