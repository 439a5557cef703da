"""The keeper in bad company: hostile frames, a database that goes away, another server in the way; and what it says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.app import create_app
from cloud.composition import Parts, assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.replication import keeper as keeping
from cloud.replication.keeper import AdvisoryTurn, Keeper, Keeping
from cloud.reports.projection import SalesProjection
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import Role
from tests.cloud.replication.house import House, check, covered, lunch, open_house, order, payment

ACCEPTED, VOIDED, PARKED = "accepted", "voided", "parked"
SOON_SECONDS = 5.0
"""Far more than what is awaited takes; a test that waits so long has failed."""


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it has happened."""
    async with asyncio.timeout(SOON_SECONDS):
        while not await happened():  # noqa: ASYNC110 - it happens in the database
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(keeper: Keeper) -> AsyncIterator[asyncio.Task[None]]:
    """The keeper's task, as the server runs it."""
    task = asyncio.create_task(keeper.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# -- what one device may not do to the others --------------------------------------------------------------------------


WRONG: tuple[Any, ...] = ([], {}, ["x"], {"a": {}}, b"short", b"x" * 17, True, 1.5)
FIELDS = ("branch_id", "table_id", "number", "opened_at", "business_date", "standing")


async def test_values_of_the_wrong_type_park_and_what_follows_is_folded(house: House) -> None:
    said = []
    for field in FIELDS:
        for value in WRONG:
            table, kind, row_id, fields = order(uuid4(), house.own.branch_id)
            at = house.own.say((table, kind, row_id, {**fields, field: value}))
            said.append((*at, "VALUE_UNKNOWN", {"table": "orders", "field": field}))
    fine = house.own.say(order(uuid4(), house.own.branch_id))
    await house.fold()
    assert await house.parked() == said
    assert (*fine, ACCEPTED, "") in await house.told(house.own)


@pytest.mark.parametrize(
    "absurd",
    [{"amount_minor": (1 << 63) - 1}, {"amount_minor": -MAX_MINOR - 1}, {"local_hour": 24}, {"local_hour": -1}],
)
async def test_an_absurd_payment_parks_and_the_honest_sales_of_its_hour_are_summed(
    house: House, absurd: dict[str, int]
) -> None:
    order_id, check_id = uuid4(), uuid4()
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    house.own.say(payment(check_id, house.own.branch_id, **absurd))
    for _ in range(3):
        house.own.sell(lunch())
    await house.fold()
    assert [row[2] for row in await house.parked()] == ["VALUE_UNKNOWN"]
    assert await house.takings() == 3 * lunch().total_minor


# -- what the retry of an earlier transaction comes to -----------------------------------------------------------------


async def _waiting_for(house: House, actor: UUID) -> tuple[int, int]:
    """A payment of the own branch by somebody whom the cloud does not know yet."""
    order_id, check_id = uuid4(), uuid4()
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    waiting = house.own.say(payment(check_id, house.own.branch_id), actor=actor)
    await house.fold()
    assert (await house.told(house.own))[-1] == (*waiting, PARKED, "ROW_UNKNOWN")
    return waiting


@pytest.mark.parametrize(
    ("role", "answer"), [(Role.KITCHEN, (VOIDED, "ACTOR_NOT_ALLOWED")), (Role.CASHIER, (ACCEPTED, ""))]
)
async def test_what_waited_is_answered_in_its_own_branch_whoever_brought_the_cure(
    house: House, role: Role, answer: tuple[str, str]
) -> None:
    newcomer = uuid4()
    waiting = await _waiting_for(house, newcomer)
    await house.hire(role, newcomer)
    house.other.say(order(uuid4(), house.other.branch_id))
    await house.fold()
    assert (await house.told(house.own))[-1] == (*waiting, *answer)
    assert await house.told(house.other) == [(1, 1, ACCEPTED, "")]
    assert await house.parked() == []
    assert await house.takings() == (1_000 if answer[0] == ACCEPTED else 0)


async def test_more_cures_than_one_unit_of_work_takes_are_all_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud.replication.answers.VERDICTS_A_UNIT", 3)
    newcomer = uuid4()
    for _ in range(8):
        house.own.say(order(uuid4(), house.own.branch_id), actor=newcomer)
    await house.fold()
    await house.hire(Role.CASHIER, newcomer)
    house.other.say(order(uuid4(), house.other.branch_id))
    await house.fold()
    accepted = [each for each in await house.told(house.own) if each[2] == ACCEPTED]
    assert sorted(accepted) == [(at, at, ACCEPTED, "") for at in range(1, 9)]


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
        async with running(parts.keeper) as task:

            async def noticed() -> bool:
                return any("organizations cannot be read" in record.message for record in caplog.records)

            with caplog.at_level(logging.ERROR):
                await until(noticed)
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
    async with parts.database.write(tenant.organization_id) as session:
        session.add(
            Branch(organization_id=tenant.organization_id, id=tenant.branch_id, name="Centro", zone="America/Lima")
        )
    return await open_house(parts, tenant)


class Killing:
    """A projection whose connection is killed under it, the first time."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self._admin: psycopg.Connection[Any] | None = admin

    def changed(self, *_: object) -> None:
        """Nothing to collect."""

    async def flush(self, connection: AsyncConnection) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            backend = await connection.scalar(sa.text("select pg_backend_pid()"))
            admin.execute("select pg_terminate_backend(%s, 5000)", (backend,))
            await connection.execute(sa.text("select 1"))

    def reset(self) -> None:
        """Nothing to forget."""


async def test_a_connection_that_is_lost_in_the_middle_of_a_fold_parks_nothing(house: House, postgres: Any) -> None:
    for _ in range(3):
        house.own.sell(lunch())
    await house.send()
    with psycopg.connect(postgres.server.url(), autocommit=True) as admin:
        killing = Killing(admin)
        keeper = house.keeper(SalesProjection, lambda _organization_id: killing)
        with pytest.raises(sa.exc.OperationalError):
            await keeper.fold_all(house.organization_id)
    assert (await house.parked(), await house.takings()) == ([], 0)
    await keeper.fold_all(house.organization_id)
    assert await house.told(house.own) == [(1, house.own.seq, ACCEPTED, "")]
    assert await house.takings() == 3 * lunch().total_minor


async def test_what_another_server_was_folding_is_looked_at_again(house: House, parts: Parts) -> None:
    keeper = house.keeper()

    async def answered() -> bool:
        return covered(await house.told(house.own), house.own.seq)

    async with running(keeper):
        await until(lambda: _is(keeper, Keeping.WELL))
        async with parts.database.write(house.organization_id) as elsewhere:
            assert await AdvisoryTurn().take(await elsewhere.connection(), house.organization_id)
            house.own.sell(lunch())
            await house.send()
            keeper.wake(house.organization_id)
            await asyncio.sleep(2 * keeping.BUSY_SECONDS)
            assert not await answered()
        await until(answered)


async def test_what_nobody_was_woken_for_is_folded_all_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another server stored it and died."""
    monkeypatch.setattr(keeping, "SWEEP_SECONDS", 0.1)

    async def answered() -> bool:
        return covered(await house.told(house.own), house.own.seq)

    async with running(house.keeper()):
        for _ in range(2):
            house.own.sell(lunch())
            await house.send()
            await until(answered)


# -- what it says of itself --------------------------------------------------------------------------------------------


class Broken:
    """A turn that never comes."""

    async def take(self, connection: AsyncConnection, organization_id: UUID) -> bool:
        raise ConnectionError


async def _is(keeper: Keeper, wanted: Keeping) -> bool:
    return keeper.keeping is wanted


@asynccontextmanager
async def served(parts: Parts) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(create_app(parts), raise_server_exceptions=False) as client:
        yield client


async def test_health_tells_that_the_fold_runs_and_that_it_has_stopped(parts: Parts) -> None:
    async with served(parts) as client:
        assert "fold" not in (await client.get("/health")).json()
        async with running(parts.keeper):
            await until(lambda: _is(parts.keeper, Keeping.WELL))
            answer = await client.get("/health")
            assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, "well", "well")
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (503, "unwell", "stopped")


async def test_health_tells_that_the_fold_has_been_failing(house: House, parts: Parts) -> None:
    """Slow (two seconds): it takes three failures, each a little later."""
    failing = Keeper(parts.database, parts.units, parts.clock, turn=Broken())
    async with served(replace(parts, keeper=failing)) as client, running(failing):
        await until(lambda: _is(failing, Keeping.FAILING))
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, "troubled", "failing")
