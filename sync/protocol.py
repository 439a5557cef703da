"""The protocol without any input or output: events in, effects out. No socket, no clock, no database.

`Uplink` brings a device's own streams to the cloud, `Downlink` brings what the device misses; they are independent, so
that neither waits for the other. `assess` is the receiver's half: what to do with a frame, given what is held.

A carrier sends the messages that come out and feeds the replies in. A reply that is lost is an event too (`lost`); both
machines then begin again from a handshake, which costs one message and can lose or double nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from shared.kernel.records import SCHEMA_EPOCH
from sync.change import Position, RawChange, Vector, decode_raw, links
from sync.frame_limit import FrameLimit
from sync.messages import (
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    Behind,
    Differing,
    Forked,
    Frame,
    Hello,
    Mark,
    Pull,
    Push,
    Refused,
    ScopeDigest,
    Suffixes,
    Welcome,
    from_marks,
    to_marks,
)

NOTHING_STORED = "NOTHING_STORED"
"""We were sent what we cannot store: a stream of the other side continues another history than the one we hold."""


# -- effects ---------------------------------------------------------------------------------------------------------


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
    """The cloud holds at least this much of one of our streams, and has folded so much of it (None: it did not say)."""

    stream: UUID
    seq: int
    judged: int | None = None


@dataclass(frozen=True, slots=True)
class StoreFrames:
    """Append these frames to the log, then feed the heads of their streams to `Downlink.stored`."""

    frames: list[Frame]


@dataclass(frozen=True, slots=True)
class ReadOwn:
    """Read the heads of our own streams and feed them to `Downlink.own`."""


@dataclass(frozen=True, slots=True)
class CompareDigests:
    """Compare the cloud's digests with ours, if we still hold exactly `vector`, all of it folded and nothing parked."""

    vector: Vector
    digests: list[ScopeDigest]


@dataclass(frozen=True, slots=True)
class ReportFork:
    """Two histories under one identity: stop pushing this stream, tell a person."""

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


Effect = Send | ReadSuffix | MarkAcked | StoreFrames | ReadOwn | CompareDigests | ReportFork | Learned | Rest | Stop


# -- the device's push loop ------------------------------------------------------------------------------------------


class Uplink:
    """Pushes our own streams, one frame at a time.

    Feed `begin` with our heads, then every reply; do what comes back. After `Rest`, feed `begin` again when a commit
    happened or when a timer says so. Times are milliseconds of any clock.
    """

    def __init__(self) -> None:
        self._own: Vector = {}
        self._held: dict[UUID, int] = {}
        self._forked: dict[UUID, Position] = {}
        self._limit = FrameLimit()
        self._reading: UUID | None = None
        self._sent = 0
        self._last = 0

    def begin(self, own: Vector, now_ms: int) -> list[Effect]:
        """Start, or start again: say what we have authored."""
        self._own = own
        self._limit.pass_time(now_ms)
        return [Send(Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, to_marks(own)))]

    def received(self, message: AnyMessage) -> list[Effect]:
        """The other side's reply."""
        match message:
            case Welcome():
                judged = {UUID(bytes=head.stream): head.seq for head in message.judged}
                learned = Learned(message.generation, message.now_ms, message.epoch > SCHEMA_EPOCH)
                return [learned, *self._compare(from_marks(message.held), judged)]
            case Ack(mark=mark) if self._is_progress(mark):
                self._limit.taken(self._sent)
                stream = UUID(bytes=mark.stream)
                self._held[stream] = mark.seq
                return [MarkAcked(stream, mark.seq), *self._next()]
            case Behind(mark=mark) if self._is_before(mark):
                self._held[UUID(bytes=mark.stream)] = mark.seq
                return self._next()
            case Forked(mark=mark):
                return [self._fork(UUID(bytes=mark.stream), Position(mark.seq, mark.chain)), *self._next()]
            case Refused():
                return [Stop(message.code, message.params)]
            case _:
                return [Stop("UNEXPECTED_MESSAGE", {})]

    def suffix(self, frame: Frame | None) -> list[Effect]:
        """What was read for `ReadSuffix`; None if there was nothing after all, so that the other streams go on."""
        if frame is not None:
            self._sent, self._last = len(frame.bodies), frame.last
            return [Send(Push(frame))]
        if self._reading is not None:
            self._held[self._reading] = self._own[self._reading].seq
        return self._next()

    def too_large(self, now_ms: int) -> list[Effect]:
        """Something on the way takes no push of this size: go on at once with a smaller one.

        Nothing comes back if the frame is one unit of work, which cannot be cut: then it counts as lost.
        """
        return self._next() if self._limit.refused(self._sent, now_ms) else []

    def lost(self) -> list[Effect]:
        """No reply came: start over with a handshake."""
        self._held.clear()
        return [Rest()]

    def _is_progress(self, mark: Mark) -> bool:
        """Whether an acknowledgement is about what was sent. A cloud that repeats itself would be asked without end."""
        stream = UUID(bytes=mark.stream)
        if stream != self._reading:
            return False
        return self._held.get(stream, 0) < mark.seq <= max(self._last, self._own[stream].seq)

    def _is_before(self, mark: Mark) -> bool:
        """Whether the receiver holds less than what we believed, so that sending from there leads on."""
        stream = UUID(bytes=mark.stream)
        return stream == self._reading and mark.seq < self._held.get(stream, 0)

    def _compare(self, held: Vector, judged: dict[UUID, int]) -> list[Effect]:
        self._held = {stream: held[stream].seq if stream in held else 0 for stream in self._own}
        known, self._forked = self._forked, {}
        # Where nothing has moved since a fork turned out, it still is one: said again until one side is cured.
        forks = [
            self._fork(stream, theirs)
            for stream, theirs in {**known, **held}.items()
            if theirs == known.get(stream) or self._contradicts(stream, theirs)
        ]
        acked = [
            MarkAcked(stream, seq, judged.get(stream))
            for stream, seq in self._held.items()
            if seq and stream not in self._forked
        ]
        return [*acked, *forks, *self._next()]

    def _contradicts(self, stream: UUID, theirs: Position) -> bool:
        mine = self._own.get(stream)
        return mine is not None and (theirs.seq > mine.seq or (theirs.seq == mine.seq and theirs.chain != mine.chain))

    def _fork(self, stream: UUID, theirs: Position) -> ReportFork:
        self._forked[stream] = theirs
        return ReportFork(stream, theirs)

    def _next(self) -> list[Effect]:
        for stream, head in sorted(self._own.items()):
            held = self._held.get(stream, 0)
            if head.seq > held and stream not in self._forked:
                self._reading = stream
                return [ReadSuffix(stream, held, self._limit.changes)]
        self._reading = None
        return [Rest()]


# -- the device's pull loop ------------------------------------------------------------------------------------------


class Downlink:
    """Pulls what we miss: our vector goes out, suffixes come in and are stored before the next question.

    Nobody but us appends to our own streams: frames that make one of them longer are a fork. They are not stored, and
    the next questions name them as held, so that they keep nothing else from coming.
    """

    def __init__(self, wait_ms: int, device_id: UUID) -> None:
        self._wait_ms = wait_ms
        self._device = device_id.bytes
        self._more = False
        self._asked: Vector = {}
        self._asks_to_fold = False
        self._longer: Vector = {}
        self._answer = Suffixes([], more=False, now_ms=0)

    def begin(self, vector: Vector, differ: Sequence[Differing] = ()) -> list[Effect]:
        """Ask for what is missing, and for the cloud to fold anew what differs."""
        self._asked, self._asks_to_fold = vector, bool(differ)
        self._longer = {
            stream: at for stream, at in self._longer.items() if stream not in vector or at.seq > vector[stream].seq
        }
        wait_ms = 0 if self._more or differ else self._wait_ms
        return [Send(Pull(to_marks({**vector, **self._longer}), wait_ms, list(differ)))]

    def received(self, message: AnyMessage) -> list[Effect]:
        """The other side's reply."""
        match message:
            case Suffixes():
                self._answer, self._more = message, message.more
                judged = [MarkAcked(UUID(bytes=head.stream), 0, head.seq) for head in message.judged]
                ours = any(frame.device == self._device for frame in message.frames)
                return [*judged, ReadOwn()] if ours else [*judged, *self._take(message.frames)]
            case Refused():
                return [Stop(message.code, message.params)]
            case _:
                return [Stop("UNEXPECTED_MESSAGE", {})]

    def own(self, heads: Vector) -> list[Effect]:
        """The heads of our own streams as they are now: what was just pushed may come back, and is no fork."""
        known = {**self._asked, **self._longer}
        theirs = []
        for frame in self._answer.frames:
            if frame.device != self._device:
                theirs.append(frame)
            elif frame.bodies and frame.last > heads.get(frame.key.id, Position(0, b"")).seq:
                self._longer[frame.key.id] = Position(frame.last, links(frame.previous, frame.bodies)[-1])
        self._asked = {**self._asked, **heads}
        if theirs or not self._more:
            return self._take(theirs)
        if {**self._asked, **self._longer} == known:
            return [*self._forks(), Stop(NOTHING_STORED, {})]
        return [*self._forks(), *self.begin(self._asked)]

    def lost(self) -> None:
        """No reply came: the next question does not wait for news, so that it soon shows whether the way is free."""
        self._more = True

    def stored(self, heads: Vector) -> list[Effect]:
        """The frames are durably stored, and their streams are so long now: ask on if there was more.

        If none of them could be (a fork), asking again would bring the same frames without end: stop instead.
        """
        vector = {**self._asked, **heads}
        if vector == self._asked:
            self._more = False
            return [Stop(NOTHING_STORED, {})]
        return self.begin(vector) if self._more else [Rest()]

    def _take(self, frames: list[Frame]) -> list[Effect]:
        if frames:
            return [*self._forks(), StoreFrames(frames)]
        # After a question to fold anew the digests are those of before.
        if self._answer.digests and not (self._more or self._longer or self._asks_to_fold):
            return [CompareDigests(self._asked, self._answer.digests), Rest()]
        return [*self._forks(), Rest()]

    def _forks(self) -> list[Effect]:
        return [ReportFork(stream, at) for stream, at in sorted(self._longer.items())]


# -- the receiver's half ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fresh:
    """The part of a frame that the receiver does not hold: decoded changes, their bodies and chain values."""

    changes: Sequence[RawChange]
    bodies: Sequence[bytes]
    chains: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Replay:
    """All of the frame lies at or before our head: hold `chain` against what is stored at `seq`, then acknowledge."""

    seq: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Something is missing before the frame."""


@dataclass(frozen=True, slots=True)
class Fork:
    """The frame continues another history than ours."""


def assess(
    frame: Frame, head: Position, chains: Sequence[bytes] | None = None
) -> Fresh | Replay | Gap | Fork | Refused:
    """What to do with a frame of a stream of which `head` is held.

    Checks, in this order: that it joins (no gap), that its chain meets ours, that it holds whole, well-formed,
    consecutive transactions.

    Args:
        chains: of the frame, if they are known already (a signature was checked).
    """
    if not frame.bodies:
        return Refused("FRAME_EMPTY")
    if frame.first > head.seq + 1:
        return Gap()
    if frame.first == 1 and frame.previous != frame.key.genesis:
        return Fork()
    if frame.first == head.seq + 1 and frame.previous != head.chain:
        return Fork()
    chains = links(frame.previous, frame.bodies) if chains is None else chains
    if frame.last <= head.seq:
        return Replay(frame.last, chains[-1])
    known = head.seq - frame.first + 1
    if known > 0 and chains[known - 1] != head.chain:
        return Fork()
    return _decoded(frame, known, chains)


def _decoded(frame: Frame, known: int, chains: Sequence[bytes]) -> Fresh | Refused:
    bodies = frame.bodies[known:]
    try:
        changes = list(map(decode_raw, bodies))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refused("FRAME_MALFORMED")
    first = frame.first + known
    if any(change.seq != first + index for index, change in enumerate(changes)):
        return Refused("FRAME_OUT_OF_SEQUENCE")
    if not changes[-1].last:
        return Refused("FRAME_CUTS_A_TRANSACTION")
    return Fresh(changes, bodies, chains[known:])
