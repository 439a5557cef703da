"""How far streams are sent, stored at the cloud, and folded: for the status line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sync.door import Door

_AT = "organization_id = ? AND id = ?"
_CHANGE = "FROM sync_changes WHERE organization_id = ? AND stream_id = ?"
_UNSENT = """
    SELECT id, head_seq, acked_seq FROM sync_streams WHERE organization_id = ? AND device_id = ? AND head_seq >
    acked_seq
"""
_STORED_AT = f"SELECT stored_ms {_CHANGE} AND seq = ?"
_COUNT_UNFOLDED = "SELECT coalesce(sum(head_seq - folded_seq), 0) FROM sync_streams WHERE organization_id = ?"
_MARKS = f"SELECT acked_seq, judged_seq FROM sync_streams WHERE {_AT}"
_MARK = f"UPDATE sync_streams SET acked_seq = ?, judged_seq = ? WHERE {_AT}"
_PARKED = """
    SELECT count(*), coalesce(sum(first_seq), 0), coalesce(max(parked_ms), 0),
    (SELECT coalesce(sum(reached_seq), 0) FROM sync_set_aside WHERE organization_id = ?)
    FROM sync_parked WHERE organization_id = ?
"""


class Unsent(NamedTuple):
    """What the cloud has not acknowledged of a device's own changes: how many, and when the oldest was stored."""

    changes: int
    oldest_ms: int | None


def unsent(door: Door, organization: bytes, device: bytes) -> Unsent:
    """Return what waits to be sent, with one statement, and one more per stream that has something."""
    waiting = door.rows(_UNSENT, door.key(organization), door.key(device))
    stored = [
        door.value(_STORED_AT, door.key(organization), door.key(stream), acked + 1) for stream, _head, acked in waiting
    ]
    oldest = min((each for each in stored if each is not None), default=None)
    return Unsent(sum(head - acked for _stream, head, acked in waiting), oldest)


class Marks(NamedTuple):
    """How far the cloud has stored and folded one of our streams.

    Attributes:
        lost: how many changes it had acknowledged and no longer holds.
    """

    acked: int
    judged: int
    lost: int = 0


def mark_acked(
    door: Door, organization: bytes, stream: bytes, acked: int, judged: int, *, is_all: bool = False
) -> Marks | None:
    """Store how far the cloud has stored and folded one of our streams. Returns the marks.

    Args:
        is_all: it holds exactly so much, even if that is less than it acknowledged. Otherwise marks never go back.
    """
    at = _at(door, organization, stream)
    rows = door.rows(_MARKS, *at)
    if not rows:
        return None
    known_acked, known_judged = rows[0]
    lost = max(0, known_acked - acked) if is_all else 0
    acked = acked if is_all else max(acked, known_acked)
    judged = min(acked, max(known_judged, judged))
    if (acked, judged) != (known_acked, known_judged):
        door.run(_MARK, acked, judged, *at)
    return Marks(acked, judged, lost)


def _at(door: Door, organization: bytes, stream: bytes) -> tuple[Any, Any]:
    return door.key(organization), door.key(stream)


def unfolded(door: Door, organization: bytes) -> int:
    """How many stored changes the merged tables do not follow yet."""
    return int(door.value(_COUNT_UNFOLDED, door.key(organization)))


class Reached(NamedTuple):
    """How far the merged tables follow the log.

    Attributes:
        folded: sequence number by stream.
        parked: changes whenever a transaction is parked, or folded after all, or folded again after an upgrade.
    """

    folded: Mapping[bytes, int]
    parked: tuple[int, ...]


def reached(door: Door, organization: bytes) -> Reached:
    """How far the merged tables follow the log now."""
    folded = door.rows("SELECT id, folded_seq FROM sync_streams WHERE organization_id = ?", door.key(organization))
    return Reached(
        {row[0]: row[1] for row in folded}, tuple(map(int, door.rows(_PARKED, *[door.key(organization)] * 2)[0]))
    )
