"""Tables beside the job queue, in the schema `control`: what was run, which jobs were asked for, and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cloud.database.control_records import ControlRecord
from shared.kernel.columns import Instant, Key

LONGEST_ERROR_CHARACTERS = 2_000
"""Of an error that is kept with a run: what it says, and where it came from."""
_ALL = {"grants": "select, insert, update, delete"}


class JobRun(ControlRecord):
    """One run of a job.

    Attributes:
        job_id: of the job in the queue, which forgets jobs that are done.
        ended_at: None while it runs, and after its worker died until somebody else takes the job.
        outcome: `done`, `failed` (it is tried again), `dead` (it is not), `expired`, `killed`, `stopped`.
    """

    __tablename__ = "job_run"
    __table_args__ = (sa.Index("ix_job_run_job_id", "job_id", "started_at"), {"info": _ALL})
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    job_id: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(40))
    organization_id: Mapped[UUID | None] = mapped_column(Key())
    number: Mapped[int] = mapped_column(sa.Integer)
    started_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
    outcome: Mapped[str | None] = mapped_column(sa.String(10))
    error: Mapped[str | None] = mapped_column(sa.String(LONGEST_ERROR_CHARACTERS))


class JobKey(ControlRecord):
    """A job that was asked for under a key, by the digest of it: whoever asks again asks for nothing new."""

    __tablename__ = "job_key"
    __table_args__ = ({"info": _ALL},)
    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant(), index=True)


class OutboxEffect(ControlRecord):
    """Something to be done outside because of a fact: the outbox. Its id follows from the fact.

    Attributes:
        kind: the name of what it is, and of the job that carries it out.
        args: plain data, as the fact said it.
        most_runs: how often it is begun before a person must look at it.
        fact_at: when the fact happened.
        expires_at: after that it is not worth doing any more.
        state: `waiting`, `held` (after a restore), `done`, `dropped`.
        released_at: when an operator said that it has not been done yet.
    """

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_state", "state", postgresql_where=sa.text("state <> 'done'")), {"info": _ALL})
    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    most_runs: Mapped[int] = mapped_column(sa.Integer)
    fact_at: Mapped[datetime] = mapped_column(Instant())
    made_at: Mapped[datetime] = mapped_column(Instant())
    expires_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    state: Mapped[str] = mapped_column(sa.String(10))
    released_at: Mapped[datetime | None] = mapped_column(Instant())
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
