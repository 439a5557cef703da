"""A pooled connection that is gone is replaced before anybody uses it; one that is there costs no question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg

from cloud.database import liveness
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from sync.door import Door

_END_ALL = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


@pytest.fixture
async def database(postgres: Any, database_name: str) -> AsyncIterator[Database]:
    made = Database(create_engine(postgres.app_url(database_name), name="tests", connections=1))
    yield made
    await made.dispose()


async def server_process(database: Database) -> int:
    async with database.control() as session:
        return int((await session.execute(text("select pg_backend_pid()"))).scalar_one())


def process_of(door: Door) -> int:
    return int(door.value("SELECT pg_backend_pid()"))


async def test_what_the_server_has_ended_is_replaced(
    database: Database, postgres: Any, database_name: str, tenant: Any
) -> None:
    before = await server_process(database), await database.look(tenant.organization_id, process_of)
    with psycopg.connect(postgres.owner_url(database_name)) as owner:
        owner.execute(_END_ALL)
    after = await server_process(database), await database.look(tenant.organization_id, process_of)
    assert not {*before} & {*after}


@pytest.mark.parametrize(("quiet_seconds", "asked"), [(60.0, 0), (0.0, 2)])
async def test_only_what_nobody_used_for_long_is_asked_whether_it_is_there(
    database: Database, monkeypatch: pytest.MonkeyPatch, quiet_seconds: float, asked: int
) -> None:
    ask, questions = PGDialectAsync_psycopg.do_ping, []

    def counted(self: Any, connection: Any) -> Any:
        questions.append(connection)
        return ask(self, connection)

    monkeypatch.setattr(PGDialectAsync_psycopg, "do_ping", counted)
    monkeypatch.setattr(liveness, "QUIET_SECONDS", quiet_seconds)
    assert len({await server_process(database) for _use in range(3)}) == 1
    assert len(questions) == asked
