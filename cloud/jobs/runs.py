"""The records of what was run: written when a run begins and when it ends, each in a transaction of its own."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text

from cloud.database.job_records import LONGEST_ERROR_CHARACTERS
from cloud.database.transaction import Database
from shared.kernel.text import clean


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"
    EXPIRED = "expired"
    KILLED = "killed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun.

    Attributes:
        now: the database's clock, seconds.
    """

    id: int
    now: float


# Whoever is begun no longer keeps others of its name from waiting: they may know more than it has read.
_BEGIN = text(
    """
    WITH mine AS (
        UPDATE procrastinate_jobs SET queueing_lock = NULL
        WHERE id = :job AND status = 'doing' AND worker_id = :worker RETURNING id
    )
    INSERT INTO control.job_run (job_id, name, organization_id, number, started_at)
    SELECT id, :name, :organization, :number, now() FROM mine
    RETURNING id, extract(epoch FROM now())::float8"""
)
_END = text(
    "UPDATE control.job_run SET ended_at = now(), outcome = :outcome, error = :error"
    " WHERE id = :id AND ended_at IS NULL"
)


async def begin_run(
    database: Database, *, job: int, worker: int, name: str, organization_id: UUID | None, number: int
) -> Begun | None:
    """Note that a run begins. Returns None if the job is no longer that worker's: it was frozen for too long."""
    given = {"job": job, "worker": worker, "name": name, "organization": organization_id, "number": number}
    async with database.control() as session:
        row = (await session.execute(_BEGIN, given)).first()
    return None if row is None else Begun(*row)


async def end_run(database: Database, run: Begun, outcome: Outcome, error: BaseException | None = None) -> None:
    """Note how a run ended."""
    told = None if error is None else told_of(error)
    async with database.control() as session:
        await session.execute(_END, {"id": run.id, "outcome": outcome.value, "error": told})


def told_of(error: BaseException) -> str:
    """What an operator reads of an error: what it is, and the last place of ours that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return clean(f"{type(error).__name__}: {error}"[: LONGEST_ERROR_CHARACTERS - len(place)]) + place
