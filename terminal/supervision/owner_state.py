"""What the program that prints and syncs says of itself, for the other programs of its folder: a small file beside.

It is written in place, once a second and whenever something changes, and never flushed to the disk: its readers run on
the same machine, and after a power cut nobody needs it. No database is involved, so a full or locked one cannot hide
the truth, and it never grows. A torn reading fails its checksum and is read again at the next look.
"""

from __future__ import annotations

import os
from binascii import crc32
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from shared.kernel.instants import from_microseconds, to_microseconds
from terminal.supervision.duties import Duty, Stopped
from terminal.syncing.link_state import Cloud, LinkState

STATE = "agent.state"
MOST_BYTES = 4_096
"""One page. The sentence's parameters are dropped if they do not fit."""
_CHECKSUM_BYTES = 4


class OwnerState(msgspec.Struct, frozen=True):
    """State of the owner. Instants in microseconds since 1970.

    Attributes:
        pid: its process.
        since: when it took over.
        beat_ms: running time of the machine when this was written (`DeviceClock.running_milliseconds`).
        syncs: whether it pushes and pulls; a device may be told only to print.
        stopped: since when, by duty.
    """

    pid: int
    since: int
    beat_ms: int
    syncs: bool
    cloud: str
    message: str
    params: dict[str, Any]
    last_contact: int | None
    skew_ms: int
    stopped: dict[str, int]

    @property
    def link(self) -> LinkState:
        """The link to the cloud as the owner sees it."""
        known = set(Cloud)
        cloud = Cloud(self.cloud) if self.cloud in known else Cloud.OFFLINE
        contact = None if self.last_contact is None else from_microseconds(self.last_contact)
        return LinkState(cloud, self.message, contact, self.skew_ms, self.params)

    @property
    def troubles(self) -> tuple[Stopped, ...]:
        """The owner's duties that do not work."""
        known = set(Duty)
        return tuple(Stopped(Duty(name), from_microseconds(at)) for name, at in self.stopped.items() if name in known)


def owner_state(
    since: datetime, beat_ms: int, link: LinkState, stopped: tuple[Stopped, ...], *, syncs: bool
) -> OwnerState:
    """What this process says of itself."""
    return OwnerState(
        pid=os.getpid(),
        since=to_microseconds(since),
        beat_ms=beat_ms,
        syncs=syncs,
        cloud=link.cloud,
        message=link.message,
        params=dict(link.params),
        last_contact=None if link.last_contact is None else to_microseconds(link.last_contact),
        skew_ms=link.skew_ms,
        stopped={each.duty.value: to_microseconds(each.since) for each in stopped},
    )


class OwnerFile:
    """The file of a folder in which its owner says how it is."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STATE

    def write(self, state: OwnerState) -> None:
        """Write the state.

        Raises:
            OSError: the file cannot be written.
        """
        text = _encoded(state)
        if len(text) > MOST_BYTES:
            text = _encoded(msgspec.structs.replace(state, params={}))
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, text, 0)
        finally:
            os.close(descriptor)

    def read(self) -> OwnerState | None:
        """The state as it was last written. None if there is none, or if it is just being written."""
        try:
            raw = self._path.read_bytes()
        except OSError:
            return None
        length = int.from_bytes(raw[_CHECKSUM_BYTES : 2 * _CHECKSUM_BYTES], "big")
        body = raw[2 * _CHECKSUM_BYTES : 2 * _CHECKSUM_BYTES + length]
        if crc32(body).to_bytes(_CHECKSUM_BYTES, "big") != raw[:_CHECKSUM_BYTES]:
            return None
        try:
            return msgspec.json.decode(body, type=OwnerState)
        except msgspec.MsgspecError:
            return None


def _encoded(state: OwnerState) -> bytes:
    # Parameters of a sentence may be anything; what JSON cannot say is said as text.
    body = msgspec.json.encode(state, enc_hook=str)
    head = crc32(body).to_bytes(_CHECKSUM_BYTES, "big") + len(body).to_bytes(_CHECKSUM_BYTES, "big")
    return (head + body).ljust(MOST_BYTES, b"\n")
