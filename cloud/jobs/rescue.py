"""What each worker does now and then, in one transaction: it says that it lives, rescues jobs, and wakes all workers.

Jobs that nobody works at any more are rescued: their worker was killed, or lost its database at the wrong moment. What
is rescued is run again by whoever is free, and counts as a run: a job that kills each worker ends as dead. Workers are
woken for jobs whose time has come, and for those of which nobody told them.

Each look is a transaction, also at night. So many workers look more seldom, and all of them together no more often than
two; a worker says how long it may be silent by a heartbeat that lies ahead.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.transaction import Database
from cloud.jobs.runs import Outcome

logger = logging.getLogger(__name__)

FULL_PACE_WORKERS = 2
"""So many look as often as one alone."""

_BEAT = text(
    """
    WITH pace AS (
        SELECT greatest(1.0, count(*)::float8 / :full_pace) AS times FROM procrastinate_workers
        WHERE last_heartbeat > now() - make_interval(secs => :silent)
    ), beat AS (
        UPDATE procrastinate_workers AS worker
        SET last_heartbeat = now() + make_interval(secs => :silent * (pace.times - 1))
        FROM pace WHERE worker.id = :worker
    )
    SELECT times, ARRAY(
        SELECT queue FROM unnest(CAST(:queues AS text[])) AS given(queue) WHERE EXISTS (
            SELECT FROM procrastinate_jobs
            WHERE queue_name = queue AND status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
        )
    ) FROM pace"""
)
_RESCUE = text(
    """
    WITH lost AS (
        SELECT job.id, job.worker_id, job.attempts
        FROM procrastinate_jobs AS job
        LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
        LEFT JOIN LATERAL (
            SELECT max(event.at) AS at FROM procrastinate_events AS event
            WHERE event.job_id = job.id AND event.type = 'started'
        ) AS taken ON true
        LEFT JOIN LATERAL (
            SELECT run.id, run.ended_at FROM control.job_run AS run
            WHERE run.job_id = job.id AND run.started_at >= taken.at ORDER BY run.started_at DESC LIMIT 1
        ) AS begun ON true
        WHERE job.status = 'doing' AND (
            worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :silent)
            OR (begun.id IS NULL AND taken.at < now() - make_interval(secs => :lost))
            OR begun.ended_at < now() - make_interval(secs => :lost)
        )
        ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
    )
    UPDATE procrastinate_jobs AS job SET
        status = (CASE WHEN job.attempts + 1 < coalesce((job.args->>'most_runs')::int, :most_runs)
            THEN 'todo' ELSE 'failed' END)::procrastinate_job_status,
        attempts = job.attempts + 1, queueing_lock = NULL, worker_id = NULL, abort_requested = false
    FROM lost
    WHERE job.id = lost.id AND job.status = 'doing' AND job.attempts = lost.attempts
        AND job.worker_id IS NOT DISTINCT FROM lost.worker_id
    RETURNING job.id, job.queue_name, job.status = 'failed' AS is_dead"""
)
_NOTE = text(
    "UPDATE control.job_run SET ended_at = now(), outcome = :outcome WHERE job_id = ANY(:jobs) AND ended_at IS NULL"
)
_NOTIFY = text(
    "SELECT pg_notify('procrastinate_queue_v1#' || queue, json_build_object('type', 'job_inserted', 'job_id', 0)::text)"
    " FROM unnest(CAST(:queues AS text[])) AS given(queue)"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """When a job counts as lost.

    Attributes:
        silent_seconds: after its worker was last heard of.
        lost_seconds: after it was taken and not begun, or after it ended and its worker could not say so.
    """

    silent_seconds: float = 45.0
    lost_seconds: float = 60.0


class Looked(NamedTuple):
    """What a look around found.

    Attributes:
        times: how many times as long as a worker alone this one may wait until the next look.
        waiting: the queues with a job that can be run now.
    """

    times: float
    waiting: Sequence[str]


async def look_around(
    database: Database, worker: int, queues: Sequence[str], patience: Patience, most_runs: int
) -> float:
    """Do what the module says. Returns how many times as long as usual to wait until the next look.

    Args:
        worker: who looks.
        queues: of the jobs that it knows.
        most_runs: of a job that does not say it.
    """
    given = {"worker": worker, "queues": list(queues), "silent": patience.silent_seconds}
    async with database.control() as session:
        looked = Looked(*(await session.execute(_BEAT, {**given, "full_pace": FULL_PACE_WORKERS})).one())
        rescued = await _rescue(session, patience, most_runs)
        if looked.waiting or rescued:
            await wake_workers(session, [*looked.waiting, *rescued])
    return looked.times


async def _rescue(session: AsyncSession, patience: Patience, most_runs: int) -> list[str]:
    """Let others run the jobs that nobody works at any more. Returns the queues that have some."""
    given = {"silent": patience.silent_seconds, "lost": patience.lost_seconds, "most_runs": most_runs}
    rows = (await session.execute(_RESCUE, given)).all()
    if rows:
        await session.execute(_NOTE, {"jobs": [row.id for row in rows], "outcome": Outcome.KILLED.value})
    for row in rows:
        fate = "it is dead" if row.is_dead else "it is run again"
        logger.warning("nobody worked at job %d (%s) any more: %s", row.id, row.queue_name, fate)
    return [row.queue_name for row in rows]


async def wake_workers(session: AsyncSession, queues: Sequence[str]) -> None:
    """Let workers look at these queues once the transaction is committed."""
    await session.execute(_NOTIFY, {"queues": sorted(set(queues))})
