"""What becomes of a job: done, tried again, dead, too late, or rescued from a worker that is gone."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import psycopg
import pytest
from procrastinate.manager import JobManager
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cloud.database.transaction import Database
from cloud.jobs.desk import count_jobs, drop_jobs, list_jobs, retry_jobs
from cloud.jobs.kinds import JobCall, JobKind
from cloud.jobs.queue import Asked, enqueue
from cloud.jobs.worker import JobWorker, Pace
from shared.kernel.errors import DomainError
from tests.cloud.jobs.conftest import HASTE, LONGEST_WAIT_SECONDS, Work, until
from tests.cloud.jobs.killed_worker import act
from tests.cloud.jobs.test_queue import FARO, Notebook, idle

AT_ONCE = timedelta(0)
MOMENTS = 30


async def ask(database: Database, kind: JobKind, args: Mapping[str, object] | None = None) -> None:
    async with database.write(FARO) as session:
        assert await enqueue(session, Asked(kind, FARO, args or {}))


async def asked(database: Database, kind: JobKind) -> bool:
    """Ask; False if the connection that was taken for it was cut."""
    try:
        await ask(database, kind)
    except DBAPIError:
        return False
    return True


async def outcomes(database: Database) -> list[tuple[int, str | None]]:
    async with database.control() as control:
        rows = await control.execute(text("select number, outcome from control.job_run order by id"))
        return [(row.number, row.outcome) for row in rows]


@asynccontextmanager
async def program(url: str, name: str, seconds: float = 60) -> AsyncIterator[int]:
    """A worker as a process of its own, whose job takes so long; its id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.cloud.jobs.killed_worker", url, name, str(seconds), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"working\n"
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def effects(database: Database) -> list[bytes]:
    async with database.control() as control:
        return list((await control.execute(text("select key from control.throttle"))).scalars())


async def until_done(database: Database, count: int) -> None:

    async def is_there() -> bool:
        return len(await effects(database)) >= count

    await until(is_there)


async def until_run(database: Database, last: tuple[int, str | None]) -> None:
    """Wait until the newest run is this one."""

    async def is_there() -> bool:
        return (await outcomes(database))[-1:] == [last]

    await until(is_there)


async def test_a_job_that_always_fails_is_dead_after_its_runs_and_a_person_retries_it(
    own_database: Database, working: Work
) -> None:
    cured = False
    runs: list[int] = []

    async def run(call: JobCall, _provided: Mapping[str, object]) -> None:
        runs.append(call.run)
        if not cured:
            raise ValueError("the mail server says no")

    poison = JobKind("tests.poison", run, most_runs=3, first_pause=AT_ONCE)
    await ask(own_database, poison, {"receipt": 7})
    async with working([poison]):
        await idle(own_database)
        assert runs == [1, 2, 3]
        assert await outcomes(own_database) == [(1, "failed"), (2, "failed"), (3, "dead")]
        async with own_database.control() as control:
            (dead,) = await list_jobs(control, only_dead=True)
            assert (dead.name, dead.args, dead.runs) == ("tests.poison", {"receipt": 7}, 3)
            assert "ValueError: the mail server says no" in (dead.error or "")
            assert (await count_jobs(control)).dead == 1
        cured = True
        async with own_database.control() as control:
            assert await retry_jobs(control, dead.id) == 1
        await idle(own_database)
    assert runs == [1, 2, 3, 1]
    async with own_database.control() as control:
        assert (await count_jobs(control)).dead == 0


async def test_a_dead_job_is_dropped_and_a_waiting_one_is_not(own_database: Database, working: Work) -> None:
    async def run(_call: JobCall, _provided: Mapping[str, object]) -> None:
        raise ValueError

    poison, other = JobKind("tests.poison", run, most_runs=1), Notebook("tests.other")
    await ask(own_database, poison)
    async with working([poison]):
        await idle(own_database)
    await ask(own_database, other.kind)
    async with own_database.control() as control:
        dead, waiting = await list_jobs(control, only_dead=False)
        with pytest.raises(DomainError) as refused:
            await drop_jobs(control, waiting.id)
        assert refused.value.code == "JOB_NOT_DEAD"
        assert await drop_jobs(control, dead.id) == 1
        assert [job.id for job in await list_jobs(control, only_dead=False)] == [waiting.id]


async def test_a_run_that_takes_too_long_is_ended(own_database: Database, working: Work) -> None:
    async def run(_call: JobCall, _provided: Mapping[str, object]) -> None:
        await asyncio.sleep(60)

    await ask(own_database, endless := JobKind("tests.endless", run, most_runs=1, within=timedelta(seconds=0.2)))
    async with working([endless]):
        await idle(own_database)
    assert await outcomes(own_database) == [(1, "dead")]


async def test_what_nobody_did_in_time_is_dropped_and_said(
    own_database: Database, working: Work, caplog: pytest.LogCaptureFixture
) -> None:
    noted = Notebook(shelf_life=timedelta(seconds=-1))
    await ask(own_database, noted.kind)
    async with working([noted.kind]):
        await idle(own_database)
    assert noted.calls == []
    assert await outcomes(own_database) == [(1, "expired")]
    assert "was not done in time" in caplog.text


async def test_the_job_of_a_killed_worker_is_done_by_another_with_one_effect(
    own_database: Database, working: Work, queue_url: str
) -> None:
    await ask(own_database, JobKind("tests.act", act), {"fact": "receipt 7"})
    async with program(queue_url, "tests.act") as pid:
        await until_done(own_database, 1)
        os.kill(pid, signal.SIGKILL)
        async with working([JobKind("tests.act", act)]):
            await idle(own_database)
    assert await effects(own_database) == [b"receipt 7"]
    assert await outcomes(own_database) == [(1, "killed"), (2, "done")]


async def test_a_job_that_kills_its_workers_is_dead_in_the_end(own_database: Database, queue_url: str) -> None:
    await ask(own_database, JobKind("tests.act", act, most_runs=2), {"fact": "poison"})
    for number in (1, 2):
        async with program(queue_url, "tests.act") as pid:
            await until_run(own_database, (number, None))
            os.kill(pid, signal.SIGKILL)
    async with program(queue_url, "tests.act"):
        await idle(own_database)
    async with own_database.control() as control:
        assert (await count_jobs(control)).dead == 1
    assert await outcomes(own_database) == [(1, "killed"), (2, "killed")]


async def test_a_worker_that_was_frozen_does_not_end_what_another_runs(
    own_database: Database, working: Work, queue_url: str
) -> None:
    go_on = asyncio.Event()

    async def run(call: JobCall, provided: Mapping[str, object]) -> None:
        await act(call, provided)
        await go_on.wait()

    await ask(own_database, JobKind("tests.act", act), {"fact": "receipt 7"})
    async with program(queue_url, "tests.act", seconds=1) as pid:
        await until_run(own_database, (1, None))
        os.kill(pid, signal.SIGSTOP)
        async with working([JobKind("tests.act", run)]):
            await until_run(own_database, (2, None))
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(2)
            async with own_database.control() as control:
                assert (await count_jobs(control)).running == 1
            go_on.set()
            await idle(own_database)
    assert await outcomes(own_database) == [(1, "killed"), (2, "done")]


async def test_a_worker_goes_on_after_its_connections_were_cut_and_says_so_in_a_line(
    own_database: Database, working: Work, postgres: object, database_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    noted = Notebook()
    async with working([noted.kind]):
        await ask(own_database, noted.kind)
        await noted.until(1)
        with psycopg.connect(postgres.owner_url(database_name)) as connection:  # type: ignore[attr-defined]
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name in ('comanda-jobs', 'tests')"
            )
        await until(lambda: asked(own_database, noted.kind))
        await noted.until(2)
        await idle(own_database)
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not [record for record in said if record.exc_info or "\n" in record.getMessage()]


async def test_two_workers_run_each_job_once(own_database: Database, working: Work) -> None:
    noted = Notebook()
    for number in range(20):
        await ask(own_database, noted.kind, {"number": number})
    async with working([noted.kind]), working([noted.kind]):
        await idle(own_database)
    assert sorted(call.args["number"] for call in noted.calls) == list(range(20))


async def test_a_job_that_failed_is_run_again_in_its_time_however_seldom_a_worker_looks(
    own_database: Database,
) -> None:
    runs: list[int] = []

    async def run(call: JobCall, _provided: Mapping[str, object]) -> None:
        runs.append(call.run)
        if call.run < 3:
            raise ConnectionError

    flaky = JobKind("tests.flaky", run, first_pause=timedelta(seconds=0.1))
    await ask(own_database, flaky)
    worker = JobWorker(own_database, pace=Pace(look_seconds=3_600))
    task = asyncio.create_task(worker.run([flaky], {}))
    await idle(own_database)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert runs == [1, 2, 3]


async def test_a_worker_ends_though_what_listens_for_it_loses_the_word(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a wait for a pool's connection may, before Python 3.12."""

    async def listen(*_args: object, **_more: object) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    monkeypatch.setattr(JobManager, "listen_for_jobs", listen)
    task = asyncio.create_task(JobWorker(own_database, pace=HASTE).run([Notebook().kind], {}))
    await idle(own_database)
    task.cancel()
    done, _others = await asyncio.wait([task], timeout=LONGEST_WAIT_SECONDS)
    assert done, "it goes on"


async def test_a_worker_ends_at_whatever_moment_of_its_start_it_is_told_to(own_database: Database) -> None:
    for moment in range(MOMENTS):
        task = asyncio.create_task(JobWorker(own_database, pace=HASTE).run([Notebook().kind], {}))
        await asyncio.sleep(moment * 0.003)
        task.cancel()
        done, _others = await asyncio.wait([task], timeout=LONGEST_WAIT_SECONDS)
        assert done, f"{moment}: it goes on"
        assert task.cancelled()
    gc.collect()  # connections that were given up as they began: with their objects their sockets go
