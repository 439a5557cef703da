"""`comanda-cloud jobs` and `outbox`: what operators do about dead jobs, and effects that are held."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from uuid import UUID

from cloud.cli_running import answer, as_objects
from cloud.cli_times import whole_time
from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.database.transaction import ControlSession
from cloud.jobs.desk import ListedJob, drop_jobs, list_jobs, retry_jobs
from cloud.jobs.outbox_desk import ListedEffect, drop_effects, list_effects, release_effects
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of

_STATUS = {"todo": "cli.job_waiting", "doing": "cli.job_running"}
"""Our words for those of the queue; its others are ways to be dead."""


def jobs(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """List, retry or drop jobs."""
    if asked.action != "list" and asked.id is None and not asked.all:
        raise OperatorError("cli.job_missing")
    texts = Texts(language_of(os.environ), ("cloud",))

    async def act(session: ControlSession) -> None:
        if asked.action == "list":
            found = await list_jobs(session, only_dead=not asked.all)
            lines = "\n".join(_line(texts, job) for job in found)
            print(as_objects(found) if asked.json else lines or texts("cli.no_jobs"))
        elif asked.action == "retry":
            answer("cli.jobs_retried", count=await retry_jobs(session, asked.id))
        else:
            answer("cli.jobs_dropped", count=await drop_jobs(session, asked.id))

    return _with_session(settings, say, act)


def outbox(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """List, release or drop effects."""
    if asked.action != "list" and asked.id is None and not asked.all:
        raise OperatorError("cli.effect_missing")
    effect_id = _id(asked.id) if asked.id is not None else None
    texts = Texts(language_of(os.environ), ("cloud",))

    async def act(session: ControlSession) -> None:
        if asked.action == "list":
            found = await list_effects(session, all_open=asked.all)
            lines = "\n".join(_line_of(texts, effect) for effect in found)
            print(as_objects(found) if asked.json else lines or texts("cli.no_effects"))
        elif asked.action == "release":
            released = await release_effects(session, effect_id)
            answer("cli.effects_released", released=released.released, dropped=released.dropped)
        else:
            answer("cli.effects_dropped", count=await drop_effects(session, effect_id))

    return _with_session(settings, say, act)


def _with_session(settings: Settings, say: Say, act: Callable[[ControlSession], Awaitable[None]]) -> int:
    async def run(parts: Parts) -> None:
        try:
            async with parts.database.control() as session:
                await act(session)
        finally:
            await parts.database.dispose()

    with open_database(settings, say, makes=False) as ready:
        asyncio.run(run(assemble(ready, generation=generation_of(ready))))
    return 0


def _line_of(texts: Texts, effect: ListedEffect) -> str:
    return texts(
        "cli.effect_line",
        id=effect.id,
        kind=effect.kind,
        state=effect.state,
        organization=effect.organization_id,
        fact=whole_time(effect.fact_at),
        until=whole_time(effect.expires_at),
        args=json.dumps(effect.args, ensure_ascii=False),
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise OperatorError("cli.no_effect_id", text=text) from None


def _line(texts: Texts, job: ListedJob) -> str:
    error = f"\n    {whole_time(job.ended_at)} {job.error}" if job.error and job.ended_at else ""
    return texts(
        "cli.job_line",
        id=job.id,
        name=job.name,
        status=texts(_STATUS.get(job.status, "cli.job_dead")),
        runs=job.runs,
        organization=job.organization_id or "-",
        args=json.dumps(job.args, ensure_ascii=False),
        error=error,
    )
