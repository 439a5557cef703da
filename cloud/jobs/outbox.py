"""The outbox: effects are put in with their fact, each is carried out by a job, once.

An effect whose fact is older than the newest life of the cloud (`comanda-cloud restored`) has perhaps been carried out
before: it is held until an operator releases it. One that is too old is dropped, and the log says so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import text

from cloud.database.transaction import Database
from cloud.jobs.facts import Effect, EffectKind, Made
from cloud.jobs.kinds import JobCall, JobKind
from cloud.jobs.queue import Asked, enqueue_at_door
from sync.door import Door

FORGET_AFTER = timedelta(days=35)
"""So long after it expired an effect stays in the outbox, and its fact is known; older facts lead to nothing."""

_PUT_IN = """
    INSERT INTO control.outbox (
        organization_id, id, kind, args, most_runs, fact_at, made_at, expires_at, state, ended_at)
    SELECT organization, id, kind, args, most_runs, fact_at, now(), expires_at,
        CASE WHEN expires_at > now() THEN 'waiting' ELSE 'dropped' END,
        CASE WHEN expires_at > now() THEN NULL ELSE now() END
    FROM (
        SELECT ?::text::uuid AS organization, ?::text::uuid AS id, ?::text AS kind, ?::text::jsonb AS args,
            ?::int AS most_runs, ?::text::timestamptz AS fact_at, ?::text::timestamptz AS expires_at
    ) AS made
    WHERE expires_at > now() - make_interval(secs => ?::float8)
    ON CONFLICT DO NOTHING RETURNING state"""
_LOOK = text(
    """
    UPDATE control.outbox AS effect SET
        state = seen.now_state, ended_at = CASE WHEN seen.now_state = 'dropped' THEN now() ELSE effect.ended_at END
    FROM (
        SELECT one.id, CASE
            WHEN one.state <> 'waiting' THEN one.state
            WHEN one.expires_at <= now() THEN 'dropped'
            WHEN one.fact_at < life.begun_at AND coalesce(one.released_at < life.begun_at, true) THEN 'held'
            ELSE 'waiting' END AS now_state
        FROM control.outbox AS one, (SELECT max(begun_at) AS begun_at FROM control.generation) AS life
        WHERE one.organization_id = :organization AND one.id = :id FOR UPDATE OF one
    ) AS seen
    WHERE effect.organization_id = :organization AND effect.id = seen.id
    RETURNING effect.state, effect.args, effect.fact_at"""
)
_DONE = text(
    "UPDATE control.outbox SET state = 'done', ended_at = now()"
    " WHERE organization_id = :organization AND id = :id AND state = 'waiting'"
)
logger = logging.getLogger(__name__)


def put_in(door: Door, organization_id: UUID, effect_id: UUID, kind: EffectKind, made: Made) -> None:
    """Put an effect into the outbox and ask for the job that carries it out; nothing if it is there already."""
    rows = door.rows(
        _PUT_IN,
        str(organization_id),
        str(effect_id),
        kind.name,
        json.dumps(dict(made.args)),
        kind.most_runs,
        made.at.isoformat(),
        (made.at + kind.shelf_life).isoformat(),
        FORGET_AFTER.total_seconds(),
    )
    if not rows:
        return
    if rows[0][0] == "waiting":
        enqueue_at_door(door, asked_for(kind.name, organization_id, effect_id, kind.most_runs))
    else:
        logger.warning("effect %s (%s) came too late and is dropped", effect_id, kind.name)


def asked_for(name: str, organization_id: UUID, effect_id: UUID, most_runs: int) -> Asked:
    """The job that carries out an effect."""

    async def elsewhere(_call: JobCall, _provided: Mapping[str, object]) -> None:
        """Never called: a worker runs what its rooms say."""

    kind = JobKind(name, elsewhere, most_runs=most_runs)
    return Asked(kind, organization_id, {"effect": str(effect_id)}, once_waiting=f"effect:{effect_id}")


def job_of_effect(kind: EffectKind) -> JobKind:
    """The kind of job by which effects of a kind are carried out."""

    async def carry_out(call: JobCall, provided: Mapping[str, object]) -> None:
        database, organization_id = cast("Database", provided["database"]), call.organization_id
        assert organization_id is not None
        key = {"organization": organization_id, "id": UUID(call.args["effect"])}
        async with database.write(organization_id) as session:
            seen = (await session.execute(_LOOK, key)).first()
        if seen is None or seen.state != "waiting":
            _say_why_not(kind, key["id"], seen.state if seen else "gone")
            return
        await kind.carry_out(Effect(key["id"], organization_id, seen.args, seen.fact_at, call.run), provided)
        async with database.write(organization_id) as session:
            await session.execute(_DONE, key)

    return JobKind(kind.name, carry_out, most_runs=kind.most_runs, within=kind.within)


def _say_why_not(kind: EffectKind, effect_id: UUID, state: str) -> None:
    if state == "dropped":
        logger.warning("effect %s (%s) was not carried out in time and is dropped", effect_id, kind.name)
    elif state == "held":
        logger.warning("effect %s (%s) is from before the restore: comanda-cloud outbox list", effect_id, kind.name)
