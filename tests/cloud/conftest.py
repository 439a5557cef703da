"""A real PostgreSQL for the cloud's tests: one server a test process, migrated once, cloned for whoever commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
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

from cloud.accounts.guards import COOKIE
from cloud.accounts.opening import account_of, create_account, join
from cloud.accounts.passwords import Passwords
from cloud.app import create_app, supply
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.control_records import Account
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
from shared.staff.commands import assign, take_on
from shared.staff.pins import NO_PIN
from shared.staff.rules import WORK_EVERYWHERE
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
    """An organization with one branch and an account of each role; that of the super admin is everybody's."""

    organization_id: UUID
    branch_id: UUID
    emails: dict[Role, str]
    accounts: dict[Role, UUID] = field(default_factory=dict)
    staff: dict[Role, UUID] = field(default_factory=dict)
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
    # Without limits of requests: what they take ahead would be counted among the statements of some request.
    return read_settings({}, secret="only-for-tests-" * 4, data_folder=tmp_path, api_limits=0)


@pytest.fixture
def parts(settings: Settings, database: Database, clock: SetClock) -> Parts:
    return assemble(settings, database=database, clock=clock)


@pytest.fixture(scope="session")
def routed() -> list[Litestar]:
    """The app of this test process, once a test has asked for it: to make its routes takes as long as a whole test."""
    return []


@pytest.fixture
def app(parts: Parts, routed: list[Litestar]) -> Litestar:
    if not routed:
        routed.append(create_app(parts))
    supply(routed[0], parts)
    return routed[0]


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        client.headers["accept-language"] = "en"
        yield client


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Of `PASSWORD`: computed once, since it is slow on purpose."""
    return asyncio.run(Passwords().hashed(PASSWORD))


ROLES = (Role.ORGANIZATION_ADMIN, Role.BRANCH_MANAGER, Role.CASHIER, Role.WAITER, Role.KITCHEN)
BOSS = "boss@comanda.example"


@pytest.fixture
def new_tenant(parts: Parts, password_hash: str) -> Callable[[str], object]:
    """Makes a tenant: `await new_tenant("el-faro")`."""

    def account(email: str, role: Role) -> Account:
        return Account(
            id=parts.ids.new(),
            email=email,
            name=role.value,
            password_hash=password_hash,
            is_operator=role is Role.SUPER_ADMIN,
            created_at=parts.clock.now(),
        )

    async def make(slug: str) -> Tenant:
        organization_id, branch_id = parts.ids.new(), parts.ids.new()
        emails = {role: f"{role.value}@{slug}.pe" for role in ROLES}
        now = parts.clock.now()
        made = {role: account(email, role) for role, email in emails.items()}
        staff = {role: parts.ids.new() for role in ROLES}
        async with parts.database.control() as session:
            await create_organization(session, organization_id=organization_id, slug=slug, name=slug, now=now)
            boss = await account_of(session, BOSS) or account(BOSS, Role.SUPER_ADMIN)
            session.add_all([*made.values(), boss])
            await session.flush()
            for role, member in made.items():
                await join(session, member, organization_id, staff[role], now)
        async with parts.units.work(organization_id, SYSTEM) as work:
            work.add(Branch(organization_id=organization_id, id=branch_id, name="Centro", zone="America/Lima"))
            for role, staff_id in staff.items():
                await take_on(work, staff_id, role.value, role, NO_PIN)
                if role is not Role.ORGANIZATION_ADMIN:
                    await assign(work, staff_id, branch_id)
        ids = {role: member.id for role, member in made.items()} | {Role.SUPER_ADMIN: boss.id}
        return Tenant(organization_id, branch_id, emails, ids, staff)

    return make


@pytest.fixture
async def tenant(new_tenant: Callable[[str], object]) -> Tenant:
    return await new_tenant("el-faro")  # type: ignore[misc, no-any-return]


async def administrator(parts: Parts, organization_id: UUID) -> tuple[str, datetime]:
    """A token of a new administrator of an organization that was made by hand, and when it ends."""
    staff_id, email = parts.ids.new(), f"{parts.ids.new()}@comanda.example"
    async with parts.database.control() as session:
        account = await create_account(
            session, parts.passwords, parts.ids, parts.clock, email=email, name="Admin", password=PASSWORD
        )
        await join(session, account, organization_id, staff_id, parts.clock.now())
    async with parts.units.work(organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "Admin", Role.ORGANIZATION_ADMIN, NO_PIN)
    return parts.tokens.for_person(account.id, Role.ORGANIZATION_ADMIN, organization_id, (), (1, 1))


@pytest.fixture
def bearer(parts: Parts) -> Callable[..., dict[str, str]]:
    """Headers of somebody with a role: `bearer(tenant, Role.WAITER)`."""

    def headers(tenant: Tenant, role: Role = Role.ORGANIZATION_ADMIN) -> dict[str, str]:
        is_operator = role is Role.SUPER_ADMIN
        branches = () if role in WORK_EVERYWHERE else (tenant.branch_id,)
        organization_id = None if is_operator else tenant.organization_id
        versions = (1, 0) if is_operator else (1, 1)
        token, _ = parts.tokens.for_person(tenant.accounts[role], role, organization_id, branches, versions)
        return {"authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def cookie(parts: Parts) -> Callable[..., Awaitable[dict[str, str]]]:
    """The cookie of a browser in which somebody with a role is logged in: `await cookie(tenant, Role.WAITER)`."""

    async def headers(tenant: Tenant, role: Role = Role.ORGANIZATION_ADMIN) -> dict[str, str]:
        async with parts.database.control() as session:
            account = await session.get_one(Account, tenant.accounts[role])
        organization_id = None if role is Role.SUPER_ADMIN else tenant.organization_id
        token = await parts.sessions.open(
            account, organization_id, address="192.0.2.1", browser="Tests", awaits_code=False
        )
        return {"cookie": f"{COOKIE}={token}"}

    return headers
