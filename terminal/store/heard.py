"""When this device heard that the kitchen made something or said something. Local; by no other device's wall clock.

When it happened is corrected for the clock of its sender as in `arrivals.py`: it is never later than when it came, so
that a display with a wrong clock comes neither first nor last, and what waited for a connection is as old as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from shared.kernel.instants import from_microseconds
from shared.kitchen.records import KitchenEventKind
from sync.door import Door
from sync.feed import RowChange
from sync.merge import held
from terminal.clock import DeviceClock, Moment
from terminal.identity import Identity
from terminal.store.arrivals import BURST_MS, NEWEST, behind_us
from terminal.store.local import metadata


class Heard(StrEnum):
    """What is heard of: that a ticket, or a line of it, is ready; a message of the kitchen; a station that received; an
    entry of the food safety log.
    """

    READY = "ready"
    MESSAGE = "message"
    DISPLAY = "display"
    SAFETY = "safety"


kitchen_heard = Table(
    "kitchen_heard",
    metadata,
    Column("place", Integer, primary_key=True, comment="counts the news in the order in which they came"),
    Column("row_id", LargeBinary(16), nullable=False, unique=True, comment="the ticket, the message, or the station"),
    Column("what", String(8), nullable=False),
    Column("stream_id", LargeBinary(16), nullable=False, comment="of the device that said so"),
    Column("sent_ms", BigInteger, nullable=False, comment="by the clock of its sender"),
    Column("since_ms", BigInteger, nullable=False, comment="when it was sent, by the clock of this device"),
    Column("heard_ms", BigInteger, nullable=False, comment="by the clock of this device"),
    Column("running_ms", BigInteger, nullable=False, comment="the running time of this machine then"),
    Column("boot", String(40), nullable=False, comment="the start of this machine that the running time counts from"),
    Index("kitchen_heard_by_what", "what", "place"),
    Index("kitchen_heard_by_stream", "stream_id", "place"),
)

MOST_KEPT = 20_000
"""What is older than so much other news is forgotten: a week of a busy kitchen."""
_PLACE = "SELECT max(place) FROM kitchen_heard"
_NOTE = "INSERT OR REPLACE INTO kitchen_heard VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NEWEST = (
    "SELECT sent_ms, heard_ms, running_ms, boot FROM kitchen_heard WHERE stream_id = ? ORDER BY place DESC LIMIT ?"
)
_CORRECT = (
    "UPDATE kitchen_heard SET since_ms = min(heard_ms, sent_ms + ?)"
    " WHERE stream_id = ? AND place > ? AND heard_ms > ? AND boot = ?"
)
_FORGET = "DELETE FROM kitchen_heard WHERE place <= ?"
BURST = 1_000
"""So many of the newest rows may have come in one go with what comes now."""


class KitchenHeard:
    """Implements `sync.feed.Listener`: notes what is ready, and messages, whoever says so."""

    def __init__(self, clock: DeviceClock, identity: Identity) -> None:
        self._clock = clock
        self._identity = identity

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Note what is new."""
        news = [
            *(
                (Heard.READY, after.ticket_id, after.at, after)
                for _row, after in _new(feed.get("kitchen_events", ()))
                if after.kind == KitchenEventKind.READY
            ),
            *(
                (Heard.DISPLAY, after.station_id, after.at, after)
                for _row, after in _new(feed.get("kitchen_events", ()))
                if after.kind == KitchenEventKind.RECEIVED and after.branch_id == self._identity.branch_id.bytes
            ),
            *((Heard.MESSAGE, row, after.sent_at, after) for row, after in _new(feed.get("kitchen_messages", ()))),
            *((Heard.SAFETY, row, after.typed_at, after) for row, after in _new(feed.get("safety_readings", ()))),
        ]
        if not news:
            return
        now, place = Moment.of(self._clock), door.rows(_PLACE)[0][0] or 0
        streams = set[bytes]()
        for what, row_id, sent_at, values in news:
            place, stream, sent_ms = place + 1, held(values).created[1], sent_at // 1_000
            door.run(_NOTE, place, row_id, what, stream, sent_ms, now.wall_ms, *now)
            streams.add(stream)
        for stream in sorted(streams):
            newest = [(sent_ms, Moment(*when)) for sent_ms, *when in door.rows(_NEWEST, stream, NEWEST)]
            off = behind_us(door, self._identity, stream, newest, now)
            door.run(_CORRECT, off, stream, place - BURST, now.wall_ms - BURST_MS, now.boot)
        door.run(_FORGET, place - MOST_KEPT)


def _new(changes: Sequence[RowChange]) -> list[tuple[bytes, Any]]:
    """The new rows, each with its id."""
    return [(row, after) for row, before, after in changes if before is None and after is not None]


MOMENT: tuple[sa.Column[Any], ...] = (
    kitchen_heard.c.place,
    kitchen_heard.c.since_ms,
    kitchen_heard.c.heard_ms,
    kitchen_heard.c.running_ms,
    kitchen_heard.c.boot,
)
"""The columns that `happened` reads."""


class Happened(NamedTuple):
    """When something happened: instants of an earlier start of the machine are before all of this one."""

    is_of_this_start: bool
    at: datetime
    place: int


def happened(row: Any, now: Moment) -> Happened | None:
    """When it happened, by the clock of this device as it goes now; None if the device did not hear of it."""
    if row.heard_ms is None:
        return None
    at_ms = happened_ms(row.since_ms, row.heard_ms, row.running_ms, row.boot, now)
    return Happened(row.boot == now.boot, from_microseconds(at_ms * 1_000), row.place)


def happened_ms(since_ms: int, heard_ms: int, running_ms: int, boot: str, now: Moment) -> int:
    """The same in milliseconds since 1970, for many rows: a wall reads hundreds each time."""
    return min(now.wall_ms, since_ms + now.set_since(Moment(heard_ms, running_ms, boot)))
