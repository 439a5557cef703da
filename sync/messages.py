"""What replicas say to each other: messages, frames, and their bytes on any carrier.

Encoding is msgpack; from `COMPRESS_FROM_BYTES` on, zstd. The limits below hold for what is received, too: whoever sends
more is refused before it costs memory, and before anything is hashed.

Unknown fields are ignored, in maps and at the end of arrays, so that a program takes the messages of a later one. A
field that is added later has a default. Only what an older program would misread raises `PROTOCOL_VERSION`.
"""

from __future__ import annotations

import threading
from typing import Annotated, TypeVar, get_args
from uuid import UUID

import msgspec
import zstandard

from shared.kernel.records import Scope
from shared.kernel.sealed import SECRET_BYTES
from sync.change import MAX_BODY_BYTES, Bytes16, Name, Natural, Position, StreamKey, Vector

PROTOCOL_VERSION = 1
OLDEST_PROTOCOL_VERSION = 1
"""The cloud speaks every version that was ever shipped."""
MAX_PUSH_CHANGES = 4_000
"""A pushed frame's aim: the cloud folds so many in one transaction. A larger unit of work still travels whole."""
MAX_PULL_CHANGES = 500
"""A pulled frame's aim: a till stores and folds it under its write lock, and the cashier's next tap waits so long."""
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Decompressed. The largest honest message (one transaction of large changes) is far below."""
MAX_TRANSACTION_BYTES = MAX_MESSAGE_BYTES // 2
"""What a unit of work may write: it travels whole, so more could be stored and never sent."""
MAX_TRANSACTION_CHANGES = 50_000
"""Of a unit of work, and so of a frame: a plan with a whole restaurant has a tenth; hashing so many takes 30 ms."""
MAX_MARKS = 10_000
"""Entries of a vector: a branch has tens of streams."""
MAX_SCOPES = 100
"""Whose digests an answer bears: a device holds two."""
MAX_TABLES = 1_000
"""Of a scope: there are some forty."""
MAX_FRAMES = 20_000
"""Of an answer: each is whole transactions, and the cloud sends at most some thousand changes at a time."""
MAX_DIFFERING = 2_000
"""Of a question: a device asks about the tables of two scopes."""
MAX_PRINTERS = 60
"""Of a device's report: a house has some ten."""
MAX_CODE_CHARACTERS = 40
"""Of a version, and of a fault."""
MAX_PARAMS = 20
"""Of a refusal."""
MAX_KEYS = 4_000
"""Of a message: what a frame of whole transactions names is asked for in parts of so many."""
MAX_INCARNATION = 1_000
"""A device is reinstalled now and then; who has more histories than this makes them up."""
MAX_SEQ = 1 << 62
"""Where a frame may begin, so that its end is still a number of 63 bits."""
COMPRESS_FROM_BYTES = 512
ZSTD_LEVEL = 3
"""24 bytes a change of a sale in frames of 1,000; level 6 has 23 and takes five times as long."""
M = TypeVar("M")
_PLAIN, _ZSTD = b"\x00", b"\x01"

Body = Annotated[bytes, msgspec.Meta(max_length=MAX_BODY_BYTES)]
Incarnation = Annotated[int, msgspec.Meta(ge=0, le=MAX_INCARNATION)]


class Frame(msgspec.Struct, array_like=True, frozen=True):
    """A run of whole transactions of one stream.

    Attributes:
        device, incarnation, scope, scope_id: the stream.
        first: sequence number of the first body.
        previous: chain value before it.
        bodies: encoded changes.
        signature: the author's Ed25519 signature over (stream, last seq, last chain), see `sync/signing.py`.
    """

    device: Bytes16
    incarnation: Incarnation
    scope: Scope
    scope_id: Bytes16
    first: Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)]
    previous: Bytes16
    bodies: Annotated[list[Body], msgspec.Meta(max_length=MAX_TRANSACTION_CHANGES)]
    signature: bytes = b""

    @property
    def key(self) -> StreamKey:
        """The stream's identity."""
        return StreamKey(UUID(bytes=self.device), self.incarnation, self.scope, UUID(bytes=self.scope_id))

    @property
    def last(self) -> int:
        """Sequence number of the last body."""
        return self.first + len(self.bodies) - 1

    @property
    def size(self) -> int:
        """Bytes of all bodies."""
        return sum(map(len, self.bodies))


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """One entry of a vector on the wire."""

    stream: Bytes16
    seq: Natural
    chain: Bytes16


Marks = Annotated[list[Mark], msgspec.Meta(max_length=MAX_MARKS)]


class Judged(msgspec.Struct, array_like=True, frozen=True):
    """How far the cloud has judged and folded a stream."""

    stream: Bytes16
    seq: Natural


JudgedHeads = Annotated[list[Judged], msgspec.Meta(max_length=MAX_MARKS)]
Bytes8 = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class TableDigest(msgspec.Struct, array_like=True, frozen=True):
    """What a table's rows of a scope add up to.

    Attributes:
        fingerprint: of the columns that were added up; digests of other columns say nothing about each other.
        digest: the sum.
    """

    fingerprint: Bytes8
    digest: Bytes8


class ScopeDigest(msgspec.Struct, array_like=True, frozen=True):
    """The digests of a scope's tables, by name."""

    scope_id: Bytes16
    tables: Annotated[dict[Name, TableDigest], msgspec.Meta(max_length=MAX_TABLES)]


class Differing(msgspec.Struct, array_like=True, frozen=True):
    """A table of a scope whose rows differ on both sides, though its asker has folded them anew."""

    scope_id: Bytes16
    table: Name


class Message(msgspec.Struct, frozen=True, tag_field="t"):
    """Base of all messages."""


class PrinterReport(msgspec.Struct, array_like=True, frozen=True):
    """A printer with open jobs. `fault` is the code of what is wrong; empty if nothing is."""

    name: Name
    open: Natural
    fault: Annotated[str, msgspec.Meta(max_length=MAX_CODE_CHARACTERS)] = ""


class Health(msgspec.Struct, array_like=True, frozen=True):
    """How a device is, for who looks after it. It is no part of the log, and nothing is decided by it.

    Attributes:
        program: its version.
        waiting: changes that are not sent yet.
        oldest_ms: when the oldest of them was written; 0 if none waits.
        disk_free_mb: room on the disk of its folder; -1 if it is not known.
        printers: those with open jobs.
    """

    program: Annotated[str, msgspec.Meta(max_length=MAX_CODE_CHARACTERS)]
    waiting: Natural = 0
    oldest_ms: Natural = 0
    disk_free_mb: Annotated[int, msgspec.Meta(ge=-1, le=MAX_SEQ)] = -1
    printers: Annotated[list[PrinterReport], msgspec.Meta(max_length=MAX_PRINTERS)] = []


class Hello(Message, frozen=True, tag="hello"):
    """A device begins: what it has authored, so that the cloud can say how much of it it holds.

    Attributes:
        epoch: the schema epoch of its program.
        now_ms: what its clock says; 0 if it does not say.
        health: how it is; None if it does not say.
    """

    version: int
    epoch: int
    own: Marks
    now_ms: Natural = 0
    health: Health | None = None


class Welcome(Message, frozen=True, tag="welcome"):
    """The cloud's generation, its actual position in each of the device's own streams, and its time.

    Attributes:
        judged: how far the cloud has folded each of them.
        epoch: the schema epoch of its program.
        latest: the greatest incarnation of the device that it has heard of.
    """

    generation: Bytes16
    held: Marks
    now_ms: int
    judged: JudgedHeads = []
    epoch: int = 0
    latest: Incarnation = 0


class Push(Message, frozen=True, tag="push"):
    """Changes that the sender authored."""

    frame: Frame


class Ack(Message, frozen=True, tag="ack"):
    """Durably stored up to here."""

    mark: Mark


class Behind(Message, frozen=True, tag="behind"):
    """There is a gap between what the receiver holds and the frame; send from here."""

    mark: Mark


class Forked(Message, frozen=True, tag="forked"):
    """The same position with another chain value: two histories under one identity.

    Attributes:
        mark: how much the receiver holds of its own.
        common: the last position at which both agree; None if they differ before the frame begins.
    """

    mark: Mark
    common: Natural | None = None


class Pull(Message, frozen=True, tag="pull"):
    """What the sender holds; the answer is what it misses.

    Attributes:
        wait_ms: how long the answer may wait for news.
        differ: what the cloud shall fold anew, since folding it anew here did not help.
        gives_back: the sender has heard what the cloud lacks; it need not be told at once again.
    """

    vector: Marks
    wait_ms: Natural = 0
    differ: Annotated[list[Differing], msgspec.Meta(max_length=MAX_DIFFERING)] = []
    gives_back: bool = False


class Suffixes(Message, frozen=True, tag="suffixes"):
    """Frames that the asker misses, causes before effects.

    Attributes:
        more: there is more than this.
        judged: how far the cloud has folded each of the asker's own streams.
        digests: of what the asker may see; only if it misses nothing and has nothing unsent, and the cloud has folded
            all of it and parked nothing.
        own: how much the cloud holds of each of the asker's own streams.
        lacks: how much it holds of the streams of which the asker holds more: it was restored from a backup.
        latest: the greatest incarnation of the asker that it has heard of.
    """

    frames: Annotated[list[Frame], msgspec.Meta(max_length=MAX_FRAMES)]
    more: bool
    now_ms: int
    judged: JudgedHeads = []
    digests: Annotated[list[ScopeDigest], msgspec.Meta(max_length=MAX_SCOPES)] = []
    own: Marks = []
    latest: Incarnation = 0
    lacks: Marks = []


class SubjectKey(msgspec.Struct, array_like=True, frozen=True):
    """A key of sealed fields, with whose it is; its name follows from all of that."""

    scope_id: Bytes16
    subject: Bytes16
    secret: Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]

    def __repr__(self) -> str:
        return f"SubjectKey({self.subject.hex()})"


class Keys(Message, frozen=True, tag="keys"):
    """Keys that frames need which are sent after it; or those that were asked for, as far as the sender has them."""

    keys: Annotated[list[SubjectKey], msgspec.Meta(max_length=MAX_KEYS)]


class KeysStored(Message, frozen=True, tag="keys_stored"):
    """The keys are durably stored, except those of persons who are forgotten."""


class AskKeys(Message, frozen=True, tag="ask_keys"):
    """The keys with these names, please."""

    names: Annotated[list[Bytes16], msgspec.Meta(max_length=MAX_KEYS)]


class Refused(Message, frozen=True, tag="refused"):
    """The receiver will not take the message; a stable code and plain parameters."""

    code: str
    params: Annotated[dict[str, str | int], msgspec.Meta(max_length=MAX_PARAMS)] = {}


ToCloud = Hello | Push | Pull | Keys | AskKeys
"""What a device asks. The cloud decodes nothing else: a large answer of its own making would cost it most."""
AnyMessage = ToCloud | Welcome | Ack | Behind | Forked | Suffixes | KeysStored | Refused


class _Tagged(msgspec.Struct, frozen=True):
    """The kind of a message of any version."""

    t: str


class _Zstd(threading.local):
    """Each thread's own compressor and decompressor: kept, since to make them costs as much as a small message."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        self.decompressor = zstandard.ZstdDecompressor()


_zstd = _Zstd()
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyMessage] = msgspec.msgpack.Decoder(AnyMessage)
_asked: msgspec.msgpack.Decoder[ToCloud] = msgspec.msgpack.Decoder(ToCloud)
_tag_of = msgspec.msgpack.Decoder(_Tagged).decode
_TAGS = frozenset(kind.__struct_config__.tag for kind in get_args(AnyMessage))
_ASKED_TAGS = frozenset(kind.__struct_config__.tag for kind in get_args(ToCloud))
MESSAGE_UNKNOWN = "MESSAGE_UNKNOWN"
NOT_FOR_THE_CLOUD = "MESSAGE_NOT_FOR_THE_CLOUD"


class BadMessage(ValueError):
    """Bytes that are no message: too large, damaged, or of an unknown shape."""


class UnknownMessage(BadMessage):
    """A message of a kind that a newer version knows. Its receiver answers `Refused(MESSAGE_UNKNOWN)`."""


def dump(message: AnyMessage) -> bytes:
    """The bytes of a message."""
    raw = _encoder.encode(message)
    if len(raw) < COMPRESS_FROM_BYTES:
        return _PLAIN + raw
    return _ZSTD + _zstd.compressor.compress(raw)


class MisdirectedMessage(BadMessage):
    """A message that nobody sends to the cloud. It answers `Refused(NOT_FOR_THE_CLOUD)`."""


def load(data: bytes) -> AnyMessage:
    """A message from its bytes.

    Raises:
        BadMessage, UnknownMessage: see there.
    """
    return _loaded(data, _decoder)


def load_asked(data: bytes) -> ToCloud:
    """What a device asks the cloud, from its bytes. Anything else is refused before it is decoded.

    Raises:
        BadMessage, UnknownMessage, MisdirectedMessage: see there.
    """
    return _loaded(data, _asked)


def raw_size(data: bytes) -> int:
    """How many bytes a message has when it is decompressed, by what it says of itself.

    Raises:
        BadMessage: that is too many, or nothing that we write.
    """
    if len(data) > MAX_MESSAGE_BYTES + 1:
        msg = f"a message of {len(data)} bytes; the limit is {MAX_MESSAGE_BYTES}"
        raise BadMessage(msg)
    if data[:1] == _PLAIN:
        return len(data) - 1
    if data[:1] != _ZSTD:
        msg = "unknown encoding"
        raise BadMessage(msg)
    try:
        promised: int = zstandard.frame_content_size(data[1:])
    except zstandard.ZstdError as error:
        raise BadMessage(str(error)) from None
    if not 0 <= promised <= MAX_MESSAGE_BYTES:
        msg = f"a message of {promised} bytes; the limit is {MAX_MESSAGE_BYTES}"
        raise BadMessage(msg)
    return promised


def _loaded(data: bytes, decoder: msgspec.msgpack.Decoder[M]) -> M:
    raw_size(data)
    try:
        raw = (
            data[1:]
            if data[:1] == _PLAIN
            else _zstd.decompressor.decompress(data[1:], max_output_size=MAX_MESSAGE_BYTES)
        )
        message = _decoded(raw, decoder)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, zstandard.ZstdError) as error:
        raise BadMessage(str(error)) from None
    for frame in _frames(message):
        if frame.size > MAX_TRANSACTION_BYTES:
            msg = f"a frame of {frame.size} bytes; the limit is {MAX_TRANSACTION_BYTES}"
            raise BadMessage(msg)
    return message


def _decoded(raw: bytes, decoder: msgspec.msgpack.Decoder[M]) -> M:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        tag = _tag_of(raw).t
        if tag not in _TAGS:
            msg = f"a message of the unknown kind {tag!r:.40}"
            raise UnknownMessage(msg) from None
        if decoder is _asked and tag not in _ASKED_TAGS:
            msg = f"a message of the kind {tag}"
            raise MisdirectedMessage(msg) from None
        raise


def _frames(message: object) -> list[Frame]:
    match message:
        case Push():
            return [message.frame]
        case Suffixes():
            return message.frames
        case _:
            return []


def to_marks(vector: Vector) -> list[Mark]:
    """A vector as it travels, in a fixed order."""
    return [Mark(stream.bytes, at.seq, at.chain) for stream, at in sorted(vector.items())]


def from_marks(marks: list[Mark]) -> Vector:
    """A vector as it is held."""
    return {UUID(bytes=mark.stream): Position(mark.seq, mark.chain) for mark in marks}


def signed_bytes(stream: UUID, seq: int, chain: bytes) -> bytes:
    """What an author signs at the end of a frame."""
    return b"comanda-frame" + stream.bytes + seq.to_bytes(8, "big") + chain
