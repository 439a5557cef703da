"""What an operator does about the outbox: see what is held, release it, drop it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.jobs.outbox import asked_for
from cloud.jobs.queue import enqueue
from shared.kernel.errors import DomainError

MOST_LISTED = 200

_COUNT = text(
    """
    SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'held' AND expires_at > now()),
        count(*) FILTER (WHERE state = 'dropped' AND ended_at > now() - interval '1 day')
    FROM control.outbox WHERE state <> 'done'"""
)
_LIST = text(
    f"""
    SELECT organization_id, id, kind, args, state, fact_at, expires_at FROM control.outbox
    WHERE state = ANY(:states) ORDER BY fact_at, id LIMIT {MOST_LISTED}"""  # noqa: S608 - a number of ours
)
_HOLD = text(
    """
    UPDATE control.outbox SET state = 'held'
    WHERE state = 'waiting' AND fact_at < (SELECT max(begun_at) FROM control.generation)"""
)
_RELEASE = text(
    """
    UPDATE control.outbox SET
        state = CASE WHEN expires_at > now() THEN 'waiting' ELSE 'dropped' END,
        ended_at = CASE WHEN expires_at > now() THEN NULL ELSE now() END, released_at = now()
    WHERE state = 'held' AND (CAST(:id AS uuid) IS NULL OR id = :id)
    RETURNING organization_id, id, kind, most_runs, state"""
)
_DROP = text(
    """
    UPDATE control.outbox SET state = 'dropped', ended_at = now()
    WHERE state IN ('held', 'waiting') AND (CAST(:id AS uuid) IS NULL OR id = :id)
        AND (state = 'held' OR CAST(:id AS uuid) IS NOT NULL) RETURNING id"""
)


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many effects there are; those that were dropped, within a day."""

    waiting: int
    held: int
    dropped: int


@dataclass(frozen=True, slots=True)
class ListedEffect:
    """An effect as an operator sees it."""

    organization_id: UUID
    id: UUID
    kind: str
    args: dict[str, Any]
    state: str
    fact_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Released:
    """How many effects were released, and how many were too old by then."""

    released: int
    dropped: int


async def count_effects(session: AsyncSession) -> OutboxCounts:
    """Count the effects of all organizations (of one, in its transaction) that are not done."""
    return OutboxCounts(*(await session.execute(_COUNT)).one())


async def list_effects(session: AsyncSession, *, all_open: bool) -> list[ListedEffect]:
    """The effects that are held; with `all_open` also those that wait and were dropped."""
    states = ["held", "waiting", "dropped"] if all_open else ["held"]
    return [ListedEffect(*row) for row in await session.execute(_LIST, {"states": states})]


async def hold_effects(session: AsyncSession) -> int:
    """Hold all effects whose facts are older than the newest life of the cloud. Returns how many."""
    held = await session.execute(_HOLD)
    return int(held.rowcount)  # type: ignore[attr-defined]  # a statement that changes rows has it


async def release_effects(session: AsyncSession, effect_id: UUID | None) -> Released:
    """Let a held effect be carried out, because it has not been yet; all of them, without an id.

    Raises:
        DomainError: EFFECT_NOT_HELD (params: effect).
    """
    rows = (await session.execute(_RELEASE, {"id": effect_id})).all()
    _refuse_none(effect_id, len(rows))
    waiting = [row for row in rows if row.state == "waiting"]
    for row in waiting:
        await enqueue(session, asked_for(row.kind, row.organization_id, row.id, row.most_runs))
    return Released(len(waiting), len(rows) - len(waiting))


async def drop_effects(session: AsyncSession, effect_id: UUID | None) -> int:
    """Drop an effect that is held or waits; all that are held, without an id. Returns how many.

    Raises:
        DomainError: EFFECT_NOT_HELD (params: effect).
    """
    dropped = len((await session.execute(_DROP, {"id": effect_id})).all())
    _refuse_none(effect_id, dropped)
    return dropped


def _refuse_none(effect_id: UUID | None, count: int) -> None:
    if effect_id is not None and count == 0:
        raise DomainError("EFFECT_NOT_HELD", effect=str(effect_id))
