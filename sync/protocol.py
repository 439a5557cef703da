"""The protocol without any input or output: events in, effects out. No socket, no clock, no database.

`Uplink` brings a device's own streams to the cloud, `Downlink` brings what the device misses; they are independent, so
that neither waits for the other. The receiver's half is `sync/assessing.py`.

A carrier sends the messages that come out and feeds the replies in. A reply that is lost is an event too (`lost`); both
machines then begin again from a handshake, which costs one message and can lose or double nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.records import SCHEMA_EPOCH
from sync.change import Position, Vector, links
from sync.effects import (
    Agreed,
    CompareDigests,
    Effect,
    GiveBack,
    Learned,
    MarkAcked,
    ReadSuffix,
    Reauthor,
    ReportFork,
    Rest,
    Send,
    Stop,
    StoreFrames,
)
from sync.frame_limit import FrameLimit
from sync.messages import (
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    Behind,
    Differing,
    Forked,
    Frame,
    Health,
    Hello,
    Mark,
    Pull,
    Push,
    Refused,
    Suffixes,
    Welcome,
    from_marks,
    to_marks,
)

NOTHING_STORED = "NOTHING_STORED"
"""We were sent what we cannot store: a stream of the other side continues another history than the one we hold."""


# -- the device's push loop ------------------------------------------------------------------------------------------


class Uplink:
    """Pushes our own streams, one frame at a time.

    Feed `begin` with our heads, then every reply; do what comes back. After `Rest`, feed `begin` again when a commit
    happened or when a timer says so. Times are milliseconds of any clock.
    """

    def __init__(self) -> None:
        self._own: Vector = {}
        self._held: dict[UUID, int] = {}
        self._disputed: dict[UUID, int] = {}
        self._all: Vector = {}
        self._generation: bytes | None = None
        self._welcome: Welcome | None = None
        self._lacking: Vector = {}
        self._given: dict[UUID, int] = {}
        self._forked: dict[UUID, Position] = {}
        self._limit = FrameLimit()
        self._reading: UUID | None = None
        self._sent = 0
        self._last = 0

    def begin(self, own: Vector, now_ms: int, held: Vector | None = None, health: Health | None = None) -> list[Effect]:
        """Start, or start again: say what we have authored.

        Args:
            held: all that we hold, of whatever author.
            health: how the device is.
        """
        self._own, self._all = own, held or {}
        self._limit.pass_time(now_ms)
        return [Send(Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, to_marks(own), max(0, now_ms), health))]

    def dispute(self, stream: UUID, after: int) -> None:
        """From the next handshake on, send a stream from this position, to learn where its two histories part."""
        self._disputed[stream] = after

    def give_back(self, heads: Vector, held: dict[UUID, int]) -> None:
        """Before our own streams, send what the cloud lacks of these: what it lost, as its author signed it."""
        self._lacking = heads
        self._given = {stream: held[stream] for stream in heads}
        # Of a stream of which the cloud holds another history, it says that it holds nothing.
        self._disputed |= {stream: 0 for stream in heads if held[stream] == 0}

    def received(self, message: AnyMessage) -> list[Effect]:
        """The other side's reply."""
        match message:
            case Forked() if self._reading in self._lacking:
                return self._part_from_lacking(self._reading, message.common)
            case Refused() if self._reading in self._lacking:
                # Nobody's sale waits for it. It is told, and the others go on.
                return self._give_up(self._reading)
            case Welcome():
                learned = Learned(message.generation, message.now_ms, message.epoch > SCHEMA_EPOCH)
                is_another = self._generation != message.generation
                self._generation = message.generation
                if is_another and self._all:
                    # What it lost comes before what hangs on it: a sale of somebody whom it does not know any more.
                    # A program that has just started does not know which cloud it met last.
                    self._welcome = message
                    return [learned, Send(Pull(to_marks(self._all)))]
                return [learned, *self._compare(message)]
            case Suffixes() if self._welcome is not None:
                welcome, self._welcome = self._welcome, None
                lacks = {UUID(bytes=mark.stream): mark.seq for mark in message.lacks}
                self.give_back({stream: at for stream, at in self._all.items() if stream in lacks}, lacks)
                return self._compare(welcome)
            case Ack(mark=mark) if self._is_progress(mark):
                self._limit.taken(self._sent)
                stream = UUID(bytes=mark.stream)
                # Of a stream that is longer there, only what was sent is known to be the same.
                self._held[stream] = min(mark.seq, self._last) if stream in self._disputed else mark.seq
                return [*([MarkAcked(stream, self._held[stream])] if stream in self._own else []), *self._next()]
            case Behind(mark=mark) if self._is_before(mark):
                self._held[UUID(bytes=mark.stream)] = mark.seq
                return self._next()
            case Forked(mark=mark):
                return self._part(UUID(bytes=mark.stream), Position(mark.seq, mark.chain), message.common)
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
            self._held[self._reading] = self._heads.get(self._reading, _NOTHING).seq
        return self._next()

    def too_large(self, now_ms: int) -> list[Effect]:
        """Something on the way takes no push of this size: go on at once with a smaller one.

        Nothing comes back if the frame is one unit of work, which cannot be cut: then it counts as lost.
        """
        return self._next() if self._limit.refused(self._sent, now_ms) else []

    def lost(self) -> list[Effect]:
        """No reply came: start over with a handshake."""
        self._held.clear()
        if self._welcome is not None:
            self._welcome = self._generation = None
        return [Rest()]

    def _is_progress(self, mark: Mark) -> bool:
        """Whether an acknowledgement is about what was sent. A cloud that repeats itself would be asked without end."""
        stream = UUID(bytes=mark.stream)
        if stream != self._reading or mark.seq <= self._held.get(stream, 0):
            return False
        if stream in self._disputed or stream in self._lacking:
            return True  # its author, or another device, may have brought more than we hold
        return mark.seq <= max(self._last, self._heads.get(stream, _NOTHING).seq)

    def _is_before(self, mark: Mark) -> bool:
        """Whether the receiver holds less than what we believed, so that sending from there leads on."""
        stream = UUID(bytes=mark.stream)
        return stream == self._reading and mark.seq < self._held.get(stream, 0)

    @property
    def _heads(self) -> Vector:
        return {**self._lacking, **self._own}

    def _give_up(self, stream: UUID) -> list[Effect]:
        at = self._lacking.pop(stream)
        self._disputed.pop(stream, None)
        return [ReportFork(stream, at), *self._next()]

    def _part_from_lacking(self, stream: UUID, common: int | None) -> list[Effect]:
        """Go on after the cloud has refused our history of a stream of others, or look for where the two part."""
        if common is not None:
            del self._lacking[stream]
            self._disputed.pop(stream, None)
            return [Agreed(stream, common), *self._next()]
        if self._held.get(stream, 0) == 0:
            return self._give_up(stream)
        self._disputed[stream] = self._held[stream] = 0
        return self._next()

    def _compare(self, welcome: Welcome) -> list[Effect]:
        held = from_marks(welcome.held)
        judged = {UUID(bytes=head.stream): head.seq for head in welcome.judged}
        self._forked = {}
        self._held = {stream: held[stream].seq if stream in held else 0 for stream in self._own}
        same = [stream for stream in self._own if stream not in held or not self._contradicts(stream, held[stream])]
        acked = [
            MarkAcked(stream, self._held[stream], judged.get(stream), is_all=True)
            for stream in same
            if stream not in self._disputed
        ]
        self._lacking = {stream: at for stream, at in self._lacking.items() if stream not in self._own}
        self._disputed = {stream: after for stream, after in self._disputed.items() if stream in self._heads}
        self._held |= {stream: self._given[stream] for stream in self._lacking}
        self._held |= {stream: min(after, self._held[stream]) for stream, after in self._disputed.items()}
        return [*acked, *self._next()]

    def _contradicts(self, stream: UUID, theirs: Position) -> bool:
        mine = self._own[stream]
        return theirs.seq > mine.seq or (theirs.seq == mine.seq and theirs.chain != mine.chain)

    def _part(self, stream: UUID, theirs: Position, common: int | None) -> list[Effect]:
        """Go on after two histories of a stream have shown: move our part of it, or look for where they part."""
        if stream in self._own and common is not None:
            self._disputed.pop(stream, None)
            return [Reauthor(stream, common)]
        if stream in self._own and self._held.get(stream, 0) > 0:
            self._disputed[stream] = self._held[stream] = 0
            return self._next()
        self._forked[stream] = theirs
        return [ReportFork(stream, theirs), *self._next()]

    def _next(self) -> list[Effect]:
        agreed: list[Effect] = []
        for stream, head in sorted(self._lacking.items()):
            if head.seq > self._held.setdefault(stream, self._given[stream]):
                return [*agreed, *self._read(stream)]
            if self._disputed.pop(stream, None) is not None:
                agreed.append(Agreed(stream, None))
            del self._lacking[stream]
        for stream, head in sorted(self._own.items()):
            if head.seq > self._held.get(stream, 0) and stream not in self._forked:
                return [*agreed, *self._read(stream)]
            self._disputed.pop(stream, None)
        self._reading = None
        return [*agreed, Rest()]

    def _read(self, stream: UUID) -> list[Effect]:
        self._reading = stream
        return [ReadSuffix(stream, self._held.get(stream, 0), self._limit.changes)]


# -- the device's pull loop ------------------------------------------------------------------------------------------


class Downlink:
    """Pulls what we miss: our vector goes out, suffixes come in and are stored before the next question.

    What could not be stored (another history, a wrong signature) is named as held in the next questions, so that it
    keeps nothing else from coming.
    """

    def __init__(self, wait_ms: int) -> None:
        self._wait_ms = wait_ms
        self._more = False
        self._asked: Vector = {}
        self._asks_to_fold = False
        self._skipped: Vector = {}
        self._lacks: dict[UUID, int] = {}
        self._answer = Suffixes([], more=False, now_ms=0)

    def begin(self, vector: Vector, differ: Sequence[Differing] = ()) -> list[Effect]:
        """Ask for what is missing, and for the cloud to fold anew what differs."""
        self._asked, self._asks_to_fold = vector, bool(differ)
        self._skipped = {
            stream: at for stream, at in self._skipped.items() if stream not in vector or at.seq > vector[stream].seq
        }
        wait_ms = 0 if self._more or differ else self._wait_ms
        asked = to_marks({**vector, **self._skipped})
        return [Send(Pull(asked, wait_ms, list(differ), bool(self._lacks)))]

    def received(self, message: AnyMessage) -> list[Effect]:
        """The other side's reply."""
        match message:
            case Suffixes():
                self._answer, self._more = message, message.more
                judged = [MarkAcked(UUID(bytes=head.stream), 0, head.seq) for head in message.judged]
                self._lacks = {UUID(bytes=mark.stream): mark.seq for mark in message.lacks}
                lacks = [GiveBack(self._lacks)] if self._lacks else []
                return [*judged, *lacks, *self._take(message.frames)]
            case Refused():
                return [Stop(message.code, message.params)]
            case _:
                return [Stop("UNEXPECTED_MESSAGE", {})]

    def lost(self) -> None:
        """No reply came: the next question does not wait for news, so that it soon shows whether the way is free."""
        self._more = True

    def forget_skipped(self) -> None:
        """Ask again for what could not be stored."""
        self._skipped.clear()

    def stored(self, heads: Vector) -> list[Effect]:
        """What could be stored is stored, and these streams are so long now: ask on if there was more.

        If nothing of it is new, asking again would bring the same frames without end: stop instead.
        """
        vector = {**self._asked, **heads}
        skipped = {
            frame.key.id: Position(frame.last, links(frame.previous, frame.bodies)[-1])
            for frame in self._answer.frames
            if frame.bodies and frame.last > vector.get(frame.key.id, _NOTHING).seq
        }
        forks = [ReportFork(stream, at) for stream, at in sorted(skipped.items())]
        if vector == self._asked and skipped.items() <= self._skipped.items():
            self._more = False
            return [*forks, Stop(NOTHING_STORED, {})]
        self._skipped |= skipped
        return [*forks, *self.begin(vector)] if self._more else [*forks, Rest()]

    def _take(self, frames: list[Frame]) -> list[Effect]:
        if frames:
            return [StoreFrames(frames)]
        # After a question to fold anew the digests are those of before.
        if self._answer.digests and not (self._more or self._skipped or self._asks_to_fold):
            return [CompareDigests(self._asked, self._answer.digests), Rest()]
        return [*(ReportFork(stream, at) for stream, at in sorted(self._skipped.items())), Rest()]


_NOTHING = Position(0, b"")


def named_own(message: AnyMessage, device: bytes) -> tuple[Vector, int]:
    """What an answer says of the asker's own streams: how much is held of each, and the greatest incarnation.

    Our streams in its frames count, too: whoever sends one holds it.
    """
    match message:
        case Welcome():
            return from_marks(message.held), message.latest
        case Suffixes():
            named = from_marks(message.own)
            for frame in message.frames:
                if frame.device == device and frame.bodies and frame.last > named.get(frame.key.id, _NOTHING).seq:
                    named[frame.key.id] = Position(frame.last, links(frame.previous, frame.bodies)[-1])
            ours = (frame.incarnation for frame in message.frames if frame.device == device)
            return named, max((message.latest, *ours))
        case _:
            return {}, 0
