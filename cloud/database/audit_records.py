"""What was done in the control plane: rows that are only ever added, each linked to the one before by a hash.

The database itself makes the link (`audit_chain.py`), so that no row can come in without one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cloud.database.control_records import WRITTEN, ControlRecord
from cloud.database.tenant_records import LONGEST_REASON_CHARACTERS
from shared.kernel.columns import Instant, Key

HASH_BYTES = 32
LONGEST_PLACE_CHARACTERS = 60


class AuditHead(ControlRecord):
    """How far a chain of events has come. Its row is locked while an event is added, so that the chain has no fork.

    Attributes:
        chain_id: the organization; of the operators' own events 0.
        hash: of the last event; before the first the chain's id.
    """

    __tablename__ = "audit_head"
    __table_args__ = ({"info": WRITTEN},)
    chain_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)


class AuditEvent(ControlRecord):
    """Something that was done in the control plane. Rows are written, and never changed.

    Attributes:
        organization_id: whose affair it was; None: an operator's alone. No foreign key: the receipt of a deletion
            outlives its organization.
        account_id: who did it on a page; None on the command line.
        actor: who did it, as they were called then.
        via: how: `page`, `api`, `job`, `command`, `device`.
        place: from where: the network address; empty: from the server itself.
        act: what was done, such as `branch.close`.
        subject_id, subject: of what, and as it was called then.
        reason: as it was given; empty: none was.
        details: before and after, counts.
        seq, body, hash: its number in its chain, all of it as text, and SHA-256 over the hash before it and that text.
            The database writes them.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index("ix_audit_event_organization_id", "organization_id", "at"),
        {"info": {"grants": "select, insert"}},
    )
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    organization_id: Mapped[UUID | None] = mapped_column(Key())
    at: Mapped[datetime] = mapped_column(Instant())
    account_id: Mapped[UUID | None] = mapped_column(Key())
    actor: Mapped[str] = mapped_column(sa.String(160))
    via: Mapped[str] = mapped_column(sa.String(20))
    place: Mapped[str] = mapped_column(sa.String(LONGEST_PLACE_CHARACTERS), default="")
    act: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[UUID | None] = mapped_column(Key())
    subject: Mapped[str] = mapped_column(sa.String(254))
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON_CHARACTERS), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    seq: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.FetchedValue())
    body: Mapped[str] = mapped_column(sa.Text, server_default=sa.FetchedValue())
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary, server_default=sa.FetchedValue())
