"""GET /health: whether this process can serve, for supervisors and load balancers."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

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
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS), database.control() as session:
            await session.execute(text("select 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return Response({"status": "unwell", "database": "unreachable"}, status_code=503)
    status = {"status": "well", "database": "reachable"}
    if fold_worker.health is not FoldHealth.IDLE:
        status["fold"] = fold_worker.health.value
    if fold_worker.health is FoldHealth.STOPPED:
        return Response({**status, "status": "unwell"}, status_code=503)
    if fold_worker.health is FoldHealth.FAILING:
        status["status"] = "troubled"
    return Response(status, headers={"Cache-Control": "no-store"})
