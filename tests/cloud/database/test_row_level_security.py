"""Tenants are kept apart by PostgreSQL itself, whatever the program forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.engine import create_engine, driver_url
from cloud.database.job_tables import OWN
from cloud.database.policies import EXEMPT, isolation_gaps
from cloud.database.schema import METADATAS
from cloud.database.transaction import Database
from tests.cloud.database.rows import new_row, table

LIMIT_SECONDS = 10
PARTITIONED = (
    "create table parted (organization_id uuid, id int) partition by hash (organization_id);"
    "create table part partition of parted for values with (modulus 1, remainder 0);"
    "grant select on part to comanda_app"
)
AsTenant = Callable[[AsyncSession, UUID | None], Awaitable[None]]


@pytest.fixture
def catalogue(postgres: object, common_database: str) -> sa.Engine:
    return sa.create_engine(driver_url(postgres.owner_url(common_database)), poolclass=sa.NullPool)  # type: ignore[attr-defined]


def test_every_table_with_a_tenant_has_a_forced_policy(catalogue: sa.Engine) -> None:
    with catalogue.connect() as connection:
        assert isolation_gaps(connection) == []
        forced = connection.exec_driver_sql(
            "select count(*) from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'"
            " where c.relkind in ('r', 'p') and c.relrowsecurity and c.relforcerowsecurity"
        ).scalar_one()
    tenant_tables = [
        table for metadata in METADATAS for table in metadata.sorted_tables if "organization_id" in table.columns
    ]
    assert forced == len([table for table in tenant_tables if table.fullname not in EXEMPT.keys() - OWN.keys()])


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("create table loose (organization_id uuid, id int)", "no forced policy"),
        ("alter table branches no force row level security", "public.branches: no forced policy"),
        ("alter table branches disable row level security", "public.branches: no forced policy"),
        ("create policy more on branches using (true)", "public.branches: no forced policy, or another"),
        ("alter policy tenant on branches using (true)", "public.branches: no forced policy"),
        ("alter policy tenant on branches with check (true)", "public.branches: no forced policy"),
        ("create view seen as select * from branches; grant select on seen to comanda_app", "seen: a view"),
        ("create materialized view seen as select * from branches; grant select on seen to comanda_app", "seen: a mat"),
        ("grant truncate on branches to comanda_app", "branches: the app may truncate"),
        ("grant references on branches to comanda_app", "branches: the app may truncate or reference"),
        ("alter table branches owner to comanda_app", "branches: the app owns it"),
        ("create function f() returns int language sql security definer as 'select 1'", "f: a function"),
        ("alter role comanda_app bypassrls", "comanda_app: the role bypasses"),
        (PARTITIONED, "part: a materialized view or partition"),
    ],
)
def test_each_way_around_the_policies_is_found(catalogue: sa.Engine, statement: str, sentence: str) -> None:
    with catalogue.connect() as connection:
        for part in statement.split(";"):
            connection.exec_driver_sql(part)
        assert any(sentence in gap for gap in isolation_gaps(connection))
        connection.rollback()
        assert isolation_gaps(connection) == []


def test_a_view_with_the_callers_rights_is_fine(catalogue: sa.Engine) -> None:
    with catalogue.connect() as connection:
        connection.exec_driver_sql("create view seen with (security_invoker = true) as select * from branches")
        connection.exec_driver_sql("grant select on seen to comanda_app")
        assert isolation_gaps(connection) == []
        connection.rollback()


async def test_without_a_tenant_the_app_sees_nothing(rolled_back: AsyncSession, as_tenant: AsTenant) -> None:
    organization_id = uuid4()
    await as_tenant(rolled_back, organization_id)
    await rolled_back.execute(new_row(organization_id))
    assert await count_rows(rolled_back) == 1
    await as_tenant(rolled_back, None)
    assert await count_rows(rolled_back) == 0
    await as_tenant(rolled_back, uuid4())
    assert await count_rows(rolled_back) == 0


async def test_a_row_for_another_tenant_is_refused(rolled_back: AsyncSession, as_tenant: AsTenant) -> None:
    await as_tenant(rolled_back, uuid4())
    with pytest.raises(ProgrammingError, match="row-level security"):
        await rolled_back.execute(new_row(uuid4()))


async def test_a_row_cannot_move_to_another_tenant(rolled_back: AsyncSession, as_tenant: AsTenant) -> None:
    organization_id = uuid4()
    await as_tenant(rolled_back, organization_id)
    await rolled_back.execute(new_row(organization_id))
    with pytest.raises(ProgrammingError, match="row-level security"):
        await rolled_back.execute(sa.update(table).values(organization_id=uuid4()))


async def test_a_new_connection_sees_nothing_either(database: Database) -> None:
    organization_id = uuid4()
    async with database.write(organization_id) as session:
        await session.execute(new_row(organization_id))
    async with database.writer.connect() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "truncate branches",
        "alter table branches disable row level security",
        "set role comanda_owner",
        "create table mine (id int)",
        "create schema mine",
        "delete from control.account",
        "update control.alembic_version set version_num = '0'",
    ],
)
async def test_the_app_cannot_help_itself(rolled_back: AsyncSession, statement: str) -> None:
    with pytest.raises(DBAPIError):
        await rolled_back.execute(sa.text(statement))


async def test_two_tenants_taking_turns_on_one_connection_never_mix(postgres: object, database_name: str) -> None:
    database = Database(create_engine(postgres.app_url(database_name), name="tests", connections=1))  # type: ignore[attr-defined]
    tenants = [uuid4(), uuid4()]

    async def visit(organization_id: UUID, number: int) -> None:
        async with database.write(organization_id) as session:
            await session.execute(new_row(organization_id))
            if number % 5 == 0:
                await session.rollback()
                return
        async with database.read(organization_id) as session:
            await asyncio.sleep(0)
            owners = set((await session.scalars(sa.select(table.c.organization_id))).all())
            assert owners <= {organization_id}
        async with database.control() as session:
            assert await count_rows(session) == 0

    async with asyncio.timeout(LIMIT_SECONDS):
        await asyncio.gather(*(visit(tenants[number % 2], number) for number in range(60)))
    for organization_id in tenants:
        async with database.read(organization_id) as session:
            assert await count_rows(session) == 24
    await database.dispose()


async def test_a_cancelled_request_leaves_no_tenant_behind(postgres: object, database_name: str) -> None:
    database = Database(create_engine(postgres.app_url(database_name), name="tests", connections=1))  # type: ignore[attr-defined]
    organization_id = uuid4()

    async def slow() -> None:
        async with database.write(organization_id) as session:
            await session.execute(new_row(organization_id))
            await session.execute(sa.text("select pg_sleep(60)"))

    async with asyncio.timeout(LIMIT_SECONDS):
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.control() as session:
            assert await count_rows(session) == 0
        async with database.read(organization_id) as session:
            assert await count_rows(session) == 0
    await database.dispose()


async def count_rows(session: AsyncSession) -> int:
    counted: int = (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
    return counted
