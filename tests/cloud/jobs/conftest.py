"""Workers of a test: kinds of jobs that it makes up, on a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest

from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.jobs.kinds import JobKind
from cloud.jobs.rescue import Patience
from cloud.jobs.worker import JobWorker, Pace

HASTE = Pace(look_seconds=0.1, patience=Patience(1.5, 1.0))
LONGEST_WAIT_SECONDS = 60
Work = Callable[[Sequence[JobKind]], AbstractAsyncContextManager[JobWorker]]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until something holds."""
    async with asyncio.timeout(LONGEST_WAIT_SECONDS):
        while not await holds():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.03)


@pytest.fixture
async def own_database(postgres: Any, database_name: str) -> AsyncIterator[Database]:
    """The app's view of a database of the test's own: queues outlive transactions."""
    database = Database(create_engine(postgres.app_url(database_name), name="tests", connections=8))
    yield database
    await database.dispose()


@pytest.fixture
def queue_url(postgres: Any, database_name: str) -> str:
    return str(postgres.app_url(database_name))


@pytest.fixture
def working(own_database: Database) -> Work:
    """`async with working([kind]): ...` runs a worker of these kinds in this process."""

    @asynccontextmanager
    async def work(kinds: Sequence[JobKind]) -> AsyncIterator[JobWorker]:
        worker = JobWorker(own_database, pace=HASTE)
        task = asyncio.create_task(worker.run(kinds, {}))
        try:
            yield worker
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return work
