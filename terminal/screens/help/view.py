"""What the help shows: pure, from the registry of actions and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.language import Texts
from terminal.actions import Place, actions_of, key_label

MAX_GRAMMAR_LINES = 9


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A key, or what to type, and what it does."""

    keys: str
    does: str


def help_lines(place: Place, texts: Texts) -> tuple[HelpLine, ...]:
    """What can be typed first, then every action of the place in the order of its key bar."""
    return (*_grammar(place, texts), *_actions(place, texts))


def _grammar(place: Place, texts: Texts) -> tuple[HelpLine, ...]:
    lines = []
    for at in range(1, MAX_GRAMMAR_LINES + 1):
        key = f"help_typing.{place}.{at}"
        if not texts.has(key):
            break
        typed, _, does = texts(key).partition("|")
        lines.append(HelpLine(typed.strip(), does.strip()))
    return tuple(lines)


def _actions(place: Place, texts: Texts) -> tuple[HelpLine, ...]:
    lines = []
    for action in actions_of(place):
        said = f"help.{action.id}"
        does = texts(said) if texts.has(said) else action.title(texts)
        lines.append(HelpLine("  ".join(key_label(key, texts) for key in action.keys), does))
    return tuple(lines)
