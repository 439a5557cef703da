"""Whether nobody changed what was noted: the chain of the events, the chains of the log, and whose signatures it bears.

An event or a change that was altered, left out or put in later breaks the hash that follows from it. Cutting off the
end shows against the head. Who can write the whole table and its heads could make a chain anew; an export that was
taken before, and the log at the devices, still say otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.database.audit_records import AuditEvent, AuditHead
from cloud.database.control_records import DeviceKey
from cloud.database.transaction import ControlSession, ReadSession
from shared.tenancy.records import Device
from sync.change import link
from sync.messages import signed_bytes
from sync.records import changes, seals, streams

AT_ONCE = 2_000
OPERATORS = UUID(int=0)
_COLUMNS = {"account": "account_id", "organization": "organization_id"}
"""Names in the text of an event that are not those of the columns."""


@dataclass(slots=True)
class Proof:
    """What was checked and what does not hold.

    Attributes:
        faults: sentences' codes with their params, in the order in which they were found.
    """

    events: int = 0
    changes: int = 0
    signatures: int = 0
    faults: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def fault(self, code: str, **params: Any) -> None:
        """Note what does not hold."""
        self.faults.append((code, params))


async def prove_events(session: ControlSession, chain_id: UUID, proof: Proof) -> None:
    """Check the chain of the events of an organization, or of the operators'."""
    organization = None if chain_id == OPERATORS else chain_id
    of_chain = AuditEvent.organization_id == organization if organization else AuditEvent.organization_id.is_(None)
    head = await session.get(AuditHead, chain_id)
    expected, seq = chain_id.bytes, 0
    rows = await session.stream_scalars(sa.select(AuditEvent).where(of_chain).order_by(AuditEvent.seq))
    async for event in rows:
        proof.events += 1
        seq += 1
        if event.seq != seq:
            proof.fault("audit.event_missing", chain=str(chain_id), seq=seq, found=event.seq)
            seq = event.seq
        elif event.hash != next_hash(expected, event.body):
            proof.fault("audit.event_broken", chain=str(chain_id), seq=seq)
        elif differing := columns_that_differ(event):
            proof.fault("audit.event_altered", chain=str(chain_id), seq=seq, columns=", ".join(differing))
        expected = event.hash
    if (head.seq if head else 0) != seq or (head is not None and seq and head.hash != expected):
        proof.fault("audit.end_missing", chain=str(chain_id), seq=seq, head=head.seq if head else 0)


def next_hash(previous: bytes, body: str) -> bytes:
    """The hash of an event: SHA-256 over the hash before it and its text."""
    return hashlib.sha256(previous + body.encode()).digest()


def first_hash(head: str) -> bytes:
    """The hash of the head of an export."""
    return hashlib.sha256(head.encode()).digest()


def columns_that_differ(event: AuditEvent) -> list[str]:
    """The columns that say something else than the text that was hashed."""
    text: dict[str, Any] = json.loads(event.body)
    text["at"] = datetime.fromisoformat(text["at"])
    held = {name: getattr(event, _COLUMNS.get(name, name)) for name in text}
    said = {name: str(value) if isinstance(value, UUID) else value for name, value in held.items()}
    return [name for name, value in text.items() if value != said[name]]


async def prove_log(read: ReadSession, organization_id: UUID, cloud_key: bytes, proof: Proof) -> None:
    """Check the chain of each stream of an organization, and the signatures that stand in it."""
    keys = await _public_keys(read, organization_id)
    for stream in (await read.execute(sa.select(streams).where(streams.c.organization_id == organization_id))).all():
        ends = {row.seq: row.signature for row in (await read.execute(_seals(organization_id, stream.id))).all()}
        expected, seq, name = stream.id.bytes, 0, str(stream.id)
        async for row in _stored(read, organization_id, stream.id):
            proof.changes += 1
            seq += 1
            if row.seq != seq:
                proof.fault("audit.change_missing", stream=name, seq=seq)
                seq = row.seq
            elif bytes(row.chain) != link(expected, bytes(row.body)):
                proof.fault("audit.change_broken", stream=name, seq=seq)
            expected = bytes(row.chain)
            if seq in ends:
                proof.signatures += 1
                known = keys.get(stream.device_id, cloud_key)
                if not _bears(known, stream.id, seq, expected, bytes(ends[seq])):
                    proof.fault("audit.signature_wrong", stream=name, seq=seq)
        if stream.head_seq != seq or (seq and bytes(stream.head_chain) != expected):
            proof.fault("audit.log_end_missing", stream=name, seq=seq, head=stream.head_seq)


def _bears(key: bytes, stream: UUID, seq: int, chain: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed_bytes(stream, seq, chain))
    except (InvalidSignature, ValueError):
        return False
    return True


async def _public_keys(read: ReadSession, organization_id: UUID) -> dict[UUID, bytes]:
    """The keys of all devices that ever were, as the control plane knows them, else as the log does."""
    in_log = sa.select(Device.id, Device.public_key).where(Device.organization_id == organization_id)
    found = {row.id: bytes.fromhex(row.public_key) for row in (await read.execute(in_log)).all() if row.public_key}
    known = sa.select(DeviceKey.id, DeviceKey.public_key).where(DeviceKey.organization_id == organization_id)
    return found | {row.id: bytes(row.public_key) for row in (await read.execute(known)).all()}


def _seals(organization_id: UUID, stream_id: UUID) -> sa.Select[Any]:
    of_stream = seals.c.organization_id == organization_id, seals.c.stream_id == stream_id
    return sa.select(seals.c.seq, seals.c.signature).where(*of_stream)


async def _stored(read: ReadSession, organization_id: UUID, stream_id: UUID) -> AsyncIterator[Any]:
    after = 0
    while True:
        query = (
            sa.select(changes.c.seq, changes.c.body, changes.c.chain)
            .where(
                changes.c.organization_id == organization_id,
                changes.c.stream_id == stream_id,
                changes.c.seq > after,
            )
            .order_by(changes.c.seq)
            .limit(AT_ONCE)
        )
        rows = (await read.execute(query)).all()
        for row in rows:
            yield row
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].seq


def prove_lines(lines: Iterable[str], public_key: bytes | None = None) -> Proof:
    """Check an export (`exporting.py`): its chain, line by line, and the signature at its end.

    Args:
        public_key: of the cloud that wrote it; None: the one that the export names is believed.
    """
    proof, expected, head = Proof(), b"", {}
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\n")
        try:
            said = json.loads(text)
        except ValueError:
            proof.fault("audit.line_unreadable", line=number)
            return proof
        if number == 1:
            head, expected = said, first_hash(text)
        elif "signature" in said:
            _prove_end(said, expected, bytes.fromhex(str(head.get("public_key", ""))), public_key, proof)
            return proof
        else:
            proof.events += 1
            expected = next_hash(expected, text)
    proof.fault("audit.export_cut")
    return proof


def _prove_end(said: Mapping[str, Any], expected: bytes, named: bytes, known: bytes | None, proof: Proof) -> None:
    if known is not None and named != known:
        proof.fault("audit.another_cloud")
    try:
        Ed25519PublicKey.from_public_bytes(known or named).verify(bytes.fromhex(said["signature"]), expected)
        proof.signatures += 1
    except (InvalidSignature, ValueError):
        proof.fault("audit.export_altered")
