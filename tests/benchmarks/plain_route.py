"""The yardstick of orders by API: an empty Litestar route that does one durable insert, in a process of its own.

`python -m tests.benchmarks.plain_route DATABASE_URL PORT`
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from litestar import Litestar, Request, post
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

INSERT = text("insert into plain_orders (body) values (:body) returning id")


def app_on(url: str) -> Litestar:
    """The app on a database that has a table `plain_orders`."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=16)

    @post("/orders")
    async def place(request: Request[Any, Any, Any]) -> dict[str, int]:
        """Insert a row."""
        async with engine.begin() as connection:
            row = await connection.execute(INSERT, {"body": (await request.body()).decode()})
            return {"id": row.scalar_one()}

    return Litestar([place], openapi_config=None)


if __name__ == "__main__":
    uvicorn.run(app_on(sys.argv[1]), port=int(sys.argv[2]), log_level="warning")
