"""Runs jobs for as long as its process: procrastinate takes them from the queue, this module is what happens to each.

Whatever ends procrastinate's worker (a database that was restarted, a connection that was cut), another one begins.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import inf
from typing import Any
from uuid import UUID

import procrastinate
import psycopg
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.utils import utcnow
from sqlalchemy.exc import SQLAlchemyError

from cloud.database.away import in_a_line
from cloud.database.engine import CONNECT_TIMEOUT_SECONDS
from cloud.database.transaction import Database
from cloud.jobs.kinds import MOST_RUNS, JobCall, JobKind
from cloud.jobs.rescue import Patience, look_around, wake_workers
from cloud.jobs.runs import Outcome, begin_run, end_run
from cloud.jobs.taking import OwnJobs, QuietConnector, QuietWorker
from shared.kernel.retries import retry_seconds

AT_ONCE = 4
"""Jobs of a worker; they wait for others (the database, a mail server) most of the time."""
CONNECTIONS = 2
"""To take jobs from the queue and put them back; what they do goes by the connections of the server."""
UNTOLD_SECONDS = 5.0
"""How often to look for jobs where nobody tells of them; of many workers each looks more seldom."""
FINISH_WITHIN_SECONDS = 8.0
"""How long running jobs may take after the worker was told to stop; they are run again elsewhere."""

_A_MOMENT = 0.05
"""So that the queue says that a job may be run again, too."""

_DATABASE_ERRORS = (SQLAlchemyError, psycopg.Error, procrastinate.exceptions.ProcrastinateException, OSError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker looks around, see `rescue.py`; jobs that failed here do not wait for it."""

    look_seconds: float = 15.0
    patience: Patience = field(default_factory=Patience)


def _is_to_end() -> bool:
    """Whether the running task was cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class JobWorker:
    """Runs jobs.

    Args:
        pooler: a transaction pooler stands between; then nobody tells of new jobs.
    """

    def __init__(self, database: Database, *, pooler: bool = False, pace: Pace | None = None) -> None:
        self._database = database
        self._pooler = pooler
        self._pace = pace or Pace()
        self._kinds: Sequence[JobKind] = ()
        self._provided: Mapping[str, object] = {}
        self._ahead_seconds = 0.0
        self._taking: QuietWorker | None = None
        self._times = 1.0
        self._waking: set[asyncio.Task[None]] = set()

    async def run(self, kinds: Sequence[JobKind], provided: Mapping[str, object]) -> None:
        """Run jobs until cancelled; those that run then may finish.

        Args:
            kinds: those of all rooms.
            provided: what all rooms provide; each job is given it, and the `database`.
        """
        names = [kind.name for kind in kinds]
        assert len(set(names)) == len(names), f"two jobs of one name: {sorted(names)}"
        self._kinds, self._provided = kinds, {"database": self._database, **provided}
        failures = 0
        while True:
            begun_at = time.monotonic()
            try:
                await self._take_jobs()
            except Exception as error:
                if _is_to_end():  # the library tells the error of that moment instead
                    raise asyncio.CancelledError from error
                failures = 1 if time.monotonic() - begun_at > self._pace.look_seconds else failures + 1
                if not isinstance(error, _DATABASE_ERRORS):
                    logger.exception("the job worker failed and begins again")
                elif failures == 1:
                    logger.warning("the job worker lost its database and begins again: %s", in_a_line(error))
            if _is_to_end():  # a pool of connections may lose the word (`taking.QuietWorker`)
                raise asyncio.CancelledError
            await asyncio.sleep(retry_seconds(max(failures, 1)))

    async def _take_jobs(self) -> None:
        connector = QuietConnector(
            conninfo=self._database.writer.url.set(drivername="postgresql").render_as_string(hide_password=False),
            min_size=1,
            max_size=CONNECTIONS,
            kwargs={
                "application_name": "comanda-jobs",
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "client_encoding": "utf8",
                **({"prepare_threshold": None} if self._pooler else {"options": "-c datestyle=ISO,MDY"}),
            },
        )
        app = procrastinate.App(connector=connector)
        queues = [kind.name for kind in self._kinds]
        app.job_manager = OwnJobs(connector, partial(self.look_around, queues))
        for kind in self._kinds:
            self._register(app, kind)
        try:
            await app.open_async()
            self._taking = worker = QuietWorker(
                app,
                queues=queues,
                name="comanda",
                concurrency=AT_ONCE,
                delete_jobs="successful",
                install_signal_handlers=False,
                listen_notify=not self._pooler,
                fetch_job_polling_interval=self.untold_seconds,
                abort_job_polling_interval=inf,
                update_heartbeat_interval=0.0,
                stalled_worker_timeout=self._pace.patience.silent_seconds,
                shutdown_graceful_timeout=FINISH_WITHIN_SECONDS,
            )
            await worker.run()  # type: ignore[no-untyped-call]  # procrastinate does not type it
            if worker.broke is not None:
                raise worker.broke
        finally:
            await app.close_async()  # also what was cut in the middle of its opening

    @property
    def untold_seconds(self) -> float:
        """How often this worker looks for jobs of which nobody told it."""
        return min(self._pace.look_seconds, UNTOLD_SECONDS) * self._times if self._pooler else inf

    async def look_around(self, queues: Sequence[str], worker: int) -> float:
        """Look around, and say how long to wait until the next time."""
        self._times = await look_around(self._database, worker, queues, self._pace.patience, MOST_RUNS)
        if self._taking is not None:
            self._taking.fetch_job_polling_interval = self.untold_seconds
        return self._pace.look_seconds * self._times

    def _register(self, app: procrastinate.App, kind: JobKind) -> None:
        task = app.task(name=kind.name, queue=kind.name, pass_context=True, retry=_Retry(self, kind))(
            partial(self._run_one, kind)
        )
        if kind.every is not None:
            app.periodic(cron=kind.every, queueing_lock=kind.name, lock=kind.name)(task)

    async def _run_one(
        self,
        kind: JobKind,
        context: procrastinate.JobContext,
        *,
        organization: str | None = None,
        args: Mapping[str, Any] | None = None,
        expires_at: float | None = None,
        **_unknown: Any,
    ) -> None:
        """Run a job, and keep a record of it. Raises what the job raises; procrastinate then asks `_Retry`."""
        job, number = context.job, context.job.attempts + 1
        assert job.id is not None
        assert job.worker_id is not None
        organization_id = UUID(organization) if organization else None
        begun = await begin_run(
            self._database,
            job=job.id,
            worker=job.worker_id,
            name=kind.name,
            organization_id=organization_id,
            number=number,
        )
        if begun is None:
            raise _TakenAway
        self._ahead_seconds = time.time() - begun.now
        if expires_at is not None and begun.now > expires_at:
            logger.warning("job %d (%s) was not done in time and is dropped", job.id, kind.name)
            await end_run(self._database, begun, Outcome.EXPIRED)
            return
        call = JobCall(organization_id, args or {}, number)
        try:
            async with asyncio.timeout(kind.within.total_seconds()):
                await kind.run(call, self._provided)
        except asyncio.CancelledError:
            await end_run(self._database, begun, Outcome.STOPPED)
            raise
        except Exception as error:
            await end_run(
                self._database, begun, Outcome.DEAD if number >= _most_runs(kind, job) else Outcome.FAILED, error
            )
            raise
        await end_run(self._database, begun, Outcome.DONE)

    def pause(self, kind: JobKind, runs: int) -> RetryDecision:
        """When to run a job again; by the database's clock, whatever this machine's says."""
        if kind.pause(runs) < timedelta(seconds=self._pace.look_seconds):
            after = kind.pause(runs).total_seconds() + _A_MOMENT
            asyncio.get_running_loop().call_later(after, self._look_soon, kind.name)
        return RetryDecision(retry_at=utcnow() - timedelta(seconds=self._ahead_seconds) + kind.pause(runs))

    def _look_soon(self, queue: str) -> None:
        """Let workers look for a job that was put back and whose time has come."""

        async def wake() -> None:
            with suppress(SQLAlchemyError, OSError):
                async with self._database.control() as session:
                    await wake_workers(session, [queue])

        task = asyncio.create_task(wake())
        self._waking.add(task)
        task.add_done_callback(self._waking.discard)


class _Retry(BaseRetryStrategy):
    """Whether and when a job that failed is run again."""

    def __init__(self, worker: JobWorker, kind: JobKind) -> None:
        self._worker = worker
        self._kind = kind

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """At once if the worker stops; None if a person must look at it."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=utcnow() - timedelta(days=1))
        runs = job.attempts + 1
        return None if runs >= _most_runs(self._kind, job) else self._worker.pause(self._kind, runs)


class _TakenAway(Exception):
    """The job belongs to another worker by now."""


def _most_runs(kind: JobKind, job: Job) -> int:
    """As it was asked for, so that a rescue and a worker of another version agree."""
    told = job.task_kwargs.get("most_runs")
    return told if isinstance(told, int) else kind.most_runs
