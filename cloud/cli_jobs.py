"""`comanda-cloud jobs`: what an operator does about jobs that failed for good."""

from __future__ import annotations

import argparse
import asyncio
import json
import os

from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.jobs.desk import ListedJob, drop_jobs, list_jobs, retry_jobs
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of


def jobs(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """List, retry or drop jobs."""
    if asked.action != "list" and asked.id is None and not asked.all:
        raise OperatorError("cli.job_missing")
    texts = Texts(language_of(os.environ), ("cloud",))

    async def run(parts: Parts) -> None:
        try:
            async with parts.database.control() as session:
                if asked.action == "list":
                    found = await list_jobs(session, only_dead=not asked.all)
                    _print("\n".join(_line(texts, job) for job in found) or texts("cli.no_jobs"))
                elif asked.action == "retry":
                    _print(texts("cli.jobs_retried", count=await retry_jobs(session, asked.id)))
                else:
                    _print(texts("cli.jobs_dropped", count=await drop_jobs(session, asked.id)))
        finally:
            await parts.database.dispose()

    with open_database(settings, say) as ready:
        asyncio.run(run(assemble(ready, generation=generation_of(ready))))
    return 0


def _line(texts: Texts, job: ListedJob) -> str:
    error = f"\n    {job.ended_at:%Y-%m-%d %H:%M} {job.error}" if job.error and job.ended_at else ""
    return texts(
        "cli.job_line",
        id=job.id,
        name=job.name,
        status=job.status,
        runs=job.runs,
        organization=job.organization_id or "-",
        args=json.dumps(job.args, ensure_ascii=False),
        error=error,
    )


def _print(text: str) -> None:
    print(text)
