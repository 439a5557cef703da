"""The cloud's answers to a device's messages: it stores what a device pushes, and sends what a device misses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.kernel.unavailable import Unavailable
from cloud.replication import evidence
from cloud.replication.fold_transactions import FoldedElsewhere
from cloud.replication.fold_worker import FoldWorker
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.records import SCHEMA_EPOCH, Scope
from shared.kernel.sealed import UNWRAPPED, KeyWrapping
from shared.records import metadata
from sync import keys
from sync.aside import is_behind
from sync.author import cloud_device
from sync.change import Position, StreamKey, Vector, links
from sync.comparison import comparable
from sync.door import Door
from sync.log import chain_at, missing_frames, receive
from sync.messages import (
    OLDEST_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    AskKeys,
    Differing,
    Frame,
    Hello,
    Judged,
    Keys,
    KeysStored,
    Mark,
    Pull,
    Push,
    Refused,
    ScopeDigest,
    Suffixes,
    ToCloud,
    Welcome,
    from_marks,
    to_marks,
)
from sync.signing import enrolled_key, is_signed, signs_with
from sync.tables import program_fingerprint, specs
from sync.waiting import parked_scopes

LONGEST_WAIT_MS = 25_000
"""A pull waits so long for news; proxies close a silent request soon after."""
LOOK_AGAIN_SECONDS = 3.0
"""A waiting pull reads again this often, for what another server process stored; news of its own process wake it."""
MOST_INCARNATIONS_AHEAD = 50
"""A device whose disk was put back again and again without a network; more are made up."""
EVIDENCE_EVERY_MS = 60_000
"""A device says hello at every push; so often what it says is kept, so that a tap costs no more."""
REVOKED = Refused("DEVICE_REVOKED")
_KEY = """
    SELECT public_key FROM control.device AS d WHERE d.id = ? AND d.revoked_at IS NULL AND NOT EXISTS
    (SELECT 1 FROM devices AS r WHERE r.organization_id = d.organization_id AND r.id = d.id AND r.revoked)
"""
"""The row of a device counts, too: the control plane forgets a revocation when it is put back from a backup."""
_LATEST = """
    SELECT max(incarnation) FROM sync_streams WHERE organization_id = ? AND device_id = ? AND scope = ? AND scope_id = ?
"""
_VISIBLE = """
    SELECT device_id, incarnation, scope, scope_id, head_seq, head_chain, folded_seq FROM sync_streams
    WHERE organization_id = ? AND (scope = 'organization' OR (scope = 'branch' AND scope_id = ?))
"""
logger = logging.getLogger(__name__)
KeyOf = Callable[[Door, EnrolledDevice], bytes | None]
"""Gives the public key of a device; None if it was revoked."""


def key_of(door: Door, device: EnrolledDevice) -> bytes | None:
    """The public key in the control plane."""
    key: bytes | None = door.value(_KEY, door.key(device.device_id.bytes))
    return key


class Responder:
    """Answers devices.

    Args:
        key_of: where devices' keys are; by default in the control plane.
        wrapping: how the keys of sealed fields are stored.
        signer: signs what the cloud wrote, so that devices can give it back after a restore; None: nobody checks it.
    """

    def __init__(
        self,
        database: Database,
        fold_worker: FoldWorker,
        clock: Clock,
        key_of: KeyOf = key_of,
        wrapping: KeyWrapping = UNWRAPPED,
        signer: Ed25519PrivateKey | None = None,
    ) -> None:
        self._database = database
        self._fold_worker = fold_worker
        self._clock = clock
        self._key_of = key_of
        self._wrapping = wrapping
        self._public_key = signer.public_key().public_bytes_raw() if signer is not None else None
        self._sign = signs_with(signer) if signer is not None else None
        self._tables = specs(metadata)
        self._program = program_fingerprint(self._tables)
        self._newest_epoch = SCHEMA_EPOCH
        self._heard: dict[bytes, int] = {}

    async def reply(self, device: EnrolledDevice, message: ToCloud) -> AnyMessage:
        """Answer a message of an enrolled device. A device that was revoked after it got its token is refused."""
        match message:
            case Push():
                return await self._push(device, message.frame)
            case Pull():
                return await self._pull(device, message)
            case Keys():
                return await self._database.through(device.organization_id, self._store_keys, device, message)
            case AskKeys():
                return await self._database.look(device.organization_id, self._give_keys, device, message)
            case Hello():
                answer = await self._database.look(device.organization_id, self._welcome, device, message)
                if isinstance(answer, Welcome):
                    await self._keep_evidence(device, message, answer)
                    self._look_at_clock(device, message, answer)
                return answer

    # -- hello -------------------------------------------------------------------------------------------------------

    def _welcome(self, door: Door, device: EnrolledDevice, hello: Hello) -> Welcome | Refused:
        if self._key_of(door, device) is None:
            return REVOKED
        if hello.version > PROTOCOL_VERSION:
            return Refused("CLOUD_TOO_OLD")
        if hello.version < OLDEST_PROTOCOL_VERSION:
            return Refused("DEVICE_TOO_OLD")
        if hello.epoch > self._newest_epoch:
            self._newest_epoch = hello.epoch
            logger.warning("devices have a newer program (epoch %d, ours is %d): update", hello.epoch, SCHEMA_EPOCH)
        own = [stream for stream in _visible(door, device) if stream.key.device_id == device.device_id]
        generation = derived_id("generation", device.organization_id, self._fold_worker.generations.number).bytes
        held = to_marks({stream.key.id: stream.head for stream in own})
        now_ms, judged = self._clock.milliseconds(), _judged(own, device)
        return Welcome(generation, held, now_ms, judged, SCHEMA_EPOCH, _latest(own))

    async def _keep_evidence(self, device: EnrolledDevice, hello: Hello, welcome: Welcome) -> None:
        """Remember now and then how far the device had written its streams, for the judge."""
        now_ms = welcome.now_ms
        own = {mark.stream for mark in welcome.held}
        due = [
            (mark.stream, mark.seq)
            for mark in hello.own
            if mark.stream in own and now_ms - self._heard.get(mark.stream, 0) >= EVIDENCE_EVERY_MS
        ]
        if due:
            organization_id = device.organization_id
            await self._database.through(organization_id, evidence.keep, organization_id.bytes, due, now_ms)
            self._heard.update((stream, now_ms) for stream, _seq in due)

    def _look_at_clock(self, device: EnrolledDevice, hello: Hello, welcome: Welcome) -> None:
        """Ask people about clocks that are far from ours: a device's, or ours if most devices differ alike."""
        if not hello.now_ms or not welcome.held:
            return
        witness, now_ms = self._fold_worker.clocks[device.organization_id], welcome.now_ms
        stream = max(mark.stream for mark in welcome.held)
        witness.hear(device, stream, hello.now_ms - now_ms, now_ms)
        question = witness.question_of_hello(device, now_ms)
        if question is not None:
            self._fold_worker.ask_once(device.organization_id, device.branch_id, question)

    # -- push --------------------------------------------------------------------------------------------------------

    async def _push(self, device: EnrolledDevice, frame: Frame) -> AnyMessage:
        organization_id = device.organization_id
        if frame.key.device_id == cloud_device(organization_id):
            return await self._take_back(device, frame)
        answer = await self._database.through(organization_id, self._store, device, frame)
        if isinstance(answer, Ack):
            self._fold_worker.wake(organization_id)
        return answer

    async def _take_back(self, device: EnrolledDevice, frame: Frame) -> AnyMessage:
        checked = await self._database.look(device.organization_id, self._checked, device, frame)
        if isinstance(checked, Refused):
            return checked
        try:
            return await self._fold_worker.take_back(device.organization_id, device.branch_id, frame, checked)
        except FoldedElsewhere:
            raise Unavailable from None

    def _store(self, door: Door, device: EnrolledDevice, frame: Frame) -> AnyMessage:
        checked = self._checked(door, device, frame)
        if isinstance(checked, Refused):
            return checked
        return receive(door, device.organization_id.bytes, frame, self._clock.milliseconds(), checked)

    def _checked(self, door: Door, device: EnrolledDevice, frame: Frame) -> Sequence[bytes] | Refused:
        """The chain values of a frame that its author signed and that this device may bring."""
        public_key, key = self._key_of(door, device), frame.key
        if public_key is None:
            return REVOKED
        if not self._may_hold(device, key):
            return Refused("STREAM_OF_ANOTHER_BRANCH")
        if key.device_id != device.device_id:
            public_key = self._key_of_author(door, device, key)
        if public_key is None:
            return Refused("STREAM_OF_ANOTHER_DEVICE")
        chains = links(frame.previous, frame.bodies)
        if not is_signed(public_key, frame, chains):
            return Refused("FRAME_NOT_SIGNED")
        if frame.first == 1 and not _may_begin(door, device.organization_id.bytes, key):
            return Refused("INCARNATION_WRONG")
        return chains

    def _may_hold(self, device: EnrolledDevice, key: StreamKey) -> bool:
        """Whether a device may have a stream to bring: one of its branch, or the cloud's of the organization."""
        if key.scope is Scope.BRANCH:
            return key.scope_id == device.branch_id
        is_clouds = key.device_id == cloud_device(device.organization_id)
        return is_clouds and key.scope is Scope.ORGANIZATION and key.scope_id == device.organization_id

    def _key_of_author(self, door: Door, device: EnrolledDevice, key: StreamKey) -> bytes | None:
        """The public key of somebody else, whose stream a device gives back; None if nobody knows it.

        A device that was enrolled after the backup, or revoked, is known by its row.
        """
        if key.device_id == cloud_device(device.organization_id):
            return self._public_key
        author = EnrolledDevice(key.device_id, device.organization_id, device.branch_id)
        known = self._key_of(door, author)
        return known or enrolled_key(door, device.organization_id.bytes, key.device_id.bytes)

    # -- keys --------------------------------------------------------------------------------------------------------

    def _store_keys(self, door: Door, device: EnrolledDevice, message: Keys) -> KeysStored | Refused:
        if self._key_of(door, device) is None:
            return REVOKED
        if any(key.scope_id != device.branch_id.bytes for key in message.keys):
            return Refused("KEY_OF_ANOTHER_BRANCH")
        keys.store(door, device.organization_id.bytes, message.keys, self._wrapping)
        return KeysStored()

    def _give_keys(self, door: Door, device: EnrolledDevice, message: AskKeys) -> Keys | Refused:
        if self._key_of(door, device) is None:
            return REVOKED
        organization = device.organization_id.bytes
        scopes = (organization, device.branch_id.bytes)
        return Keys(keys.held(door, organization, message.names, scopes, self._wrapping))

    # -- pull --------------------------------------------------------------------------------------------------------

    async def _pull(self, device: EnrolledDevice, message: Pull) -> Suffixes | Refused:
        organization_id, theirs = device.organization_id, from_marks(message.vector)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(message.wait_ms, LONGEST_WAIT_MS) / 1_000
        has_waited = False
        while True:
            heard = self._fold_worker.listen(organization_id)
            is_over = deadline <= loop.time()
            answer = await self._database.look(
                organization_id, self._suffixes, device, theirs, has_waited=has_waited, is_over=is_over
            )
            if isinstance(answer, Refused):
                return answer
            if is_over or answer.frames or (answer.lacks and not message.gives_back):
                self._fold_anew(device, theirs, message.differ, answer.digests)
                return answer
            has_waited = True
            left = max(deadline - loop.time(), 0.0)
            if not await self._fold_worker.news(heard, min(left, LOOK_AGAIN_SECONDS)):
                deadline = 0.0

    def _suffixes(
        self, door: Door, device: EnrolledDevice, theirs: Vector, *, has_waited: bool, is_over: bool
    ) -> Suffixes | Refused:
        """The frames that a device misses; if there are none and the wait is over, the digests of what it holds."""
        if self._key_of(door, device) is None:
            return REVOKED
        visible = _visible(door, device)
        frames: list[Frame] = []
        more = False
        digests: list[ScopeDigest] = []
        other = self._other_histories(door, device, visible, theirs)
        lacking = [
            stream.key
            for stream in visible
            if stream.head.seq > _held(theirs, stream.key) and stream.key.id not in other
        ]
        # The device may push while its own pull waits: what it wrote meanwhile must not come back to it.
        keys = [key for key in lacking if not has_waited or key.device_id != device.device_id]
        if keys:
            signers = {cloud_device(device.organization_id): self._sign} if self._sign is not None else {}
            frames, more = missing_frames(door, device.organization_id.bytes, keys, theirs, signers=signers)
        elif is_over and _are_equal(visible, theirs) and not self._is_behind(door, device):
            digests = self._digests(door, device)
        own = [stream for stream in visible if stream.key.device_id == device.device_id]
        held = to_marks({stream.key.id: stream.head for stream in own})
        now_ms, judged = self._clock.milliseconds(), _judged(own, device)
        lacks = _lacks(visible, device, theirs, other)
        return Suffixes(frames, more, now_ms, judged, digests, held, _latest(own), lacks)

    def _other_histories(
        self, door: Door, device: EnrolledDevice, visible: Iterable[_Visible], theirs: Vector
    ) -> frozenset[UUID]:
        """The streams of the cloud itself of which a device holds another history: this database was put back."""
        organization, cloud = device.organization_id.bytes, cloud_device(device.organization_id)
        other = set()
        for stream in visible:
            at = theirs.get(stream.key.id)
            if at is None or stream.key.device_id != cloud or at.seq > stream.head.seq:
                continue
            is_head = at.seq == stream.head.seq
            ours = stream.head.chain if is_head else chain_at(door, organization, stream.key.id.bytes, at.seq)
            if at.seq and ours != at.chain:
                other.add(stream.key.id)
        return frozenset(other)

    def _is_behind(self, door: Door, device: EnrolledDevice) -> bool:
        return is_behind(door, device.organization_id.bytes, self._program)

    def _digests(self, door: Door, device: EnrolledDevice) -> list[ScopeDigest]:
        """The digests of the scopes of a device in which nothing is parked."""
        organization = device.organization_id.bytes
        parked = parked_scopes(door, organization)
        return [
            ScopeDigest(scope, comparable(door, organization, scope, self._tables))
            for scope in (organization, device.branch_id.bytes)
            if scope not in parked
        ]

    def _fold_anew(
        self, device: EnrolledDevice, vector: Vector, differ: Sequence[Differing], digests: Sequence[ScopeDigest]
    ) -> None:
        """Schedule the tables that differ though the device has folded them anew, if both hold the same log.

        `digests` are empty if they do not, and name only tables that the device may see.
        """
        shown = {digest.scope_id: digest.tables for digest in digests}
        state = b"".join(stream.bytes + at.chain for stream, at in sorted(vector.items()))
        for differing in differ:
            if differing.table in shown.get(differing.scope_id, ()):
                scope_id = UUID(bytes=differing.scope_id)
                self._fold_worker.fold_table_anew(device.organization_id, scope_id, differing.table, state)


class _Visible(NamedTuple):
    """A stream that a device may hold, and how far it is stored and folded here."""

    key: StreamKey
    head: Position
    folded: int


def _visible(door: Door, device: EnrolledDevice) -> list[_Visible]:
    """The streams that a device may hold: the organization's, then the cloud's in the branch, then the devices'."""
    found = door.rows(_VISIBLE, door.key(device.organization_id.bytes), door.key(device.branch_id.bytes))
    cloud = cloud_device(device.organization_id)
    visible = [
        _Visible(StreamKey(UUID(bytes=row[0]), row[1], Scope(row[2]), UUID(bytes=row[3])), Position(*row[4:6]), row[6])
        for row in found
    ]
    return sorted(
        visible,
        key=lambda stream: (stream.key.scope is not Scope.ORGANIZATION, stream.key.device_id != cloud, stream.key.id),
    )


def _held(theirs: Vector, key: StreamKey) -> int:
    at = theirs.get(key.id)
    return at.seq if at else 0


def _are_equal(visible: Sequence[_Visible], theirs: Vector) -> bool:
    """Whether a device holds exactly what is stored here, and all of that is folded."""
    ours = {stream.key.id: stream.head for stream in visible if stream.head.seq}
    return ours == theirs and all(stream.folded == stream.head.seq for stream in visible)


def _judged(visible: Iterable[_Visible], device: EnrolledDevice) -> list[Judged]:
    """How far the device's own streams are judged and folded."""
    own = (stream for stream in visible if stream.key.device_id == device.device_id)
    return [Judged(stream.key.id.bytes, stream.folded) for stream in own]


def _lacks(visible: Iterable[_Visible], device: EnrolledDevice, theirs: Vector, other: Collection[UUID]) -> list[Mark]:
    """How much is held of the streams of which a device holds more. What is its own it pushes anyway.

    Args:
        other: streams of which the device holds another history: nothing is held of that.
    """
    ours = {stream.key.id: stream for stream in visible}
    begun = _latest(stream for stream in ours.values() if stream.key.device_id == device.device_id)
    own = {
        StreamKey(device.device_id, incarnation, Scope.BRANCH, device.branch_id).id
        for incarnation in range(begun + MOST_INCARNATIONS_AHEAD + 1)
    }
    nothing = {stream: Position(0, stream.bytes) for stream in theirs}
    held = nothing | {stream: known.head for stream, known in ours.items() if stream not in other}
    return to_marks(
        {stream: held[stream] for stream, at in theirs.items() if at.seq > held[stream].seq and stream not in own}
    )


def _latest(own: Iterable[_Visible]) -> int:
    """The greatest incarnation of a device that it has streams of."""
    return max((stream.key.incarnation for stream in own), default=0)


def _may_begin(door: Door, organization: bytes, key: StreamKey) -> bool:
    """Whether the stream is known here or one of the device's next: each stream costs every device of the branch a row.

    Not only the very next, since an incarnation that was begun and cut again has written nothing.
    """
    if key.device_id == cloud_device(UUID(bytes=organization)):
        return True  # it has signed what stands there
    device, scope_id = door.key(key.device_id.bytes), door.key(key.scope_id.bytes)
    latest = door.value(_LATEST, door.key(organization), device, str(key.scope), scope_id)
    return key.incarnation <= (latest or 0) + MOST_INCARNATIONS_AHEAD
