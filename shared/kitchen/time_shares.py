"""How long the lines of a ticket took: what it adds to the kitchen's times. Pure, on wire rows.

A time runs from the display (or the paper) that received a ticket at the station that made it to when it was ready,
both by the kitchen's own clock; of a ticket that nothing received there, from when it was sent. While a cook held it
no time ran. Of what came back, the last time it was ready counts. Instants in microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from shared.kernel.sums import FamilyRows, Share
from shared.kernel.totals import TALLY_ROUND
from shared.kitchen.noting import event_id
from shared.kitchen.records import KitchenEvent, KitchenEventKind, KitchenTicket, TicketLine
from shared.kitchen.time_records import CLASS_ENDS, CLASSES, times_by_hour

MOST_ROUNDS = 20
"""So often at most a ticket is looked for as brought back, or held."""
_SECOND = 1_000_000
_NO_CLASS = (0,) * len(CLASSES)


def shares_of_ticket(rows: FamilyRows) -> Iterator[Share]:
    """The shares of one ticket: one for each of its lines that was made, and one if nothing received it."""
    for ticket_id, ticket in rows[KitchenTicket.__tablename__].items():
        lines = [line for line in rows[TicketLine.__tablename__].values() if line.told_milli > line.back_milli]
        events = rows[KitchenEvent.__tablename__]
        if lines and not any(event.kind == KitchenEventKind.RECEIVED for event in events.values()):
            yield times_by_hour.name, (*_when_and_where(ticket), ""), (1, 0, 0, 0, 0, 1, *_NO_CLASS)
        if any(event.kind == KitchenEventKind.READY for event in events.values()):
            yield from _Ticket(ticket_id, ticket, events).shares(rows)


def _when_and_where(ticket: Any) -> tuple[bytes, str, int, bytes]:
    return ticket.branch_id, ticket.business_date, ticket.local_hour, ticket.moved_to or ticket.station_id


class _Ticket:
    """A ticket of which something was ready, and what happened to it by the ids of the facts."""

    def __init__(self, ticket_id: bytes, ticket: Any, events: Any) -> None:
        self._id = UUID(bytes=ticket_id)
        self._ticket = ticket
        self._events = events
        made_at = ticket.moved_to or ticket.station_id
        received = (
            event.at
            for event in events.values()
            if event.kind == KitchenEventKind.RECEIVED and event.station_id == made_at
        )
        self._began = min(received, default=ticket.fired_at)

    def shares(self, rows: FamilyRows) -> Iterator[Share]:
        """One for each line that was ready."""
        key = _when_and_where(self._ticket)
        for line_id, line in rows[TicketLine.__tablename__].items():
            ready = self._ready(line_id, line) if line.told_milli > line.back_milli else None
            if ready is not None:
                yield times_by_hour.name, (*key, line.item_name), self._amounts(ready)

    def _amounts(self, ready: Any) -> tuple[int, ...]:
        seconds = (ready.at - self._began - self._held(ready.at)) // _SECOND
        if not 0 <= seconds < CLASS_ENDS[-1]:
            return 1, 0, 0, 0, 1, 0, *_NO_CLASS
        is_late = ready.late_seconds is not None and seconds >= ready.late_seconds
        at = bisect_right(CLASS_ENDS, seconds)
        return 1, 1, seconds, int(is_late), 0, 0, *(int(each == at) for each in range(len(CLASSES)))

    def _ready(self, line_id: bytes, line: Any) -> Any:
        """What says that a line was ready for the last time: by itself, or with its ticket after it came back as often.

        None: nothing does.
        """
        ready, rounds = KitchenEventKind.READY, line.made // TALLY_ROUND
        alone = self._event(ready, rounds, UUID(bytes=line_id))
        whole = (self._event(ready, times) for times in range(rounds, rounds + MOST_ROUNDS))
        return alone or next(filter(None, whole), None)

    def _held(self, ready_at: int) -> int:
        """How long a cook let it wait before it was ready."""
        waited = 0
        for time in range(1, min(self._ticket.held, MOST_ROUNDS) + 1):
            held, fired = self._event(KitchenEventKind.HELD, time), self._event(KitchenEventKind.FIRED, time)
            if held is not None and fired is not None:
                waited += max(0, min(fired.at, ready_at) - max(held.at, self._began))
        return waited

    def _event(self, kind: KitchenEventKind, times: int, *of: UUID) -> Any:
        return self._events.get(event_id(self._id, kind, times, *of).bytes)
