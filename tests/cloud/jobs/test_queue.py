"""Asking for jobs: in the transaction of whoever asks, once for a key, one at a time in a lane, fair to tenants."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from uuid import UUID

import pytest
from sqlalchemy import text

from cloud.database.transaction import Database
from cloud.jobs.desk import count_jobs, list_jobs
from cloud.jobs.kinds import JobCall, JobKind
from cloud.jobs.queue import Asked, enqueue, enqueue_at_door
from cloud.jobs.worker import JobWorker, Pace
from tests.cloud.jobs.conftest import Work, until

FARO, PUERTO = UUID(int=1), UUID(int=2)


class Notebook:
    """A kind of jobs that writes down what is run, and ends when all of it was."""

    def __init__(self, name: str = "tests.note", **options: object) -> None:
        self.calls: list[JobCall] = []
        self.kind = JobKind(name, self.run, **options)  # type: ignore[arg-type]

    async def run(self, call: JobCall, _provided: Mapping[str, object]) -> None:
        self.calls.append(call)

    async def until(self, count: int) -> list[JobCall]:
        async def is_there() -> bool:
            return len(self.calls) >= count

        await until(is_there)
        return self.calls


async def idle(database: Database) -> None:
    """Wait until no job is left that could be run."""

    async def is_idle() -> bool:
        async with database.control() as session:
            counts = await count_jobs(session)
        return counts.waiting + counts.running == 0

    await until(is_idle)


async def ask_in_vain(database: Database, asked: Asked) -> None:
    """Ask in a transaction that is rolled back."""

    async def ask() -> None:
        async with database.write(FARO) as session:
            assert await enqueue(session, asked)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await ask()


def test_the_tables_are_those_for_which_the_revision_was_written() -> None:
    """A later procrastinate with other tables is a revision of ours first."""
    brought = sha256(files("procrastinate").joinpath("sql/schema.sql").read_bytes())
    assert brought.hexdigest() == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


async def test_a_job_is_run_once_its_transaction_is_committed(own_database: Database, working: Work) -> None:
    noted = Notebook()
    await ask_in_vain(own_database, Asked(noted.kind, FARO, {"never": True}))
    async with own_database.control() as control:
        assert (await count_jobs(control)).waiting == 0
    async with own_database.write(FARO) as session:
        assert await enqueue(session, Asked(noted.kind, FARO, {"table": 7}))
    await own_database.through(FARO, enqueue_at_door, Asked(noted.kind, FARO, {"table": 8}))
    async with working([noted.kind]):
        calls = await noted.until(2)
        await idle(own_database)
    assert sorted((call.organization_id, call.args["table"], call.run) for call in calls) == [
        (FARO, 7, 1),
        (FARO, 8, 1),
    ]


async def test_a_key_is_one_job_also_after_it_was_done(own_database: Database, working: Work) -> None:
    noted = Notebook()

    async def ask(organization: UUID) -> bool:
        async with own_database.write(organization) as session:
            return await enqueue(session, Asked(noted.kind, organization, key="receipt 7"))

    asked = await asyncio.gather(*(ask(FARO) for _ in range(4)))
    assert sorted(asked) == [False, False, False, True]
    assert await ask(PUERTO)
    async with working([noted.kind]):
        await idle(own_database)
        assert not await ask(FARO)
        await idle(own_database)
    assert len(noted.calls) == 2


async def test_a_key_that_was_rolled_back_may_be_asked_for_again(own_database: Database) -> None:
    noted = Notebook()
    await ask_in_vain(own_database, Asked(noted.kind, FARO, key="7"))
    async with own_database.write(FARO) as session:
        assert await enqueue(session, Asked(noted.kind, FARO, key="7"))


async def test_what_waits_is_not_asked_for_twice_and_what_is_begun_is(own_database: Database, working: Work) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    calls = 0

    async def run(_call: JobCall, _provided: Mapping[str, object]) -> None:
        nonlocal calls
        calls += 1
        begun.set()
        await go_on.wait()

    rebuild = JobKind("tests.rebuild", run)

    async def ask() -> bool:
        async with own_database.write(FARO) as session:
            return await enqueue(session, Asked(rebuild, FARO, once_waiting="menu"))

    assert [await ask(), await ask()] == [True, False]
    async with working([rebuild]):
        await begun.wait()
        assert await ask(), "it may have read the menu before what is new"
        go_on.set()
        await idle(own_database)
    assert calls == 2


async def test_a_job_that_fails_while_another_of_its_name_waits_is_tried_again(
    own_database: Database,
) -> None:
    """By the worker itself: nobody rescues it here."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    runs: list[int] = []

    async def run(call: JobCall, _provided: Mapping[str, object]) -> None:
        runs.append(call.run)
        begun.set()
        await go_on.wait()
        if len(runs) == 1:
            raise ValueError(call.run)

    rebuild = JobKind("tests.rebuild", run, first_pause=timedelta(0))
    async with own_database.write(FARO) as session:
        await enqueue(session, Asked(rebuild, FARO, lane="menu", once_waiting="menu"))
    pace = Pace(look_seconds=0.1)
    worker = asyncio.create_task(JobWorker(own_database, pace=pace).run([rebuild], {}))
    await begun.wait()
    async with own_database.write(FARO) as session:
        assert await enqueue(session, Asked(rebuild, FARO, lane="menu", once_waiting="menu"))
    go_on.set()
    await idle(own_database)
    worker.cancel()
    await asyncio.wait([worker])
    assert sorted(runs) == [1, 1, 2]


async def test_one_job_of_a_lane_runs_at_a_time_in_order(own_database: Database, working: Work) -> None:
    running, most, order = 0, 0, []

    async def run(call: JobCall, _provided: Mapping[str, object]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        order.append(call.args["number"])
        await asyncio.sleep(0.02)
        running -= 1

    post = JobKind("tests.post", run)
    async with own_database.write(FARO) as session:
        for number in range(6):
            await enqueue(session, Asked(post, FARO, {"number": number}, lane="books"))
    async with working([post]), working([post]):
        await idle(own_database)
    assert (most, order) == (1, [0, 1, 2, 3, 4, 5])


async def test_a_tenant_with_many_jobs_does_not_hold_up_another(own_database: Database, working: Work) -> None:
    noted = Notebook()
    async with own_database.write(FARO) as session:
        for number in range(40):
            await enqueue(session, Asked(noted.kind, FARO, {"number": number}))
    async with own_database.write(PUERTO) as session:
        await enqueue(session, Asked(noted.kind, PUERTO))
    async with working([noted.kind]):
        await noted.until(41)
    at = [call.organization_id for call in noted.calls].index(PUERTO)
    assert at < 8, "the jobs of a tenant wait behind all of another's"


async def test_a_tenant_sees_its_own_jobs_only(own_database: Database) -> None:
    noted = Notebook()
    for organization in (FARO, PUERTO):
        async with own_database.write(organization) as session:
            await enqueue(session, Asked(noted.kind, organization))
    async with own_database.write(FARO) as session:
        assert [job.organization_id for job in await list_jobs(session, only_dead=False)] == [FARO]
        with pytest.raises(Exception, match="row-level security"):
            await enqueue(session, Asked(noted.kind, PUERTO))


async def test_a_job_is_not_run_before_its_time(own_database: Database, working: Work) -> None:
    noted = Notebook()
    async with own_database.write(FARO) as session:
        later = datetime.now(UTC) + timedelta(hours=1)
        await enqueue(session, Asked(noted.kind, FARO, {"when": "later"}, run_at=later))
        await enqueue(session, Asked(noted.kind, FARO, {"when": "now"}))
    async with working([noted.kind]):
        await noted.until(1)
        await asyncio.sleep(0.3)
    assert [call.args["when"] for call in noted.calls] == ["now"]


async def test_a_job_that_this_program_does_not_know_waits_for_one_that_does(
    own_database: Database, working: Work
) -> None:
    known, newer = Notebook("tests.known"), Notebook("tests.newer")
    async with own_database.write(FARO) as session:
        await enqueue(session, Asked(newer.kind, FARO))
        await enqueue(session, Asked(known.kind, FARO))
    async with working([known.kind]):
        await known.until(1)
    async with own_database.control() as control:
        assert [job.name for job in await list_jobs(control, only_dead=False)] == ["tests.newer"]
    async with working([newer.kind]):
        await newer.until(1)


async def test_a_periodic_job_is_run_by_one_of_two_workers(own_database: Database, working: Work) -> None:
    clean = Notebook("tests.clean", every="* * * * * */1")
    async with working([clean.kind]), working([clean.kind]):
        await clean.until(3)
    async with own_database.control() as control:
        ticks = await control.execute(text("select count(*) from control.job_run"))
        assert ticks.scalar_one() == len(clean.calls)
    assert all(call.organization_id is None for call in clean.calls)
