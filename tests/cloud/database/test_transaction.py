"""Committed before anything is sent; told as a failure when it was not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.testing import AsyncTestClient
from sqlalchemy.exc import DBAPIError

from cloud.accounts.guards import COOKIE, people
from cloud.app import create_app
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.control_records import Account
from cloud.database.engine import create_engine
from cloud.database.transaction import Database, ReadSession, WriteSession
from cloud.parts import Parts
from shared.kernel.errors import DomainError
from tests.cloud.conftest import administrator
from tests.cloud.database.rows import new_row, table

OURS = {"origin": "http://testserver.local"}
Write = NamedDependency[SkipValidation[WriteSession]]


@post("/rows/{key:uuid}", guards=[people()])
async def store_row(key: FromPath[UUID], write: Write, organization_id: NamedDependency[UUID]) -> dict[str, bool]:
    await write.execute(new_row(organization_id, key))
    return {"stored": True}


@post("/rows/{key:uuid}/refused", guards=[people()])
async def refuse_row(key: FromPath[UUID], write: Write, organization_id: NamedDependency[UUID]) -> None:
    await write.execute(new_row(organization_id, key))
    raise DomainError("NAME_MISSING")


@pytest.fixture
async def routes(parts: Parts) -> Any:
    app = create_app(parts, [Router("/test", route_handlers=[store_row, refuse_row])])
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield client


async def test_a_route_commits_before_it_answers(
    routes: AsyncTestClient[Any], parts: Parts, tenant: Any, cookie: Callable[..., Awaitable[dict[str, str]]]
) -> None:
    answer = await routes.post(f"/test/rows/{uuid4()}", headers=OURS | await cookie(tenant))
    assert (answer.status_code, answer.json()) == (201, {"stored": True})
    assert await stored(parts.database, tenant.organization_id) == 2


async def test_a_refusal_leaves_nothing(
    routes: AsyncTestClient[Any], parts: Parts, tenant: Any, cookie: Callable[..., Awaitable[dict[str, str]]]
) -> None:
    answer = await routes.post(f"/test/rows/{uuid4()}/refused", headers=OURS | await cookie(tenant))
    assert (answer.status_code, answer.json()["code"]) == (400, "NAME_MISSING")
    assert await stored(parts.database, tenant.organization_id) == 1


async def test_a_commit_that_fails_is_never_told_as_stored(parts: Parts, postgres: Any, database_name: str) -> None:
    failing = Database(create_engine(postgres.app_url(database_name), name="tests", connections=1))
    there, organization_id = assemble(parts.settings, database=failing, clock=parts.clock), parts.ids.new()
    async with failing.control() as session:
        await create_organization(
            session, organization_id=organization_id, slug="el-faro", name="El Faro", now=parts.clock.now()
        )
    await administrator(there, organization_id)
    async with failing.control() as session:
        account = (await session.scalars(sa.select(Account))).one()
    place = {"address": "192.0.2.1", "browser": "Tests"}
    held = {"cookie": f"{COOKIE}={await there.sessions.open(account, organization_id, **place, awaits_code=False)}"}
    before = await stored(failing, organization_id)
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        connection.execute(
            "create function refuse() returns trigger language plpgsql as 'begin raise exception ''at commit''; end'"
        )
        connection.execute(
            "create constraint trigger late after insert on sync_digests deferrable initially deferred"
            " for each row execute function refuse()"
        )
    app = create_app(there, [store_row])
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        answer = await client.post(f"/rows/{uuid4()}", headers=held | OURS)
        assert (answer.status_code, answer.json()["code"]) == (500, "SERVER_ERROR")
        assert await stored(failing, organization_id) == before


async def test_a_read_session_cannot_write(database: Database) -> None:
    organization_id = uuid4()
    async with database.read(organization_id) as session:
        assert isinstance(session, ReadSession)
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(new_row(organization_id))
        await session.rollback()


async def test_a_read_session_sees_one_moment(database: Database) -> None:
    """The parts of a report are several statements; what is folded between them must not show in half of them."""
    organization_id = uuid4()
    count = sa.select(sa.func.count()).select_from(table)
    async with database.read(organization_id) as reading:
        before = await reading.scalar(count)
        async with database.write(organization_id) as writing:
            await writing.execute(new_row(organization_id))
        assert await reading.scalar(count) == before == 0
    assert await stored(database, organization_id) == 1
    async with database.write(organization_id) as session:
        assert (await session.scalar(sa.text("show transaction_isolation"))) == "read committed"


async def test_a_statement_that_hangs_is_cut_off(database: Database) -> None:
    async with database.write(uuid4()) as session:
        limits = (await session.execute(sa.text("show statement_timeout"))).scalar_one()
        idle = (await session.execute(sa.text("show idle_in_transaction_session_timeout"))).scalar_one()
    assert (limits, idle) == ("15s", "30s")


async def test_the_clock_of_a_transaction_is_utc_whatever_the_server_thinks(postgres: Any, database_name: str) -> None:
    """Days and hours of reports are cut by zones that we name; a zone of the server's would shift them."""
    with psycopg.connect(postgres.owner_url(database_name), autocommit=True) as connection:
        connection.execute(f"alter database {database_name} set timezone to 'America/Lima'")
    database = Database(create_engine(postgres.app_url(database_name), name="tests", connections=1))
    noon = sa.text("select date_trunc('day', timestamptz '2026-11-23 03:00+00')::text")
    async with database.write(uuid4()) as writing:
        assert await writing.scalar(noon) == "2026-11-23 00:00:00+00"
    async with database.control() as control:
        assert await control.scalar(noon) == "2026-11-23 00:00:00+00"
    await database.dispose()


async def test_what_a_failed_statement_held_is_not_in_its_error(database: Database) -> None:
    """Errors end in logs, which more people read than may know hashes, notes or peppers."""
    async with database.write(uuid4()) as session:
        with pytest.raises(DBAPIError) as error:
            await session.execute(sa.text("select * from nowhere where pepper = :pepper"), {"pepper": "aji-panca"})
        await session.rollback()
    assert "nowhere" in str(error.value)
    assert "aji-panca" not in str(error.value)


async def test_a_transaction_costs_one_statement_of_its_own(
    database: Database, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    with counting(database.writer) as statements:
        async with database.read(uuid4()) as session:
            await session.execute(sa.select(table.c.scope_id))
    assert statements.count == 2, statements.seen


async def stored(database: Database, organization_id: UUID) -> int:
    async with database.read(organization_id) as session:
        counted: int = (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
        return counted


@pytest.mark.parametrize(
    "setting",
    [
        "client_encoding = 'LATIN1'",
        "datestyle = 'SQL, DMY'",
        "intervalstyle = 'sql_standard'",
        "bytea_output = 'escape'",
        "standard_conforming_strings = off",
        "default_transaction_isolation = 'serializable'",
        "default_transaction_deferrable = on",
        "extra_float_digits = 0",
    ],
)
async def test_values_come_back_as_they_went_in_however_the_database_is_set(
    postgres: Any, database_name: str, setting: str
) -> None:
    """A database that is given to us may carry any of these for its other programs."""
    with psycopg.connect(postgres.owner_url(database_name), autocommit=True) as connection:
        connection.execute(f"alter database {database_name} set {setting}")
    database = Database(create_engine(postgres.app_url(database_name), name="tests"))
    values = ("Ñandú 🍋 €'\\", b"\x00\\\xff", date(2026, 2, 3), datetime(2026, 2, 3, 4, 5, 6, 7, UTC), 0.1)
    asked = "select ?::text, ?::bytea, ?::date, ?::timestamptz, ?::float8"
    try:
        async with database.control() as session:
            row = (await session.execute(sa.text(_named(asked)), dict(zip("abcde", values, strict=True)))).one()
            assert tuple(row) == values
            assert await session.scalar(sa.text("show transaction_isolation")) == "read committed"
        at_door = await database.through(uuid4(), lambda door: door.rows(asked, *values))
        assert [tuple(each) for each in at_door] == [(*values[:2], "2026-02-03", 1_770_091_506_000_007, 0.1)]
    finally:
        await database.dispose()


def _named(asked: str) -> str:
    for name in "abcde":
        kind = asked.partition("?::")[2].split(",")[0].split()[0]
        asked = asked.replace(f"?::{kind}", f"cast(:{name} as {kind})", 1)
    return asked
