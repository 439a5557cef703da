"""The table of print jobs: local to the device, in the same database as the sale, so that both commit together."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from terminal.store.local import metadata


class State(StrEnum):
    """Where a job is. `failed` is tried again by itself; `unknown` waits for a person and is never resent blindly."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """All bytes were taken by a printer that does not say more."""
    CONFIRMED = "confirmed"
    FAILED = "failed"
    """Nothing reached the paper."""
    UNKNOWN = "unknown"
    """Some of it may be on paper, or it is too old to print unasked."""


TO_SEND = (State.QUEUED, State.FAILED)
"""Jobs of which nothing is on its way."""

print_job = Table(
    "print_job",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("printer", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("reference", LargeBinary(16), nullable=False, comment="the order or receipt that it is about"),
    Column("revision", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False, comment="the document, msgpack"),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("copies", Integer, nullable=False, default=0, comment="0: only the original was asked for"),
    Column("error", String, comment="code of the last fault"),
    Column("created_at", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("queued_at", BigInteger, nullable=False, comment="when a paper was last asked for"),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("printer", "kind", "reference", "revision", name="print_job_once"),
    CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in State)})", name="print_job_state"),
    Index("print_job_by_state", "state", "printer", "queued_at"),
)
