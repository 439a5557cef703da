"""GET /health: whether this process can serve, for supervisors and load balancers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import SkipValidation

from cloud.accounts.guards import anyone
from cloud.database.transaction import Database
from cloud.jobs.desk import JobCounts, count_jobs
from cloud.jobs.outbox_desk import OutboxCounts, count_effects
from cloud.operations.presence import Running, running
from cloud.replication.fold_worker import FoldHealth, FoldWorker

ANSWER_WITHIN_SECONDS = 3
SEEN_FOR_SECONDS = 1.0
"""So long an answer of the database serves all who ask: anybody may ask, a thousand times a second."""
NOBODY = "nobody"
"""The state of the fold when no worker was seen lately."""


class Seen(NamedTuple):
    """What the database tells: the processes that run, the jobs and effects there are."""

    running: Sequence[Running]
    jobs: JobCounts
    effects: OutboxCounts


class DatabaseHealth:
    """Asks the database once for all who want to know at that time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[Seen] | None = None
        self._asked_at = 0.0

    async def seen(self) -> Seen | None:
        """What was seen within the last second; None if the database does not answer in time.

        Who asks it is left behind: giving a frozen server up takes long, too.
        """
        now = asyncio.get_running_loop().time()
        if self._asking is None or (self._asking.done() and now - self._asked_at >= SEEN_FOR_SECONDS):
            self._asking, self._asked_at = asyncio.create_task(self._ask()), now
            self._asking.add_done_callback(_heed)
        asking = self._asking
        await asyncio.wait([asking], timeout=ANSWER_WITHIN_SECONDS)
        return asking.result() if asking.done() and asking.exception() is None else None

    async def _ask(self) -> Seen:
        async with self._database.control() as session:
            return Seen(await running(session), await count_jobs(session), await count_effects(session))


_UNWELL = ResponseSpec(dict[str, Any], generate_examples=False, description="the same, when this process cannot serve")


@get("/health", guards=[anyone], summary="Is the server well?", tags=["operations"], responses={503: _UNWELL})
async def health(
    database_health: NamedDependency[SkipValidation[DatabaseHealth]],
    fold_worker: NamedDependency[SkipValidation[FoldWorker]],
) -> Response[dict[str, Any]]:
    """Answer 200 when the database answers and this process does what it is there for, else 503.

    `fold` is that of all workers: when one of them fails several times in a row, or none was seen lately, the answer
    is 200 and `troubled`, since this process still stores what is pushed. A fold of its own that has stopped is 503.
    `jobs` and `outbox` count those of all workers; what a person must look at (dead, held) is `troubled`, too.
    """
    found = await database_health.seen()
    if found is None:
        return Response({"status": "unwell", "database": "unreachable"}, status_code=503)
    seen, jobs, effects = found
    fold = _fold_of(fold_worker.health, [each for each in seen if each.works])
    status = {"status": "well", "database": "reachable", "fold": fold, "jobs": _told(jobs), "outbox": _told_of(effects)}
    if fold_worker.health is FoldHealth.STOPPED:
        return Response({**status, "status": "unwell"}, status_code=503)
    if fold != FoldHealth.WELL or jobs.dead or effects.held:
        status["status"] = "troubled"
    return Response(status, headers={"Cache-Control": "no-store"})


def _fold_of(own: FoldHealth, workers: Sequence[Running]) -> str:
    """The worst state of a fold that there is: the own one as it is now, those of others as they told lately."""
    states = {each.fold for each in workers} - {FoldHealth.STOPPED}
    if own is FoldHealth.STOPPED or FoldHealth.FAILING in {own, *states}:
        return FoldHealth.STOPPED if own is FoldHealth.STOPPED else FoldHealth.FAILING
    return FoldHealth.WELL if FoldHealth.WELL in {own, *states} else NOBODY


def _told(jobs: JobCounts) -> dict[str, int]:
    return {
        "waiting": jobs.waiting,
        "waiting_seconds": round(jobs.waiting_seconds),
        "running": jobs.running,
        "dead": jobs.dead,
    }


def _told_of(effects: OutboxCounts) -> dict[str, int]:
    return {"waiting": effects.waiting, "held": effects.held, "dropped": effects.dropped}


def _heed(asked: asyncio.Task[Seen]) -> None:
    """Take notice of an error that came after whoever asked had left."""
    if not asked.cancelled():
        asked.exception()
