"""The tables of print jobs, of the drawer's pulses and of who sends them. They are in the device's database, so that a
job commits together with its sale."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    CLAIMED = "claimed"
    """The worker has it, and nothing was sent: after a crash it is queued again."""
    SENDING = "sending"
    """Bytes may have left: after a crash it is unknown."""
    SENT = "sent"
    """The printer took all bytes, and does not say whether it printed them."""
    CONFIRMED = "confirmed"
    """The printer says that it is ready after all bytes, or a person has seen the paper."""
    FAILED = "failed"
    """Nothing was printed."""
    UNKNOWN = "unknown"
    """Part of it may be on paper, or it is too old to print unasked."""
    CANCELLED = "cancelled"
    """A person does not need it any more. Nothing was printed."""


TO_SEND = (State.QUEUED, State.FAILED)
"""States of jobs that wait to be sent."""
UNSENT = (*TO_SEND, State.CLAIMED)
"""States of jobs of which nothing was sent since they were asked for; a person's answer takes them from the worker."""
IN_HAND = (State.CLAIMED, State.SENDING)
"""States of jobs that the worker is sending."""
OPEN = (*TO_SEND, *IN_HAND, State.UNKNOWN)
"""States of jobs that are not ended."""
ENDED = (State.SENT, State.CONFIRMED, State.UNKNOWN, State.CANCELLED)
"""States that the worker does not leave by itself."""

_STATES = f"state IN ({', '.join(repr(str(state)) for state in State)})"

print_job = Table(
    "print_job",
    metadata,
    Column("id", LargeBinary(16), primary_key=True, comment="follows from made_for, kind, reference and revision"),
    Column("printer", String, nullable=False, comment="the printer that prints it"),
    Column("made_for", String, nullable=False, comment="the printer that it was made for"),
    Column("kind", String, nullable=False),
    Column("reference", LargeBinary(16), nullable=False, comment="the ticket or receipt that it is about"),
    Column("revision", Integer, nullable=False),
    Column("subject_id", LargeBinary(16), comment="the order or opening where people see what became of it"),
    Column("payload", LargeBinary, nullable=False, comment="the document, msgpack"),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("copies", Integer, nullable=False, default=0, comment="0: only the original was asked for"),
    Column("error", String, comment="code of the last fault"),
    Column("is_elsewhere", Boolean, nullable=False, default=False, comment="another device has it, and may print it"),
    Column("created_at", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("queued_at", BigInteger, nullable=False, comment="when a paper was last asked for"),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("made_for", "kind", "reference", "revision", name="print_job_once"),
    CheckConstraint(_STATES, name="print_job_state"),
    Index("print_job_by_state", "state", "printer", "queued_at"),
    Index("print_job_by_subject", "subject_id", "queued_at"),
    Index("print_job_by_age", "queued_at"),
)

drawer_pulse = Table(
    "drawer_pulse",
    metadata,
    Column("id", LargeBinary(16), primary_key=True, comment="the opening of the drawer"),
    Column("printer", String, nullable=False),
    Column("subject_id", LargeBinary(16), comment="the order or opening where people see what became of it"),
    Column("state", String, nullable=False),
    Column("error", String, comment="code of the fault"),
    Column("is_told", Boolean, nullable=False, default=False, comment="whether the branch knows what became of it"),
    Column("created_at", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("updated_at", BigInteger, nullable=False),
    CheckConstraint(_STATES, name="drawer_pulse_state"),
    Index("drawer_pulse_by_state", "state", "printer"),
    Index("drawer_pulse_by_subject", "subject_id", "created_at"),
    Index("drawer_pulse_untold", "is_told", "state"),
)

print_lease = Table(
    "print_lease",
    metadata,
    Column("printer", String, primary_key=True),
    Column("holder", LargeBinary(16), nullable=False, comment="the worker that may send to it: the last that came"),
    Column("process", String, nullable=False, comment="in which it runs: what a dead one holds is free"),
)
