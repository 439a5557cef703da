"""What the machines of `sync/protocol.py` want done. Some effects have a result, which is fed back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sync.change import Position, Vector
from sync.messages import AnyMessage, Frame, ScopeDigest


@dataclass(frozen=True, slots=True)
class Send:
    """Send this and feed the reply back."""

    message: AnyMessage


@dataclass(frozen=True, slots=True)
class ReadSuffix:
    """Read at most `limit` changes of one of our streams after `after` and feed them to `Uplink.suffix`."""

    stream: UUID
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class MarkAcked:
    """The cloud holds at least this much of one of our streams, and has folded so much of it (None: it did not say).

    Attributes:
        is_all: it holds exactly so much, even if it acknowledged more before (it was restored from a backup).
    """

    stream: UUID
    seq: int
    judged: int | None = None
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The cloud holds only so much of these streams, and we hold more: read their heads, feed `Uplink.give_back`."""

    held: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Agreed:
    """The cloud has compared its history of a stream with ours, which differed. Ask for the stream again.

    Attributes:
        common: the cloud keeps its own history after this position; None: it took ours.
    """

    stream: UUID
    common: int | None


@dataclass(frozen=True, slots=True)
class StoreFrames:
    """Append these frames to the log, then feed the heads of their streams to `Downlink.stored`."""

    frames: list[Frame]


@dataclass(frozen=True, slots=True)
class CompareDigests:
    """Compare the cloud's digests with ours, if we still hold exactly `vector`, all of it folded and nothing parked."""

    vector: Vector
    digests: list[ScopeDigest]


@dataclass(frozen=True, slots=True)
class Reauthor:
    """One of our streams has two histories from `after` on: write our part of it anew, then begin again."""

    stream: UUID
    after: int


@dataclass(frozen=True, slots=True)
class ReportFork:
    """A stream cannot be exchanged: two histories under one identity, or a wrong signature. Tell a person."""

    stream: UUID
    theirs: Position


@dataclass(frozen=True, slots=True)
class Learned:
    """What the handshake told: the cloud's generation, its clock, and whether its program is newer than ours."""

    generation: bytes
    now_ms: int
    is_newer: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do until something new happens."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The other side refuses for a reason that waiting does not cure."""

    code: str
    params: dict[str, str | int]


Effect = (
    Send
    | ReadSuffix
    | MarkAcked
    | GiveBack
    | Agreed
    | StoreFrames
    | CompareDigests
    | Reauthor
    | ReportFork
    | Learned
    | Rest
    | Stop
)
