"""The kitchen's part of the desk: which station the wall shows, who acts there, what its keys command. No Textual."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen.arranging import move, transfer
from shared.kitchen.noting import receive
from shared.kitchen.stations import cover
from shared.kitchen.ticket_views import TicketView
from shared.kitchen.times import KitchenTimes, kitchen_times
from terminal.actions import ScreenName, actions_of
from terminal.clock import Moment
from terminal.desks.part import Run
from terminal.input.key_map import read_key_map
from terminal.papers.kitchen_papers import print_transfer
from terminal.snapshots.sources import STATIONS, TICKETS
from terminal.store.errors import StoreError
from terminal.wall.display import Display
from terminal.wall.hearing import Silence, silence
from terminal.wall.kitchen_wall import aside_tickets
from terminal.wall.settings import WallSettings

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

CLOCK_SET_MS = 2_000
"""A wall clock that goes so far from the running time of its machine was set."""
logger = logging.getLogger(__name__)


class KitchenDesk:
    """See the module.

    Args:
        desk: the snapshots that it reads from, and who acts.
        run: runs a command for who acts.
        folder: the device's.
        display: of the kitchen display that this program is, its own folder; None on other programs, which keep what
            their wall shows in the device's.
    """

    def __init__(self, desk: Desk, run: Run, folder: Path, display: Path | None = None) -> None:
        self._desk = desk
        self._run = run
        self._is_display = display is not None
        self._display = Display(display or folder)
        self._chosen = self._display.station_id
        self.digits = self._display.digits
        wall = {action.id: action.keys[0] for action in actions_of(ScreenName.KITCHEN) if action.keys}
        self.key_map = read_key_map(folder, wall)
        self._is_receiving = False
        self._began = desk.now()
        self._moment = Moment.of(desk.store.clock)

    # -- the wall ----------------------------------------------------------------------------------------------------

    @property
    def station_id(self) -> UUID | None:
        """The station that the wall shows; None for all of them."""
        known = {station.id for station in self._desk.stations}
        return self._chosen if self._chosen in known else None

    def shown(self) -> frozenset[UUID] | None:
        """The stations whose tickets the wall shows: the chosen one and those that it covers; None for all."""
        chosen = self.station_id
        if chosen is None:
            return None
        found, found_before = {chosen}, set[UUID]()
        while found != found_before:
            found_before = set(found)
            found |= {station.id for station in self._desk.stations if station.covered_by in found}
        return frozenset(found)

    def choose(self, station_id: UUID | None) -> None:
        """Show a station, or all of them, also after a restart. What somebody looks at who logged in is not kept."""
        self._chosen = station_id
        if self._is_its_own:
            self._display.show_station(station_id)
        if self._desk.actor is not None and self._desk.actor.station_id is not None:
            self.take_place()

    @property
    def _is_its_own(self) -> bool:
        """Whether this display shows from now on what is chosen now: not what somebody looks at who leaves again."""
        actor = self._desk.actor
        return not self._is_display or actor is None or actor.station_id is not None

    @property
    def shows_pass(self) -> bool:
        """Whether this display shows the pass, and not the wall of stations."""
        return self._display.shows_pass

    def show_pass(self, *, shown: bool) -> None:
        """Show the pass on this display, also after a restart, or no longer."""
        if self._is_its_own:
            self._display.show_pass(shown=shown)

    def take_place(self) -> bool:
        """Let the station act, without anybody's PIN. Returns False while no station is known here."""
        if self._is_display:
            self._chosen = self._display.station_id
        stations = self._desk.stations
        at = next((each for each in stations if each.id == self.station_id), next(iter(stations), None))
        if at is not None:
            self._desk.actor = Actor.at_station(at.id, at.name)
            self._desk.first = frozenset({TICKETS})
            self._desk.speak(self._desk.house_language)
        return at is not None

    def settle(self, settings: WallSettings) -> None:
        """Let this display sound and blink otherwise, also after a restart."""
        self._display.settle(settings)

    @property
    def settings(self) -> WallSettings:
        """How this display sounds and blinks."""
        return self._display.settings

    def silence(self) -> Silence | None:
        """Since when this wall has heard from nobody; None while it hears."""
        premises = self._desk.premises
        return silence(self._desk.state, premises.device_kind if premises else None, self._began)

    def begin_later_ones(self) -> None:
        """Read the wall again once an order for later takes its place, or the clock was set."""
        at, now = self._desk.next_begins_at, Moment.of(self._desk.store.clock)
        was_set = abs(now.set_since(self._moment)) >= CLOCK_SET_MS
        if was_set:
            self._moment = now
        if was_set or (at is not None and self._desk.now() >= at):
            self._desk.mark_stale(TICKETS)

    def aside_ids(self) -> tuple[UUID, ...]:
        """The open tickets of the wall's station that have no place on it, the newest first."""
        aside, shown = self._desk.aside, self.shown()
        return tuple(each for at, ids in aside.items() if shown is None or at in shown for each in ids)

    async def aside(self, most: int, first: int = 0) -> tuple[TicketView, ...]:
        """Some of the tickets without a place on the wall, the newest first.

        Args:
            first: how many newer ones are passed over.
        """
        ids = self.aside_ids()[first : first + most]
        async with self._desk.store.reading() as connection:
            return await aside_tickets(connection, self._desk.store.identity.organization_id, ids)

    async def receive(self) -> None:
        """Note that the tickets of the wall stand on it, so that who sent them knows. A failure is tried again.

        One at a time: what comes meanwhile is noted by the one that runs.
        """
        if self._is_receiving:
            return
        self._is_receiving, tried = True, set[UUID]()
        try:
            while news := self._not_received() - tried:
                tried |= news
                await self._run(None, lambda work, news=news: receive(work, news), also=(TICKETS,))  # type: ignore[misc]
        except (DomainError, StoreError, TimeoutError) as error:
            logger.warning("tickets were not noted as received: %s", error)
        finally:
            self._is_receiving = False

    def _not_received(self) -> set[UUID]:
        """Tickets on this wall that no display has noted, while the station acts: who looks in is no display."""
        actor, shown = self._desk.actor, self.shown()
        if actor is None or actor.station_id is None:
            return set()
        return {
            ticket.id
            for ticket in self._desk.tickets
            if ticket.received_at is None and (shown is None or ticket.station_id in shown)
        }

    async def times(self) -> KitchenTimes:
        """The kitchen's times of the present business day."""
        desk, identity = self._desk, self._desk.store.identity
        async with desk.store.reading() as connection:
            return await kitchen_times(connection, identity.organization_id, identity.branch_id, desk.business_day)

    # -- verbs -------------------------------------------------------------------------------------------------------

    async def bump_line(self, line_id: UUID) -> None:
        """Bump one line of a ticket."""
        await self._run(None, lambda work: kitchen.bump_line(work, line_id), also=(TICKETS,))

    async def rush(self, ticket_ids: Sequence[UUID], *, rushed: bool) -> None:
        """Ask for the tickets of a card before all others, or take that back."""

        async def rush(work: Work) -> None:
            for ticket_id in ticket_ids:
                await kitchen.rush(work, ticket_id, rushed=rushed)

        await self._run(None, rush, also=(TICKETS,))

    async def hold(self, ticket_ids: Sequence[UUID], *, held: bool) -> None:
        """Let the tickets of a card wait, or be made."""

        async def hold(work: Work) -> None:
            for ticket_id in ticket_ids:
                await (kitchen.hold if held else kitchen.fire)(work, ticket_id)

        await self._run(None, hold, also=(TICKETS,))

    async def transfer(self, ticket_ids: Sequence[UUID], station_id: UUID) -> None:
        """Let another station make the tickets of a card, and print them there where it cooks from paper."""
        printing = self._desk.print_context()

        async def hand_over(work: Work) -> None:
            moved = await transfer(work, ticket_ids, station_id)
            if moved and printing is not None:
                await print_transfer(work, moved, printing)

        await self._run(None, hand_over, also=(TICKETS,))

    async def move(self, ticket_ids: Sequence[UUID], after: UUID | None, before: UUID | None) -> None:
        """Give a card another place, on all displays of its station."""
        await self._run(None, lambda work: move(work, ticket_ids, after, before), also=(TICKETS,))

    async def cover(self, station_id: UUID, *, covered: bool) -> None:
        """Show the tickets of another station here, too, or no longer."""
        by = self.station_id if covered else None
        await self._run(None, lambda work: cover(work, station_id, by), also=(STATIONS,))

    async def bump_all(self, ticket_ids: tuple[UUID, ...]) -> None:
        """Bump tickets that nobody cooks any more."""

        async def bump_all(work: Work) -> None:
            for ticket_id in ticket_ids:
                await kitchen.bump(work, ticket_id)

        await self._run(None, bump_all, also=(TICKETS,))
