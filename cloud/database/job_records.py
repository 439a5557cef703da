"""Tables beside the job queue, in the schema `control`: what was run, and which jobs were asked for already."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
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
