"""When kitchen tickets came to this device, and since when they wait, by a clock that is corrected for their sender's.

The wall keeps tickets in the order in which they came, also over a restart. Tickets that come in one burst (a device
that was away catches up) stand in the order in which they were sent. How far a sender's clock is off shows in how long
its newest tickets seem to have been under way: the shortest of these times is the difference of the clocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from sync.door import Door
from sync.feed import RowChange
from sync.merge import held
from terminal.clock import DeviceClock
from terminal.store.local import metadata

kitchen_arrival = Table(
    "kitchen_arrival",
    metadata,
    Column("place", Integer, primary_key=True, comment="counts the tickets in the order in which they came"),
    Column("ticket_id", LargeBinary(16), nullable=False, unique=True),
    Column("stream_id", LargeBinary(16), nullable=False, comment="of the device that sent it"),
    Column("sent_ms", BigInteger, nullable=False, comment="by the clock of its sender"),
    Column("arrived_ms", BigInteger, nullable=False, comment="by the clock of this device"),
    Column("since_ms", BigInteger, nullable=False, comment="when it was sent, by the clock of this device"),
    Column("burst", Integer, nullable=False, comment="the place of the first ticket that came in one go with it"),
    Index("kitchen_arrival_by_stream", "stream_id", "place"),
    Index("kitchen_arrival_by_burst", "burst"),
)

BURST_MS = 2_000
"""Tickets that follow one another faster than this came in one go: nobody has looked at their order yet."""
NEWEST = 8
"""So many of a sender's newest tickets show how far its clock is off; few, so that a clock set right soon counts."""
MOST_KEPT = 20_000
"""Arrivals of more tickets than this are forgotten: a week of a busy kitchen."""
_LAST = "SELECT place, arrived_ms, burst FROM kitchen_arrival ORDER BY place DESC LIMIT 1"
_UNDER_WAY = "SELECT arrived_ms - sent_ms FROM kitchen_arrival WHERE stream_id = ? ORDER BY place DESC LIMIT ?"
_NOTE = "INSERT OR IGNORE INTO kitchen_arrival VALUES (?, ?, ?, ?, ?, ?, ?)"
_CORRECT = "UPDATE kitchen_arrival SET since_ms = min(arrived_ms, sent_ms + ?) WHERE burst = ? AND stream_id = ?"
_FORGET = "DELETE FROM kitchen_arrival WHERE place <= ?"
_TICKETS = "kitchen_tickets"


class KitchenArrivals:
    """Implements `sync.feed.Listener`: notes each ticket that this device did not know, whoever sent it."""

    def __init__(self, clock: DeviceClock) -> None:
        self._clock = clock

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Note the new tickets, and correct the tickets of a burst by what its later ones show of the clocks."""
        came = [(row, after) for row, before, after in feed.get(_TICKETS, ()) if before is None and after is not None]
        if not came:
            return
        now_ms = self._clock.milliseconds()
        last = next(iter(door.rows(_LAST)), None)
        place = last[0] + 1 if last is not None else 1
        burst = last[2] if last is not None and 0 <= now_ms - last[1] < BURST_MS else place
        sent: defaultdict[bytes, list[int]] = defaultdict(list)
        for row, values in came:
            stream, sent_ms = held(values).created[1], values.fired_at // 1_000
            door.run(_NOTE, place, row, stream, sent_ms, now_ms, now_ms, burst)
            sent[stream].append(sent_ms)
            place += 1
        for stream in sorted(sent):
            under_way = [each[0] for each in door.rows(_UNDER_WAY, stream, NEWEST)]
            door.run(_CORRECT, min(under_way, default=0), burst, stream)
        door.run(_FORGET, place - MOST_KEPT)


class Arrival(NamedTuple):
    """Where a ticket stands among the others, and since when it waits, by the clock of this device."""

    order: tuple[int, int, int]
    since: datetime


async def arrivals_of(connection: AsyncConnection, ticket_ids: Sequence[UUID]) -> dict[UUID, Arrival]:
    """The arrivals of these tickets. A ticket that came before this table did has none."""
    columns = kitchen_arrival.c
    found: dict[UUID, Arrival] = {}
    for row in await connection.execute(
        sa.select(columns.ticket_id, columns.burst, columns.since_ms, columns.place).where(
            columns.ticket_id.in_([each.bytes for each in ticket_ids])
        )
    ):
        order = row.burst, row.since_ms, row.place
        found[UUID(bytes=row.ticket_id)] = Arrival(order, from_microseconds(row.since_ms * 1_000))
    return found
