"""This device's own streams for the push: their heads, their signed suffixes, and the marks of the cloud."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.change import Vector
from sync.door import Door
from sync.heads import mark_acked
from sync.log import read_suffix, stream_keys, vector
from sync.messages import Frame, signed_bytes
from sync.protocol import MarkAcked, ReadSuffix
from terminal.store.store import Committed, Store


class OwnStreams:
    """The streams that one store's device writes.

    Args:
        signer: signs what is pushed; None if nobody checks it.
    """

    def __init__(self, store: Store, signer: Ed25519PrivateKey | None) -> None:
        self._store = store
        self._organization = store.identity.organization_id.bytes
        self._signer = signer
        self._marked: dict[UUID, tuple[int, int]] = {}

    async def heads(self) -> Vector:
        """Return the head of each own stream."""
        return await self._store.look(_heads, self._organization, self._store.identity.device_id)

    async def suffix(self, wanted: ReadSuffix) -> Frame | None:
        """Return the next signed frame of a stream; None if there is nothing."""
        sign = self._sign if self._signer is not None else None
        return await self._store.look(_suffix, self._organization, wanted, sign)

    async def mark(self, mark: MarkAcked) -> None:
        """Note how far the cloud has stored and folded a stream. What it has not acknowledged counts as not folded.

        Marks never go back. One that says nothing new costs no write transaction.
        """
        acked, judged = self._marked.get(mark.stream, (-1, -1))
        if mark.seq <= acked and (mark.judged or 0) <= judged:
            return
        marks = await self._store.through(mark_acked, self._organization, mark.stream.bytes, mark.seq, mark.judged or 0)
        if marks is not None:
            self._marked[mark.stream] = marks
            self._store.announce(Committed(frozenset(), local=False))

    def _sign(self, stream: UUID, seq: int, chain: bytes) -> bytes:
        assert self._signer is not None
        return self._signer.sign(signed_bytes(stream, seq, chain))


def _heads(door: Door, organization: bytes, device_id: UUID) -> Vector:
    own = [key.id for key in stream_keys(door, organization) if key.device_id == device_id]
    return vector(door, organization, own)


def _suffix(
    door: Door, organization: bytes, wanted: ReadSuffix, sign: Callable[[UUID, int, bytes], bytes] | None
) -> Frame | None:
    key = next(key for key in stream_keys(door, organization) if key.id == wanted.stream)
    return read_suffix(door, organization, key, wanted.after, wanted.limit, sign)
