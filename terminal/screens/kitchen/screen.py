"""The kitchen screen: a number marks a ticket, Enter bumps it; a tap marks, a second tap bumps.

A key that is held, or a hand that hammers, bumps one ticket: what follows within a moment asks for a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult

from shared.kernel.errors import DomainError
from shared.kitchen.ticket_views import TicketState, TicketView
from terminal.actions import Action, ScreenName, action_by_id
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.kitchen.ear import Ear
from terminal.screens.kitchen.recall import RecallDialog
from terminal.screens.kitchen.verbs import KitchenVerbs
from terminal.screens.kitchen.view import (
    LIMITS,
    all_day,
    dishes,
    groups_of,
    limits_of,
    next_station,
    of_station,
    silence,
    station_name,
    ticket_number,
    usual_of,
    wall_ticket,
    wall_words,
    whole_seconds,
)
from terminal.screens.status import status_of
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.sounds import play
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey, KeyBar, fit_in_one_line
from terminal.widgets.status_line import Status, StatusLine
from terminal.widgets.ticket_wall import TicketWall

if TYPE_CHECKING:
    from shared.menu.rules import Menu
    from terminal.desk import Desk

NARROW_KEYS = ("bump", "recall_list", "station", "menu")
"""What a bar of large cells has room for; the other keys work all the same, and the help names them."""
OF_PEOPLE = frozenset({"hours", "staff_hours", "language", "exceptions"})
"""Actions that make no sense for a station."""
SEVERAL = 2
TELLING_SECONDS = 5
"""How long a message stands in place of the day's totals."""
MOMENT = timedelta(seconds=1)
"""Presses that follow each other faster than this after a ticket went are one: keyboards repeat every 30 to 500 ms."""
LATER_PAGE_SECONDS = 30
"""How long a page with newer tickets stays on view while nobody presses anything: the oldest must not be forgotten."""


class KitchenScreen(KitchenVerbs, KeptScreen):
    """The wall, for one station or all of them."""

    SCREEN_NAME = ScreenName.KITCHEN
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._marked: UUID | None = None
        self._ear = Ear()
        self._menu: Menu | None = None
        self._usual_of_menu: Mapping[str, frozenset[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling = self._turned_away = 0
        self._acted: tuple[datetime, int] | None = None
        self._recall: RecallDialog | None = None
        self.status = StatusLine()
        self.silence = TitleLine(id="silence")
        self.wall = TicketWall(wall_words(Voice.of(desk)), limits=LIMITS, id="wall")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Status, what is wrong, wall, keys."""
        yield self.status
        yield self.silence
        yield self.wall
        yield self.bar

    # What is on view

    def refresh_view(self) -> None:
        """Tickets, totals and keys."""
        voice, tickets = Voice.of(self.desk), self._tickets()
        self.wall.tick(whole_seconds(self.desk.now()))
        contacts, names = self.desk.contacts, self._station_names()
        cards = [
            wall_ticket(
                first,
                voice,
                contacts.get(first.order_id),
                names.get(first.station_id, ""),
                added,
                limits_of(first, self.desk.stations),
                self._usual(),
            )
            for first, *added in groups_of(tickets)
        ]
        self.wall.show(cards, note=all_day(tickets), aside=len(self.desk.kitchen.aside_ids()))
        self._forget_unseen_mark()
        self.wall.mark(self._marked)
        self.status.show(self._status(voice))
        self._show_silence()
        self.bar.set_keys(self.bar_keys())
        self._greet(tickets)
        self._receive()

    def on_resize(self, event: events.Resize) -> None:
        """Another size may have room for other keys."""
        self.bar.set_keys(self.bar_keys())

    def tick(self) -> None:
        """Clocks move on; a message goes after a while."""
        self.wall.tick(whole_seconds(self.desk.now()))
        self.status.show(self._status(Voice.of(self.desk)))
        self._show_silence()
        if self._telling:
            self._telling -= 1
            if not self._telling:
                self.wall.tell("")
        if not self.wall.shows_oldest:
            self._turned_away += 1
            if self._turned_away > LATER_PAGE_SECONDS:
                self._turn(self.wall.turn_to_oldest)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """At the foot of the wall, for some seconds."""
        self.wall.tell(text, tone)
        self._telling = TELLING_SECONDS if text else 0

    async def press(self, stroke: Stroke) -> bool:
        """Any key shows that somebody looks at this page."""
        self._turned_away = 0
        return await super().press(stroke)

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys; Done names its ticket, the station key its station."""
        voice = Voice.of(self.desk)
        marked = next((group for group in groups_of(self._tickets()) if group[0].id == self._marked), ())
        following = station_name(self.desk.stations, self._following(), voice)
        title = voice.texts("kitchen.see_station", station=following)
        keys = tuple(key for key in super().bar_keys() if key.action != "station" or key.enabled)
        keys = tuple(replace(key, title=title, short=following) if key.action == "station" else key for key in keys)
        if marked:
            changed = any(ticket.state is TicketState.CHANGED for ticket in marked)
            short = voice.texts("kitchen.confirm") if changed else ""
            code = "kitchen.confirm_one" if changed else "kitchen.bump_one"
            title = voice.texts(code, number=ticket_number(marked[0]))
            keys = tuple(
                replace(key, title=title, short=short or key.title) if key.action == "bump" else key for key in keys
            )
        few = tuple(key for key in keys if key.action in NARROW_KEYS)
        return keys if fit_in_one_line(keys, self.size.width) else few

    def why_not(self, action: Action) -> str | None:
        """Bumping needs a ticket, a choice of stations more than one, recalling something bumped."""
        texts = self.desk.texts
        if action.id in ("bump", "start", "lines", "rush") and not self._tickets():
            return texts("kitchen.nothing_open")
        if action.id == "recall_list" and not self.desk.bumped:
            return texts("kitchen.nothing_bumped")
        if action.id == "aside" and not self.desk.kitchen.aside_ids():
            return texts("kitchen.nothing_aside")
        if action.id == "cover" and (self.desk.kitchen.station_id is None or len(self.desk.stations) < SEVERAL):
            return texts("kitchen.no_cover")
        if action.id == "station" and len(self.desk.stations) < 2:
            return texts("kitchen.one_station")
        return None

    def holds_work(self) -> bool:
        """Nothing: the wall is the same for everybody."""
        return False

    def _is_for_this_person(self, action: Action) -> bool:
        """A station has no hours, no language of its own, and settles nothing."""
        actor = self.desk.actor
        of_people = actor is not None and actor.station_id is not None and action.id in OF_PEOPLE
        return not of_people and super()._is_for_this_person(action)

    def _status(self, voice: Voice) -> Status:
        status, actor = status_of(self.desk), self.desk.actor
        notices = status.notices
        if actor is not None and actor.station_id is not None:
            notices = tuple(each for each in notices if each.action not in OF_PEOPLE)
        station = station_name(self.desk.stations, self.desk.kitchen.station_id, voice)
        return replace(status, branch=station, person=status.branch, notices=notices)

    def _show_silence(self) -> None:
        """Across the top, since when nobody was heard: what is ordered meanwhile is not on the wall."""
        said = silence(self.desk.state, Voice.of(self.desk))
        self.silence.display = bool(said)
        self.silence.show(said, Tone.LATE)

    def _following(self) -> UUID | None:
        return next_station(self.desk.stations, self.desk.kitchen.station_id)

    def _station_names(self) -> dict[UUID, str]:
        """Names for the cards; none on the wall of one station."""
        shown = self.desk.kitchen.shown()
        if len(self.desk.stations if shown is None else shown) < SEVERAL:
            return {}
        return {station.id: station.name for station in self.desk.stations}

    def _tickets(self) -> tuple[TicketView, ...]:
        return of_station(self.desk.tickets, self.desk.kitchen.station_id, self.desk.kitchen.shown() or ())

    def _usual(self) -> Mapping[str, frozenset[str]]:
        """What is usual of each dish, worked out once for a menu."""
        if self._menu is not self.desk.menu:
            self._menu, self._usual_of_menu = self.desk.menu, usual_of(self.desk.menu)
        return self._usual_of_menu

    def _receive(self) -> None:
        """Let who sent a ticket know that it stands here. No press waits for it."""
        task = asyncio.get_running_loop().create_task(self.desk.kitchen.receive())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _greet(self, tickets: tuple[TicketView, ...]) -> None:
        """One sound for all that is new since the wall was last shown."""
        heard = self._ear.hear(tickets, self.desk.now())
        if heard is not None:
            play(heard, self.app.bell)

    # Keys

    async def typed(self, stroke: Stroke) -> None:
        """A number marks its ticket."""
        found = self.wall.id_of(stroke.name) if stroke.is_digit else None
        if isinstance(found, UUID):
            self._acted = None
            self._mark(found)

    async def do_bump(self) -> bool:
        """Bump the marked ticket, or first confirm what was taken back on it; with none marked, mark the oldest card.

        False while it only marked, so that nothing goes by mistake: the next Enter is meant.
        """
        if self._is_same_press():
            self.say(self.desk.texts("kitchen.one_a_press"), Tone.WARN)
            return False
        groups = {group[0].id: group for group in groups_of(self._tickets())}
        if not groups:
            raise DomainError("kitchen.nothing_open")
        if self._marked is None:
            self._mark(self._on_view()[0].id)
            return False
        await self._finish(groups[self._marked])
        return True

    async def _finish(self, marked: Sequence[TicketView]) -> None:
        """Bump a card with all that was added to it, or confirm what was taken back on it."""
        texts, place, number = self.desk.texts, self._place_of(marked[0].id), ticket_number(marked[0])
        changed = [ticket for ticket in marked if ticket.state is TicketState.CHANGED]
        if changed:
            wasted = sum([await self.desk.confirm(ticket.id) for ticket in changed])
            self.say(texts("kitchen.confirmed_made" if wasted else "kitchen.confirmed", number=number))
        else:
            self._marked = None
            if len(marked) == 1:
                await self.desk.bump(marked[0].id)
            else:
                await self.desk.kitchen.bump_all(tuple(ticket.id for ticket in marked))
            recall = action_by_id(ScreenName.KITCHEN, "recall_list").key_label(texts)
            what = ", ".join(filter(None, (dishes(ticket) for ticket in marked)))
            self.say(texts("kitchen.bumped", number=number, dishes=what, key=recall), Tone.READY)
        self._acted = (self.desk.now(), place)
        self.refresh_view()

    def _place_of(self, ticket_id: object) -> int:
        """The place of a card among those on view: when a card goes, the next one has its place."""
        shown = self.wall.shown_ids
        return shown.index(ticket_id) if ticket_id in shown else -1

    def _is_same_press(self) -> bool:
        """Whether this press follows so soon on the one that finished a ticket that it is the same: a key is held."""
        if self._acted is None:
            return False
        (at, place), now = self._acted, self.desk.now()
        if not timedelta() <= now - at < MOMENT:
            return False
        self._acted = (now, place)
        return True

    async def do_start(self) -> None:
        """Begin the marked card, or the oldest that nobody has begun."""
        groups = groups_of((*self._on_view(), *self._tickets()))
        waiting = (group for group in groups if any(ticket.state is TicketState.FIRED for ticket in group))
        marked = (group for group in groups if group[0].id == self._marked)
        group = next(marked, None) or next(waiting, None)
        if group is None:
            raise DomainError("kitchen.all_started" if groups else "kitchen.nothing_open")
        for ticket in dict.fromkeys(group):
            if ticket.state is TicketState.FIRED or len(group) == 1:
                await self.desk.start(ticket.id)
        self.refresh_view()

    async def do_recall_list(self) -> None:
        """Show what was bumped last."""
        self.say("")
        self._recall = self._recall or RecallDialog(self.desk, self._recalled)
        self._recall.of(self.desk.kitchen.station_id)
        await self.host.open_dialog(self._recall)

    def _recalled(self, ticket: TicketView) -> None:
        self.say(self.desk.texts("kitchen.came_back", number=ticket_number(ticket), dishes=dishes(ticket)), Tone.READY)

    async def do_wall_on(self) -> None:
        """Show the tickets that have no card now."""
        self._turn(self.wall.turn)

    async def do_wall_back(self) -> None:
        """The page of tickets before."""
        self._turn(partial(self.wall.turn, -1))

    async def do_station(self) -> None:
        """The next station."""
        self.desk.kitchen.choose(self._following())
        self.wall.begin_anew()
        self._marked = None
        self._ear = Ear()
        self.refresh_view()

    async def do_tables(self) -> None:
        """To the floor, for who serves too."""
        await self.host.go_to(ScreenName.FLOOR)

    def _turn(self, turn: Callable[[], None]) -> None:
        self._turned_away = 0
        turn()
        self._forget_unseen_mark()
        self.wall.mark(self._marked)
        self.bar.set_keys(self.bar_keys())

    def _on_view(self) -> tuple[TicketView, ...]:
        """The tickets that have a card."""
        shown = set(self.wall.shown_ids)
        return tuple(ticket for group in groups_of(self._tickets()) if group[0].id in shown for ticket in group)

    def _forget_unseen_mark(self) -> None:
        """Nobody bumps a ticket that they do not see."""
        if self._marked not in self.wall.shown_ids:
            self._marked = None

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
            if self._acted is not None and self._acted[1] == self._place_of(picked) and self._is_same_press():
                self.say(self.desk.texts("kitchen.one_a_press"), Tone.WARN)
                return False
            self._acted = None
            if any(ticket.id == picked for ticket in self._tickets()) and isinstance(picked, UUID):
                self._mark(picked)
            return False

        self.tap(f"ticket {picked}", tapped)

    def on_ticket_wall_turned(self, event: TicketWall.Turned) -> None:
        """The hidden tickets were tapped."""
        event.stop()
        self.tap_action("wall_on")
