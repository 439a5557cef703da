"""Whose clock is wrong: a device's, or the one of this server. One for each organization, in the memory of a process.

Devices say in each hello what their clocks say. A device that differs is asked about after some minutes, when the
others have said hello, too. If most of them differ in the same direction, the server's clock is in doubt. Only what is
asked about a hello waits, for a device says hello again; what is asked about a change is written with its fold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from cloud.accounts.identity import EnrolledDevice
from cloud.replication.judgements import Question
from shared.exceptions.rules import EventKind
from shared.kernel.instants import from_microseconds
from shared.kernel.records import Scope
from sync.author import cloud_device
from sync.change import StreamKey

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


class Doubt(Enum):
    """Whose clock people should look at."""

    NOBODYS = 1
    NOT_KNOWN_YET = 2
    THE_DEVICES = 3
    THE_SERVERS = 4


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a device said.

    Attributes:
        difference_ms: how far its clock is ahead of ours.
        since_ms: since when it has differed in this direction, by our clock.
    """

    device: EnrolledDevice
    stream: bytes
    difference_ms: int
    since_ms: int
    at_ms: int

    @property
    def direction(self) -> int:
        """1 if it is far ahead, -1 if it is far behind, else 0."""
        return (self.difference_ms >= AHEAD_MS) - (self.difference_ms <= -AHEAD_MS)


class ClockWitness:
    """See the module."""

    def __init__(self) -> None:
        self._heard: Mapping[bytes, _Heard] = {}

    def hear(self, device: EnrolledDevice, stream: bytes, difference_ms: int, now_ms: int) -> None:
        """Note what a device says.

        Args:
            stream: one of its streams.
        """
        key = device.device_id.bytes
        before = self._heard.get(key)
        heard = _Heard(device, stream, difference_ms, now_ms, now_ms)
        if before is not None and before.direction == heard.direction:
            heard = replace(heard, since_ms=min(before.since_ms, now_ms))
        recent = {each: one for each, one in self._heard.items() if abs(now_ms - one.at_ms) < HEARD_WITHIN_MS}
        self._heard = {**recent, key: heard}  # a new map: the fold's thread reads the old one

    def of(self, device: bytes, now_ms: int) -> Doubt:
        """Whose clock is wrong, if a device's differs."""
        everybody = self._heard
        heard = everybody.get(device)
        if heard is None or not heard.direction:
            return Doubt.NOBODYS
        if now_ms - heard.since_ms < PATIENCE_MS:
            return Doubt.NOT_KNOWN_YET
        alike = sum(each.direction == heard.direction for each in everybody.values())
        return Doubt.THE_SERVERS if alike >= FEWEST and 2 * alike > len(everybody) else Doubt.THE_DEVICES

    def excused_ms(self, device: bytes, now_ms: int) -> int:
        """How far a device's stamps may be ahead because the server's clock is behind: what most devices differ."""
        if self.of(device, now_ms) is not Doubt.THE_SERVERS:
            return 0
        differences = sorted(each.difference_ms for each in self._heard.values())
        return min(max(0, differences[len(differences) // 2]), MOST_EXCUSED_MS)

    def question_of_hello(self, device: EnrolledDevice, now_ms: int) -> Question | None:
        """What to ask people after a hello of a device. Asking twice asks once."""
        heard, doubt = self._heard[device.device_id.bytes], self.of(device.device_id.bytes, now_ms)
        return _question(heard, doubt, now_ms) if doubt in (Doubt.THE_DEVICES, Doubt.THE_SERVERS) else None


def _question(heard: _Heard, doubt: Doubt, now_ms: int) -> Question:
    """Ask once a day, until the clock is set right: about one device, or about the server in each branch."""
    day = from_microseconds(now_ms * 1_000).date().isoformat()
    detail = {"minutes": heard.difference_ms // 60_000}
    if doubt is Doubt.THE_DEVICES:
        return Question(EventKind.CLOCK_WRONG, (heard.device.device_id, "hello", day), None, heard.stream, "", detail)
    organization_id, branch_id = heard.device.organization_id, heard.device.branch_id
    clouds = StreamKey(cloud_device(organization_id), 1, Scope.BRANCH, branch_id).id.bytes
    return Question(EventKind.SERVER_CLOCK, (branch_id, "hello", day), None, clouds, "", detail)
