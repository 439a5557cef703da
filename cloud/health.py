"""GET /health: whether this process serves, for supervisors and load balancers."""

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

ANSWER_WITHIN_SECONDS = 3


@get("/health", guards=[anyone], summary="Is the server well?", tags=["operations"])
async def health(database: NamedDependency[SkipValidation[Database]]) -> Response[dict[str, Any]]:
    """200 when the database answers, else 503."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS), database.control() as session:
            await session.execute(text("select 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return Response({"status": "unwell", "database": "unreachable"}, status_code=503)
    return Response({"status": "well", "database": "reachable"}, headers={"Cache-Control": "no-store"})
