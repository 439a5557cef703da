"""The incarnations of this device, and what people must be told of its history.

The greatest number is the one in which it writes. A cut of its history begins the next, above all that anybody names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from shared.exceptions.rules import EventKind
from shared.kernel.columns import Listed
from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import StreamKey
from sync.door import Door, shape
from sync.history import close_stream, own_streams
from terminal.identity import Identity
from terminal.store.local import metadata

STREAM_FORKED = str(EventKind.STREAM_FORKED)
LOG_GAP = str(EventKind.LOG_GAP)

incarnations = sa.Table(
    "incarnations",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("begun_ms", sa.BigInteger, nullable=False),
)

history_events = sa.Table(
    "history_events",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("cause", sa.String(80), primary_key=True),
    sa.Column("params", Listed(), nullable=False),
    sa.Column("happened_ms", sa.BigInteger, nullable=False),
    sa.Column("told", sa.Integer, nullable=False),
)
"""What happened to the history, until it is told: written in the transaction that acts on it. `told`: 0 or 1."""

_INCARNATION = shape(incarnations, ("number", "begun_ms"))
_EVENT = shape(history_events, ("kind", "cause", "params", "happened_ms", "told"))
_CURRENT = "SELECT coalesce(max(number), 1) FROM incarnations"
_UNTOLD = "SELECT kind, cause, params, happened_ms FROM history_events WHERE told = 0 ORDER BY happened_ms, kind, cause"


class HistoryEvent(NamedTuple):
    """Something that happened to this device's history. Equal kind and cause are one event."""

    kind: str
    cause: str
    params: Mapping[str, Any]
    happened_ms: int


def current_incarnation(door: Door) -> int:
    """The incarnation in which this device writes; 1 if its history was never cut."""
    return int(door.value(_CURRENT))


def own_key(identity: Identity, incarnation: int) -> StreamKey:
    """The stream of this device in its branch."""
    return StreamKey(identity.device_id, incarnation, Scope.BRANCH, identity.branch_id)


def cut(door: Door, identity: Identity, found: int, named: int, why: Mapping[str, Any], now_ms: int) -> int:
    """Begin a new incarnation, because the history of the one that was `found` was cut. Returns the current one.

    Changes nothing if another program of this device has done it meanwhile.

    Args:
        named: the greatest incarnation that anybody names.
        why: what people are told.
    """
    current = current_incarnation(door)
    if current != found:
        return current
    organization = identity.organization_id.bytes
    known = own_streams(door, organization, identity.device_id)
    begun = max(current, named, *(stream.incarnation for stream in known.values()), 0) + 1
    close_stream(door, organization, own_key(identity, current))
    door.insert(_INCARNATION, [(begun, now_ms)])
    cause = str(derived_id("cut", own_key(identity, begun).id))
    note_event(door, HistoryEvent(STREAM_FORKED, cause, {**why, "before": current, "now": begun}, now_ms))
    return begun


def note_event(door: Door, event: HistoryEvent) -> None:
    """Store what people must be told, once."""
    door.insert(_EVENT, [(event.kind, event.cause, dict(event.params), event.happened_ms, 0)], "DO NOTHING")


def untold_events(door: Door) -> list[HistoryEvent]:
    """What people must still be told."""
    found = door.rows(_UNTOLD)
    return [HistoryEvent(row[0], row[1], door.read_value("document", row[2]), row[3]) for row in found]


def told(event: HistoryEvent) -> sa.Update:
    """The statement that notes that people were told."""
    at = (history_events.c.kind == event.kind, history_events.c.cause == event.cause)
    return history_events.update().where(*at).values(told=1)
