"""A device's own history, and what is done when it was cut: by a restored backup, a cloned disk, a reinstallation.

Nobody but its author appends to a stream. So an own stream that is longer elsewhere, or another one, tells that there
are two histories. The device writes on in a new incarnation. Of the old stream it keeps what all agree on, takes the
rest as a stranger's, and writes its own rest again at the end of its new stream, each change with its origin.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sync.change import Origin, Position, StreamKey, Vector, decode_raw, encode_again, link
from sync.door import Door
from sync.log import CHANGE_SHAPE, begin_own_stream, chain_at

_AT = "organization_id = ? AND id = ?"
_IN = "organization_id = ? AND stream_id = ?"
_OWN = """
    SELECT id, incarnation, head_seq, head_chain, acked_seq FROM sync_streams
    WHERE organization_id = ? AND device_id = ? ORDER BY incarnation
"""
_CLOSE = f"UPDATE sync_streams SET closed = 1 WHERE {_AT}"
_CLOSED = f"SELECT closed FROM sync_streams WHERE {_AT}"
_HEAD = f"SELECT head_seq, head_chain, last_transaction FROM sync_streams WHERE {_AT}"
_MOVE = f"UPDATE sync_streams SET head_seq = ?, head_chain = ?, last_transaction = ? WHERE {_AT}"
_CUT = (
    f"UPDATE sync_streams SET head_seq = ?, head_chain = ?, folded_seq = ?, acked_seq = ?, judged_seq = ? WHERE {_AT}"
)
_MARKS = f"SELECT folded_seq, acked_seq, judged_seq FROM sync_streams WHERE {_AT}"
_AFTER = f"SELECT seq, row_id, body FROM sync_changes WHERE {_IN} AND seq > ? ORDER BY seq"
_BODY_AT = f"SELECT body FROM sync_changes WHERE {_IN} AND seq = ?"
_PARKED = f"UPDATE sync_parked SET stream_id = ?, first_seq = first_seq + ?, last_seq = last_seq + ? WHERE {_IN}"
_TABLES = (("sync_changes", "seq"), ("sync_seals", "seq"), ("sync_parked", "first_seq"))


class OwnStream(NamedTuple):
    """How much is held of a stream of this device, in whatever incarnation, and how much the cloud acknowledged."""

    incarnation: int
    head: Position
    acked: int


def own_streams(door: Door, organization: bytes, device_id: UUID) -> dict[UUID, OwnStream]:
    """The streams of a device that are held, those that it began without a change included."""
    found = door.rows(_OWN, door.key(organization), door.key(device_id.bytes))
    return {UUID(bytes=row[0]): OwnStream(row[1], Position(row[2], row[3]), row[4]) for row in found}


class Contradictions(NamedTuple):
    """What others hold of a device's streams and the device does not.

    Attributes:
        longer: they hold more than we wrote.
        other: at a position that we hold, they hold something else.
    """

    longer: frozenset[UUID]
    other: frozenset[UUID]


def contradictions(door: Door, organization: bytes, theirs: Vector) -> Contradictions:
    """Hold what others hold of our streams against our log: one statement a stream."""
    longer, other = set(), set()
    for stream, at in theirs.items():
        chain = stream.bytes if at.seq == 0 else chain_at(door, organization, stream.bytes, at.seq)
        if chain is None:
            longer.add(stream)
        elif chain != at.chain:
            other.add(stream)
    return Contradictions(frozenset(longer), frozenset(other))


def close_stream(door: Door, organization: bytes, key: StreamKey) -> None:
    """Never write into this stream again, in whatever program of this device."""
    begin_own_stream(door, organization, key)
    door.run(_CLOSE, *_at(door, organization, key.id.bytes))


def is_closed(door: Door, organization: bytes, stream: UUID) -> bool:
    """Whether its author here writes in another incarnation."""
    return bool(door.value(_CLOSED, *_at(door, organization, stream.bytes)))


def reauthor(door: Door, organization: bytes, stream: UUID, after: int, into: StreamKey, now_ms: int) -> int:
    """Write our changes of a stream after a position again at the end of another one, and forget them in the first.

    Rows, sums and digests do not change, because the changes are applied under their origin. What was parked moves
    along. All of the new ones are folded again, which changes nothing either, except where the wrong range was void.

    Args:
        after: what both histories hold. If it lies within a transaction, that transaction is moved as a whole.
        into: a stream of the same device.

    Returns:
        How many changes were moved.
    """
    old = _at(door, organization, stream.bytes)
    while after and not decode_raw(door.value(_BODY_AT, *old, after)).last:
        after -= 1
    rows = door.rows(_AFTER, *old, after)
    if not rows:
        return 0
    begin_own_stream(door, organization, into)
    new = _at(door, organization, into.id.bytes)
    head_seq, chain, transaction = door.rows(_HEAD, *new)[0]
    shift = head_seq - after
    written: list[tuple[Any, ...]] = []
    begins = True
    for seq, row, body in rows:
        change = decode_raw(body)
        transaction += begins
        begins = change.last
        moved = encode_again(body, seq + shift, transaction, Origin(stream.bytes, seq))
        chain = link(chain, moved)
        written.append((organization, into.id.bytes, seq + shift, row, moved, chain, now_ms))
    door.insert(CHANGE_SHAPE, written)
    door.run(_MOVE, rows[-1][0] + shift, chain, transaction, *new)
    door.run(f"{_PARKED} AND first_seq > ?", door.key(into.id.bytes), shift, shift, *old, after)
    forget_after(door, organization, stream, after)
    return len(rows)


def forget_after(door: Door, organization: bytes, stream: UUID, after: int) -> None:
    """Cut a stream off after a position. Its rows must be brought, or have been, by another stream."""
    at = _at(door, organization, stream.bytes)
    chain = chain_at(door, organization, stream.bytes, after) if after else stream.bytes
    assert chain is not None, "a stream is cut where it is held"
    marks: Iterable[int] = door.rows(_MARKS, *at)[0]
    for table, number in _TABLES:
        door.run(f"DELETE FROM {table} WHERE {_IN} AND {number} > ?", *at, after)
    door.run(_CUT, after, chain, *(min(mark, after) for mark in marks), *at)


def _at(door: Door, organization: bytes, stream: bytes) -> tuple[Any, Any]:
    return door.key(organization), door.key(stream)
