"""Keeps the screen with the guests' numbers: it needs nobody, two presses of one key leave it, and it comes back."""

from __future__ import annotations

from terminal.actions import LOCK, ScreenName
from terminal.desks.closed import ClosedDesk
from terminal.input.strokes import Stroke
from terminal.screens.base import Keyed
from terminal.wall.duty import AGAIN_SECONDS, PERSON_SECONDS, PIN_SECONDS, WallDuty


class PickupDuty(WallDuty):
    """See the module. One for an app that shows numbers to guests (`comanda pickup`). Nobody acts there."""

    def begin(self) -> None:
        """Show the numbers if nobody is logged in and the house is known here."""
        desk = self._app.desk
        is_known = not isinstance(desk, ClosedDesk) and desk.premises is not None
        if is_known and desk.actor is None and not self._is_on_view:
            self._app.presses.take("pickup", self._show)

    def tick(self, idle_seconds: int) -> bool:
        """A second has passed. Returns whether who is logged in has done nothing for too long."""
        self._again_seconds = max(0, self._again_seconds - 1)
        if self._app.desk.actor is not None:
            return idle_seconds == PERSON_SECONDS
        self._pin_seconds = max(0, self._pin_seconds - 1) if idle_seconds else PIN_SECONDS * bool(self._pin_seconds)
        if not self._pin_seconds:
            self.begin()
        return False

    def meant(self, stroke: Stroke) -> Stroke:
        """What is pressed."""
        return stroke

    async def keeps(self) -> bool:
        """The key that locks was pressed. Returns whether the numbers stay on view, or are back there."""
        desk = self._app.desk
        if desk.actor is not None:
            desk.log_out()
            await self._show()
            return True
        if self._is_on_view and not self._again_seconds:
            self._again_seconds = AGAIN_SECONDS
            self._app.say(desk.texts("pickup.leave_again", key=LOCK.key_label(desk.texts)))
            return True
        self._pin_seconds = PIN_SECONDS
        return False

    @property
    def _is_on_view(self) -> bool:
        return any(isinstance(each, Keyed) and each.screen_name is ScreenName.PICKUP for each in self._app.screen_stack)

    async def _show(self) -> bool:
        desk = self._app.desk
        if not isinstance(desk, ClosedDesk) and desk.actor is None:
            await self._app.go_to(ScreenName.PICKUP)
        return False
