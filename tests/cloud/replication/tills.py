"""Enrolled devices that speak to the sync endpoint, with keys of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import AsyncClient
from msgspec.structs import replace

from cloud.database.control_records import DeviceKey, Pairing
from shared.kernel.permissions import SYSTEM
from shared.tenancy.commands import enrol_device
from shared.tenancy.records import DeviceKind
from sync.author import cloud_device
from sync.messages import (
    AnyMessage,
    Frame,
    Mark,
    Pull,
    Push,
    Suffixes,
    dump,
    load,
    signed_bytes,
)
from sync.records import changes, streams
from tests.cloud.replication.house import Hand, House, end_of, order

SYNC = "/api/v1/sync"


@dataclass
class Till:
    """An enrolled device: its key, its token, and the hand that writes its stream."""

    client: AsyncClient
    house: House
    key: Ed25519PrivateKey
    hand: Hand
    token: str

    async def ask(self, message: AnyMessage) -> AnyMessage:
        """Send a message; the cloud's answer."""
        answer = await self.post(dump(message))
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/vnd.comanda.sync"
        return load(answer.content)

    async def post(self, body: bytes) -> Any:
        return await self.client.post(SYNC, content=body, headers={"authorization": f"Bearer {self.token}"})

    async def push(self) -> AnyMessage:
        """Send what was written since the last time."""
        return await self.ask(Push(self.signed(self.hand.take())))

    async def pull(self, *held: Mark, wait_ms: int = 0) -> Suffixes:
        answer = await self.ask(Pull(list(held), wait_ms))
        assert isinstance(answer, Suffixes)
        return answer

    def signed(self, frame: Frame) -> Frame:
        return replace(frame, signature=self.key.sign(signed_bytes(frame.key.id, frame.last, end_of(frame))))

    def mark(self) -> Mark:
        """The position after all that was taken to the cloud."""
        return Mark(self.hand.key.id.bytes, self.hand.seq, self.hand.chain)

    def order(self, number: str = "A1") -> None:
        self.hand.say(order(uuid4(), self.hand.branch_id, number=number))

    async def stored(self) -> int:
        """How many changes the cloud's log holds of this device, whatever stream they say they are of."""
        query = sa.select(sa.func.count()).select_from(changes).join(streams, streams.c.id == changes.c.stream_id)
        async with self.house.parts.database.read(self.house.organization_id) as session:
            return int(await session.scalar(query.where(streams.c.device_id != self._cloud)) or 0)

    @property
    def _cloud(self) -> UUID:
        return cloud_device(self.house.organization_id)


async def enrol(client: AsyncClient, house: House, branch_id: UUID, name: str) -> Till:
    """An enrolled device, with a key of its own."""
    key, parts, device_id = Ed25519PrivateKey.generate(), house.parts, uuid4()
    said = {"organization_id": house.organization_id, "branch_id": branch_id, "name": name}
    async with parts.database.control() as session:
        now = parts.clock.now()
        pairing = Pairing(id=uuid4(), code_hash=device_id.bytes * 2, device_kind=DeviceKind.TILL, **said)
        pairing.created_at = pairing.expires_at = pairing.used_at = now
        session.add(pairing)
        await session.flush()
        public_key = key.public_key().public_bytes_raw()
        known = DeviceKey(id=device_id, pairing_id=pairing.id, public_key=public_key, kind=DeviceKind.TILL, **said)
        known.enrolled_at = now
        session.add(known)
    async with parts.units.work(house.organization_id, SYSTEM) as work:
        await enrol_device(work, device_id, branch_id, name, DeviceKind.TILL)
    token, _ = parts.tokens.for_device(device_id, house.organization_id, branch_id)
    return Till(client, house, key, Hand(house.organization_id, branch_id, device_id), token)
