"""Whose clock is wrong: a device's, or the one of this server. One for each organization, in the memory of a process.

Devices say in each hello what their clocks say. A device that differs is asked about after some minutes, when the
others have said hello, too. If most of them differ in the same direction, the server's clock is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from uuid import UUID

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
        self._held: dict[bytes, tuple[bytes, bytes, Question]] = {}

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

    def hold(self, device: bytes, branch: bytes, question: Question) -> None:
        """Keep what the judge would ask about a device until it is known whose clock is wrong."""
        self._held[question.key] = (device, branch, question)

    def due(self, device: EnrolledDevice, now_ms: int) -> list[tuple[UUID, Question]]:
        """What to ask people after a hello of a device, each with its branch. Asking twice asks once."""
        heard, doubt = self._heard[device.device_id.bytes], self.of(device.device_id.bytes, now_ms)
        asked = []
        if doubt in (Doubt.THE_DEVICES, Doubt.THE_SERVERS):
            asked.append((device.branch_id, _question(heard, doubt, now_ms)))
        for key, (held_of, branch, question) in list(self._held.items()):
            doubt = self.of(held_of, now_ms)
            if doubt is not Doubt.NOT_KNOWN_YET:
                del self._held[key]
            if doubt in (Doubt.THE_DEVICES, Doubt.NOBODYS):
                asked.append((UUID(bytes=branch), question))
        return asked


def _question(heard: _Heard, doubt: Doubt, now_ms: int) -> Question:
    """Ask once a day, until the clock is set right: about one device, or about the server in each branch."""
    day = from_microseconds(now_ms * 1_000).date().isoformat()
    detail = {"minutes": heard.difference_ms // 60_000}
    if doubt is Doubt.THE_DEVICES:
        return Question(EventKind.CLOCK_WRONG, (heard.device.device_id, "hello", day), None, heard.stream, "", detail)
    organization_id, branch_id = heard.device.organization_id, heard.device.branch_id
    clouds = StreamKey(cloud_device(organization_id), 1, Scope.BRANCH, branch_id).id.bytes
    return Question(EventKind.SERVER_CLOCK, (branch_id, "hello", day), None, clouds, "", detail)
