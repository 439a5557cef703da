"""What a cook does to cards: done, begun, brought back. Mixed into the kitchen's screen, which knows the marked card.

A key that is held, or a hand that hammers, does one thing: what follows within a moment is the same press.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kitchen.ticket_views import TicketState, TicketView
from terminal.actions import LOCK, Action, ScreenName, action_by_id
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.kitchen.recall import RecallDialog
from terminal.screens.kitchen.view import card_id, dishes, groups_of, of_station, ticket_number
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.ticket_wall import TicketWall

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

MOMENT = timedelta(seconds=1)
"""Presses that follow each other faster than this are one: keyboards repeat every 30 to 500 ms."""
_FIRE, _DONE = "fire", "done"
ONE_A_PRESS = frozenset({"start", "rush", "recall_newest"})
"""Actions of which each press does something: a key that is held does it once."""


class KitchenBumping(Keyed):
    """See the module."""

    desk: Desk
    wall: TicketWall
    _marked: UUID | None

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._acted: tuple[datetime, int] | None = None
        self._pressed: tuple[str, datetime] | None = None
        self._typed_at: datetime | None = None
        self._recall: RecallDialog | None = None

    def _tickets(self) -> tuple[TicketView, ...]:
        raise NotImplementedError

    def _on_view(self) -> tuple[TicketView, ...]:
        raise NotImplementedError

    def _mark(self, card: UUID) -> None:
        raise NotImplementedError

    async def act(self, action: Action) -> bool:
        """Do an action; of a key that is held once."""
        if action.id == "tables" and self._leaves_nothing():
            return True
        if action.id in ONE_A_PRESS:
            pressed, now = self._pressed, self.desk.now()
            self._pressed = (action.id, now)
            is_other = self._typed_at is not None and pressed is not None and self._typed_at >= pressed[1]
            if (
                pressed is not None
                and not is_other
                and pressed[0] == action.id
                and timedelta() <= now - pressed[1] < MOMENT
            ):
                self.say(self.desk.texts("kitchen.one_a_press"), Tone.WARN)
                return True
        return await super().act(action)

    def _leaves_nothing(self) -> bool:
        """Take the mark off, or say how the wall is left. Returns whether the key that leaves did that, and no more."""
        if self._marked is not None:
            self._unmark()
            return True
        if self.desk.actor is None or self.desk.actor.station_id is None:
            return False
        self.say(self.desk.texts("kitchen.how_to_leave", key=self.label_of(LOCK)))
        return True

    def _unmark(self) -> None:
        raise NotImplementedError

    # Done

    async def do_bump(self) -> bool:
        """Bump the marked ticket, or first confirm what was taken back on it; with none marked, mark the oldest card.

        False while it only marked, so that nothing goes by mistake: the next Enter is meant.
        """
        if self._is_same_press():
            self.say(self.desk.texts("kitchen.one_a_press"), Tone.WARN)
            return False
        groups = {card_id(group[0]): group for group in groups_of(self._tickets())}
        if not groups:
            raise DomainError("kitchen.nothing_open")
        if self._marked is None:
            self._mark(card_id(self._on_view()[0]))
            return False
        await self._finish(groups[self._marked])
        return True

    async def do_bump_first(self) -> bool:
        """Bump the first card on view, or confirm what was taken back on it, whatever is marked."""
        if self._is_same_press():
            self.say(self.desk.texts("kitchen.one_a_press"), Tone.WARN)
            return False
        first = next(iter(groups_of(self._on_view())), None)
        if first is None:
            raise DomainError("kitchen.nothing_open")
        await self._finish(first)
        return True

    async def _finish(self, marked: Sequence[TicketView], *, is_meant: bool = False) -> None:
        """Bump a card with all that was added to it, or confirm what was taken back on it.

        Args:
            is_meant: nobody has to be asked, though the card is held.
        """
        texts, place, number = self.desk.texts, self._place_of(card_id(marked[0])), ticket_number(marked[0])
        changed = [ticket for ticket in marked if ticket.state is TicketState.CHANGED]
        if not changed and not is_meant and all(ticket.is_held for ticket in marked):
            await self._ask_of_held(marked)
            return
        if changed:
            wasted = sum([await self.desk.confirm(ticket.id) for ticket in changed])
            self.say(texts("kitchen.confirmed_made" if wasted else "kitchen.confirmed", number=number))
        else:
            if self._marked == card_id(marked[0]):
                self._marked = None
            if len(marked) == 1:
                await self.desk.bump(marked[0].id)
            else:
                await self.desk.kitchen.bump_all(tuple(ticket.id for ticket in marked))
            recall = self.label_of(action_by_id(ScreenName.KITCHEN, "recall_list"))
            what = ", ".join(filter(None, (dishes(ticket) for ticket in marked)))
            self.say(texts("kitchen.bumped", number=number, dishes=what, key=recall), Tone.READY)
        self._acted = (self.desk.now(), place)
        self.refresh_view()

    async def _ask_of_held(self, marked: Sequence[TicketView]) -> None:
        """Ask what is meant by a card that nobody begins: to let it be made, or that it is done all the same."""
        texts, number = self.desk.texts, ticket_number(marked[0])
        rows = (Choice(_FIRE, texts("kitchen.held_fire")), Choice(_DONE, texts("kitchen.held_done")))

        async def chosen(picked: Picked) -> None:
            if picked.id == _DONE:
                await self._finish(marked, is_meant=True)
                return
            await self.desk.kitchen.hold([ticket.id for ticket in marked], held=False)
            self.refresh_view()
            self.say(texts("kitchen.hold_ended", number=number), Tone.READY)

        await self.host.ask(Pick(texts("kitchen.held_title", number=number), rows), chosen)

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

    # Begun

    async def do_start(self) -> None:
        """Begin the marked card, or the oldest that nobody has begun."""
        groups = groups_of((*self._on_view(), *self._tickets()))
        waiting = (group for group in groups if any(ticket.state is TicketState.FIRED for ticket in group))
        marked = (group for group in groups if card_id(group[0]) == self._marked)
        group = next(marked, None) or next(waiting, None)
        if group is None:
            raise DomainError("kitchen.all_started" if groups else "kitchen.nothing_open")
        for ticket in dict.fromkeys(group):
            if ticket.state is TicketState.FIRED or len(group) == 1:
                await self.desk.start(ticket.id)
        self.refresh_view()
        if group[0].is_later and group[0].promised_at is not None:
            at = Voice.of(self.desk).clock(group[0].promised_at)
            self.say(self.desk.texts("kitchen.begun_early", number=ticket_number(group[0]), time=at), Tone.READY)

    # Brought back

    async def do_recall_list(self) -> None:
        """Show what was bumped last."""
        self.say("")
        self._recall = self._recall or RecallDialog(self.desk, self._recalled)
        self._recall.of(self.desk.kitchen.station_id, self.desk.kitchen.shown() or ())
        await self.host.open_dialog(self._recall)

    async def do_recall_newest(self) -> None:
        """Bring back what was bumped last, without asking."""
        last = self._bumped()[0]
        await self.desk.recall(last.id)
        self._recalled(last)
        self.refresh_view()

    def _bumped(self) -> tuple[TicketView, ...]:
        """What this wall's stations bumped, the newest first."""
        return of_station(self.desk.bumped, self.desk.kitchen.station_id, self.desk.kitchen.shown() or ())

    def _recalled(self, ticket: TicketView) -> None:
        self.say(self.desk.texts("kitchen.came_back", number=ticket_number(ticket), dishes=dishes(ticket)), Tone.READY)
