"""A change, the stream that it stands in, and the hash chain that makes a stream's history one.

A change describes one row of one table. Its encoded form (`body`) is what is stored, hashed and sent, byte for byte;
nobody ever encodes it a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec

from shared.kernel.ids import derived_id
from shared.kernel.records import Scope

CHAIN_BYTES = 16
MAX_BODY_BYTES = 64 * 1024
"""A change larger than this is refused where it is written, so that an unsendable one cannot exist."""
ORIGIN_BYTES = 48
"""What a change grows by at most when it is written again with its origin. Every writer leaves so much room, so that it
can write all of its history again."""
MAX_NAME_CHARACTERS = 63
"""Of a table or a field: what PostgreSQL takes as a name."""

Bytes16 = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Natural = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARACTERS)]


class Origin(NamedTuple):
    """Where a re-authored change stood first: in a stream of an earlier incarnation of its author."""

    stream: Bytes16
    seq: Natural


class Kind(IntEnum):
    """What a change does: it creates a row or edits one. An edit never creates a row."""

    CREATE = 0
    EDIT = 1


class Change(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One row's new field values.

    Attributes:
        seq: position in its stream, from 1, gapless.
        stamp: hybrid logical clock of the write.
        transaction: number of the unit of work within the stream.
        last: whether it closes that transaction.
        epoch: schema epoch of the writer.
        table: permanent name of the table.
        kind: a `Kind`.
        row: 16 bytes of the row's id.
        actor: 16 bytes of the staff member or the kitchen station, or None for the system.
        fields: wire values by permanent field name.
        origin: where the change stood before its author had to write it again; its field stamps name that stream, so
            that it changes nothing where it is known already.
    """

    seq: Natural
    stamp: Natural
    transaction: Natural
    last: bool
    epoch: Natural
    table: Name
    kind: Natural
    row: Bytes16
    actor: Bytes16 | None
    fields: dict[Name, Any]
    origin: Origin | None = None


class StreamKey(NamedTuple):
    """Who writes a stream, and who gets it: gapless by itself, whatever else the device writes."""

    device_id: UUID
    incarnation: int
    scope: Scope
    scope_id: UUID

    @property
    def id(self) -> UUID:
        """The stream's key in every replica, computed from its identity."""
        return _stream_id(self)

    @property
    def genesis(self) -> bytes:
        """The chain value before the first change: it binds the chain to this stream."""
        return self.id.bytes


@lru_cache(maxsize=4_096)
def _stream_id(key: StreamKey) -> UUID:
    return derived_id("stream", key.device_id, key.incarnation, key.scope, key.scope_id)


class Position(NamedTuple):
    """How much of a stream a replica holds: the last sequence number, and the chain value there."""

    seq: int
    chain: bytes


Vector = dict[UUID, Position]
"""The only cursor: how much of each stream (by stream id) a replica holds."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Change)


def encode(change: Change) -> bytes:
    """Encode a change. These bytes are stored, hashed and sent, and never encoded again.

    Raises:
        ValueError: larger than `MAX_BODY_BYTES`, or so large that it could not be written again with its origin.
    """
    body = _encoder.encode(change)
    limit = MAX_BODY_BYTES if change.origin is not None else MAX_BODY_BYTES - ORIGIN_BYTES
    if len(body) > limit:
        msg = f"a change of {change.table} has {len(body)} bytes; the limit is {limit}"
        raise ValueError(msg)
    return body


def encode_again(body: bytes, seq: int, transaction: int, origin: Origin) -> bytes:
    """Encode a change once more for another stream of its author, where it stands at `seq` and names its origin.

    A change that names an origin already keeps it. Its fields are not looked at, so that nothing of them is lost.
    """
    change = decode_raw(body)
    return _encoder.encode(
        msgspec.structs.replace(change, seq=seq, transaction=transaction, origin=change.origin or origin)
    )


def decode(body: bytes) -> Change:
    """Decode a change.

    Raises:
        msgspec.DecodeError: not a change of a shape that this version knows.
    """
    try:
        return _decoder.decode(body)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def link(previous: bytes, body: bytes) -> bytes:
    """The chain value after a change: 16 bytes of BLAKE2b over the value before it and the change."""
    return hashlib.blake2b(previous + body, digest_size=CHAIN_BYTES).digest()


class RawChange(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A `Change` whose fields are not decoded yet: its table decodes and checks them in one call."""

    seq: Natural
    stamp: Natural
    transaction: Natural
    last: bool
    epoch: Natural
    table: Name
    kind: Natural
    row: Bytes16
    actor: Bytes16 | None
    fields: msgspec.Raw
    origin: Origin | None = None

    def stamp_in(self, stream: bytes) -> tuple[int, bytes]:
        """The field stamp of this change, which stands in `stream`: a re-authored one keeps that of its origin."""
        return self.stamp, self.origin.stream if self.origin is not None else stream


decode_raw = msgspec.msgpack.Decoder(RawChange).decode
"""One change of a body; raises `msgspec.DecodeError`."""
_decode_many = msgspec.msgpack.Decoder(list[RawChange]).decode


def decode_stored(bodies: Sequence[bytes]) -> list[RawChange]:
    """Decode bodies that this replica stored, in one call. Each was checked alone before it was stored."""
    return _decode_many(b"\xdd" + len(bodies).to_bytes(4, "big") + b"".join(bodies))


def links(previous: bytes, bodies: Sequence[bytes]) -> list[bytes]:
    """Return the chain value after each of these changes, which follow the chain value `previous`."""
    blake2b, chains = hashlib.blake2b, []
    for body in bodies:
        previous = blake2b(previous + body, digest_size=CHAIN_BYTES).digest()
        chains.append(previous)
    return chains
