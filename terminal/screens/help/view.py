"""The content of the help: pure, from the registry of actions and the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shared.kernel.language import Texts
from shared.kernel.text import search_key
from terminal.actions import BY_SCREEN, KEPT_BY_WINDOWS, MENU, Action, ScreenName, actions_of, key_label
from terminal.screens.explained import HelpLine
from terminal.screens.other_words import other_words

MAX_GRAMMAR_LINES = 9
_EVERYWHERE = frozenset(
    {"help", "close", "back", "leave", "lock", "menu", "accept", "page_on", "page_back", "rows_up", "rows_down"}
)
"""Actions of nearly every screen: to say where they are tells nobody anything."""


Keys = Callable[[Action], str]
"""The keys of an action, as people at this device know them."""


def help_lines(
    name: ScreenName, texts: Texts, notes: Mapping[str, str] | None = None, keys: Keys | None = None
) -> tuple[HelpLine, ...]:
    """First the actions that work now, then what can be typed, then the actions with a note, then keys that may fail.

    Args:
        notes: by action, what is to be said besides: who may, or why it can do nothing now.
        keys: of each action; None: as printed on a keyboard.
    """
    notes, actions = notes or {}, actions_of(name)
    keys = keys or (lambda action: action.key_labels(texts))
    works = [action for action in actions if action.id not in notes]
    others = [action for action in actions if action.id in notes]
    return (
        *_actions(works, texts, notes, keys),
        *_grammar(name, texts),
        *_actions(others, texts, notes, keys),
        *_kept(name, texts),
    )


def elsewhere_lines(name: ScreenName, texts: Texts, notes: Mapping[str, str], keys: Keys) -> tuple[HelpLine, ...]:
    """The actions of the other screens, each once, with where it is and its key there.

    They are for who searches what this screen cannot do.

    Args:
        notes: by action, who may, if this person may not.
    """
    here = {action.id for action in actions_of(name)}
    known: dict[str, Action] = {}
    places: dict[str, list[str]] = {}
    for screen, actions in BY_SCREEN.items():
        for action in actions:
            if action.id not in here and action.id not in _EVERYWHERE:
                known.setdefault(action.id, action)
                key = keys(action) or keys(MENU)
                places.setdefault(action.id, []).append(f"{texts(f'screen.{screen}')} ({key})")
    lines = zip(places.values(), _actions(tuple(known.values()), texts, notes, keys), strict=True)
    return tuple(
        replace(line, does=f"{line.does} · {texts('help_elsewhere', where=', '.join(where))}") for where, line in lines
    )


def found_lines(lines: Sequence[HelpLine], wanted: str) -> tuple[HelpLine, ...]:
    """The lines that have each word, in their keys or in what they do; case and accents do not matter."""
    words = search_key(wanted).split()
    return tuple(
        line for line in lines if all(word in search_key(f"{line.keys} {line.does} {line.title}") for word in words)
    )


def _grammar(name: ScreenName, texts: Texts) -> tuple[HelpLine, ...]:
    lines = []
    for at in range(1, MAX_GRAMMAR_LINES + 1):
        key = f"help_typing.{name}.{at}"
        if not texts.has(key):
            break
        typed, _, does = texts(key).partition("|")
        lines.append(HelpLine(typed.strip(), does.strip()))
    return tuple(lines)


def _actions(actions: Sequence[Action], texts: Texts, notes: Mapping[str, str], keys: Keys) -> tuple[HelpLine, ...]:
    lines = []
    for action in actions:
        key = f"help.{action.id}"
        does = texts(key) if texts.has(key) else action.title(texts)
        if action.id in notes:
            does += f" · {notes[action.id]}"
        lines.append(HelpLine(keys(action), does, f"{action.title(texts)} {other_words(action.id)}"))
    return tuple(lines)


def _kept(name: ScreenName, texts: Texts) -> tuple[HelpLine, ...]:
    """Which keys of this screen a window may keep for itself: their other keys stand in their rows."""
    kept = [key for action in actions_of(name) for key in action.keys if key in KEPT_BY_WINDOWS]
    keys = "  ".join(key_label(key, texts) for key in kept)
    return (HelpLine(keys, texts("help_kept")),) if kept else ()
