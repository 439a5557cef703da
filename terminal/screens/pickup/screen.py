"""The screen that guests look at: nobody logs in, no key but the one that locks does anything, and it keeps itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from terminal.actions import ScreenName
from terminal.screens.base import KeptScreen
from terminal.screens.pickup.board import PickupBoard
from terminal.screens.pickup.view import PickupView, ReadySince, is_news, pickup_view
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.wall.sounds import Sound, play

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

PAGE_SECONDS = 8
"""How long numbers stay that give way to others."""
TELLING_SECONDS = 5
SILENT_SECONDS = 60
"""After this without news guests are told to ask."""
_WORDS = ("preparing", "ready", "no_preparing", "no_ready")


class PickupScreen(KeptScreen):
    """Numbers that are being prepared, and numbers that are ready."""

    SCREEN_NAME = ScreenName.PICKUP
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: PickupView | None = None
        self._since = ReadySince()
        self._seconds = self._telling = 0
        self.head = TitleLine(id="head", on_page=True)
        self.board = PickupBoard({word: desk.texts(f"pickup.{word}") for word in _WORDS}, id="board")

    def compose(self) -> ComposeResult:
        """The house, then the numbers."""
        yield self.head
        yield self.board

    def refresh_view(self) -> None:
        """The numbers as they are now; one sound for what has become ready."""
        orders, now = tuple(self.desk.orders.values()), self.desk.now()
        view = pickup_view(orders, self._since.of(orders, self.desk.bumped, now), now)
        if is_news(self._shown, view):
            play(Sound.READY, self.app.bell)
        self._shown = view
        self.board.show(view)
        if not self._telling:
            self._show_head()

    def _show_head(self) -> None:
        """Name and time; or since when nothing was heard, so that nobody waits for a number that cannot come."""
        voice, silence = Voice.of(self.desk), self.desk.kitchen.silence()
        is_silent = silence is not None and not silence.from_others
        if silence is not None and is_silent and voice.seconds_since(silence.since) > SILENT_SECONDS:
            self.head.show(voice.texts("pickup.silent", since=voice.since(silence.since)), Tone.WARN)
            return
        name = self.desk.premises.organization_name if self.desk.premises else ""
        self.head.show(f"{name} · {voice.wall:%H:%M}")

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Something was ordered, made or handed over."""
        self.refresh_view()

    def tick(self) -> None:
        """Numbers leave after a while, and those that do not fit take turns."""
        self._seconds += 1
        self._telling = max(0, self._telling - 1)
        if self._seconds % PAGE_SECONDS == 0:
            self.board.turn()
        self.refresh_view()

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """In the first row, for some seconds."""
        self._telling = TELLING_SECONDS if text else 0
        self.head.show(text, tone)

    def say_working(self) -> None:
        """Nothing is done here."""

    def holds_work(self) -> bool:
        """Nothing: it is for guests."""
        return False
