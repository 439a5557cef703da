"""The streams that a device may hold, and how what it holds differs from what is stored and folded here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from shared.kernel.records import Scope
from sync.author import cloud_device
from sync.change import Position, StreamKey, Vector
from sync.door import Door
from sync.messages import Judged, Mark, to_marks

MOST_INCARNATIONS_AHEAD = 50
"""A device whose disk was put back again and again without a network; more are made up."""
_VISIBLE = """
    SELECT device_id, incarnation, scope, scope_id, head_seq, head_chain, folded_seq FROM sync_streams
    WHERE organization_id = ? AND (scope = 'organization' OR (scope = 'branch' AND scope_id = ?))
"""


class Visible(NamedTuple):
    """A stream that a device may hold, and how far it is stored and folded here."""

    key: StreamKey
    head: Position
    folded: int


def visible_in(door: Door, organization_id: UUID, branch_id: UUID) -> list[Visible]:
    """The streams of a branch: the organization's, then the cloud's in the branch, then the devices'."""
    found = door.rows(_VISIBLE, door.key(organization_id.bytes), door.key(branch_id.bytes))
    cloud = cloud_device(organization_id)
    visible = [
        Visible(StreamKey(UUID(bytes=row[0]), row[1], Scope(row[2]), UUID(bytes=row[3])), Position(*row[4:6]), row[6])
        for row in found
    ]
    return sorted(
        visible,
        key=lambda stream: (stream.key.scope is not Scope.ORGANIZATION, stream.key.device_id != cloud, stream.key.id),
    )


def held_of(theirs: Vector, key: StreamKey) -> int:
    """How many changes of a stream a vector holds."""
    at = theirs.get(key.id)
    return at.seq if at else 0


def are_equal(visible: Sequence[Visible], theirs: Vector) -> bool:
    """Whether a device holds exactly what is stored here, and all of that is folded."""
    ours = {stream.key.id: stream.head for stream in visible if stream.head.seq}
    return ours == theirs and all(stream.folded == stream.head.seq for stream in visible)


def judged_of(visible: Iterable[Visible], device: EnrolledDevice) -> list[Judged]:
    """How far the device's own streams are judged and folded."""
    own = (stream for stream in visible if stream.key.device_id == device.device_id)
    return [Judged(stream.key.id.bytes, stream.folded) for stream in own]


def lacks_of(visible: Iterable[Visible], device: EnrolledDevice, theirs: Vector, other: Collection[UUID]) -> list[Mark]:
    """How much is held of the streams of which a device holds more. What is its own it pushes anyway.

    Args:
        other: streams of which the device holds another history: nothing is held of that.
    """
    ours = {stream.key.id: stream for stream in visible}
    begun = latest_of(stream for stream in ours.values() if stream.key.device_id == device.device_id)
    own = {
        StreamKey(device.device_id, incarnation, Scope.BRANCH, device.branch_id).id
        for incarnation in range(begun + MOST_INCARNATIONS_AHEAD + 1)
    }
    nothing = {stream: Position(0, stream.bytes) for stream in theirs}
    held = nothing | {stream: known.head for stream, known in ours.items() if stream not in other}
    return to_marks(
        {stream: held[stream] for stream, at in theirs.items() if at.seq > held[stream].seq and stream not in own}
    )


def latest_of(own: Iterable[Visible]) -> int:
    """The greatest incarnation of a device that it has streams of."""
    return max((stream.key.incarnation for stream in own), default=0)
