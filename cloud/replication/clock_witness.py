"""Whose clock is wrong: a device's, or the one of this server.

Devices say in each hello what their clocks say, and the cloud keeps it in rows, for whichever process judges. A device
that differs is asked about after some minutes, when the others have said hello, too. If most of them differ in the same
direction, the server's clock is in doubt. Only what is asked about a hello waits, for a device says hello again; what
is asked about a change is written with its fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from cloud.replication.judgements import Question
from shared.exceptions.rules import EventKind
from shared.kernel.instants import from_microseconds
from shared.kernel.records import Scope
from sync.author import cloud_device
from sync.change import StreamKey
from sync.door import Door, shape
from sync.records import clocks

AHEAD_MS = 60 * 60 * 1_000
"""A stamp so far ahead of the cloud's clock comes from a clock that is wrong; honest ones differ by minutes."""
PATIENCE_MS = 2 * 60 * 1_000
"""An idle device says hello every 15 seconds: so long after the first one all have been heard that have a network."""
HEARD_WITHIN_MS = 24 * 60 * 60 * 1_000
"""Older hellos say nothing about today."""
MOST_EXCUSED_MS = 24 * 60 * 60 * 1_000
"""Whatever most devices say, what they stamp further ahead is asked about: they may all be in the same wrong hands."""
FEWEST = 2
"""Of so many devices that differ the server is believed less; one alone is as likely to be wrong itself."""
_KEPT = shape(clocks, ("organization_id", "device_id", "difference_ms", "since_ms", "at_ms"))
_AGAIN = """
    (organization_id, device_id) DO UPDATE SET difference_ms = excluded.difference_ms,
    since_ms = excluded.since_ms, at_ms = excluded.at_ms
"""
_READ = "SELECT device_id, difference_ms, since_ms, at_ms FROM sync_clocks WHERE organization_id = ?"


class Doubt(Enum):
    """Whose clock people should look at."""

    NOBODYS = 1
    NOT_KNOWN_YET = 2
    THE_DEVICES = 3
    THE_SERVERS = 4


def direction_of(difference_ms: int) -> int:
    """1 if a clock is far ahead, -1 if it is far behind, else 0."""
    return (difference_ms >= AHEAD_MS) - (difference_ms <= -AHEAD_MS)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a device said.

    Attributes:
        difference_ms: how far its clock is ahead of ours.
        since_ms: since when it has differed in this direction, by our clock.
    """

    device_id: bytes
    difference_ms: int
    since_ms: int
    at_ms: int

    @property
    def direction(self) -> int:
        """See `direction_of`."""
        return direction_of(self.difference_ms)


class ClockWitness:
    """What the devices of an organization said within a day."""

    def __init__(self, heard: Iterable[Heard], now_ms: int) -> None:
        self._heard = {each.device_id: each for each in heard if abs(now_ms - each.at_ms) < HEARD_WITHIN_MS}
        self._now_ms = now_ms

    @classmethod
    def read(cls, door: Door, organization: bytes, now_ms: int) -> ClockWitness:
        """What is kept."""
        return cls((Heard(*row) for row in door.rows(_READ, door.key(organization))), now_ms)

    def of(self, device: bytes) -> Doubt:
        """Whose clock is wrong, if a device's differs."""
        everybody = self._heard
        heard = everybody.get(device)
        if heard is None or not heard.direction:
            return Doubt.NOBODYS
        if self._now_ms - heard.since_ms < PATIENCE_MS:
            return Doubt.NOT_KNOWN_YET
        alike = sum(each.direction == heard.direction for each in everybody.values())
        return Doubt.THE_SERVERS if alike >= FEWEST and 2 * alike > len(everybody) else Doubt.THE_DEVICES

    def excused_ms(self, device: bytes) -> int:
        """How far a device's stamps may be ahead because the server's clock is behind: what most devices differ."""
        if self.of(device) is not Doubt.THE_SERVERS:
            return 0
        differences = sorted(each.difference_ms for each in self._heard.values())
        return min(max(0, differences[len(differences) // 2]), MOST_EXCUSED_MS)

    def question_of_hello(self, device: EnrolledDevice, stream: bytes) -> Question | None:
        """What to ask people after a hello of a device. Asking twice asks once.

        Args:
            stream: one of the device's streams.
        """
        heard, doubt = self._heard[device.device_id.bytes], self.of(device.device_id.bytes)
        if doubt not in (Doubt.THE_DEVICES, Doubt.THE_SERVERS):
            return None
        # Once a day, until the clock is set right: about one device, or about the server in each branch.
        day = from_microseconds(self._now_ms * 1_000).date().isoformat()
        detail = {"minutes": heard.difference_ms // 60_000}
        if doubt is Doubt.THE_DEVICES:
            return Question(EventKind.CLOCK_WRONG, (device.device_id, "hello", day), None, stream, "", detail)
        clouds = StreamKey(cloud_device(device.organization_id), 1, Scope.BRANCH, device.branch_id).id.bytes
        return Question(EventKind.SERVER_CLOCK, (device.branch_id, "hello", day), None, clouds, "", detail)


def hear(door: Door, organization: bytes, device_id: UUID, difference_ms: int, now_ms: int) -> ClockWitness:
    """Keep what a device says. Returns what all of them said."""
    witness = ClockWitness.read(door, organization, now_ms)
    before, since_ms = witness._heard.get(device_id.bytes), now_ms
    if before is not None and before.direction == direction_of(difference_ms):
        since_ms = min(before.since_ms, now_ms)
    heard = Heard(device_id.bytes, difference_ms, since_ms, now_ms)
    door.insert(_KEPT, [(organization, heard.device_id, difference_ms, since_ms, now_ms)], _AGAIN)
    witness._heard[heard.device_id] = heard
    return witness
