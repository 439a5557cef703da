"""Which history of the cloud's own streams this device keeps, when the cloud came back from a backup and wrote on.

The device gives its history back first. If the cloud refuses it (another device was quicker with a longer one, and what
stands here was written again in the cloud's new stream), the device takes the cloud's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sync.author import cloud_device
from sync.change import Position, Vector
from sync.door import Door
from sync.history import forget_after
from sync.log import chain_at, receive, stream_keys, vector
from sync.messages import AnyMessage, Forked, Frame
from terminal.store.store import Store


class CloudHistory:
    """See the module."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cloud = cloud_device(store.identity.organization_id)
        self._refused: dict[UUID, int] = {}

    async def vector(self) -> Vector:
        """Return what we hold of all streams. Of one whose end the cloud has refused: what both agree on."""
        return await self._store.look(_vector, self._store.identity.organization_id.bytes, self._refused)

    async def receive(self, frame: Frame, chains: Sequence[bytes]) -> AnyMessage:
        """Store a genuine frame of whatever author."""
        organization, now_ms = self._store.identity.organization_id.bytes, self._store.clock.milliseconds()
        answer = await self._store.take_in(_receive, organization, frame, now_ms, chains, self._refused.keys())
        if not isinstance(answer, Forked):
            self._refused.pop(frame.key.id, None)
        return answer

    async def agree(self, stream: UUID, common: int | None) -> bool:
        """Take up which history stands, see `sync.effects.Agreed`. Returns False if the stream is not the cloud's."""
        keys = await self._store.look(stream_keys, self._store.identity.organization_id.bytes)
        if not any(key.id == stream and key.device_id == self._cloud for key in keys):
            return False
        if common is not None:
            self._refused[stream] = common
        return True


def _vector(door: Door, organization: bytes, refused: dict[UUID, int]) -> Vector:
    held = vector(door, organization)
    for stream, common in refused.items():
        chain = stream.bytes if common == 0 else chain_at(door, organization, stream.bytes, common)
        if stream in held and chain is not None:
            held[stream] = Position(common, chain)
    return held


def _receive(
    door: Door, organization: bytes, frame: Frame, now_ms: int, chains: Sequence[bytes], refused: Collection[UUID]
) -> AnyMessage:
    answer = receive(door, organization, frame, now_ms, chains)
    if isinstance(answer, Forked) and answer.common is not None and frame.key.id in refused:
        forget_after(door, organization, frame.key.id, answer.common)
        return receive(door, organization, frame, now_ms, chains)
    return answer
