"""Replicas for the tests: one database file with its author, and how the log gets from one to another as frames.

Nothing here replaces our own code: clock, ids and numbers are the ports that devices and servers fill, too. What is
sold, and by whom, is in `restaurant.py`.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from shared.kernel.ids import Uuid7Source, derived_id
from shared.kernel.instants import to_microseconds
from shared.kernel.permissions import SYSTEM, Actor, DeviceKind, Role
from shared.kernel.records import Scope
from shared.kernel.work import BranchContext, Work
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.records import metadata, sealed_metadata, sums_metadata
from sync import digest, recount
from sync.author import Author, cloud_device
from sync.bypass import guard
from sync.change import Change, StreamKey, decode
from sync.declared import declared_sums, derivations_of, listeners_of
from sync.digest import read
from sync.door import Door, door_of, through
from sync.folder import Folder, Progress
from sync.keys import held, names_in, store
from sync.log import missing_frames, receive, stream_keys, vector
from sync.merged import MergedTables
from sync.messages import AnyMessage, Frame
from sync.records import changes, log_metadata, parked
from sync.tables import specs
from sync.unit import unit_of_work
from sync.writing import CommittedUnit

P = ParamSpec("P")
T = TypeVar("T")
OF_THE_CORE = "(a statement of the core)"

ORGANIZATION = derived_id("test", "organization")
BRANCH = derived_id("test", "branch")
OTHER_BRANCH = derived_id("test", "other branch")
CLOUD = cloud_device(ORGANIZATION)
TILL, WAITER = (derived_id("test", "device", name) for name in ("till", "waiter"))
ROLES = {role: Actor.in_role(derived_id("test", "staff", role), f"{role}", role) for role in Role}
MANAGER, CASHIER, SERVER, COOK = (
    ROLES[role] for role in (Role.BRANCH_MANAGER, Role.CASHIER, Role.WAITER, Role.KITCHEN)
)
ZONE = "America/Lima"
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""Noon in Lima."""

counters = sa.Table(
    "counters",
    sa.MetaData(),
    sa.Column("series", sa.String, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)


class HandClock:
    """A clock that is set by hand."""

    def __init__(self, instant: datetime = NOON) -> None:
        self.instant = instant
        self.running = timedelta()

    def now(self) -> datetime:
        return self.instant

    def milliseconds(self) -> int:
        return to_microseconds(self.instant) // 1_000

    def running_milliseconds(self) -> int:
        return self.running // timedelta(milliseconds=1)

    def boot(self) -> str:
        return "hand"

    def pass_time(self, **much: float) -> None:
        """Let time pass. Setting `instant` turns the wall clock instead."""
        self.instant += timedelta(**much)
        self.running += timedelta(**much)


class CountedNumbers:
    """Series of numbers in a table of the same transaction, as on a device."""

    async def next(self, session: AsyncSession, series: str) -> int:
        value = 1 + int(await session.scalar(sa.select(counters.c.value).where(counters.c.series == series)) or 0)
        if value == 1:
            await session.execute(counters.insert().values(series=series, value=1))
        else:
            await session.execute(counters.update().where(counters.c.series == series).values(value=value))
        return value


@dataclass
class Replica:
    """One database file with the author who writes into it."""

    path: Path
    device_id: UUID
    branch_id: UUID | None
    letter: str
    clock: HandClock
    engine: AsyncEngine
    author: Author
    statements: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = Uuid7Source(self.clock, random.Random(self.device_id.int).randbytes)
        self.specs = specs(metadata)
        self.folder = Folder(ORGANIZATION, self.specs, listeners=self.author.listeners, seen=self.author.seen)

    @property
    def place(self) -> BranchContext:
        return BranchContext(ORGANIZATION, self.branch_id, self.device_id, self.letter, ZONE, 240, "PEN")

    @asynccontextmanager
    async def work(self, actor: Actor = SYSTEM) -> AsyncIterator[Work]:
        async with self.unit(actor) as work:
            yield work

    @asynccontextmanager
    async def unit(self, actor: Actor = SYSTEM, told: list[CommittedUnit] | None = None) -> AsyncIterator[Work]:
        """A unit of work; what it wrote is appended to `told`."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            async with unit_of_work(session, self.author, actor, self.place, self.ids, CountedNumbers()) as unit:
                yield unit.work
            if told is not None and unit.written is not None:
                told.append(unit.written)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that the block issues, BEGIN and COMMIT not counted; those of the core without their text."""
        self.statements.clear()
        yield self.statements

    async def core(self, function: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of the core in a transaction of its own."""

        def counting(begun: sa.Connection) -> T:
            door = door_of(begun)
            try:
                return function(door, *args, **kwargs)
            finally:
                self.statements += [OF_THE_CORE] * door.statements

        async with self.connection() as connection:
            return await connection.run_sync(counting)

    async def menu(self) -> Menu:
        async with self.connection() as connection:
            return await load_menu(connection, ORGANIZATION)

    async def rows(self, kind: Any) -> list[Any]:
        """All rows of a record's table, by id."""
        table = kind.__table__
        async with self.connection() as connection:
            return list(await connection.execute(sa.select(table).order_by(table.c.id)))

    async def row(self, kind: Any, row_id: UUID) -> Any:
        table = kind.__table__
        async with self.connection() as connection:
            return (await connection.execute(sa.select(table).where(table.c.id == row_id))).first()

    async def keys(self) -> list[StreamKey]:
        """The streams that are held, the organization's first."""
        async with self.connection() as connection:
            return await _keys(connection)

    async def log(self, stream_id: UUID | None = None) -> list[Change]:
        """All changes held (of one stream), in order."""
        query = sa.select(changes.c.body).order_by(changes.c.stream_id, changes.c.seq)
        if stream_id is not None:
            query = query.where(changes.c.stream_id == stream_id)
        async with self.connection() as connection:
            return [decode(row[0]) for row in await connection.execute(query)]

    async def receive(self, *frames: Frame) -> list[AnyMessage]:
        """Store frames, each in a transaction of its own; the answers."""
        now_ms = self.clock.milliseconds()
        return [await self.core(receive, ORGANIZATION.bytes, frame, now_ms) for frame in frames]

    async def pull(self, source: Replica) -> None:
        """Take all that `source` holds and we miss, and fold it."""
        more = True
        while more:
            here = await self.core(vector, ORGANIZATION.bytes)
            async with source.connection() as connection:
                keys = await _keys(connection)
                frames, more = await through(connection, missing_frames, ORGANIZATION.bytes, keys, here)
            await self.take_keys(source, *frames)
            await self.receive(*frames)
        await self.fold()

    async def take_keys(self, source: Replica, *frames: Frame) -> None:
        """Store the keys that these frames need, as far as `source` has them."""
        names = names_in(self.specs, frames)
        given = await source.core(held, ORGANIZATION.bytes, names)
        await self.core(store, ORGANIZATION.bytes, given)

    async def fold(self, most: int = 1_000) -> list[Progress]:
        """Fold what is stored, at most so many batches."""
        done = []
        for _each in range(most):
            progress = await self.core(self.folder.fold_next, self.clock.milliseconds())
            if progress is None:
                break
            done.append(progress)
        return done

    async def fold_again(self) -> None:
        """Fold again all that an older program set aside."""
        while await self.core(self.folder.fold_again, self.clock.milliseconds()) is not None:
            pass

    async def parked(self) -> list[Any]:
        async with self.connection() as connection:
            return list(await connection.execute(sa.select(parked).order_by(parked.c.stream_id, parked.c.first_seq)))

    async def digests(self) -> dict[str, int]:
        """Digests of everything that is held, by table, as the feed keeps them: the same as counted from the rows."""
        found: dict[str, int] = {}
        for scope, scope_id in (
            (Scope.ORGANIZATION, ORGANIZATION),
            (Scope.BRANCH, BRANCH),
            (Scope.BRANCH, OTHER_BRANCH),
        ):
            kept = await self.core(read, ORGANIZATION.bytes, scope_id.bytes)
            assert kept == await self.core(self._recounted, scope, scope_id)
            found |= {f"{table} of {scope_id}": value for table, value in kept.items()}
        return found

    async def sums(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of all tables of sums, as the feed keeps them: the same as counted from the rows."""
        counted = await self.core(recount.counted, declared_sums())
        for name, rows in counted.items():
            assert await self.core(recount.kept, sums_metadata.tables[name]) == rows
        return counted

    def _recounted(self, door: Door, scope: Scope, scope_id: UUID) -> dict[str, int]:
        return digest.recount(MergedTables(door, ORGANIZATION.bytes, self.specs), scope, scope_id.bytes)

    async def close(self) -> None:
        await self.engine.dispose()


async def _keys(connection: AsyncConnection) -> list[StreamKey]:
    """The streams that are held, the organization's first."""
    keys = await through(connection, stream_keys, ORGANIZATION.bytes)
    return sorted(keys, key=lambda key: (key.scope is not Scope.ORGANIZATION, key.id))


def open_replica(
    path: Path,
    device_id: UUID = TILL,
    branch_id: UUID | None = BRANCH,
    letter: str = "A",
    clock: HandClock | None = None,
    incarnation: int = 1,
) -> Replica:
    """A replica on a file, which is made if it is not there; reopening one is a restart."""
    fresh = not path.exists()
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}
    )
    event.listen(engine.sync_engine, "connect", _prepare(fresh))
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    clock = clock or HandClock()
    tables = specs(metadata)
    standing = listeners_of(ORGANIZATION, tables), derivations_of(ORGANIZATION, tables)
    kind = DeviceKind.CLOUD if device_id == CLOUD else DeviceKind.TILL
    author = Author(ORGANIZATION, device_id, incarnation, device_id == CLOUD, clock, metadata, *standing, kind=kind)
    replica = Replica(path, device_id, branch_id, letter, clock, engine, author)

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            replica.statements.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    guard(engine.sync_engine, metadata)
    return replica


def _prepare(fresh: bool) -> Any:
    todo = [fresh]

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("foreign_keys = ON", "synchronous = OFF", "journal_mode = MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        if todo.pop() if todo else False:
            for statement in ddl():
                cursor.execute(statement)
        cursor.close()

    return prepare


@cache
def ddl(*others: sa.MetaData) -> tuple[str, ...]:
    """What makes the tables: written out once, run for each new file."""
    return beside(metadata, *others)


def beside(*others: sa.MetaData) -> tuple[str, ...]:
    """The same without the replicated tables."""
    said: list[str] = []
    engine = sa.create_mock_engine(
        "sqlite://", lambda statement, *_args, **_options: said.append(str(statement.compile(dialect=engine.dialect)))
    )
    for each in (log_metadata, sealed_metadata, sums_metadata, counters.metadata, *others):
        each.create_all(engine, checkfirst=False)
    return tuple(said)
