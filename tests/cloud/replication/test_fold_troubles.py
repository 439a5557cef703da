"""The fold worker in bad company: hostile frames, a database that goes away, another server; and what it says."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.realtime.hub import Hint
from cloud.replication import fold_worker
from cloud.replication.dues import DueScope
from cloud.replication.fold_transactions import take_turn
from cloud.replication.fold_worker import FoldHealth, FoldWorker
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import SYSTEM
from sync.door import Door, LocksCrossed, shape
from sync.records import hidden_references
from tests.cloud.replication.house import House, check, lunch, open_house, order, payment

SOON_SECONDS = 5.0
"""Far more than what is awaited takes; a test that waits so long has failed."""


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it has happened."""
    async with asyncio.timeout(SOON_SECONDS):
        while not await happened():  # noqa: ASYNC110 - it happens in the database
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(worker: FoldWorker) -> AsyncIterator[asyncio.Task[None]]:
    """The worker's task, as the server runs it."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# -- what one device may not do to the others --------------------------------------------------------------------------


WRONG: tuple[Any, ...] = ([], {}, ["x"], {"a": {}}, b"short", b"x" * 17, True, 1.5)
FIELDS = ("branch_id", "table_id", "number", "opened_at", "business_date", "guests")


async def test_values_of_the_wrong_type_are_void_and_what_follows_is_folded(house: House) -> None:
    said = []
    for field in FIELDS:
        for value in WRONG:
            table, kind, row_id, fields = order(uuid4(), house.own.branch_id)
            at = house.own.say((table, kind, row_id, {**fields, field: value}))
            said.append((*at, "VALUE_UNKNOWN"))
    fine = uuid4()
    house.own.say(order(fine, house.own.branch_id))
    await house.fold()
    assert (await house.verdicts(house.own), await house.parked()) == (said, [])
    assert [row.id for row in await house.rows("orders")] == [fine]


@pytest.mark.parametrize(
    "absurd",
    [{"amount_minor": (1 << 63) - 1}, {"amount_minor": -MAX_MINOR - 1}, {"local_hour": 24}, {"local_hour": -1}],
)
async def test_an_absurd_payment_is_void_and_the_honest_sales_of_its_hour_are_summed(
    house: House, absurd: dict[str, int]
) -> None:
    order_id, check_id = uuid4(), uuid4()
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    house.own.say(payment(check_id, house.own.branch_id, **absurd))
    for _ in range(3):
        house.own.sell(lunch())
    await house.fold()
    assert [row[2] for row in await house.verdicts(house.own)] == ["VALUE_UNKNOWN"]
    assert await house.takings() == 3 * lunch().total_minor


# -- what the retry of an earlier transaction comes to -----------------------------------------------------------------


@pytest.mark.parametrize(("branch", "reason"), [("Centro", None), ("Playa", "WRONG_BRANCH")])
async def test_what_waited_is_judged_in_its_own_branch_whoever_brought_the_cure(
    house: House, branch: str, reason: str | None
) -> None:
    order_id, check_id = uuid4(), uuid4()
    said = (check(check_id, order_id, house.own.branch_id), payment(check_id, house.own.branch_id))
    waiting = house.own.say(*said, actor=uuid4())
    await house.fold()
    assert [each[:3] for each in await house.parked()] == [(*waiting, "PARENT_UNKNOWN")]
    assert await house.events() == [], "nobody is asked about what is not folded"
    cure = house.hands[branch] if reason else await house.open("second till", house.own.branch_id)
    cure.say(order(order_id, cure.branch_id))
    await house.fold()
    assert await house.told(house.own) == ([(*waiting, reason)] if reason else [])
    assert (await house.told(house.other), await house.parked()) == ([], [])
    assert await house.takings() == (0 if reason else 1_000)
    # Its id follows from nothing: whoever opened that check needed the right to.
    asked = [("take_order", 1), ("take_payment", 1)]
    assert sorted(event[2:] for event in await house.events()) == ([] if reason else asked)


async def test_more_voids_than_one_unit_of_work_takes_are_all_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud.replication.judgements.VERDICTS_A_UNIT", 3)
    for _ in range(8):
        house.own.say(order(uuid4(), house.other.branch_id))
    await house.fold()
    said = [(at, at, "WRONG_BRANCH") for at in range(1, 9)]
    assert len(await house.rows("exceptions")) == 8
    assert await house.told(house.own) == await house.verdicts(house.own) == said
    await house.digests()


# -- what happens around it --------------------------------------------------------------------------------------------


async def test_a_database_that_is_away_when_it_starts_is_waited_for(
    settings: Any, clock: Any, postgres: Any, database_name: str, new_tenant: Any, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(create_engine(postgres.app_url(database_name), name="tests"))
    parts = assemble(settings, database=database, clock=clock)
    house = await _founded(parts)
    house.own.sell(lunch())
    await house.send()
    await database.dispose()
    with psycopg.connect(postgres.server.url(), autocommit=True) as admin:
        admin.execute(f"alter database {database_name} rename to {database_name}_away")
        async with running(parts.fold_worker) as task:

            async def noticed() -> bool:
                return any("while the database is away" in record.message for record in caplog.records)

            with caplog.at_level(logging.WARNING):
                await until(noticed)
            assert not [record for record in caplog.records if record.exc_info], "one line is enough"
            admin.execute(f"alter database {database_name}_away rename to {database_name}")

            async def folded() -> bool:
                return await house.takings() == lunch().total_minor

            await until(folded)
            assert not task.done()
    await database.dispose()


async def _founded(parts: Parts) -> House:
    """A tenant in a database of its own."""
    from cloud.control.commands import create_organization
    from shared.tenancy.records import Branch
    from tests.cloud.conftest import Tenant

    tenant = Tenant(parts.ids.new(), parts.ids.new(), {})
    async with parts.database.control() as session:
        await create_organization(
            session, organization_id=tenant.organization_id, slug="away", name="Away", now=parts.clock.now()
        )
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(
            Branch(organization_id=tenant.organization_id, id=tenant.branch_id, name="Centro", zone="America/Lima")
        )
    return await open_house(parts, tenant)


class Killing:
    """A listener whose connection is killed under it, the first time."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self._admin: psycopg.Connection[Any] | None = admin

    def prepare(self, _door: Door, _feed: object) -> None:
        """Nothing to read."""

    def write(self, door: Door, _feed: object) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.execute("select pg_terminate_backend(%s, 5000)", (door.value("SELECT pg_backend_pid()"),))
            door.rows("SELECT 1")


async def test_a_connection_that_is_lost_in_the_middle_of_a_fold_parks_nothing(house: House, postgres: Any) -> None:
    for _ in range(3):
        house.own.sell(lunch())
    await house.send()
    with psycopg.connect(postgres.server.url(), autocommit=True) as admin:
        worker = house.fold_worker(Killing(admin))
        with pytest.raises(sa.exc.OperationalError) as raised:
            await worker.fold_all(house.organization_id)
    assert raised.value.connection_invalidated
    assert (await house.parked(), await house.takings()) == ([], 0)
    await worker.fold_all(house.organization_id)
    assert await house.judged(house.own) == house.own.seq
    assert await house.takings() == 3 * lunch().total_minor


async def test_what_another_server_was_folding_is_looked_at_again(house: House, parts: Parts) -> None:
    worker, organization_id = house.fold_worker(), house.organization_id
    branch = DueScope(organization_id, house.own.branch_id)
    taken, go = threading.Event(), threading.Event()

    def fold_elsewhere(door: Door) -> None:
        while not take_turn(door, branch):  # the worker's first look may be under way
            time.sleep(0.01)
        taken.set()
        go.wait(SOON_SECONDS)

    async def judged() -> bool:
        return await house.judged(house.own) == house.own.seq

    async with running(worker):
        await until(lambda: _is(worker, FoldHealth.WELL))
        elsewhere = asyncio.create_task(asyncio.to_thread(parts.database.fold, organization_id, fold_elsewhere))
        assert await asyncio.to_thread(taken.wait, SOON_SECONDS)
        house.own.sell(lunch())
        await house.send()
        worker.wake(organization_id, house.own.branch_id, Hint(house.own.key.id, house.own.device_id, house.own.seq))
        await asyncio.sleep(2 * fold_worker.BUSY_SECONDS)
        assert not await judged()
        go.set()
        await until(judged)
        await elsewhere


async def test_what_breaks_a_write_ahead_is_raised_in_its_block_and_undone_alone(house: House, parts: Parts) -> None:
    hidden = shape(hidden_references, ("organization_id", "parent_id", "table_name", "row_id"))
    organization = house.organization_id.bytes

    def written(door: Door) -> tuple[int, list[str]]:
        row = (organization, bytes(16), "orders", bytes(16))
        raised = []
        door.insert(hidden, [row])
        for asked_within in (False, True):
            try:
                with door.savepoint(), door.ahead():
                    door.insert(hidden, [row])
                    door.insert(hidden, [(organization, bytes(16), "never", bytes(16))])
                    if asked_within:
                        door.value("SELECT 1")
            except sa.exc.IntegrityError as error:
                raised.append(type(error.orig).__name__)
        with door.savepoint(), door.ahead():
            door.insert(hidden, [(organization, bytes(16), "kept", bytes(16))])
            door.lock([7])
            names = [name for (name,) in door.rows("SELECT table_name FROM sync_hidden_references ORDER BY 1")]
            assert names == ["kept", "orders"]
            count = door.run("DELETE FROM sync_hidden_references WHERE table_name = ?", "kept")
        return count, raised

    assert parts.database.fold(house.organization_id, written) == (1, ["UniqueViolation"] * 2)


def test_transactions_that_lock_in_several_steps_never_wait_for_each_other_in_a_circle(parts: Parts) -> None:
    """Four of them lock six numbers in three steps, crosswise; one that is in the way begins again."""
    organization_id, gave_way = uuid4(), list[bool]()

    def stepping(number: int) -> None:
        rnd = random.Random(number)

        def in_steps(door: Door) -> None:
            for _step in range(3):
                door.lock(sorted(rnd.sample(range(700, 706), 2)))

        done = 0
        while done < 5:
            try:
                parts.database.fold(organization_id, in_steps)
                done += 1
            except LocksCrossed as error:
                gave_way.append(fold_worker._is_of_others(error))

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(stepping, number) for number in range(4)]:
            each.result()  # a deadlock is another error
    assert all(gave_way)


async def test_what_nobody_was_woken_for_is_folded_all_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that stored it died, and with it the hint."""
    monkeypatch.setattr(fold_worker, "LOOK_SECONDS", 0.1)

    async def judged() -> bool:
        return await house.judged(house.own) == house.own.seq

    async with running(house.fold_worker()):
        for _ in range(2):
            house.own.sell(lunch())
            await house.send()
            await until(judged)


# -- what it says of itself --------------------------------------------------------------------------------------------


class Broken:
    """Transactions that never come."""

    async def run(self, organization_id: UUID, fold: object) -> Any:
        raise ConnectionError


async def _is(worker: FoldWorker, wanted: FoldHealth) -> bool:
    return worker.health is wanted


@asynccontextmanager
async def served(parts: Parts) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(create_app(parts), raise_server_exceptions=False) as client:
        yield client


async def test_health_tells_that_the_fold_runs_and_that_it_has_stopped(parts: Parts) -> None:
    async with served(parts) as client:
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, "troubled", "nobody")
        async with running(parts.fold_worker):
            await until(lambda: _is(parts.fold_worker, FoldHealth.WELL))
            answer = await client.get("/health")
            assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, "well", "well")
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (503, "unwell", "stopped")


async def test_health_tells_that_the_fold_has_been_failing(house: House, parts: Parts) -> None:
    """Slow (two seconds): it takes three failures, each a little later."""
    failing = FoldWorker(parts.database, parts.units, parts.clock, Broken())
    async with served(replace(parts, fold_worker=failing)) as client, running(failing):
        await until(lambda: _is(failing, FoldHealth.FAILING))
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, "troubled", "failing")
