"""The keys of actions as people at this device know them: the one place that bars, sentences, notices and help ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from terminal.actions import KEPT_BY_WINDOWS, Action, key_label
from terminal.input.wall_keys import key_shown

if TYPE_CHECKING:
    from terminal.desks.closed import ClosedDesk
    from terminal.desks.desk import Desk


def shown_key(desk: Desk | ClosedDesk, action: Action, *, typing: bool = False) -> str:
    """The key of an action: where a station acts that of the display's key map or number pad. Empty if none does it.

    Args:
        typing: whether what types a sign is text now.
    """
    if not at_station(desk):
        return action.key_label(desk.texts, typing=typing)
    kitchen = cast("Desk", desk).kitchen
    key = key_shown(action.keys, kitchen.key_map, KEPT_BY_WINDOWS, pad=kitchen.settings.pad)
    return key_label(key, desk.texts) if key else ""


def shown_keys(desk: Desk | ClosedDesk, action: Action) -> str:
    """All keys of an action, as a list of keys has them; where a station acts the one that its display names."""
    return (at_station(desk) and shown_key(desk, action)) or action.key_labels(desk.texts)


def hint_of(desk: Desk | ClosedDesk, action: Action) -> str:
    """` · F5`, to be put behind a notice; empty if no key does it."""
    key = shown_key(desk, action)
    return f" · {key}" if key else ""


def at_station(desk: Desk | ClosedDesk) -> bool:
    """Whether a station acts: a kitchen display on which nobody is logged in."""
    return desk.actor is not None and desk.actor.station_id is not None
