"""How a worker takes jobs from procrastinate's queue: with its connections and its statements, but fewer of them.

What procrastinate asks the database at intervals of its own (are you there, am I alive, is there a job, shall one be
aborted) is a transaction each, also at night, and more with each worker. Here one look around does all of it
(`rescue.py`), and a connection is asked whether it is there without a transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, LiteralString

import psycopg
import psycopg_pool
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.utils import utcnow
from procrastinate.worker import Worker

from cloud.database.away import in_a_line
from cloud.database.liveness import says_something

LISTEN_SECONDS = 15.0
"""So often the connection that listens is asked whether it is there."""
ASK_AGAIN_SECONDS = 0.5
"""What was told to end and goes on is told again."""

_MINE: LiteralString = """
    WITH mine AS MATERIALIZED (
        SELECT id FROM procrastinate_jobs
        WHERE id = %(job)s AND worker_id = %(worker)s AND status = 'doing' FOR UPDATE
    )
    SELECT """
_FINISH = _MINE + "procrastinate_finish_job_v1(id, %(status)s, %(delete)s) FROM mine"
_PUT_BACK = _MINE + "procrastinate_retry_job_v2(id, %(retry_at)s, NULL, NULL, NULL) FROM mine"

logger = logging.getLogger(__name__)
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells each try to connect; the worker says it once


class QuietConnector(PsycopgConnector):
    """Asks whether its connections are there without transactions."""

    async def _create_pool(self, pool_args: dict[str, Any]) -> psycopg_pool.AsyncConnectionPool:
        return self._pool_factory(**pool_args, open=False, check=_look)

    async def _loop_notify(
        self, on_notification: Notify, connection: psycopg.AsyncConnection[Any], timeout: float = LISTEN_SECONDS
    ) -> None:
        """Hear until the connection is gone."""
        try:
            while True:
                async for told in connection.notifies(timeout=LISTEN_SECONDS):
                    await on_notification(channel=told.channel, payload=told.payload)
                async with connection.pipeline() as pipeline, asyncio.timeout(timeout):
                    await pipeline.sync()
        except (psycopg.OperationalError, TimeoutError):
            return


async def _look(connection: psycopg.AsyncConnection[Any]) -> None:
    """Refuse a connection that the server has closed: its last word waits in the socket."""
    if says_something(connection):
        await connection.execute("")


class QuietWorker(Worker):
    """Stops when something that it does beside the jobs fails, and leaves it to its caller to say so.

    Attributes:
        broke: what failed, if something did.
    """

    broke: BaseException | None = None

    async def _run_loop(self) -> None:
        """Take jobs, unless the worker was told to end while it began.

        Before Python 3.12 `asyncio.wait_for` may lose a cancellation, and pools of connections wait by it.
        """
        if self.run_task is not None and self.run_task.cancelling():
            self.stop()  # type: ignore[no-untyped-call]  # procrastinate does not type it
        await super()._run_loop()  # type: ignore[no-untyped-call]  # procrastinate does not type it

    async def _monitor_side_tasks(self, side_tasks: list[asyncio.Task[Any]]) -> None:
        done, _others = await asyncio.wait(side_tasks, return_when=asyncio.FIRST_EXCEPTION)
        self.broke = next((error for task in done if (error := task.exception()) is not None), None)
        self.stop()  # type: ignore[no-untyped-call]  # procrastinate does not type it

    async def _shutdown(self, side_tasks: list[asyncio.Task[Any]]) -> None:
        """End what runs beside the jobs, each for certain: it may lose a cancellation as `_run_loop` may."""
        left = set(side_tasks)
        while left:
            for task in left:
                task.cancel()
            ended, left = await asyncio.wait(left, timeout=ASK_AGAIN_SECONDS)
            for task in ended:
                _note(task)
        await super()._shutdown([])


def _note(task: asyncio.Task[Any]) -> None:
    """Note what a task ended with. What broke a worker says whoever runs it (`QuietWorker.broke`)."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        logger.debug("%s ended with %s", task.get_name(), in_a_line(error))


class OwnJobs(JobManager):
    """Ends only jobs that are still those of their worker: one that was frozen must not end what another one runs.

    Args:
        look_around: does for a worker what is to be done now and then; how long to wait until the next time.
    """

    def __init__(self, connector: PsycopgConnector, look_around: Callable[[int], Awaitable[float]]) -> None:
        super().__init__(connector)
        self._look_around = look_around

    async def update_heartbeat(self, worker_id: int) -> None:
        """Look around, and wait."""
        await asyncio.sleep(await self._look_around(worker_id))

    async def list_jobs_to_abort_async(self, queue: str | None = None) -> Iterable[int]:
        """Nothing: nobody aborts jobs."""
        return ()

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End a job for good."""
        await self._end(job, _FINISH, status=status.value, delete=delete_job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back."""
        assert (priority, queue, lock) == (None, None, None)
        await self._end(job, _PUT_BACK, retry_at=retry_at or utcnow())

    async def _end(self, job: Job, statement: LiteralString, **values: object) -> None:
        try:
            await self.connector.execute_query_all_async(statement, job=job.id, worker=job.worker_id, **values)
        except ConnectorException as error:
            logger.warning(
                "the database was not told how job %s ended, so it is run again: %s", job.id, in_a_line(error)
            )
