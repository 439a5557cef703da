"""Rescues jobs that nobody works at any more: their worker was killed, or lost its database at the wrong moment.

What is rescued is run again by whoever is free, and counts as a run: a job that kills each worker ends as dead.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.transaction import Database
from cloud.jobs.runs import Outcome

logger = logging.getLogger(__name__)

# Two of these at once wait for each other's rows, and find them changed: by the worker, or by the count of attempts.
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


async def rescue(database: Database, patience: Patience, most_runs: int) -> int:
    """Let others run the jobs that nobody works at any more. Returns how many there were.

    Args:
        most_runs: of a job that does not say it.
    """
    given = {"silent": patience.silent_seconds, "lost": patience.lost_seconds, "most_runs": most_runs}
    async with database.control() as session:
        rows = (await session.execute(_RESCUE, given)).all()
        if not rows:
            return 0
        await session.execute(_NOTE, {"jobs": [row.id for row in rows], "outcome": Outcome.KILLED.value})
        await wake_workers(session, [row.queue_name for row in rows])
    for row in rows:
        fate = "it is dead" if row.is_dead else "it is run again"
        logger.warning("nobody worked at job %d (%s) any more: %s", row.id, row.queue_name, fate)
    return len(rows)


async def wake_workers(session: AsyncSession, queues: Sequence[str]) -> None:
    """Let workers look at these queues once the transaction is committed."""
    await session.execute(_NOTIFY, {"queues": sorted(set(queues))})
