"""The simulated cloud: web processes, workers and the hints between them, on SQLite, not on PostgreSQL.

`Responder`, `FoldWorker`, `CloudJudge`, `CloudUnits` and `Hub` are the real ones.

What is PostgreSQL's own (row-level security, arrays, advisory locks) is tested on the real server in `tests/cloud`.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.kernel.unavailable import Unavailable
from cloud.realtime.hub import Hint, Hub, Room
from cloud.replication.device_keys import always_revoked
from cloud.replication.dues import DueScope
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.generations import Generations
from cloud.replication.responder import Responder
from cloud.replication.units import CloudUnits
from shared.kernel.ids import Uuid7Source
from sync.door import Door, in_transaction
from sync.messages import BadMessage, dump, load_asked
from terminal.syncing.link import LinkError
from tests.simulation.clocks import MachineClock
from tests.simulation.disk import Disk, open_engines
from tests.simulation.dues import SqliteDues
from tests.simulation.processes import Process

T = TypeVar("T")
HINT_SECONDS = 0.02
LOST_HINTS = 0.05
"""So many of all."""
CLOUD_SIGNER = Ed25519PrivateKey.from_private_bytes(b"the simulated cloud's secret key")


class SqliteDatabase(Database):
    """Transactions on a file that has one tenant. The control plane knows only that tenant."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.writer = writer
        self.reader = reader

    @asynccontextmanager
    async def write(self, organization_id: UUID) -> AsyncIterator[Any]:
        async with AsyncSession(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def read(self, organization_id: UUID) -> AsyncIterator[Any]:
        async with AsyncSession(self.reader, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def control(self) -> AsyncIterator[Any]:
        yield None  # there is none

    async def through(self, organization_id: UUID, core: Any, *args: Any, **kwargs: Any) -> Any:
        return await in_transaction(self.writer, core, *args, **kwargs)

    async def look(self, organization_id: UUID, core: Any, *args: Any, **kwargs: Any) -> Any:
        return await in_transaction(self.reader, core, *args, **kwargs)


class SqliteGenerations(Generations):
    """Keeps the generation on the disk of a server, as the control plane does."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        with closing(sqlite3.connect(cloud.path)) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS generation (number INTEGER)")
            newest = connection.execute("SELECT coalesce(max(number), 1) FROM generation").fetchone()[0]
        super().__init__(max(newest, cloud.generation))
        self._path = cloud.path

    def newest(self, door: Door) -> int:
        return max(self.number, int(door.value("SELECT coalesce(max(number), 1) FROM generation")))

    async def look(self, database: Database) -> None:
        with closing(sqlite3.connect(self._path)) as connection:
            self.heard(connection.execute("SELECT coalesce(max(number), 1) FROM generation").fetchone()[0])

    def begin(self, door: Door, number: int, now_ms: int) -> None:
        door.run("INSERT INTO generation (number) VALUES (?)", number)


class SqliteFolds:
    """Implements `FoldTransactions` on a file that one writes at a time: there is nothing to lock."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def run(self, scope: DueScope, fold: Callable[[Door], T]) -> T:
        return await in_transaction(self._database.writer, fold)


class Hints:
    """What carries hints between the processes of a cloud, a moment later; some are lost."""

    def __init__(self, rnd: random.Random) -> None:
        self._rnd = rnd
        self._ends: dict[Hub, Process] = {}

    def join(self, hub: Hub, process: Process) -> None:
        self._ends = {each: at for each, at in self._ends.items() if at.alive}
        self._ends[hub] = process
        hub.is_linked = True
        hub.beyond(partial(self._carry, hub))

    def _carry(self, of: Hub, room: Room, hint: Hint | None) -> None:
        for hub, process in self._ends.items():
            if hub is not of and self._rnd.random() >= LOST_HINTS:
                asyncio.get_running_loop().call_later(HINT_SECONDS, self._arrive, hub, process, room, hint)

    def _arrive(self, hub: Hub, process: Process, room: Room, hint: Hint | None) -> None:
        if process.alive:
            hub.hear(room, hint)


class SimulatedWorker:
    """A worker's process, on the disk of the cloud."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self.process = Process(f"worker of {cloud.process.name}")
        self.fold_worker = cloud.assemble(self.process)[2]
        self.process.spawn(self.fold_worker.run())


class SimulatedCloud:
    """A web process and its worker, which may be killed and started again on the same disk.

    Attributes:
        generation: raise it, as an operator does, when the disk was put back from a backup.
        worker: folds what any web process stores.
        beside: a second web process with a worker on the same database, which takes half of the requests; None if
            there is one only.
        keys: public keys by device; who was revoked has none.
    """

    def __init__(self, path: Path, disk: Disk, clock: MachineClock, keys: Mapping[UUID, bytes], seed: str) -> None:
        self.path = path
        self.clock = clock
        self._disk = disk
        self.generation = 1
        self.keys = dict(keys)
        self.worker: SimulatedWorker | None = None
        self.beside: SimulatedCloud | None = None
        self._hints = Hints(random.Random(f"{seed} hints"))
        self._seed = seed
        self._rnd = random.Random(seed)
        self._starts = 0
        self.process = Process("cloud")
        self.process.alive = False

    def start(self) -> None:
        """Start the web process, which answers, and the worker, which folds."""
        self._starts += 1
        self.process = Process(f"cloud, start {self._starts}")
        self.database, self.units, self.fold_worker = self.assemble(self.process)
        keys = self.keys
        self.responder = Responder(
            self.database,
            self.fold_worker,
            self.clock,
            key_of=lambda _door, device: keys.get(device.device_id),
            active_in=lambda _door, _organization, _branch: frozenset(keys),
            why_not=always_revoked,
            signer=CLOUD_SIGNER,
        )
        self.start_worker()
        if self.beside is not None and not self.beside.process.alive:
            self.beside.generation = self.generation
            self.beside.start()

    def assemble(self, process: Process) -> tuple[SqliteDatabase, CloudUnits, FoldWorker]:
        """What each process of the cloud has, with a hub that hears those of the others."""
        ids = Uuid7Source(self.clock, random.Random(self._rnd.random()).randbytes)
        database = SqliteDatabase(*open_engines(self.path, self._disk, process))
        dues = SqliteDues(self.path, database)
        units = CloudUnits(database, self.clock, ids, SqliteGenerations(self), dues=dues)
        fold_worker = FoldWorker(database, units, self.clock, SqliteFolds(database))
        self._hints.join(fold_worker.hub, process)
        return database, units, fold_worker

    def start_worker(self) -> None:
        """Start the worker, unless it runs."""
        if self.worker is None or not self.worker.process.alive:
            self.worker = SimulatedWorker(self)

    def double(self) -> None:
        """Have a second web process and worker from the next start on."""
        self.beside = SimulatedCloud(self.path, self._disk, self.clock, {}, f"{self._seed} beside")
        self.beside.keys = self.keys
        self.beside._hints = self._hints

    async def stop(self) -> None:
        """Kill its processes, and those beside it."""
        await self.process.kill()
        if self.worker is not None:
            await self.worker.process.kill()
        if self.beside is not None:
            await self.beside.stop()

    async def request(self, device: EnrolledDevice, body: bytes) -> bytes:
        """What a request of a device is answered with.

        Raises:
            LinkError: the server is down, or went down meanwhile.
        """
        if self.beside is not None and self.beside.process.alive and self._rnd.random() < 0.5:
            return await self.beside.request(device, body)
        if not self.process.alive:
            raise LinkError("CLOUD_UNREACHABLE")
        under_way = _Request(self.process)
        self.process.spawn(self._serve(device, body, under_way))
        return await under_way.answer

    async def _serve(self, device: EnrolledDevice, body: bytes, request: _Request) -> None:
        try:
            message = load_asked(body)
        except BadMessage:
            request.fail(LinkError("MESSAGE_UNREADABLE", final=True))
            return
        try:
            answer = dump(await self.responder.reply(device, message))
        except Unavailable:
            request.fail(LinkError("CLOUD_FAILED"))
        except BaseException:
            request.fail(LinkError("CLOUD_FAILED"))
            raise
        else:
            request.done(answer)


class _Request:
    """A request under way: it fails when its server dies."""

    def __init__(self, process: Process) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._process = process
        process.holds(self)

    def done(self, answer: bytes) -> None:
        self._process.lets_go(self)
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: LinkError) -> None:
        self._process.lets_go(self)
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # whoever asked may be gone

    def die(self) -> None:
        self.fail(LinkError("CLOUD_UNREACHABLE"))
