"""The kitchen screen: a number marks a ticket, Enter bumps it; a tap marks, a second tap bumps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult

from shared.kernel.errors import DomainError
from shared.kitchen.queries import TicketState, TicketView
from terminal.actions import Action, ScreenName, action_by_id
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.kitchen.recall import RecallDialog
from terminal.screens.kitchen.view import (
    LIMITS,
    all_day,
    next_station,
    of_station,
    station_name,
    wall_ticket,
    wall_words,
    whole_seconds,
)
from terminal.screens.status import status_of
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey, KeyBar, fit_in_one_line
from terminal.widgets.status_line import Status, StatusLine
from terminal.widgets.ticket_wall import MAX_KEYS, TicketWall

if TYPE_CHECKING:
    from terminal.desk import Desk

NARROW_KEYS = ("bump", "recall_list", "station", "log_out")
"""What a bar of large cells has room for; the other keys work all the same, and the help names them."""
TELLING_SECONDS = 5
"""How long a message takes a row from the wall."""


class KitchenScreen(KeptScreen):
    """The wall, for one station or all of them."""

    SCREEN_NAME = ScreenName.KITCHEN
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._station: UUID | None = None
        self._marked: UUID | None = None
        self._known: frozenset[tuple[UUID, bool]] | None = None
        self._telling = 0
        self._recall: RecallDialog | None = None
        self.status = StatusLine()
        self.wall = TicketWall(wall_words(Voice.of(desk)), limits=LIMITS, id="wall")
        self.message = TitleLine(id="message", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Status, wall, keys; a message only while there is one."""
        yield self.status
        yield self.wall
        yield self.message
        yield self.bar

    # What is on view

    def refresh_view(self) -> None:
        """Tickets, totals and keys."""
        voice, tickets = Voice.of(self.desk), self._tickets()
        if all(ticket.id != self._marked for ticket in tickets):
            self._marked = None
        self.wall.tick(whole_seconds(self.desk.now()))
        self.wall.show([wall_ticket(ticket, voice) for ticket in tickets], note=all_day(tickets))
        self.wall.mark(self._marked)
        self.status.show(self._status(voice))
        self.bar.set_keys(self.bar_keys())
        self._greet_new(tickets)

    def on_resize(self, event: events.Resize) -> None:
        """Another size may have room for other keys."""
        self.bar.set_keys(self.bar_keys())

    def tick(self) -> None:
        """Clocks move on; a message goes after a while."""
        self.wall.tick(whole_seconds(self.desk.now()))
        self.status.show(self._status(Voice.of(self.desk)))
        if self._telling:
            self._telling -= 1
            self.set_class(self._telling > 0, "-telling")

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Below the wall, for some seconds."""
        self.message.show(text, tone)
        self._telling = TELLING_SECONDS if text else 0
        self.set_class(bool(text), "-telling")

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys; Done names its ticket, the station key its station."""
        voice = Voice.of(self.desk)
        marked = next((ticket for ticket in self._tickets() if ticket.id == self._marked), None)
        station = station_name(self.desk.stations, self._station, voice)
        keys = super().bar_keys()
        keys = tuple(replace(key, title=station) if key.action == "station" else key for key in keys)
        if marked is not None:
            changed = marked.state is TicketState.CHANGED
            short = voice.texts("kitchen.confirm") if changed else ""
            title = voice.texts("kitchen.confirm_one" if changed else "kitchen.bump_one", number=marked.number)
            keys = tuple(
                replace(key, title=title, short=short or key.title) if key.action == "bump" else key for key in keys
            )
        few = tuple(key for key in keys if key.action in NARROW_KEYS)
        return keys if fit_in_one_line(keys, self.size.width) else few

    def can(self, action: Action) -> bool:
        """Bumping needs a ticket, a choice of stations more than one, recalling something bumped."""
        if action.id in ("bump", "start"):
            return bool(self._tickets())
        if action.id == "recall_list":
            return bool(self.desk.bumped)
        return len(self.desk.stations) > 1 if action.id == "station" else True

    def _status(self, voice: Voice) -> Status:
        status = status_of(self.desk)
        return replace(status, person=station_name(self.desk.stations, self._station, voice))

    def _tickets(self) -> tuple[TicketView, ...]:
        return of_station(self.desk.tickets, self._station)

    def _greet_new(self, tickets: tuple[TicketView, ...]) -> None:
        found = frozenset((ticket.id, ticket.state is TicketState.CHANGED) for ticket in tickets)
        if self._known is not None and self._news(found, self._known):
            self.app.bell()
        self._known = found

    def _news(self, found: frozenset[tuple[UUID, bool]], known: frozenset[tuple[UUID, bool]]) -> bool:
        """Whether a ticket came, or something was taken back on one."""
        ids = {ticket_id for ticket_id, _changed in known}
        return any(changed or ticket_id not in ids for ticket_id, changed in found - known)

    # Keys

    async def typed(self, stroke: Stroke) -> None:
        """A number marks its ticket."""
        tickets = self._tickets()
        if not stroke.is_digit:
            return
        shown = min(MAX_KEYS, len(tickets) - self.wall.hidden_count)
        if 1 <= int(stroke.name) <= shown:
            self._mark(tickets[int(stroke.name) - 1].id)

    async def do_bump(self) -> bool:
        """Bump the marked ticket, or first confirm what was taken back on it; with none marked, mark the oldest.

        False while it only marked, so that nothing goes by mistake: the next Enter is meant.
        """
        tickets = self._tickets()
        if not tickets:
            raise DomainError("kitchen.nothing_open")
        if self._marked is None:
            self._mark(tickets[0].id)
            return False
        marked = next(ticket for ticket in tickets if ticket.id == self._marked)
        if marked.state is TicketState.CHANGED:
            wasted = await self.desk.confirm(marked.id)
            self.say(self.desk.texts("kitchen.confirmed_made" if wasted else "kitchen.confirmed", number=marked.number))
        else:
            self._marked = None
            await self.desk.bump(marked.id)
        self.refresh_view()
        return True

    async def do_start(self) -> None:
        """Begin the marked ticket, or the oldest that nobody has begun."""
        tickets = self._tickets()
        waiting = (ticket.id for ticket in tickets if ticket.state is TicketState.FIRED)
        ticket_id = self._marked or next(waiting, None)
        if ticket_id is None:
            raise DomainError("kitchen.all_started" if tickets else "kitchen.nothing_open")
        await self.desk.start(ticket_id)
        self.refresh_view()

    async def do_recall_list(self) -> None:
        """Show what was bumped last."""
        self._recall = self._recall or RecallDialog(self.desk)
        self._recall.of(self._station)
        await self.host.open_dialog(self._recall)

    async def do_station(self) -> None:
        """The next station."""
        self._station = next_station(self.desk.stations, self._station)
        self._marked = self._known = None
        self.refresh_view()

    async def do_tables(self) -> None:
        """To the floor, for who serves too."""
        await self.host.go_to(ScreenName.FLOOR)

    async def do_log_out(self) -> None:
        """Let somebody else log in."""
        await self.host.log_out()

    def _mark(self, ticket_id: UUID) -> None:
        self._marked = ticket_id
        self.wall.mark(ticket_id)
        self.bar.set_keys(self.bar_keys())

    def on_ticket_wall_picked(self, event: TicketWall.Picked) -> None:
        """A tap marks; a tap on the marked ticket bumps it."""
        event.stop()
        picked = event.ticket_id

        async def tapped() -> bool:
            if picked == self._marked:
                return await self.act(action_by_id(ScreenName.KITCHEN, "bump"))
            if any(ticket.id == picked for ticket in self._tickets()) and isinstance(picked, UUID):
                self._mark(picked)
            return False

        self.tap(f"ticket {picked}", tapped)
