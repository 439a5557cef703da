"""What the wall hears and lets hear: sounds for what is new, who sent it, and since when nothing has come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from shared.kitchen.ticket_views import TicketView
from terminal.screens.kitchen.ear import Ear, graver
from terminal.screens.kitchen.silent import SaysSilence
from terminal.wall.sounds import Sound, play

if TYPE_CHECKING:
    from textual.screen import Screen

    from terminal.desks.desk import Desk

AGAIN_SECONDS = 15
"""After this the sound comes again, if it is set so and nobody has touched the display."""


class KitchenListening(SaysSilence):
    """Mixed into the kitchen's screen."""

    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._ear = Ear()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unseen_seconds = 0
        self._unseen: Sound | None = None

    def _listen(self, tickets: tuple[TicketView, ...]) -> None:
        """Let hear what is new among these tickets, let its sender know, and say since when nothing has come."""
        self._show_silence()
        self._greet(tickets)
        self._receive()

    def _listen_anew(self) -> None:
        """The next wall is of another station: nothing of it is new."""
        self._ear = Ear()

    def _another_second(self) -> None:
        self._another_silent_second()
        self._sound_again()

    def _receive(self) -> None:
        """Let who sent a ticket know that it stands here, and answer who tries the displays. No press waits for it."""
        for told in (self.desk.kitchen.receive(), self.desk.displays.answer()):
            task = asyncio.get_running_loop().create_task(told)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _greet(self, tickets: tuple[TicketView, ...]) -> None:
        """One sound for all that is new since the wall was last shown."""
        heard = self._ear.hear(tickets, self.desk.now())
        if heard is not None:
            self._unseen, self._unseen_seconds = graver(heard, self._unseen), 0
            self._sound(heard)

    def _sound(self, sound: Sound) -> None:
        if self.desk.kitchen.settings.sounds:
            play(sound, cast("Screen[None]", self).app.bell)

    def _sound_again(self) -> None:
        """Sound until somebody looks, where the display is set so."""
        self._unseen_seconds += 1
        if self._unseen is not None and self._unseen_seconds >= AGAIN_SECONDS and self.desk.kitchen.settings.repeats:
            self._unseen_seconds = 0
            self._sound(self._unseen)

    def _somebody_looks(self) -> None:
        self._unseen = None
