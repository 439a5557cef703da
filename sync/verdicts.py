"""Verdicts: the cloud's word that changes are void. They count only in a stream of the cloud, whoever relayed it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.kernel.ids import derived_id
from sync.author import cloud_device
from sync.door import Door
from sync.fold import Batch, Objection
from sync.records import Verdict

VERDICTS = Verdict.__tablename__
NOT_THE_CLOUD = "NOT_THE_CLOUD"
_CLOUDS = "SELECT id FROM sync_streams WHERE organization_id = ? AND device_id = ?"
_WITH_VERDICTS = """
    SELECT s.id FROM sync_streams AS s WHERE s.organization_id = ? AND s.id {keys} AND EXISTS (
        SELECT 1 FROM sync_verdicts AS v WHERE v.organization_id = s.organization_id AND v.stream_id = s.id)
"""
_OF = """
    SELECT first_seq, last_seq FROM sync_verdicts
    WHERE organization_id = ? AND stream_id = ? AND last_seq BETWEEN ? AND coalesce((
        SELECT min(last_seq) FROM sync_verdicts WHERE organization_id = ? AND stream_id = ? AND last_seq >= ?), ?)
"""


class OnlyTheCloudJudges:
    """Implements `sync.fold.Judge` for a device: it objects to nothing but the verdicts of other devices."""

    def __init__(self, organization_id: UUID) -> None:
        self._organization = organization_id.bytes
        self._cloud = cloud_device(organization_id).bytes

    def look(self, batch: Batch) -> None:
        """Refuse verdicts that the cloud did not write, with at most one statement. They park."""
        verdicts = [*batch.creations.get(VERDICTS, ()), *batch.edits.get(VERDICTS, ())]
        if not verdicts:
            return
        door = batch.door
        clouds = {row[0] for row in door.rows(_CLOUDS, door.key(self._organization), door.key(self._cloud))}
        for change in verdicts:
            if batch.stream_of(change) not in clouds:
                batch.refuse(change.at, Objection(NOT_THE_CLOUD, {"table": VERDICTS}))


def voided_ranges(door: Door, organization: bytes, stream: bytes, first: int, last: int) -> list[tuple[int, int]]:
    """The voided ranges between two positions of a stream: one statement, however many verdicts there are."""
    at = (door.key(organization), door.key(stream))
    found = door.rows(_OF, *at, first, *at, last, last)
    return [(row[0], row[1]) for row in found]


def with_verdicts(door: Door, organization: bytes, streams: Iterable[bytes]) -> set[bytes]:
    """Those of these streams of which anything is void: one statement, and mostly none."""
    return {row[0] for row in door.among(_WITH_VERDICTS, sorted(streams), door.key(organization))}


def verdict_id(stream: bytes, first: int, last: int) -> UUID:
    """The id of the verdict on a range, computed from it: two servers that judge it write one verdict."""
    return derived_id("verdict", stream, first, last)
