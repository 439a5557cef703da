"""PostgreSQL that is frozen, killed or stopped while a till pushes: "try later", and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient, Response

from cloud.app import create_app
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database import engine, patience, transaction
from cloud.database.embedded import EmbeddedServer
from cloud.database.engine import create_engine
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.transaction import Database
from cloud.settings import Settings
from shared.kernel.permissions import SYSTEM
from shared.tenancy.records import Branch
from sync.messages import Ack, Push, dump, load
from tests.cloud.conftest import Tenant, administrator
from tests.cloud.replication.house import open_house
from tests.cloud.replication.tills import Till, enrol

LIMIT_SECONDS = 0.5
"""In place of the 20 s of a real server."""
PATIENCE_SECONDS = 20.0
"""Long, for a busy machine: a test that waits so long has found a request that hangs."""
DATABASE = "comanda"


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedServer]:
    """A server of the tests' own, which keeps what it has committed."""
    folder = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    folder.chmod(0o755)
    with EmbeddedServer(folder / "database") as server:
        create_database(server.url(), DATABASE)
        migrate(server.url(DATABASE), server.app_password)
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def till(own_server: EmbeddedServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    monkeypatch.setattr(patience, "ANSWER_WITHIN_SECONDS", LIMIT_SECONDS)
    monkeypatch.setattr(engine, "CONNECT_TIMEOUT_SECONDS", 2)
    monkeypatch.setattr(transaction, "POOL_TIMEOUT_SECONDS", LIMIT_SECONDS)
    database = Database(create_engine(own_server.url(DATABASE, APP_ROLE), name="tests", connections=4))
    parts = assemble(settings, database=database)
    tenant = Tenant(parts.ids.new(), parts.ids.new(), {})
    async with database.control() as session:
        slug = f"r{tenant.organization_id.hex[-12:]}"
        await create_organization(
            session, organization_id=tenant.organization_id, slug=slug, name="El Faro", now=parts.clock.now()
        )
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(
            Branch(organization_id=tenant.organization_id, id=tenant.branch_id, name="Centro", zone="America/Lima")
        )
    house = await open_house(parts, tenant)
    async with AsyncClient(transport=ASGITransport(create_app(parts)), base_url="http://cloud") as client:
        yield await enrol(client, house, house.own.branch_id, "Caja 1")
    await database.dispose()


async def test_a_frozen_database_is_answered_with_try_later_and_nothing_is_lost(
    till: Till, own_server: EmbeddedServer
) -> None:
    till.order()
    assert isinstance(await till.push(), Ack)
    till.order()
    body = dump(Push(till.signed(till.hand.take())))
    token, _ = await administrator(till.house.parts, till.house.organization_id)
    with frozen(own_server):
        pushes = await asyncio.wait_for(asyncio.gather(*(till.post(body) for _ in range(12))), timeout=PATIENCE_SECONDS)
        assert {answer.status_code for answer in pushes} == {503}
        assert {answer.json()["code"] for answer in pushes} == {"DATABASE_UNAVAILABLE"}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in pushes)
        page = await asyncio.wait_for(_report(till, token), timeout=PATIENCE_SECONDS)
        assert page.status_code == 503
    assert isinstance(await _until_taken(till, body), Ack)
    assert await till.stored() == 2


async def test_a_database_that_is_killed_comes_back_by_itself_and_loses_nothing(
    till: Till, own_server: EmbeddedServer
) -> None:
    for acknowledged, killed in enumerate((True, False, True), start=1):
        till.order()
        body = dump(Push(till.signed(till.hand.take())))
        if killed:
            os.kill(_postmaster(own_server), signal.SIGKILL)
        assert isinstance(await _until_taken(till, body), Ack)
        assert await till.stored() == acknowledged


async def test_a_database_that_is_shut_down_in_order_comes_back_too(till: Till, own_server: EmbeddedServer) -> None:
    till.order()
    body = dump(Push(till.signed(till.hand.take())))
    os.kill(_postmaster(own_server), signal.SIGINT)
    assert isinstance(await _until_taken(till, body), Ack)
    assert await till.stored() == 1


async def test_a_connection_is_given_up_only_when_nothing_comes(
    own_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ANSWER_WITHIN_SECONDS", LIMIT_SECONDS)
    async with await patience.PatientAsyncConnection.connect(own_server.url()) as connection:
        with pytest.raises(psycopg.OperationalError):
            await connection.execute("select pg_sleep(60)")
        assert connection.closed, "what comes late must not be taken for the answer to something else"
    async with await patience.PatientAsyncConnection.connect(own_server.url()) as connection:
        with pytest.raises(psycopg.OperationalError, match="recovery"):
            await connection.execute("do $$ begin raise exception 'recovery' using errcode = '57P03'; end $$")
        assert not connection.closed, "an error that the server tells is an answer"


async def _report(till: Till, token: str) -> Response:
    return await till.client.get("/api/v1/reports/sales", headers={"authorization": f"Bearer {token}"})


async def _until_taken(till: Till, body: bytes) -> object:
    """Push as a device does: again and again, as long as it is told to try later."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = await till.post(body)
        if answer.status_code == 200:
            return load(answer.content)
        assert answer.status_code == 503, answer.text
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.1)


def _postmaster(server: EmbeddedServer) -> int:
    return int((server.root / "data" / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def frozen(server: EmbeddedServer) -> Iterator[None]:
    """Stop all processes of the server where they stand: its sockets stay open, and nobody answers."""
    first = _postmaster(server)
    family = [first, *(pid for pid, parent in _parents() if parent == first)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def _parents() -> Iterator[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
