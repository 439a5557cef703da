"""What a worker does now and then: how often, what it says of itself, and that it costs one transaction."""

from __future__ import annotations

from math import inf

import pytest
from sqlalchemy import text

from cloud.database.transaction import Database
from cloud.jobs.queue import Asked, enqueue
from cloud.jobs.rescue import Patience, look_around
from cloud.jobs.worker import JobWorker
from tests.cloud.jobs.test_queue import FARO, Notebook

_NEW = text(
    "insert into procrastinate_workers (last_heartbeat) values (now() - make_interval(secs => :ago)) returning id"
)
_AHEAD = text("select extract(epoch from last_heartbeat - now())::float8 from procrastinate_workers where id = :id")
_TAKE = text("update procrastinate_jobs set status = 'doing', worker_id = :id returning id")
_STATUS = text("select status::text from procrastinate_jobs")


async def joined(database: Database, count: int, ago: float = 0.0) -> list[int]:
    """So many workers, last heard of some seconds ago."""
    async with database.control() as session:
        return [(await session.execute(_NEW, {"ago": ago})).scalar_one() for _worker in range(count)]


async def look(database: Database, worker: int, patience: Patience) -> float:
    return await look_around(database, worker, ["tests.noted"], patience, 8)


@pytest.mark.parametrize(("workers", "times"), [(1, 1.0), (2, 1.0), (8, 4.0)])
async def test_all_workers_together_look_no_more_often_than_two(
    own_database: Database, workers: int, times: float
) -> None:
    await joined(own_database, 5, ago=100.0)  # they do not run any more
    mine, *_others = await joined(own_database, workers)
    assert await look(own_database, mine, Patience()) == times


async def test_a_worker_that_looks_seldom_keeps_its_jobs_for_as_long_as_it_said(own_database: Database) -> None:
    patience, noted = Patience(silent_seconds=10.0), Notebook("tests.noted")
    seldom, *others = await joined(own_database, 8)
    await look(own_database, seldom, patience)
    async with own_database.control() as session:
        assert 25.0 < (await session.execute(_AHEAD, {"id": seldom})).scalar_one() <= 30.0
    async with own_database.write(FARO) as session:
        await enqueue(session, Asked(noted.kind, FARO))
    silent = (await joined(own_database, 1, ago=11.0))[0]
    for holder, status in ((seldom, "doing"), (silent, "todo")):
        async with own_database.control() as session:
            await session.execute(_TAKE, {"id": holder})
        await look(own_database, others[0], patience)
        async with own_database.control() as session:
            assert (await session.execute(_STATUS)).scalar_one() == status


@pytest.mark.parametrize(("workers", "seconds"), [(1, 5.0), (8, 20.0)])
async def test_behind_a_pooler_all_workers_together_ask_for_jobs_no_more_often_than_two(
    own_database: Database, workers: int, seconds: float
) -> None:
    """Nobody tells them of jobs there."""
    mine, *_others = await joined(own_database, workers)
    behind, beside = (JobWorker(own_database, pooler=pooler) for pooler in (True, False))
    for worker in (behind, beside):
        await worker.look_around([], mine)
    assert (behind.untold_seconds, beside.untold_seconds) == (seconds, inf)
