"""The queue's door: asking for a job, in the transaction of whoever asks. Rolled back, there is no job.

What stands behind it is procrastinate, which nobody else knows but `worker.py`, `taking.py` and `desk.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cloud.jobs.kinds import JobKind
from sync.door import Door

# Jobs of an organization that wait are counted up to 200: the more it has, the later comes the next one.
_ENQUEUE = """
WITH fresh AS (
    INSERT INTO control.job_key (key, made_at)
    SELECT ?::bytea, now() WHERE ?::bytea IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING true
)
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
SELECT ?::text, ?::text,
    -(SELECT count(*) FROM (
        SELECT FROM procrastinate_jobs AS waiting
        WHERE waiting.status = 'todo' AND waiting.args->>'organization' = ?::text LIMIT 200
    ) AS those),
    ?::text, ?::text,
    jsonb_build_object(
        'organization', ?::text, 'args', ?::jsonb, 'most_runs', ?::bigint,
        'expires_at', extract(epoch FROM coalesce(?::text::timestamptz, now())) + ?::float8
    ),
    ?::text::timestamptz
WHERE ?::bool OR EXISTS (SELECT FROM fresh)
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
RETURNING id
"""
_ENQUEUE_BY_DRIVER = _ENQUEUE.replace("?", "%s")


@dataclass(frozen=True, slots=True)
class Asked:
    """A job that somebody asks for.

    Attributes:
        args: plain data: ids rather than names, and no secrets, because operators read it.
        key: the same kind, organization and key is one job, however often it is asked for (for 35 days at least).
        lane: of jobs with the same lane one runs at a time, in the order in which they were asked for; one that failed
            holds up those behind it until it is done or dead.
        once_waiting: while a job with this name waits to be begun, another one is not added.
        run_at: not before; None: at once.
    """

    kind: JobKind
    organization_id: UUID | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    lane: str | None = None
    once_waiting: str | None = None
    run_at: datetime | None = None


async def enqueue(session: AsyncSession, asked: Asked) -> bool:
    """Ask for a job in the transaction of a session. Returns False if it was asked for already."""
    connection = await session.connection()
    made = await connection.exec_driver_sql(_ENQUEUE_BY_DRIVER, _parameters(asked))
    return made.first() is not None


def enqueue_at_door(door: Door, asked: Asked) -> bool:
    """Ask for a job in the transaction of a door. Returns False if it was asked for already."""
    return bool(door.rows(_ENQUEUE, *_parameters(asked)))


def _parameters(asked: Asked) -> tuple[Any, ...]:
    kind, organization = asked.kind, str(asked.organization_id) if asked.organization_id else None
    key = _digest(kind.name, organization, asked.key)
    run_at = asked.run_at.isoformat() if asked.run_at else None
    shelf_seconds = kind.shelf_life.total_seconds() if kind.shelf_life is not None else None
    return (
        *(key, key, kind.name, kind.name, organization),
        *(_of(organization, asked.lane), _of(organization, asked.once_waiting)),
        *(organization, json.dumps(dict(asked.args)), kind.most_runs, run_at, shelf_seconds, run_at, key is None),
    )


def _of(organization: str | None, name: str | None) -> str | None:
    """The name of a lane or of a waiting job, apart for each organization."""
    return None if name is None else f"{organization}:{name}"


def _digest(name: str, organization: str | None, key: str | None) -> bytes | None:
    return None if key is None else hashlib.sha256(f"{name}\0{organization}\0{key}".encode()).digest()
