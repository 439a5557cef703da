"""Which device writes each stream of an organization, and in which scope. Read once, since that never changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from shared.kernel.records import Scope
from sync.door import Door

_IDENTITIES = "SELECT id, device_id, scope, scope_id FROM sync_streams WHERE organization_id = ? AND id {keys}"


class Owner(NamedTuple):
    """The device of a stream, and its scope."""

    device: bytes
    scope: Scope
    scope_id: bytes


class StreamOwners:
    """The owners of the streams of one organization, cached."""

    def __init__(self, organization: bytes) -> None:
        self._organization = organization
        self._known: dict[bytes, Owner] = {}

    def known(self, stream: bytes) -> Owner | None:
        """The owner of a stream, if it was asked for before."""
        return self._known.get(stream)

    def of(self, door: Door, streams: Collection[bytes]) -> Mapping[bytes, Owner]:
        """The owners of at least these streams. No statement is run if all of them are known."""
        unknown = sorted(set(streams) - self._known.keys())
        for row in door.among(_IDENTITIES, unknown, door.key(self._organization)):
            self._known[row[0]] = Owner(row[1], Scope(row[2]), row[3])
        return self._known
