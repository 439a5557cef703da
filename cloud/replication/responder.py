"""The cloud's answers to a device's messages: it stores what a device pushes, and sends what a device misses."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.kernel.unavailable import Unavailable
from cloud.realtime.hub import Hint
from cloud.replication.device_keys import ActiveIn, KeyOf, WhyNot, active_in, key_of, why_not
from cloud.replication.dues import DueScope
from cloud.replication.fold_transactions import FoldedElsewhere
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.health import HealthKeeper
from cloud.replication.hearing import Hearing
from cloud.replication.pulling import Pulling
from cloud.replication.visible import MOST_INCARNATIONS_AHEAD, judged_of, latest_of, visible_in
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.records import SCHEMA_EPOCH, Scope
from shared.kernel.sealed import UNWRAPPED, KeyWrapping
from sync import keys
from sync.author import cloud_device
from sync.change import StreamKey, links
from sync.door import Door
from sync.log import receive
from sync.messages import (
    OLDEST_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    AskKeys,
    Frame,
    Hello,
    Keys,
    KeysStored,
    Pull,
    Push,
    Refused,
    ToCloud,
    Welcome,
    to_marks,
)
from sync.signing import enrolled_key, is_signed, signs_with

_LATEST = """
    SELECT max(incarnation) FROM sync_streams WHERE organization_id = ? AND device_id = ? AND scope = ? AND scope_id = ?
"""
logger = logging.getLogger(__name__)


class Responder:
    """Answers devices.

    Args:
        key_of: where devices' keys are; by default in the control plane.
        active_in, why_not: which devices may still ask, and why others may not; the same.
        wrapping: how the keys of sealed fields are stored.
        signer: signs what the cloud wrote, so that devices can give it back after a restore; None: nobody checks it.
    """

    def __init__(
        self,
        database: Database,
        fold_worker: FoldWorker,
        clock: Clock,
        key_of: KeyOf = key_of,
        active_in: ActiveIn = active_in,
        why_not: WhyNot = why_not,
        wrapping: KeyWrapping = UNWRAPPED,
        signer: Ed25519PrivateKey | None = None,
    ) -> None:
        self._database = database
        self._fold_worker = fold_worker
        self._clock = clock
        self._key_of = key_of
        self._why_not = why_not
        self._wrapping = wrapping
        self._public_key = signer.public_key().public_bytes_raw() if signer is not None else None
        self._sign = signs_with(signer) if signer is not None else None
        self._pulling = Pulling(database, fold_worker, clock, key_of, active_in, why_not, self._sign)
        self._newest_epoch = SCHEMA_EPOCH
        self._health = HealthKeeper(database)
        self._hearing = Hearing(database, fold_worker.units, fold_worker.hub)

    async def reply(self, device: EnrolledDevice, message: ToCloud) -> AnyMessage:
        """Answer a message of an enrolled device. A device that was revoked after it got its token is refused."""
        match message:
            case Push():
                return await self._push(device, message.frame)
            case Pull():
                return await self._pulling.answer(device, message)
            case Keys():
                return await self._database.through(device.organization_id, self._store_keys, device, message)
            case AskKeys():
                return await self._database.look(device.organization_id, self._give_keys, device, message)
            case Hello():
                answer = await self._database.look(device.organization_id, self._welcome, device, message)
                if isinstance(answer, Welcome):
                    await self._hearing.hear(device, message, answer)
                    if message.health is not None:
                        await self._health.keep(device, message.health, message.now_ms, answer.now_ms)
                return answer

    async def wait(self, device: EnrolledDevice, pull: Pull, longest_ms: int) -> AnyMessage:
        """Answer a pull, which may wait for news longer than over HTTP."""
        return await self._pulling.answer(device, pull, longest_ms)

    async def may_ask(self, device: EnrolledDevice) -> bool:
        """Whether a device is still enrolled: what its token says is as old as the token."""
        return await self._database.look(device.organization_id, self._key_of, device) is not None

    # -- hello -------------------------------------------------------------------------------------------------------

    def _welcome(self, door: Door, device: EnrolledDevice, hello: Hello) -> Welcome | Refused:
        if self._key_of(door, device) is None:
            return Refused(self._why_not(door, device))
        if hello.version > PROTOCOL_VERSION:
            return Refused("CLOUD_TOO_OLD")
        if hello.version < OLDEST_PROTOCOL_VERSION:
            return Refused("DEVICE_TOO_OLD")
        if hello.epoch > self._newest_epoch:
            self._newest_epoch = hello.epoch
            logger.warning("devices have a newer program (epoch %d, ours is %d): update", hello.epoch, SCHEMA_EPOCH)
        visible = visible_in(door, device.organization_id, device.branch_id)
        own = [stream for stream in visible if stream.key.device_id == device.device_id]
        generation = derived_id("generation", device.organization_id, self._fold_worker.generations.number).bytes
        held = to_marks({stream.key.id: stream.head for stream in own})
        now_ms, judged = self._clock.milliseconds(), judged_of(own, device)
        return Welcome(generation, held, now_ms, judged, SCHEMA_EPOCH, latest_of(own))

    # -- push --------------------------------------------------------------------------------------------------------

    async def _push(self, device: EnrolledDevice, frame: Frame) -> AnyMessage:
        organization_id = device.organization_id
        if frame.key.device_id == cloud_device(organization_id):
            return await self._take_back(device, frame)
        answer = await self._database.through(organization_id, self._store, device, frame)
        if isinstance(answer, Ack):
            key = frame.key
            self._fold_worker.wake(organization_id, key.scope_id, Hint(key.id, key.device_id, answer.mark.seq))
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
        answer = receive(door, device.organization_id.bytes, frame, self._clock.milliseconds(), checked)
        if isinstance(answer, Ack):
            self._fold_worker.dues.ask(door, DueScope(device.organization_id, frame.key.scope_id))
        return answer

    def _checked(self, door: Door, device: EnrolledDevice, frame: Frame) -> Sequence[bytes] | Refused:
        """The chain values of a frame that its author signed and that this device may bring."""
        public_key, key = self._key_of(door, device), frame.key
        if public_key is None:
            return Refused(self._why_not(door, device))
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
            return Refused(self._why_not(door, device))
        if any(key.scope_id != device.branch_id.bytes for key in message.keys):
            return Refused("KEY_OF_ANOTHER_BRANCH")
        keys.store(door, device.organization_id.bytes, message.keys, self._wrapping)
        return KeysStored()

    def _give_keys(self, door: Door, device: EnrolledDevice, message: AskKeys) -> Keys | Refused:
        if self._key_of(door, device) is None:
            return Refused(self._why_not(door, device))
        organization = device.organization_id.bytes
        scopes = (organization, device.branch_id.bytes)
        return Keys(keys.held(door, organization, message.names, scopes, self._wrapping))


def _may_begin(door: Door, organization: bytes, key: StreamKey) -> bool:
    """Whether the stream is known here or one of the device's next: each stream costs every device of the branch a row.

    Not only the very next, since an incarnation that was begun and cut again has written nothing.
    """
    if key.device_id == cloud_device(UUID(bytes=organization)):
        return True  # it has signed what stands there
    device, scope_id = door.key(key.device_id.bytes), door.key(key.scope_id.bytes)
    latest = door.value(_LATEST, door.key(organization), device, str(key.scope), scope_id)
    return key.incarnation <= (latest or 0) + MOST_INCARNATIONS_AHEAD
