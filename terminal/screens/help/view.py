"""The content of the help: pure, from the registry of actions and the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.language import Texts
from terminal.actions import KEPT_BY_WINDOWS, ScreenName, actions_of, key_label

MAX_GRAMMAR_LINES = 9


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A key, or what to type, and what it does."""

    keys: str
    does: str


def help_lines(name: ScreenName, texts: Texts, notes: Mapping[str, str] | None = None) -> tuple[HelpLine, ...]:
    """First what can be typed, then every action of the screen in the order of its key bar, then keys that may fail.

    Args:
        notes: by action, what is to be said besides: who may, or why it can do nothing now.
    """
    return (*_grammar(name, texts), *_actions(name, texts, notes or {}), *_kept(name, texts))


def _grammar(name: ScreenName, texts: Texts) -> tuple[HelpLine, ...]:
    lines = []
    for at in range(1, MAX_GRAMMAR_LINES + 1):
        key = f"help_typing.{name}.{at}"
        if not texts.has(key):
            break
        typed, _, does = texts(key).partition("|")
        lines.append(HelpLine(typed.strip(), does.strip()))
    return tuple(lines)


def _actions(name: ScreenName, texts: Texts, notes: Mapping[str, str]) -> tuple[HelpLine, ...]:
    lines = []
    for action in actions_of(name):
        key = f"help.{action.id}"
        does = texts(key) if texts.has(key) else action.title(texts)
        if action.id in notes:
            does += f" · {notes[action.id]}"
        lines.append(HelpLine(action.key_labels(texts), does))
    return tuple(lines)


def _kept(name: ScreenName, texts: Texts) -> tuple[HelpLine, ...]:
    """Which keys of this screen a window may keep for itself: their other keys stand in their rows."""
    kept = [key for action in actions_of(name) for key in action.keys if key in KEPT_BY_WINDOWS]
    keys = "  ".join(key_label(key, texts) for key in kept)
    return (HelpLine(keys, texts("help_kept")),) if kept else ()
