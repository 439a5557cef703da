"""The one place where the server opens and commits transactions.

Each transaction is for one tenant, or for the control plane before a tenant is known. The tenant is set for the
transaction alone, so that a pooled connection takes nothing into the next one; so are UTC and the form of dates,
whatever the server, the role or a pooler's last client had. In a route the session is a dependency: Litestar ends it,
and so commits, before anything is sent (a commit hook that runs while sending could answer 201 for a commit that
failed). A route asks for one session; two would be two transactions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import sqlalchemy as sa
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cloud.database.engine import CORE_THREADS, POOL_TIMEOUT_SECONDS, create_core_engine
from cloud.kernel.unavailable import Unavailable
from shared.records import metadata
from sync.bypass import guard
from sync.door import Door, door_of

P = ParamSpec("P")
T = TypeVar("T")
STATEMENT_TIMEOUT_MS = 15_000
"""No statement of a request may run longer: a device retries, a person has gone."""
IDLE_TIMEOUT_MS = 30_000
"""A transaction that waits longer for its own program holds locks for nothing."""

_BEGIN = text(
    "select set_config('comanda.organization_id', :organization, true),"
    " set_config('transaction_read_only', :read_only, true),"
    " set_config('timezone', 'UTC', true),"
    " set_config('datestyle', 'ISO, MDY', true),"
    " set_config('statement_timeout', :statement_timeout, true),"
    " set_config('idle_in_transaction_session_timeout', :idle_timeout, true)"
)
_BEGIN_AT_DOOR = """
    SELECT set_config('comanda.organization_id', ?::text, true), set_config('transaction_read_only', ?::text, true),
    set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, MDY', true),
    set_config('statement_timeout', ?::text, true), set_config('idle_in_transaction_session_timeout', ?::text, true)
"""
_ENTER = text("select set_config('comanda.organization_id', :organization, true)")


class WriteSession(AsyncSession):
    """A transaction of one tenant that may write."""


class ReadSession(AsyncSession):
    """A read-only transaction of one tenant; a read replica of the database may serve it."""


class ControlSession(AsyncSession):
    """A transaction before the tenant is known: it sees the control plane, and no row of any tenant."""


class Database:
    """The server's database: sessions for a tenant, or for the control plane.

    Args:
        writer: reaches the primary.
        reader: reaches a read replica for reports; by default the primary.
        pooler: whether a transaction pooler stands before the primary.
    """

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine | None = None, *, pooler: bool = False) -> None:
        self.writer = writer
        self.reader = reader or writer
        self._pooler = pooler
        self._threads = ThreadPoolExecutor(CORE_THREADS, "core")
        for engine in {self.writer, self.reader}:
            guard(engine.sync_engine, metadata)
        self._snapshots = self.reader.execution_options(isolation_level="REPEATABLE READ")

    @asynccontextmanager
    async def write(self, organization_id: UUID) -> AsyncIterator[WriteSession]:
        """A transaction of that tenant, committed when the block ends and rolled back when it raises."""
        async with WriteSession(self.writer, expire_on_commit=False) as session, session.begin():
            await _begin(session, organization_id, read_only=False)
            yield session

    @asynccontextmanager
    async def read(self, organization_id: UUID) -> AsyncIterator[ReadSession]:
        """A read-only transaction of that tenant. All its statements see one moment, so a report's parts add up."""
        async with ReadSession(self._snapshots, expire_on_commit=False) as session, session.begin():
            await _begin(session, organization_id, read_only=True)
            yield session

    @asynccontextmanager
    async def control(self) -> AsyncIterator[ControlSession]:
        """A transaction of the control plane, committed when the block ends."""
        async with ControlSession(self.writer, expire_on_commit=False) as session, session.begin():
            await _begin(session, None, read_only=False)
            yield session

    async def through(
        self, organization_id: UUID, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function of the core in a writing transaction of that tenant, in a thread."""
        called = partial(self.fold, organization_id, lambda door: core(door, *args, **kwargs))
        return await in_thread(self._threads, called, start_within_seconds=POOL_TIMEOUT_SECONDS)

    async def look(
        self, organization_id: UUID, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function of the core in a read-only transaction of that tenant, which sees one moment; in a thread."""
        called = partial(self._look, organization_id, lambda door: core(door, *args, **kwargs))
        return await in_thread(self._threads, called, start_within_seconds=POOL_TIMEOUT_SECONDS)

    def fold(self, organization_id: UUID, core: Callable[[Door], T]) -> T:
        """Run a function of the core in a writing transaction of that tenant, in the calling thread."""
        with self._core_writer.connect() as connection:
            return _at_door(connection, organization_id, core)

    def _look(self, organization_id: UUID, core: Callable[[Door], T]) -> T:
        with self._core_snapshots.connect() as connection:
            return _at_door(connection, organization_id, core, read_only=True)

    @cached_property
    def _core_writer(self) -> sa.Engine:
        return create_core_engine(self.writer.url, pooler=self._pooler)

    @cached_property
    def _core_reader(self) -> sa.Engine:
        return self._core_writer if self.reader is self.writer else create_core_engine(self.reader.url)

    @cached_property
    def _core_snapshots(self) -> sa.Engine:
        return self._core_reader.execution_options(isolation_level="REPEATABLE READ")

    async def dispose(self) -> None:
        """Close the pools."""
        for name in ("_core_writer", "_core_reader"):
            if name in self.__dict__:
                self.__dict__[name].dispose()
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


async def in_thread(
    threads: ThreadPoolExecutor, work: Callable[[], T], *, start_within_seconds: float | None = None
) -> T:
    """Run a function in a thread. A caller that is cancelled waits for its end, because a thread cannot be stopped.

    Args:
        start_within_seconds: how long it may wait for a thread that is free.

    Raises:
        Unavailable: no thread was free in time, as when the database is frozen; the function did not run.
    """
    queued = threads.submit(work)
    running = asyncio.wrap_future(queued)
    try:
        await asyncio.wait([running], timeout=start_within_seconds)
        if not running.done() and queued.cancel():
            raise Unavailable
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        if not queued.cancel():
            await asyncio.wait([running])
        raise


def _at_door(
    connection: sa.Connection, organization_id: UUID, core: Callable[[Door], T], *, read_only: bool = False
) -> T:
    """Run a function of the core in one transaction, which is rolled back if the function raises.

    It ends with a COMMIT also if nothing was written: on a rollback the driver forgets all its prepared statements.
    """
    with connection.begin():
        door = door_of(connection)
        door.rows(
            _BEGIN_AT_DOOR,
            str(organization_id),
            "on" if read_only else "off",
            str(STATEMENT_TIMEOUT_MS),
            str(IDLE_TIMEOUT_MS),
        )
        return core(door)


async def enter_organization(session: ControlSession, organization_id: UUID) -> None:
    """Set this transaction to that tenant, for rows that must be committed together with those of the control plane."""
    await session.execute(_ENTER, {"organization": str(organization_id)})


async def provide_write(
    database: NamedDependency[SkipValidation[Database]], organization_id: NamedDependency[UUID]
) -> AsyncIterator[WriteSession]:
    """The writing session of a request, under the name `write`."""
    async with database.write(organization_id) as session:
        yield session


async def provide_read(
    database: NamedDependency[SkipValidation[Database]], organization_id: NamedDependency[UUID]
) -> AsyncIterator[ReadSession]:
    """The reading session of a request, under the name `read`."""
    async with database.read(organization_id) as session:
        yield session


async def _begin(session: AsyncSession, organization_id: UUID | None, *, read_only: bool) -> None:
    await session.execute(
        _BEGIN,
        {
            "organization": "" if organization_id is None else str(organization_id),
            "read_only": "on" if read_only else "off",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_timeout": str(IDLE_TIMEOUT_MS),
        },
    )
