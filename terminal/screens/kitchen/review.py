"""The dialog that shows one card whole, as it stood on the wall. Looking changes nothing, and no clock begins anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical

from shared.kitchen.ticket_views import TicketView
from terminal.actions import Action, ScreenName
from terminal.screens.base import KeptDialog
from terminal.screens.kitchen.view import LIMITS, ticket_number, wall_words, whole_seconds
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.ticket_card import WallTicket
from terminal.widgets.ticket_wall import TicketWall

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

Group = Sequence[TicketView]


class ReviewDialog(KeptDialog):
    """One card of those that are given, the first at first.

    Args:
        card: makes the card of a group of tickets.
        recall: brings a ticket that is done back to the wall.
    """

    SCREEN_NAME = ScreenName.REVIEW
    CSS_PATH = Path(__file__).with_name("review.tcss")
    desk: Desk

    def __init__(self, desk: Desk, card: Callable[[Group], WallTicket], recall: Callable[[UUID], object]) -> None:
        super().__init__(desk)
        self._card = card
        self._recall = recall
        self._groups: Sequence[Group] = ()
        self._at = 0
        self.head = TitleLine("", on_page=True)
        self.wall = TicketWall(wall_words(Voice.of(desk)), limits=LIMITS, id="review-wall")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, card, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.wall
            yield self.bar

    def of(self, groups: Sequence[Group]) -> None:
        """Show the first of these cards."""
        self._groups, self._at = groups, 0
        self.refresh_view()

    def refresh_view(self) -> None:
        """The card, when it came and when it was done."""
        if not self._groups:
            return
        group, voice = self._groups[self._at], Voice.of(self.desk)
        first, ended = group[0], group[-1].bumped_at
        self.wall.tick(whole_seconds(ended or self.desk.now()))
        self.wall.show([self._card(group)])
        times = voice.texts("kitchen.review_sent", time=voice.clock(first.waits_since))
        if ended is not None:
            times += voice.texts("kitchen.review_done", time=voice.clock(ended))
        self.head.show(f"{ticket_number(first)} · {times}")
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message in place of the title."""
        self.head.show(text, tone)

    def why_not(self, action: Action) -> str | None:
        """Only what is done can come back, and only among several one can turn."""
        if action.id == "recall_this" and self._groups and self._groups[self._at][-1].bumped_at is None:
            return self.desk.texts("TICKET_IS_OPEN", number=ticket_number(self._groups[self._at][0]))
        if action.id in ("earlier", "later_one") and len(self._groups) < 2:
            return self.desk.texts("kitchen.one_to_review")
        return None

    async def do_earlier(self) -> None:
        """Show the card that was done before."""
        self._turn(1)

    async def do_later_one(self) -> None:
        """Show the card that was done after it."""
        self._turn(-1)

    async def do_recall_this(self) -> None:
        """Bring the card on view back to the wall."""
        ticket = self._groups[self._at][0]
        await self.host.close_dialog()
        await self.desk.recall(ticket.id)
        self._recall(ticket.id)

    async def do_back(self) -> None:
        """Leave it as it is."""
        await self.host.close_dialog()

    def on_ticket_wall_picked(self, event: TicketWall.Picked) -> None:
        """A tap on the card has read it."""
        event.stop()
        self.tap("escape", self.do_back)

    def _turn(self, by: int) -> None:
        self._at = (self._at + by) % len(self._groups)
        self.refresh_view()
