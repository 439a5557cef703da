"""The content of the help: pure, from the registry of actions and the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.kernel.language import Texts
from shared.kernel.text import search_key
from terminal.actions import KEPT_BY_WINDOWS, Action, ScreenName, actions_of, key_label

MAX_GRAMMAR_LINES = 9


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A key, or what to type, and what it does."""

    keys: str
    does: str


def help_lines(name: ScreenName, texts: Texts, notes: Mapping[str, str] | None = None) -> tuple[HelpLine, ...]:
    """First the actions that work now, then what can be typed, then the actions with a note, then keys that may fail.

    Args:
        notes: by action, what is to be said besides: who may, or why it can do nothing now.
    """
    notes, actions = notes or {}, actions_of(name)
    works = [action for action in actions if action.id not in notes]
    others = [action for action in actions if action.id in notes]
    return (
        *_actions(works, texts, notes),
        *_grammar(name, texts),
        *_actions(others, texts, notes),
        *_kept(name, texts),
    )


def found_lines(lines: Sequence[HelpLine], wanted: str) -> tuple[HelpLine, ...]:
    """The lines that have each word, in their keys or in what they do; case and accents do not matter."""
    words = search_key(wanted).split()
    return tuple(line for line in lines if all(word in search_key(f"{line.keys} {line.does}") for word in words))


def _grammar(name: ScreenName, texts: Texts) -> tuple[HelpLine, ...]:
    lines = []
    for at in range(1, MAX_GRAMMAR_LINES + 1):
        key = f"help_typing.{name}.{at}"
        if not texts.has(key):
            break
        typed, _, does = texts(key).partition("|")
        lines.append(HelpLine(typed.strip(), does.strip()))
    return tuple(lines)


def _actions(actions: Sequence[Action], texts: Texts, notes: Mapping[str, str]) -> tuple[HelpLine, ...]:
    lines = []
    for action in actions:
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
