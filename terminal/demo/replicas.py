"""Compares the stores of devices, and pushes a stream for a second time."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.change import Vector
from sync.digest import read
from sync.door import Door, through
from sync.heads import unfolded, unsent
from sync.log import read_suffix, stream_keys, vector
from sync.messages import Ack, Push, signed_bytes
from sync.waiting import parked_count
from terminal.demo.trouble import DemoTrouble
from terminal.identity import Identity
from terminal.store.store import Store
from terminal.syncing.key_exchange import Carrier


@dataclass(frozen=True, slots=True)
class Replica:
    """Vector and digests of a store. Equal vectors must mean equal digests.

    Attributes:
        pending: own changes that the cloud has not acknowledged.
        unfolded: changes that are not in the merged tables yet.
        parked: transactions that cannot be folded.
    """

    vector: Vector
    digests: dict[str, int]
    pending: int
    unfolded: int
    parked: int

    @property
    def settled(self) -> bool:
        """Whether nothing waits, neither for the cloud nor for the fold."""
        return not self.pending and not self.unfolded

    @property
    def changes(self) -> int:
        """Number of changes in the log."""
        return sum(position.seq for position in self.vector.values())


async def replica_of(store: Store) -> Replica:
    """Read one state of a store."""
    return await store.look(_replica_of, store.identity)


def _replica_of(door: Door, identity: Identity) -> Replica:
    organization = identity.organization_id.bytes
    scopes = (organization, identity.branch_id.bytes)
    return Replica(
        vector=vector(door, organization),
        digests={name: value for scope in scopes for name, value in read(door, organization, scope).items()},
        pending=unsent(door, organization, identity.device_id.bytes).changes,
        unfolded=unfolded(door, organization),
        parked=parked_count(door, organization),
    )


async def push_again(store: Store, carrier: Carrier, signer: Ed25519PrivateKey) -> int:
    """Push everything that a device ever wrote, as if no answer had come. Returns the number of changes.

    Raises:
        DemoTrouble: PUSH_NOT_ACKNOWLEDGED (params: answer).
    """
    identity = store.identity
    sent = 0

    def sign(stream: UUID, seq: int, chain: bytes) -> bytes:
        return signer.sign(signed_bytes(stream, seq, chain))

    organization = identity.organization_id.bytes
    async with store.reading() as connection:
        keys = await through(connection, stream_keys, organization)
        for key in [key for key in keys if key.device_id == identity.device_id]:
            after = 0
            while frame := await through(connection, read_suffix, organization, key, after, sign=sign):
                answer = await carrier.exchange(Push(frame))
                if not isinstance(answer, Ack):
                    raise DemoTrouble("PUSH_NOT_ACKNOWLEDGED", answer=type(answer).__name__)
                after = frame.last
                sent += len(frame.bodies)
    return sent
