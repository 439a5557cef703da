"""A real PostgreSQL for the cloud's tests: one server a test process, migrated once, cloned for whoever commits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cloud.accounts.commands import create_account
from cloud.app import create_app
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.engine import create_engine
from cloud.database.job_tables import JOB_TABLES
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.schema import METADATAS
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.settings import Settings, read_settings
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Branch
from tests.cloud.redis_program import RedisProgram

TEMPLATE = "template_comanda"
PASSWORD = "correct horse battery staple"


class SetClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def milliseconds(self) -> int:
        return int(self.instant.timestamp() * 1000)

    def advance(self, by: timedelta) -> None:
        self.instant += by


@dataclass
class Postgres:
    """The server of this test process, with clones of its migrated template."""

    server: EmbeddedServer

    def clone(self, template: str = TEMPLATE) -> str:
        name = f"t_{uuid4().hex}"
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template}")
        return name

    def drop(self, name: str) -> None:
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")

    def app_url(self, name: str) -> str:
        return self.server.url(name, APP_ROLE)

    def owner_url(self, name: str) -> str:
        return self.server.url(name)


@dataclass
class Statements:
    """What was sent to the database within a block."""

    seen: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.seen)


@dataclass
class Tenant:
    """An organization with one branch and one account of each role that logs in to the cloud."""

    organization_id: UUID
    branch_id: UUID
    emails: dict[Role, str]
    password: str = PASSWORD


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with throwaway_server() as server:
        create_database(server.url(), TEMPLATE)
        migrate(server.url(TEMPLATE), server.app_password)
        yield Postgres(server)


@pytest.fixture
def database_name(postgres: Postgres) -> Iterator[str]:
    """A migrated database of the test's own, to be changed at will (it costs ten times what `database` costs)."""
    name = postgres.clone()
    yield name
    postgres.drop(name)


@pytest.fixture(scope="session")
def common_database(postgres: Postgres) -> Iterator[str]:
    """A database for tests that leave nothing behind."""
    name = postgres.clone()
    yield name
    postgres.drop(name)


@pytest.fixture(scope="session")
def sweeper(postgres: Postgres, common_database: str) -> Iterator[Callable[[], object]]:
    """Empties the common database: deleting is far quicker than truncating or cloning."""
    tables = [table for metadata in METADATAS for table in metadata.sorted_tables]
    names = [*JOB_TABLES, *(f'"{table.schema or "public"}"."{table.name}"' for table in tables)]
    with psycopg.connect(postgres.owner_url(common_database), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        statements = "; ".join(f"delete from {name}" for name in names)
        yield lambda: connection.execute(statements)


@pytest.fixture
async def database(postgres: Postgres, common_database: str, sweeper: Callable[[], object]) -> AsyncIterator[Database]:
    """The app's view of a database that is empty before each test."""
    database = Database(create_engine(postgres.app_url(common_database), name="tests", connections=5))
    yield database
    await database.dispose()
    sweeper()


@pytest.fixture
async def rolled_back(postgres: Postgres, common_database: str) -> AsyncIterator[AsyncSession]:
    """A session of the app whose commits are undone after the test; set a tenant with `as_tenant`."""
    engine = create_engine(postgres.app_url(common_database), name="tests", connections=1)
    async with engine.connect() as connection, connection.begin() as outer:
        async with AsyncSession(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        await outer.rollback()
    await engine.dispose()


@pytest.fixture
def as_tenant() -> Callable[[AsyncSession, UUID | None], object]:
    async def enter(session: AsyncSession, organization_id: UUID | None) -> None:
        setting = text("select set_config('comanda.organization_id', :organization, true)")
        await session.execute(setting, {"organization": str(organization_id or "")})

    return enter


@pytest.fixture
def counting() -> Callable[[AsyncEngine], AbstractContextManager[Statements]]:
    """`with counting(engine) as statements: ...` and then `statements.count`; BEGIN and COMMIT are not counted."""

    @contextmanager
    def count(engine: AsyncEngine) -> Iterator[Statements]:
        statements = Statements()

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.seen.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)

    return count


@pytest.fixture
def redis_program(tmp_path: Path) -> Iterator[RedisProgram]:
    """A running Redis. Skips where the program is missing."""
    program = RedisProgram(tmp_path)
    program.start()
    yield program
    program.kill()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, secret="only-for-tests-" * 4, data_folder=tmp_path)


@pytest.fixture
def parts(settings: Settings, database: Database, clock: SetClock) -> Parts:
    return assemble(settings, database=database, clock=clock)


@pytest.fixture
def app(parts: Parts) -> Litestar:
    return create_app(parts)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        client.headers["accept-language"] = "en"
        yield client


@pytest.fixture
def new_tenant(parts: Parts) -> Callable[[str], object]:
    """Makes a tenant: `await new_tenant("el-faro")`."""

    async def make(slug: str) -> Tenant:
        organization_id, branch_id = parts.ids.new(), parts.ids.new()
        emails = {
            role: f"{role.value}@{slug}.pe" for role in (Role.ORGANIZATION_ADMIN, Role.BRANCH_MANAGER, Role.WAITER)
        }
        now = parts.clock.now()
        async with parts.database.control() as session:
            await create_organization(session, organization_id=organization_id, slug=slug, name=slug, now=now)
            for role, email in emails.items():
                await create_account(
                    session,
                    parts.passwords,
                    parts.ids,
                    parts.clock,
                    email=email,
                    name=role.value,
                    password=PASSWORD,
                    role=role,
                    organization_id=organization_id,
                    branches=[] if role is Role.ORGANIZATION_ADMIN else [branch_id],
                )
        async with parts.units.work(organization_id, SYSTEM) as work:
            work.add(Branch(organization_id=organization_id, id=branch_id, name="Centro", zone="America/Lima"))
        return Tenant(organization_id, branch_id, emails)

    return make


@pytest.fixture
async def tenant(new_tenant: Callable[[str], object]) -> Tenant:
    return await new_tenant("el-faro")  # type: ignore[misc, no-any-return]


@pytest.fixture
def bearer(parts: Parts) -> Callable[..., dict[str, str]]:
    """Headers of somebody with a role: `bearer(tenant, Role.WAITER)`."""

    def headers(tenant: Tenant, role: Role = Role.ORGANIZATION_ADMIN) -> dict[str, str]:
        branches = () if role is Role.ORGANIZATION_ADMIN else (tenant.branch_id,)
        organization_id = None if role is Role.SUPER_ADMIN else tenant.organization_id
        token, _ = parts.tokens.for_person(parts.ids.new(), role, organization_id, branches)
        return {"authorization": f"Bearer {token}"}

    return headers
