"""Rings once when the kitchen calls who is logged in: something is ready, or a message came, on whatever screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.ready_calls import Made

TOPICS = frozenset({"orders", "tickets", "messages", "guests"})
"""Sources that say what was made and served, and what the kitchen said."""


class ReadyBell:
    """See the module. What waited already when somebody logged in is in the status line, and rings no more."""

    def __init__(self) -> None:
        self._person: UUID | None = None
        self._heard: frozenset[Made | UUID] = frozenset()

    def hear(self, desk: Desk, bell: Callable[[], None], *, sounds: bool = True) -> None:
        """Ring if there is a new call for who is logged in, and wants to hear it."""
        from terminal.screens.ready_calls import ready_calls  # reads orders: not with the log-in
        from terminal.wall.sounds import Sound, play

        person = desk.actor.staff_id if desk.actor is not None else None
        if person is None:
            self._person = None
            return
        calls = ready_calls(desk.orders.values(), desk.made, person)
        made = (made for call in calls for made in call.made)
        unread = (message.id for message in desk.messages.unread())
        guests = desk.guest_orders.keys()
        mine: frozenset[Made | UUID] = frozenset([*made, *unread, *guests])
        is_new = person == self._person and bool(mine - self._heard)
        self._person, self._heard = person, mine
        if is_new and sounds:
            play(Sound.READY, bell)
