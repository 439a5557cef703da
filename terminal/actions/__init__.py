"""The registry of actions: for each screen its actions, with their keys and permissions.

Key bars, buttons, key handling and help all come from here. A screen adds only the code of an action (`do_<id>`).
Titles are sentences of the catalogue: `action.<id>`, `action_short.<id>`, `help.<id>`.
"""

from __future__ import annotations

from terminal.actions.action import KEPT_BY_WINDOWS, Action, ScreenName, key_label
from terminal.actions.asking import ASKING
from terminal.actions.common import (
    EXCEPTIONS,
    HELP,
    HOURS,
    JUMP,
    LINE_DOWN,
    LINE_UP,
    LOCK,
    MENU,
    MESSAGES,
    PAGE_BACK,
    PAGE_ON,
    PALETTE,
    PRINTERS,
    QUIT,
    ROWS_DOWN,
    ROWS_UP,
)
from terminal.actions.house import HOUSE
from terminal.actions.selling import SELLING

__all__ = [
    "BY_SCREEN",
    "EXCEPTIONS",
    "HELP",
    "HOURS",
    "KEPT_BY_WINDOWS",
    "LINE_DOWN",
    "LINE_UP",
    "LOCK",
    "MENU",
    "MESSAGES",
    "PAGE_BACK",
    "PAGE_ON",
    "PRINTERS",
    "QUIT",
    "ROWS_DOWN",
    "ROWS_UP",
    "Action",
    "ScreenName",
    "action_by_id",
    "action_for",
    "actions_of",
    "key_label",
]

_LETTERS_ARE_ASKED = frozenset(
    {ScreenName.LOGIN, ScreenName.PICKUP, ScreenName.NOTE, ScreenName.ENDING, ScreenName.SHIFT_COUNT, *ASKING}
)
"""Places where signs are typed, or where nobody works."""
BY_SCREEN: dict[ScreenName, tuple[Action, ...]] = {
    name: actions if name in _LETTERS_ARE_ASKED else (*actions, PALETTE, JUMP)
    for name, actions in {**HOUSE, **SELLING, **ASKING}.items()
}


def actions_of(name: ScreenName) -> tuple[Action, ...]:
    """All actions of a screen, in the order of its key bar."""
    return BY_SCREEN[name]


def action_for(name: ScreenName, key: str) -> Action | None:
    """The action that a key starts on a screen."""
    return next((action for action in BY_SCREEN[name] if key in action.keys), None)


def action_by_id(name: ScreenName, action_id: str) -> Action:
    """The action of a screen with this id."""
    return next(action for action in BY_SCREEN[name] if action.id == action_id)
