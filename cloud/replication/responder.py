"""The cloud's answers to a device's messages: what it may write, what it may read, and the log in between."""

from __future__ import annotations

import asyncio
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.accounts.identity import EnrolledDevice
from cloud.control.records import DeviceKey
from cloud.database.transaction import Database
from cloud.replication.copying import CopyBulk
from cloud.replication.keeper import Keeper
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.records import Scope
from sync.author import cloud_device
from sync.bulk import Bulk
from sync.change import StreamKey, Vector, link
from sync.log import missing_frames, receive, vector
from sync.messages import (
    OLDEST_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    Frame,
    Hello,
    Pull,
    Push,
    Refused,
    Suffixes,
    Welcome,
    from_marks,
    signed_bytes,
    to_marks,
)
from sync.records import streams

LONGEST_WAIT_MS = 25_000
"""A pull waits no longer for news than proxies keep a silent request open."""
LOOK_AGAIN_SECONDS = 3.0
"""News of another server process are noticed this late; those of our own at once."""


class Replies:
    """Answers devices.

    Args:
        generation: changes when the cloud is restored from a backup.
        bulk: how many rows are written at once; by default through COPY.
    """

    def __init__(
        self, database: Database, keeper: Keeper, clock: Clock, generation: int = 1, bulk: Bulk | None = None
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._clock = clock
        self._generation = generation
        self._bulk = bulk or CopyBulk()

    async def reply(self, device: EnrolledDevice, message: AnyMessage) -> AnyMessage:
        """The answer to a message of an enrolled device, unless it was shut out since it got its token."""
        public_key = await self._public_key(device)
        if public_key is None:
            return Refused("DEVICE_REVOKED")
        match message:
            case Hello() if message.version > PROTOCOL_VERSION:
                return Refused("CLOUD_TOO_OLD")
            case Hello() if message.version < OLDEST_PROTOCOL_VERSION:
                return Refused("DEVICE_TOO_OLD")
            case Hello():
                return await self._welcome(device)
            case Push():
                return await self._push(device, public_key, message.frame)
            case Pull():
                return await self._pull(device, from_marks(message.vector), message.wait_ms)
            case _:
                return Refused("MESSAGE_NOT_FOR_THE_CLOUD")

    async def _welcome(self, device: EnrolledDevice) -> Welcome:
        async with self._database.read(device.organization_id) as session:
            connection = await session.connection()
            own = await connection.scalars(
                sa.select(streams.c.id).where(
                    streams.c.organization_id == device.organization_id, streams.c.device_id == device.device_id
                )
            )
            held = await vector(connection, device.organization_id, list(own))
        generation = derived_id("generation", device.organization_id, self._generation).bytes
        return Welcome(generation, to_marks(held), self._clock.milliseconds())

    async def _public_key(self, device: EnrolledDevice) -> Ed25519PublicKey | None:
        async with self._database.control() as session:
            held = await session.get(DeviceKey, device.device_id)
        if held is None or held.revoked_at is not None:
            return None
        return Ed25519PublicKey.from_public_bytes(held.public_key)

    async def _push(self, device: EnrolledDevice, public_key: Ed25519PublicKey, frame: Frame) -> AnyMessage:
        key = frame.key
        if key.device_id != device.device_id:
            return Refused("STREAM_OF_ANOTHER_DEVICE")
        if key.scope is not Scope.BRANCH or key.scope_id != device.branch_id:
            return Refused("STREAM_OF_ANOTHER_BRANCH")
        if not _is_signed(public_key, frame):
            return Refused("FRAME_NOT_SIGNED")
        async with self._database.write(device.organization_id) as session:
            connection = await session.connection()
            if frame.first == 1 and not await _may_begin(connection, device.organization_id, key):
                return Refused("INCARNATION_WRONG")
            answer = await receive(connection, self._bulk, device.organization_id, frame, self._clock.milliseconds())
        if isinstance(answer, Ack):
            self._keeper.wake(device.organization_id)
        return answer

    async def _pull(self, device: EnrolledDevice, theirs: Vector, wait_ms: int) -> Suffixes:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(wait_ms, LONGEST_WAIT_MS) / 1_000
        while True:
            heard = self._keeper.listen(device.organization_id)
            async with self._database.read(device.organization_id) as session:
                connection = await session.connection()
                keys = await _visible(connection, device)
                frames, more = await missing_frames(connection, device.organization_id, keys, theirs)
            left = deadline - loop.time()
            if frames or left <= 0:
                return Suffixes(frames, more, self._clock.milliseconds())
            if not await self._keeper.news(heard, min(left, LOOK_AGAIN_SECONDS)):
                deadline = 0.0


def _is_signed(public_key: Ed25519PublicKey, frame: Frame) -> bool:
    """Whether the frame's end bears its author's signature, so that it may be relayed as theirs."""
    chain = frame.previous
    for body in frame.bodies:
        chain = link(chain, body)
    try:
        public_key.verify(frame.signature, signed_bytes(frame.key.id, frame.last, chain))
    except InvalidSignature:
        return False
    return True


async def _may_begin(connection: AsyncConnection, organization_id: UUID, key: StreamKey) -> bool:
    """Whether the stream is one that we know or the device's next: each costs every peer of the branch an entry."""
    latest = await connection.scalar(
        sa.select(sa.func.max(streams.c.incarnation)).where(
            streams.c.organization_id == organization_id,
            streams.c.device_id == key.device_id,
            streams.c.scope == key.scope,
            streams.c.scope_id == key.scope_id,
        )
    )
    return key.incarnation <= (latest or 0) + 1


async def _visible(connection: AsyncConnection, device: EnrolledDevice) -> list[StreamKey]:
    """The streams that a device may hold, causes first: the organization's, the cloud's in the branch, the devices'."""
    rows = await connection.execute(
        sa.select(streams.c.device_id, streams.c.incarnation, streams.c.scope, streams.c.scope_id).where(
            streams.c.organization_id == device.organization_id,
            sa.or_(
                streams.c.scope == Scope.ORGANIZATION,
                sa.and_(streams.c.scope == Scope.BRANCH, streams.c.scope_id == device.branch_id),
            ),
        )
    )
    cloud = cloud_device(device.organization_id)
    keys = [StreamKey(*row) for row in rows]
    return sorted(keys, key=lambda key: (key.scope is not Scope.ORGANIZATION, key.device_id != cloud, key.id))
