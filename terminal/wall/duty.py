"""Keeps a kitchen display on its wall: it needs no PIN, no single key leaves it, and it comes back by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from terminal.actions import LOCK, ScreenName, action_for, actions_of
from terminal.desks.closed import ClosedDesk
from terminal.input.strokes import Stroke
from terminal.input.wall_keys import figure_meaning, pad_meaning
from terminal.screens.base import KeptDialog, Keyed

if TYPE_CHECKING:
    from terminal.app import ComandaApp
    from terminal.desks.desk import Desk

PIN_SECONDS = 60
"""How long the log-in screen stays when somebody has left the wall on purpose."""
PERSON_SECONDS = 180
"""How long somebody who logged in at a display may do nothing before the wall is back."""
DIALOG_SECONDS = 60
"""How long a dialog may cover the wall while nobody does anything."""
TYPED = frozenset({ScreenName.FORM, ScreenName.APPROVAL})
"""Dialogs in which people type."""
_SAME = {key: each.keys for each in actions_of(ScreenName.KITCHEN) for key in each.keys}
AGAIN_SECONDS = 3
"""Within this the second press of the key leaves the wall."""


class WallDuty:
    """See the module. One for an app that shows the kitchen's wall (`comanda kds`)."""

    def __init__(self, app: ComandaApp) -> None:
        self._app = app
        self._pin_seconds = self._again_seconds = 0

    def begin(self) -> None:
        """Show the wall if nobody is logged in and the house is known here."""
        desk = self._app.desk
        if not isinstance(desk, ClosedDesk) and desk.actor is None and desk.premises is not None and desk.stations:
            self._app.presses.take("wall", self._show)

    def tick(self, idle_seconds: int) -> bool:
        """A second has passed. Returns whether who is logged in has done nothing for too long."""
        self._again_seconds = max(0, self._again_seconds - 1)
        actor = self._app.desk.actor
        if actor is not None and actor.station_id is not None and idle_seconds == DIALOG_SECONDS:
            self._app.presses.take("wall", self._uncover)
        if actor is not None:
            return actor.station_id is None and idle_seconds == PERSON_SECONDS
        self._pin_seconds = max(0, self._pin_seconds - 1) if idle_seconds else PIN_SECONDS * bool(self._pin_seconds)
        if not self._pin_seconds:
            self.begin()
        return False

    def meant(self, stroke: Stroke) -> Stroke:
        """The key that a bump bar's key stands for (`input/key_map.py`). What people type is typed as it is."""
        desk, top = self._app.desk, self._app.screen
        is_typed = isinstance(top, Keyed) and (top.screen_name in TYPED or top.is_typing())
        if isinstance(desk, ClosedDesk) or not isinstance(top, Keyed) or _is_person(desk):
            return stroke
        key = None if is_typed or desk.actor is None else desk.kitchen.key_map.keys.get(stroke.name.lower())
        return stroke if key is None else Stroke(key, key if len(key) == 1 else None)

    def on_pad(self, stroke: Stroke, top: Keyed) -> Stroke:
        """What a key of a number pad stands for where it does nothing else: it leaves, corrects and pages dialogs.

        Asked when the key's turn comes: what was typed before it says whether it is a sign of a text.
        """
        desk, name = self._app.desk, stroke.name
        is_asking = isinstance(top, KeptDialog) or top.screen_name is ScreenName.LOGIN
        if isinstance(desk, ClosedDesk) or _is_person(desk) or not is_asking:
            return stroke
        if action_for(top.screen_name, name) is not None:
            return stroke
        if top.takes_figures and not name.isdigit():
            name = figure_meaning(name, desk.kitchen.key_map, _SAME)
        key = pad_meaning(name, is_sign=top.takes_sign(name))
        return stroke if key == stroke.name else Stroke(key, key if len(key) == 1 else None)

    async def keeps(self) -> bool:
        """The key that locks was pressed. Returns whether the display stays on its wall, or is back there."""
        desk = cast("Desk", self._app.desk)
        if desk.actor is None:
            return False
        if desk.actor.station_id is None:
            desk.log_out()
            await self._show()
            return True
        if not self._again_seconds:
            self._again_seconds = AGAIN_SECONDS
            top = self._app.screen
            key = top.label_of(LOCK) if isinstance(top, Keyed) else LOCK.key_label(desk.texts)
            self._app.say(desk.texts("kitchen.leave_again", key=key))
            return True
        self._pin_seconds = PIN_SECONDS
        return False

    async def back(self) -> None:
        """Leave the log-in screen for the wall."""
        self._pin_seconds = 0
        await self._show()

    async def _uncover(self) -> bool:
        """Close what covers the wall: cards behind it are seen by nobody."""
        actor = self._app.desk.actor
        if actor is not None and actor.station_id is not None and isinstance(self._app.screen, KeptDialog):
            await self._app.go_to(self._wall(cast("Desk", self._app.desk)))
        return False

    def _wall(self, desk: Desk) -> ScreenName:
        return ScreenName.EXPEDITER if desk.kitchen.shows_pass else ScreenName.KITCHEN

    async def _show(self) -> bool:
        desk = self._app.desk
        if not isinstance(desk, ClosedDesk) and desk.actor is None and desk.kitchen.take_place():
            await self._app.go_to(self._wall(desk))
            if mistakes := desk.kitchen.key_map.mistakes:
                self._app.say(desk.texts("kitchen.key_map_wrong", what=", ".join(mistakes)))
        return False


def _is_person(desk: Desk) -> bool:
    """Whether somebody has logged in, who has a whole keyboard."""
    return desk.actor is not None and desk.actor.station_id is None
