"""The table of print jobs. It is in the device's database, so that a job commits together with its sale."""

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
    """State of a job. The worker retries `failed` jobs. `unknown` ones wait for a person, none is resent unasked."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """The printer took all bytes, and gives no status."""
    CONFIRMED = "confirmed"
    FAILED = "failed"
    """Nothing was printed."""
    UNKNOWN = "unknown"
    """Part of it may be on paper, or it is too old to print unasked."""


TO_SEND = (State.QUEUED, State.FAILED)
"""States of jobs that wait to be sent."""

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
