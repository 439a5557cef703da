"""This device's own streams, as the agent pushes them: their heads, their signed suffixes, and how far the cloud is."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.change import StreamKey, Vector
from sync.log import read_suffix, vector
from sync.messages import Frame, signed_bytes
from sync.protocol import MarkAcked, ReadSuffix
from sync.records import streams
from terminal.store.store import Committed, Store


class OwnStreams:
    """The streams that one store's device writes.

    Args:
        signer: seals what is pushed; None where nobody checks it.
    """

    def __init__(self, store: Store, signer: Ed25519PrivateKey | None) -> None:
        self._store = store
        self._signer = signer
        self._marked: dict[UUID, tuple[int, int]] = {}

    async def heads(self) -> Vector:
        """Return how long each of them is."""
        identity = self._store.identity
        async with self._store.reading() as connection:
            ids = await connection.scalars(
                sa.select(streams.c.id).where(
                    streams.c.organization_id == identity.organization_id,
                    streams.c.device_id == identity.device_id,
                )
            )
            return await vector(connection, identity.organization_id, list(ids))

    async def suffix(self, wanted: ReadSuffix) -> Frame | None:
        """Return the next signed frame of a stream; None if there is nothing."""
        organization_id = self._store.identity.organization_id
        async with self._store.reading() as connection:
            row = (
                await connection.execute(
                    sa.select(streams.c.device_id, streams.c.incarnation, streams.c.scope, streams.c.scope_id).where(
                        streams.c.organization_id == organization_id, streams.c.id == wanted.stream
                    )
                )
            ).one()
            sign = self._sign if self._signer is not None else None
            return await read_suffix(connection, organization_id, StreamKey(*row), wanted.after, wanted.limit, sign)

    async def mark(self, mark: MarkAcked) -> None:
        """Note how far the cloud has stored and folded a stream. What it has not acknowledged counts as not folded.

        Marks never go back. One that says nothing new costs no write transaction.
        """
        acked, judged = self._marked.get(mark.stream, (-1, -1))
        if mark.seq <= acked and (mark.judged or 0) <= judged:
            return
        stored = sa.func.max(streams.c.acked_seq, mark.seq)
        folded = sa.func.max(streams.c.judged_seq, sa.func.min(stored, mark.judged or 0))
        advance = (
            streams.update()
            .where(streams.c.organization_id == self._store.identity.organization_id, streams.c.id == mark.stream)
            .values(acked_seq=stored, judged_seq=folded)
            .returning(streams.c.acked_seq, streams.c.judged_seq)
        )

        async def write(connection: AsyncConnection) -> tuple[int, int] | None:
            row = (await connection.execute(advance)).first()
            return None if row is None else (row.acked_seq, row.judged_seq)

        marks = await self._store.write(write)
        if marks is not None:
            self._marked[mark.stream] = marks
            self._store.announce(Committed(frozenset(), local=False))

    def _sign(self, stream: UUID, seq: int, chain: bytes) -> bytes:
        assert self._signer is not None
        return self._signer.sign(signed_bytes(stream, seq, chain))
