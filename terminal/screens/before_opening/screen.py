"""The dialog before opening: everything is tried when it opens, and Enter tries it once more."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from terminal.actions import ScreenName
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog
from terminal.screens.before_opening.sheet import CheckSheet
from terminal.screens.before_opening.view import check_lines, summary
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.requests import Request
    from terminal.supervision.before_opening import Check

_ROWS = {"up": -1, "down": 1}
logger = logging.getLogger(__name__)


class BeforeOpeningDialog(KeptDialog):
    """What was tried, the worst first."""

    SCREEN_NAME = ScreenName.BEFORE_OPENING
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._checks: tuple[Check, ...] = ()
        self._trying: asyncio.Task[None] | None = None
        self.head = TitleLine(desk.texts("before_opening.title"), on_page=True)
        self.sheet = CheckSheet(self._say_what_is_below)
        self.result = TitleLine(id="result", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, list, result, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.sheet
            yield self.result
            yield self.bar

    async def load(self, request: Request | None = None) -> None:
        """Try everything."""
        await self.do_try_again()

    def refresh_view(self) -> None:
        """Show what is known by now."""
        voice = Voice.of(self.desk)
        self.sheet.show(check_lines(self._checks, voice))
        self.result.show(*summary(self._checks, voice))
        self.bar.set_keys(self.bar_keys())

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Nothing of the desk stands here: what was tried stays until it is tried again."""

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message in place of the result."""
        self.result.show(text, tone)

    async def typed(self, stroke: Stroke) -> None:
        """Move the list by arrows."""
        if stroke.name in _ROWS:
            self.sheet.scroll_by(_ROWS[stroke.name])

    async def do_try_again(self) -> None:
        """Try everything anew."""
        self._stop()
        if self.desk.before_opening is not None:
            self._trying = asyncio.create_task(self.desk.before_opening.run(self._told), name="before opening")
            self._trying.add_done_callback(_note_end)
        self.refresh_view()

    async def do_page_on(self) -> None:
        """Further down."""
        self.sheet.turn(1)

    async def do_page_back(self) -> None:
        """Further up."""
        self.sheet.turn(-1)

    async def do_back(self) -> None:
        """Close the list; what is still tried ends."""
        self._stop()
        await self.host.close_dialog()

    def _stop(self) -> None:
        if self._trying is not None:
            self._trying.cancel()
            self._trying = None

    def _told(self, checks: tuple[Check, ...]) -> None:
        self._checks = checks
        if self.is_current:
            self.refresh_view()

    def _say_what_is_below(self) -> None:
        texts, hidden = self.desk.texts, self.sheet.hidden
        more = texts("before_opening.below", count=hidden) if hidden else ""
        self.head.show(" · ".join(part for part in (texts("before_opening.title"), more) if part))


def _note_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("what is tried before opening ended", exc_info=task.exception())
