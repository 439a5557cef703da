"""Since when a wall of the kitchen has heard from nobody, across its top: the stations' and the pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.screens.base import Keyed
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

SILENT_AFTER_SECONDS = 60
"""How long a wall may hear from nobody before it says so."""


class SaysSilence(Keyed):
    """Mixed into a wall, which composes `silence` at its top."""

    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._silent_seconds = 0
        self.silence = TitleLine(id="silence")

    def _another_silent_second(self) -> None:
        self._silent_seconds += 1
        self._show_silence()

    def _show_silence(self) -> None:
        """Across the top, since when nobody was heard: what is ordered meanwhile is not on the wall."""
        silence, voice = self.desk.kitchen.silence(), Voice.of(self.desk)
        if silence is None:
            self._silent_seconds = 0
        is_long = silence is not None and (
            voice.seconds_since(silence.since) >= SILENT_AFTER_SECONDS or self._silent_seconds >= SILENT_AFTER_SECONDS
        )
        self.silence.display = is_long
        if silence is not None and is_long:
            code = "kitchen.silence_of_others" if silence.from_others else "kitchen.silence"
            self.silence.show(voice.texts(code, since=voice.since(silence.since)), Tone.LATE)
