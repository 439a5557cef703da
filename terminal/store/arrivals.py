"""When kitchen tickets came to this device, and since when they wait, by a clock that is corrected for their sender's.

The wall keeps tickets in the order in which they came, also over a restart. Tickets that come in one burst (a device
that was away catches up) stand in the order in which they were sent. How far a sender's clock is off shows in how long
its newest tickets seem to have been under way: the shortest of these times is the difference of the clocks.

The clock of this device may be set, too, while tickets wait (a machine without a battery that meets a time server, or a
hand). So each arrival keeps the running time of the machine beside its instant, and is read by the clock of today. What
has come is never in the future.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from sync.door import Door
from sync.feed import RowChange
from sync.history import own_streams
from sync.merge import held
from terminal.clock import DeviceClock, Moment
from terminal.identity import Identity
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
    Column("running_ms", BigInteger, nullable=False, comment="the running time of this machine at the arrival"),
    Column("boot", String(40), nullable=False, comment="the start of this machine that the running time counts from"),
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
_LAST = "SELECT place, burst, arrived_ms, running_ms, boot FROM kitchen_arrival ORDER BY place DESC LIMIT 1"
_UNDER_WAY = (
    "SELECT sent_ms, arrived_ms, running_ms, boot FROM kitchen_arrival WHERE stream_id = ? ORDER BY place DESC LIMIT ?"
)
_NOTE = "INSERT OR IGNORE INTO kitchen_arrival VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CORRECT = "UPDATE kitchen_arrival SET since_ms = min(arrived_ms, sent_ms + ?) WHERE burst = ? AND stream_id = ?"
_FORGET = "DELETE FROM kitchen_arrival WHERE place <= ?"
_TICKETS = "kitchen_tickets"


class KitchenArrivals:
    """Implements `sync.feed.Listener`: notes each ticket that this device did not know, whoever sent it."""

    def __init__(self, clock: DeviceClock, identity: Identity) -> None:
        self._clock = clock
        self._identity = identity

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Note the new tickets, and correct the tickets of a burst by what its later ones show of the clocks."""
        came = [(row, after) for row, before, after in feed.get(_TICKETS, ()) if before is None and after is not None]
        if not came:
            return
        now = Moment.of(self._clock)
        last = next(iter(door.rows(_LAST)), None)
        place = last[0] + 1 if last is not None else 1
        goes_on = last is not None and _is_soon_after(Moment(*last[2:]), now)
        burst = last[1] if last is not None and goes_on else place
        sent: defaultdict[bytes, list[int]] = defaultdict(list)
        for row, values in came:
            stream, sent_ms = held(values).created[1], values.fired_at // 1_000
            here_ms = now.wall_ms  # both when it came and, until `_CORRECT` says otherwise, since when it waits
            door.run(_NOTE, place, row, stream, sent_ms, here_ms, here_ms, now.running_ms, now.boot, burst)
            sent[stream].append(sent_ms)
            place += 1
        for stream in sorted(sent):
            door.run(_CORRECT, self._off(door, stream, now), burst, stream)
        door.run(_FORGET, place - MOST_KEPT)

    def _off(self, door: Door, stream: bytes, now: Moment) -> int:
        newest = [(sent_ms, Moment(*when)) for sent_ms, *when in door.rows(_UNDER_WAY, stream, NEWEST)]
        return behind_us(door, self._identity, stream, newest, now)


def behind_us(door: Door, here: Identity, stream: bytes, newest: Sequence[tuple[int, Moment]], now: Moment) -> int:
    """How far the clock of a sender is behind ours, by the clock of now, in milliseconds.

    Args:
        newest: when it sent its newest rows, by its clock, and when they came.
    """
    under_way = [when.wall_ms - sent_ms for sent_ms, when in newest]
    set_by = [now.set_since(when) for _sent, when in newest]
    if any(set_by):
        ours = {each.bytes for each in own_streams(door, here.organization_id.bytes, here.device_id)}
        # Our own rows are sent by the clock that was set. What we write here of tables without stamps names no stream.
        if stream and stream not in ours:
            under_way = [way + by for way, by in zip(under_way, set_by, strict=True)]
    return min(under_way, default=0)


def _is_soon_after(then: Moment, now: Moment) -> bool:
    """Whether so little time went by that two tickets came in one go; a clock that was set between them parts them."""
    return abs(now.set_since(then)) < BURST_MS and 0 <= now.wall_ms - then.wall_ms < BURST_MS


class Arrival(NamedTuple):
    """Where a ticket stands among the others, and since when it waits, by the clock of this device as it goes now."""

    order: tuple[int, int, int]
    since: datetime


async def arrivals_of(connection: AsyncConnection, ticket_ids: Sequence[UUID], now: Moment) -> dict[UUID, Arrival]:
    """The arrivals of these tickets. A ticket that came before this table did has none."""
    of = kitchen_arrival.c
    chosen = sa.select(kitchen_arrival).where(of.ticket_id.in_([each.bytes for each in ticket_ids]))
    return {UUID(bytes=row.ticket_id): arrival_of(row, now) for row in await connection.execute(chosen)}


def arrival_of(row: Any, now: Moment) -> Arrival:
    """An arrival by the clock of now: what has come is never in the future."""
    set_by = now.set_since(Moment(row.arrived_ms, row.running_ms, row.boot))
    since_ms = min(now.wall_ms, row.since_ms + set_by)
    return Arrival((row.burst, row.since_ms, row.place), from_microseconds(since_ms * 1_000))
