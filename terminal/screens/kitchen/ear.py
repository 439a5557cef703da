"""What a cook must hear: what is new on the wall since it was last shown. One sound for a burst, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.kitchen.ticket_views import TicketState, TicketView
from terminal.wall.sounds import Sound

BURST = timedelta(seconds=10)
"""New tickets that come within this of a sound make no other one; what is graver does."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was heard of a ticket: how much was withdrawn of it, how much of what stands on it, if it goes first or is
    for later, and the note of its order.
    """

    withdrawn_milli: int
    dishes: Mapping[UUID, int]
    rushed: bool
    is_later: bool
    notes: str


class Ear:
    """Remembers what was on the wall. The first wall it is shown makes no sound."""

    def __init__(self) -> None:
        self._known: dict[UUID, _Known] | None = None
        self._cards: frozenset[tuple[UUID, UUID]] = frozenset()
        self._last: tuple[datetime, Sound] | None = None

    def hear(self, tickets: Sequence[TicketView], now: datetime) -> Sound | None:
        """The sound for what is new on these tickets; None if nothing is, or its burst was heard already."""
        found = {ticket.id: _known(ticket) for ticket in tickets}
        before, self._known = self._known, found
        cards, self._cards = self._cards, frozenset((each.order_id, each.station_id) for each in tickets)
        if before is None:
            return None
        news = {sound for key, each in found.items() for sound in _news(before.get(key), each)}
        fresh = [each for each in tickets if each.id not in before]
        if fresh and all((each.order_id, each.station_id) in cards for each in fresh):
            news = news - {Sound.NEW} | {Sound.CHANGED}
        if any(each.recalled for each in fresh):
            news -= {Sound.NEW, Sound.CHANGED} if all(each.recalled for each in fresh) else set()
        if not news:
            return None
        gravest = max(news, key=list(Sound).index)
        if self._last is not None:
            at, sound = self._last
            is_heard = timedelta() <= now - at < BURST and list(Sound).index(gravest) <= list(Sound).index(sound)
            if is_heard and gravest is Sound.NEW:
                return None
        self._last = now, gravest
        return gravest


def graver(sound: Sound, other: Sound | None) -> Sound:
    """The graver of two sounds."""
    return sound if other is None else max(sound, other, key=list(Sound).index)


def _known(ticket: TicketView) -> _Known:
    withdrawn = sum(line.withdrawn_milli for line in ticket.lines)
    if ticket.state is TicketState.CHANGED and ticket.notes_before is None:
        withdrawn = max(withdrawn, 1)
    asked = {line.id: line.quantity_milli for line in ticket.lines if line.comes or line.quantity_milli}
    return _Known(withdrawn, asked, ticket.rushed, ticket.is_later, ticket.notes)


def _news(before: _Known | None, now: _Known) -> Iterable[Sound]:
    if before is None:
        yield Sound.NEW
        if now.withdrawn_milli:  # it was done, and comes back changed
            yield Sound.WITHDRAWN
        if now.rushed:
            yield Sound.RUSH
        return
    if before.is_later and not now.is_later:
        yield Sound.NEW
    if any(before.dishes.get(key, 0) < some for key, some in now.dishes.items()) or now.notes != before.notes:
        yield Sound.CHANGED
    if now.withdrawn_milli > before.withdrawn_milli:
        yield Sound.WITHDRAWN
    if now.rushed and not before.rushed:
        yield Sound.RUSH
