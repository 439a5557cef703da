"""The kitchen screen: a number marks a ticket, Enter bumps it; a tap marks, a second tap bumps.

A key that is held, or a hand that hammers, bumps one ticket: what follows within a moment asks for a number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult

from shared.kernel.errors import DomainError
from shared.kitchen.ticket_views import TicketState, TicketView
from terminal.actions import Action, ScreenName, action_by_id, actions_of
from terminal.dialogs.questions import Choice
from terminal.input.strokes import Stroke
from terminal.input.wall_keys import PAD
from terminal.screens.base import KeptScreen, TapAction
from terminal.screens.kitchen.arranging import KitchenArranging
from terminal.screens.kitchen.bumping import MOMENT, KitchenBumping
from terminal.screens.kitchen.held_view import held_at, held_count
from terminal.screens.kitchen.holding import KitchenHolding
from terminal.screens.kitchen.listening import KitchenListening
from terminal.screens.kitchen.review import ReviewDialog
from terminal.screens.kitchen.telling import Telling
from terminal.screens.kitchen.view import (
    LIMITS,
    all_day,
    card_id,
    groups_of,
    limits_of,
    next_station,
    of_station,
    station_name,
    ticket_number,
    usual_of,
    wall_ticket,
    wall_words,
    whole_seconds,
)
from terminal.screens.leftovers import Leftovers
from terminal.screens.safety import SafetyLog
from terminal.screens.status import status_of
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey, KeyBar, fit_in_one_line
from terminal.widgets.status_line import Status, StatusLine
from terminal.widgets.ticket_card import WallTicket
from terminal.widgets.ticket_wall import TicketWall

if TYPE_CHECKING:
    from shared.menu.rules import Menu
    from terminal.desks.desk import Desk

NARROW_KEYS = ("bump", "recall_list", "station", "menu")
"""What a bar of large cells has room for; the other keys work all the same, and the help names them."""
OF_A_CARD = frozenset({"bump", "bump_first", "start", "lines", "rush", "transfer", "move_card", "hold_card"})
"""Actions that need a card."""
OF_PEOPLE = frozenset({"hours", "staff_hours", "language", "exceptions"})
"""Actions that make no sense for a station."""
SEVERAL = 2
MOST_SMALL = 6
"""More buttons that do not fit are unreadable: only those stay without which nothing works."""
TELLING_SECONDS = 5
"""How long a message stands in place of the day's totals."""
MARK_SECONDS = 30
"""How long a mark stands while nobody presses anything: the next Enter must not finish what somebody forgot."""
LATER_PAGE_SECONDS = 30
"""How long a page with newer tickets stays on view while nobody presses anything: the oldest must not be forgotten."""


class KitchenScreen(
    KitchenListening, KitchenBumping, KitchenArranging, KitchenHolding, Telling, Leftovers, SafetyLog, KeptScreen
):
    """The wall, for one station or all of them."""

    SCREEN_NAME = ScreenName.KITCHEN
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._marked: UUID | None = None
        self._menu: Menu | None = None
        self._usual_of_menu: Mapping[str, frozenset[str]] = {}
        self._telling = self._turned_away = self._unused_seconds = 0
        self._marked_at = desk.now()
        self._last_key = self._key_before = ""
        self._review: ReviewDialog | None = None
        self.status = StatusLine()
        self.wall = TicketWall(wall_words(Voice.of(desk), self.label_of), limits=LIMITS, id="wall")
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
        self.wall.blinks = self.desk.kitchen.settings.blinks
        cards = [self._card(group) for group in groups_of(tickets)]
        waiting = held_count(self._waiting(), voice)
        note = " · ".join(filter(None, (*all_day(tickets, self._usual()), waiting)))
        digits = self.desk.kitchen.digits
        self.wall.use_keys(digits.of(self.desk.kitchen.station_id))
        self.wall.show(cards, note=note, aside=len(self.desk.kitchen.aside_ids()))
        self._forget_unseen_mark()
        self.wall.mark(self._marked)
        self.status.show(self._status(voice))
        self.bar.set_keys(self.bar_keys())
        if self.wall.shown_ids:
            digits.keep()
        self._listen(tickets)

    def _card(self, group: Sequence[TicketView]) -> WallTicket:
        """The card of a ticket and of what was added to it."""
        first, *added = group
        names = {station.id: station.name for station in self.desk.stations}
        return wall_ticket(
            first,
            Voice.of(self.desk),
            self.desk.contacts.get(first.order_id),
            names.get(first.station_id, "") if self._shows_several() else "",
            added,
            limits_of(first, self.desk.stations),
            self._usual(),
            names.get(first.own_station_id, "") if first.own_station_id else "",
            self.desk.menu.courses,
            held_at(self.desk.held, {first.station_id}),
        )

    def on_resize(self, event: events.Resize) -> None:
        """Another size may have room for other keys."""
        self.bar.set_keys(self.bar_keys())

    def tick(self) -> None:
        """Clocks move on; a message goes after a while."""
        self.desk.kitchen.begin_later_ones()
        self.wall.tick(whole_seconds(self.desk.now()))
        self.status.show(self._status(Voice.of(self.desk)))
        self._another_second()
        self.desk.kitchen.digits.keep()
        if self._telling:
            self._telling -= 1
            if not self._telling:
                self.wall.tell("")
        self._unused_seconds += 1
        if self._marked is not None and self._unused_seconds > MARK_SECONDS:
            self._unmark()
        if not self.wall.shows_oldest:
            self._turned_away += 1
            if self._turned_away > LATER_PAGE_SECONDS:
                self._turn(self.wall.turn_to_oldest)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """At the foot of the wall, for some seconds."""
        self.wall.tell(text, tone)
        self._telling = TELLING_SECONDS if text else 0

    async def press(self, stroke: Stroke) -> bool:
        """Any key shows that somebody looks at this page. Letters are keys here, with the shift lock, too."""
        self._turned_away = self._unused_seconds = 0
        self._somebody_looks()
        if len(stroke.name) == 1:
            stroke = replace(stroke, name=stroke.name.lower())
        self._key_before, self._last_key = self._last_key, stroke.name
        return await super().press(stroke)

    def tap(self, name: str, action: TapAction) -> None:
        """A tap shows it, too."""
        self._turned_away = self._unused_seconds = 0
        self._somebody_looks()
        super().tap(name, action)

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys, or those of the key map; Done names its ticket, the station key its station."""
        voice = Voice.of(self.desk)
        following = station_name(self.desk.stations, self._following(), voice)
        to_station = voice.texts("kitchen.see_station", station=following)
        said = self.desk.kitchen.key_map.bar
        keys = self.keys_of(self._said_bar(said)) if said else super().bar_keys()
        keys = tuple(key for key in keys if key.action != "station" or key.enabled)
        keys = tuple(
            replace(key, title=to_station, short=following) if key.action == "station" else key for key in keys
        )
        keys = tuple(self._naming_its_ticket(key) if key.action == "bump" else key for key in keys)
        few = tuple(key for key in keys if key.action in NARROW_KEYS)
        if said and not fit_in_one_line(keys, self.size.width):
            few = tuple(key for key in keys if key.action in ("bump", "menu")) if len(keys) > MOST_SMALL else keys
        return keys if fit_in_one_line(keys, self.size.width) else few

    def _said_bar(self, said: Sequence[str]) -> tuple[Action, ...]:
        """The actions that a key map wants on the bar, and the menu: without it a finger reaches nothing else."""
        wanted = said if "menu" in said else (*said, "menu")
        return tuple(action_by_id(ScreenName.KITCHEN, each) for each in wanted)

    def _naming_its_ticket(self, key: BarKey) -> BarKey:
        marked = next((group for group in groups_of(self._tickets()) if card_id(group[0]) == self._marked), ())
        if not marked:
            return key
        texts = self.desk.texts
        changed = any(ticket.state is TicketState.CHANGED for ticket in marked)
        short = texts("kitchen.confirm") if changed else ""
        title = texts("kitchen.confirm_one" if changed else "kitchen.bump_one", number=ticket_number(marked[0]))
        return replace(key, title=title, short=short or key.title)

    def menu_rows(self) -> tuple[Choice, ...]:
        """What the bar has no room for stands in the menu, so that a finger reaches it; also what a pad lacks."""
        texts, on_bar = self.desk.texts, {key.action for key in self.bar_keys()}
        hidden = (
            action
            for action in actions_of(self.screen_name)
            if action.on_bar
            and not action.in_menu
            and (action.id not in (*on_bar, "menu", "help") or self._pad_lacks(action))
        )
        return (
            *(
                Choice(each.id, each.title(texts), self.label_of(each), self.why_not(each) or "")
                for each in hidden
                if self._is_for_this_person(each)
            ),
            *(row for row in super().menu_rows() if row.id not in on_bar),
        )

    def _pad_lacks(self, action: Action) -> bool:
        """Whether people have a number pad alone, and no key of it or of the key map does this."""
        kitchen = self.desk.kitchen
        return (
            kitchen.settings.pad
            and PAD.isdisjoint(action.keys)
            and not {*kitchen.key_map.keys.values()} & {*action.keys}
        )

    def menu_keys(self, rows: tuple[Choice, ...]) -> Mapping[str, Hashable]:
        """A cook presses the key that the row names, also while the menu is open."""
        ids = {row.id for row in rows}
        return {key: each.id for each in actions_of(self.screen_name) if each.id in ids for key in each.keys}

    def why_not(self, action: Action) -> str | None:
        """Bumping needs a ticket, a choice of stations more than one, recalling something bumped."""
        texts = self.desk.texts
        if action.id in OF_A_CARD and not self._tickets():
            return texts("kitchen.nothing_open")
        if action.id in ("recall_list", "recall_newest") and not self._bumped():
            return texts("kitchen.nothing_bumped")
        if action.id == "aside" and not self.desk.kitchen.aside_ids():
            return texts("kitchen.nothing_aside")
        if action.id == "cover" and (self.desk.kitchen.station_id is None or len(self.desk.stations) < SEVERAL):
            return texts("kitchen.no_cover")
        if action.id == "station" and len(self.desk.stations) < 2:
            return texts("kitchen.one_station")
        return super().why_not(action)

    def meant_dishes(self) -> tuple[UUID, ...]:
        """The dishes of the marked card, as far as the menu calls them so."""
        marked = next((group for group in groups_of(self._tickets()) if card_id(group[0]) == self._marked), ())
        names = {line.item_name for ticket in marked for line in ticket.lines}
        return tuple(item.id for item in self.desk.menu.items.values() if names & {item.name, item.kitchen_name})

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
        return replace(status, branch=station + self._cover_words(), person=status.branch, notices=notices)

    def _cover_words(self) -> str:
        """Which stations this wall covers, and which one covers it: a cover outlasts a shift."""
        own, texts = self.desk.kitchen.station_id, self.desk.texts
        names = {station.id: station.name for station in self.desk.stations}
        if own is None:
            return ""
        covers = "".join(
            f" + {names[each]}" for each in names if each in (self.desk.kitchen.shown() or ()) and each != own
        )
        by = next((each.covered_by for each in self.desk.stations if each.id == own), None)
        return covers + (texts("kitchen.covered_by", station=names[by]) if by in names else "")

    def _following(self) -> UUID | None:
        return next_station(self.desk.stations, self.desk.kitchen.station_id)

    def _shows_several(self) -> bool:
        """Whether cards of several stations stand on the wall, so that each names its own."""
        shown = self.desk.kitchen.shown()
        return len(self.desk.stations if shown is None else shown) >= SEVERAL

    def _tickets(self) -> tuple[TicketView, ...]:
        return of_station(self.desk.tickets, self.desk.kitchen.station_id, self.desk.kitchen.shown() or ())

    def _usual(self) -> Mapping[str, frozenset[str]]:
        """What is usual of each dish, worked out once for a menu."""
        if self._menu is not self.desk.menu:
            self._menu, self._usual_of_menu = self.desk.menu, usual_of(self.desk.menu)
        return self._usual_of_menu

    # Keys

    async def typed(self, stroke: Stroke) -> None:
        """A number marks its ticket."""
        found = self.wall.id_of(stroke.name) if stroke.is_digit else None
        self.desk.kitchen.digits.keep()
        if isinstance(found, UUID):
            self._acted = None
            self._typed_at = self.desk.now()
            if found != self._marked:
                self._forget_undo()
                self._mark(found)
            elif self._key_before != stroke.name:  # something was done with it since: the card is meant once more
                self._mark(found)
            elif self.desk.now() - self._marked_at >= MOMENT:
                self._unmark()

    async def do_review(self) -> None:
        """Show the marked card whole; without a mark what was done last."""
        marked = [group for group in groups_of(self._tickets()) if card_id(group[0]) == self._marked]
        groups = marked or [(ticket,) for ticket in self._bumped()]
        if not groups:
            raise DomainError("kitchen.nothing_bumped")
        self._review = self._review or ReviewDialog(self.desk, self._card, self._came_back)
        self._review.of(groups)
        await self.host.open_dialog(self._review)

    def _came_back(self, ticket_id: UUID) -> None:
        ticket = next((each for each in self._tickets() if each.id == ticket_id), None)
        if ticket is not None:
            self._recalled(ticket)

    async def do_wall_on(self) -> None:
        """Show the tickets that have no card now."""
        self._turn(self.wall.turn)

    async def do_wall_back(self) -> None:
        """The page of tickets before."""
        self._turn(partial(self.wall.turn, -1))

    async def do_station(self) -> None:
        """The next station."""
        self.desk.kitchen.choose(self._following())
        self.wall.turn_to_oldest()
        self._marked = None
        self._listen_anew()
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
        return tuple(ticket for group in groups_of(self._tickets()) if card_id(group[0]) in shown for ticket in group)

    def _forget_unseen_mark(self) -> None:
        """Nobody bumps a ticket that they do not see."""
        if self._marked not in self.wall.shown_ids:
            self._marked = None

    def _mark(self, card: UUID) -> None:
        self._marked, self._marked_at, self._unused_seconds = card, self.desk.now(), 0
        self.wall.mark(card)
        self.bar.set_keys(self.bar_keys())

    def _unmark(self) -> None:
        """Nothing is meant by the next key."""
        self._marked = None
        self.wall.mark(None)
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
            if any(card_id(ticket) == picked for ticket in self._tickets()) and isinstance(picked, UUID):
                self._mark(picked)
            return False

        self.tap(f"ticket {picked}", tapped)

    def on_ticket_wall_turned(self, event: TicketWall.Turned) -> None:
        """The hidden tickets were tapped."""
        event.stop()
        self.tap_action("wall_on")
