"""What a device's store holds, to compare it with another's; and sending once more what was sent already."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.records import Scope
from shared.records import metadata
from sync.change import StreamKey, Vector
from sync.digest import digest
from sync.log import read_suffix, vector
from sync.messages import Ack, Push, signed_bytes
from sync.records import parked, streams
from sync.tables import specs
from terminal.agent import Carrier
from terminal.demo.trouble import DemoTrouble
from terminal.store.store import Store


@dataclass(frozen=True, slots=True)
class Replica:
    """How far a store is, and what its merged tables come to. Equal vectors must mean equal digests.

    Attributes:
        pending: changes of its own that the cloud has not acknowledged.
        unfolded: changes that its merged tables do not follow yet.
        parked: transactions that cannot be folded.
    """

    vector: Vector
    digests: dict[str, int]
    pending: int
    unfolded: int
    parked: int

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way, to the cloud or into the tables."""
        return not self.pending and not self.unfolded

    @property
    def changes(self) -> int:
        """Changes in its log."""
        return sum(position.seq for position in self.vector.values())


async def replica_of(store: Store) -> Replica:
    """Read a store in one state."""
    identity = store.identity
    organization_id, known = identity.organization_id, specs(metadata)
    async with store.reading() as connection:
        pending = await connection.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(streams.c.head_seq - streams.c.acked_seq), 0)).where(
                streams.c.organization_id == organization_id, streams.c.device_id == identity.device_id
            )
        )
        unfolded = await connection.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(streams.c.head_seq - streams.c.folded_seq), 0)).where(
                streams.c.organization_id == organization_id
            )
        )
        waiting = await connection.scalar(
            sa.select(sa.func.count()).select_from(parked).where(parked.c.organization_id == organization_id)
        )
        return Replica(
            vector=await vector(connection, organization_id),
            digests=await digest(connection, organization_id, known, Scope.ORGANIZATION, organization_id)
            | await digest(connection, organization_id, known, Scope.BRANCH, identity.branch_id),
            pending=int(pending or 0),
            unfolded=int(unfolded or 0),
            parked=int(waiting or 0),
        )


async def push_again(store: Store, carrier: Carrier, signer: Ed25519PrivateKey) -> int:
    """Send everything that a device ever wrote, from its first change, as if no answer had ever come; how many changes.

    Raises:
        DemoTrouble: PUSH_NOT_ACKNOWLEDGED (params: said).
    """
    identity = store.identity
    sent = 0

    def sign(stream: UUID, seq: int, chain: bytes) -> bytes:
        return signer.sign(signed_bytes(stream, seq, chain))

    async with store.reading() as connection:
        own = await connection.execute(
            sa.select(streams.c.device_id, streams.c.incarnation, streams.c.scope, streams.c.scope_id).where(
                streams.c.organization_id == identity.organization_id, streams.c.device_id == identity.device_id
            )
        )
        for key in [StreamKey(*row) for row in own]:
            after = 0
            while frame := await read_suffix(connection, identity.organization_id, key, after, sign=sign):
                said = await carrier.exchange(Push(frame))
                if not isinstance(said, Ack):
                    raise DemoTrouble("PUSH_NOT_ACKNOWLEDGED", said=type(said).__name__)
                after = frame.last
                sent += len(frame.bodies)
    return sent
