"""Reading and appending the log: heads, vectors, suffixes, and what is received from others.

Appending our own changes is `sync/capture.py`. All functions run inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.bulk import Bulk
from sync.change import Position, StreamKey, Vector, decode
from sync.messages import MAX_FRAME_CHANGES, Ack, AnyMessage, Behind, Forked, Frame, Mark, Refused
from sync.protocol import Fork, Fresh, Gap, Replay, assess
from sync.records import changes, seals, streams

SUFFIX_BYTES = 4 * 1024 * 1024
"""Plain bytes of one answer: about 256 KiB on the wire for real sales, and far below the receiver's limit."""


async def vector(connection: AsyncConnection, organization_id: UUID, only: Sequence[UUID] | None = None) -> Vector:
    """How much of each stream (or of the streams in `only`) this replica holds."""
    query = sa.select(streams.c.id, streams.c.head_seq, streams.c.head_chain).where(
        streams.c.organization_id == organization_id
    )
    if only is not None:
        query = query.where(streams.c.id.in_(only))
    return {row[0]: Position(row[1], bytes(row[2])) for row in await connection.execute(query)}


async def read_suffix(
    connection: AsyncConnection,
    organization_id: UUID,
    key: StreamKey,
    after: int,
    limit: int = MAX_FRAME_CHANGES,
    sign: Callable[[UUID, int, bytes], bytes] | None = None,
    most_bytes: int | None = None,
) -> Frame | None:
    """The next whole transactions of a stream after a position, as a frame; None if there is nothing.

    Args:
        limit, most_bytes: aim for at most so much (by default `SUFFIX_BYTES`); one transaction is never cut, however
            long it is.
        sign: seals the frame with the author's key (stream, last seq, last chain); absent when relaying.
    """
    bodies, chains = await _whole_transactions(
        connection, organization_id, key.id, after, limit, SUFFIX_BYTES if most_bytes is None else most_bytes
    )
    if not bodies:
        return None
    previous = key.genesis if after == 0 else await _chain_at(connection, organization_id, key.id, after)
    if previous is None:
        return None
    signature = sign(key.id, after + len(bodies), chains[-1]) if sign else b""
    return Frame(
        device=key.device_id.bytes,
        incarnation=key.incarnation,
        scope=key.scope,
        scope_id=key.scope_id.bytes,
        first=after + 1,
        previous=previous,
        bodies=bodies,
        signature=signature,
    )


async def _whole_transactions(
    connection: AsyncConnection, organization_id: UUID, stream_id: UUID, after: int, limit: int, most_bytes: int
) -> tuple[list[bytes], list[bytes]]:
    wanted = limit
    while True:
        rows = (
            await connection.execute(
                sa.select(changes.c.body, changes.c.chain)
                .where(
                    changes.c.organization_id == organization_id,
                    changes.c.stream_id == stream_id,
                    changes.c.seq > after,
                )
                .order_by(changes.c.seq)
                .limit(limit)
            )
        ).all()
        count, size = len(rows), 0
        for index, row in enumerate(rows):
            size += len(row[0])
            if size > most_bytes and index:
                count = index
                break
        end = count if limit == wanted else 0
        while end and not decode(rows[end - 1][0]).last:
            end -= 1
        if end or not rows:
            return [bytes(row[0]) for row in rows[:end]], [bytes(row[1]) for row in rows[:end]]
        # The first transaction alone is longer than the limit: take it whole, and nothing with it.
        first = next((index for index, row in enumerate(rows) if decode(row[0]).last), None)
        if first is not None:
            return [bytes(row[0]) for row in rows[: first + 1]], [bytes(row[1]) for row in rows[: first + 1]]
        if len(rows) < limit:
            return [], []
        limit *= 2


async def _chain_at(connection: AsyncConnection, organization_id: UUID, stream_id: UUID, seq: int) -> bytes | None:
    chain = await connection.scalar(
        sa.select(changes.c.chain).where(
            changes.c.organization_id == organization_id, changes.c.stream_id == stream_id, changes.c.seq == seq
        )
    )
    return None if chain is None else bytes(chain)


async def missing_frames(
    connection: AsyncConnection,
    organization_id: UUID,
    keys: Iterable[StreamKey],
    theirs: Vector,
    budget: int = 2 * MAX_FRAME_CHANGES,
) -> tuple[list[Frame], bool]:
    """What a peer with the vector `theirs` misses of the streams `keys`, in their order, and whether there is more.

    At most `budget` changes and `SUFFIX_BYTES`, or else one transaction alone, so that the peer takes the answer.
    The heads are read first, so that a stream that nobody has grown costs no further statement.
    """
    keys, room = list(keys), SUFFIX_BYTES
    heads = await vector(connection, organization_id, [key.id for key in keys])
    frames: list[Frame] = []
    for key in keys:
        head, held = heads.get(key.id), theirs.get(key.id)
        after = held.seq if held else 0
        while head and after < head.seq:
            if budget <= 0 or room <= 0:
                return frames, True
            limit = min(budget, MAX_FRAME_CHANGES)
            frame = await read_suffix(connection, organization_id, key, after, limit, most_bytes=room)
            if frame is None:
                break
            if frame.size > room and frames:
                return frames, True
            frames.append(frame)
            after = frame.last
            budget -= len(frame.bodies)
            room -= frame.size
    return frames, False


async def receive(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    frame: Frame,
    now_ms: int,
    chains: Sequence[bytes] | None = None,
) -> AnyMessage:
    """Append a frame to the log and say how much is held now. The caller commits before it sends the answer.

    Locks the stream's head row, so that concurrent pushes of one stream queue up and readers see a prefix. A replay is
    answered with an acknowledgement and changes nothing.

    Args:
        chains: of the frame, if the caller has worked them out to check its signature.
    """
    key = frame.key
    stream_id = key.id
    head = await _locked_head(connection, organization_id, stream_id)
    position = head or Position(0, key.genesis)
    outcome = assess(frame, position, chains)
    if head is None and isinstance(outcome, Fresh):
        # Of two first pushes at once the second waits here, and then finds the first one's head.
        await _begin(connection, organization_id, key)
        position = await _locked_head(connection, organization_id, stream_id) or position
        outcome = assess(frame, position, chains) if position.seq else outcome
    here = Mark(stream_id.bytes, position.seq, position.chain)
    if isinstance(outcome, Refused):
        return outcome
    if isinstance(outcome, Gap):
        return Behind(here)
    if isinstance(outcome, Fork):
        return Forked(here)
    if isinstance(outcome, Replay):
        stored = await _chain_at(connection, organization_id, stream_id, outcome.seq)
        return Ack(here) if stored == outcome.chain else Forked(here)
    await _append(connection, bulk, organization_id, stream_id, outcome, now_ms)
    last = Position(frame.last, outcome.chains[-1])
    if frame.signature:
        seal = {"organization_id": organization_id, "stream_id": stream_id, "seq": last.seq}
        await connection.execute(seals.insert(), {**seal, "signature": frame.signature})
    return Ack(Mark(stream_id.bytes, last.seq, last.chain))


async def _locked_head(connection: AsyncConnection, organization_id: UUID, stream_id: UUID) -> Position | None:
    row = (
        await connection.execute(
            sa.select(streams.c.head_seq, streams.c.head_chain)
            .where(streams.c.organization_id == organization_id, streams.c.id == stream_id)
            .with_for_update()
        )
    ).first()
    return Position(row[0], bytes(row[1])) if row else None


async def _begin(connection: AsyncConnection, organization_id: UUID, key: StreamKey) -> None:
    """Insert the head of a stream of which nothing is held, unless somebody else just did."""
    zeros = dict.fromkeys(("head_seq", "folded_seq", "last_transaction", "acked_seq", "last_stamp"), 0)
    head = {"organization_id": organization_id, "id": key.id, **key._asdict(), "head_chain": key.genesis, **zeros}
    # SQLite's construct is written the same way; PostgreSQL's is compiled by both.
    await connection.execute(postgresql.insert(streams).values(head).on_conflict_do_nothing())


async def _append(
    connection: AsyncConnection, bulk: Bulk, organization_id: UUID, stream_id: UUID, fresh: Fresh, now_ms: int
) -> None:
    last = fresh.changes[-1]
    head: dict[str, Any] = {
        "head_seq": last.seq,
        "head_chain": fresh.chains[-1],
        "last_transaction": last.transaction,
    }
    await connection.execute(
        streams.update().where(streams.c.organization_id == organization_id, streams.c.id == stream_id).values(head)
    )
    await bulk.append(
        connection,
        changes,
        [
            {
                "organization_id": organization_id,
                "stream_id": stream_id,
                "seq": change.seq,
                "row_id": change.row,
                "body": body,
                "chain": chain,
                "stored_ms": now_ms,
            }
            for change, body, chain in zip(fresh.changes, fresh.bodies, fresh.chains, strict=True)
        ],
    )
