"""GET /health: whether this process can serve, for supervisors and load balancers."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy import text

from cloud.accounts.guards import anyone
from cloud.database.transaction import Database
from cloud.replication.fold_worker import FoldHealth, FoldWorker

ANSWER_WITHIN_SECONDS = 3


@get("/health", guards=[anyone], summary="Is the server well?", tags=["operations"])
async def health(
    database: NamedDependency[SkipValidation[Database]], fold_worker: NamedDependency[SkipValidation[FoldWorker]]
) -> Response[dict[str, Any]]:
    """Answer 200 when the database answers and the fold worker has not stopped, else 503.

    A fold that fails several times in a row gives 200 and `failing`: the server still stores what is pushed.
    """
    if not await _answers(database):
        return Response({"status": "unwell", "database": "unreachable"}, status_code=503)
    status = {"status": "well", "database": "reachable"}
    if fold_worker.health is not FoldHealth.IDLE:
        status["fold"] = fold_worker.health.value
    if fold_worker.health is FoldHealth.STOPPED:
        return Response({**status, "status": "unwell"}, status_code=503)
    if fold_worker.health is FoldHealth.FAILING:
        status["status"] = "troubled"
    return Response(status, headers={"Cache-Control": "no-store"})


async def _answers(database: Database) -> bool:
    """Whether the database answers in time. Who asks it is left behind: giving a frozen server up takes long, too."""

    async def ask() -> None:
        async with database.control() as session:
            await session.execute(text("select 1"))

    asking = asyncio.create_task(ask())
    await asyncio.wait([asking], timeout=ANSWER_WITHIN_SECONDS)
    if not asking.done():
        asking.cancel()
        return False
    return asking.exception() is None
