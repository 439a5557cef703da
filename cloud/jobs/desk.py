"""What an operator does about jobs: see how many wait, list the dead ones, retry them, drop them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.jobs.rescue import wake_workers
from shared.kernel.errors import DomainError

MOST_LISTED = 200
IS_DEAD = "job.status IN ('failed', 'aborted', 'cancelled')"

_COUNT = text(
    f"""
    SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
        count(*) FILTER (WHERE {IS_DEAD}),
        coalesce((
            SELECT extract(epoch FROM now() - max(event.at)) FROM procrastinate_events AS event
            WHERE event.job_id = (
                SELECT min(id) FROM procrastinate_jobs
                WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
            )
        ), 0)::float8
    FROM procrastinate_jobs AS job"""  # noqa: S608 - words of ours
)
_LIST = f"""
    SELECT job.id, job.task_name, job.args->>'organization' AS organization, job.args->'args' AS args,
        job.status::text AS status, job.attempts, job.scheduled_at, run.ended_at, run.error
    FROM procrastinate_jobs AS job
    LEFT JOIN LATERAL (
        SELECT coalesce(each.ended_at, each.started_at) AS ended_at, each.error FROM control.job_run AS each
        WHERE each.job_id = job.id ORDER BY each.started_at DESC LIMIT 1
    ) AS run ON true
    WHERE {{which}} ORDER BY job.id LIMIT {MOST_LISTED}"""  # noqa: S608 - words of ours
_DEAD, _ALL = text(_LIST.format(which=IS_DEAD)), text(_LIST.format(which="true"))
# Begun anew, with all runs before it: what killed it has perhaps been cured.
_RETRY = text(
    f"""
    UPDATE procrastinate_jobs AS job SET status = 'todo', attempts = 0, scheduled_at = NULL, abort_requested = false,
        queueing_lock = NULL, worker_id = NULL, args = job.args || '{{"expires_at": null}}'
    WHERE {IS_DEAD} AND (CAST(:job AS bigint) IS NULL OR id = :job) RETURNING job.queue_name"""  # noqa: S608 - words of ours
)
_DROP = text(
    f"DELETE FROM procrastinate_jobs AS job WHERE {IS_DEAD} AND (CAST(:job AS bigint) IS NULL OR id = :job)"  # noqa: S608 - words of ours
    " RETURNING job.id"
)


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs there are.

    Attributes:
        waiting_seconds: how long the oldest one that could be run has waited.
    """

    waiting: int
    running: int
    dead: int
    waiting_seconds: float


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job as an operator sees it.

    Attributes:
        ended_at: when it was last run.
        error: of that run.
    """

    id: int
    name: str
    organization_id: UUID | None
    args: dict[str, Any]
    status: str
    runs: int
    run_at: datetime | None
    ended_at: datetime | None
    error: str | None


async def count_jobs(session: AsyncSession) -> JobCounts:
    """Count the jobs of all organizations (of one, in its transaction)."""
    return JobCounts(*(await session.execute(_COUNT)).one())


async def list_jobs(session: AsyncSession, *, only_dead: bool) -> list[ListedJob]:
    """The jobs that are not done, the oldest first, at most `MOST_LISTED`."""
    rows = await session.execute(_DEAD if only_dead else _ALL)
    return [
        ListedJob(
            row.id,
            row.task_name,
            UUID(row.organization) if row.organization else None,
            row.args or {},
            row.status,
            row.attempts,
            row.scheduled_at,
            row.ended_at,
            row.error,
        )
        for row in rows
    ]


async def retry_jobs(session: AsyncSession, job: int | None) -> int:
    """Let a dead job be run again, however old it is; all of them, without an id. Returns how many.

    Raises:
        DomainError: JOB_NOT_DEAD (params: job).
    """
    queues = list((await session.execute(_RETRY, {"job": job})).scalars())
    _refuse_none(job, len(queues))
    await wake_workers(session, queues)
    return len(queues)


async def drop_jobs(session: AsyncSession, job: int | None) -> int:
    """Forget a dead job; all of them, without an id. Returns how many.

    Raises:
        DomainError: JOB_NOT_DEAD (params: job).
    """
    dropped = len((await session.execute(_DROP, {"job": job})).all())
    _refuse_none(job, dropped)
    return dropped


def _refuse_none(job: int | None, count: int) -> None:
    if job is not None and count == 0:
        raise DomainError("JOB_NOT_DEAD", job=job)
