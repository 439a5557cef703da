"""The simulated cloud: the real `Replies`, `Keeper`, `CloudJudge` and `CloudUnits` on SQLite in place of PostgreSQL.

What is PostgreSQL's own (row-level security, COPY, advisory locks) is tested on the real server in `tests/cloud`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sync.bulk import PlainBulk
from tests.simulation.takings import TakingsProjection

from cloud.accounts.identity import EnrolledDevice
from cloud.control.records import DeviceKey
from cloud.database.transaction import Database
from cloud.replication.keeper import Keeper
from cloud.replication.replies import Replies
from cloud.replication.units import CloudUnits
from shared.kernel.ids import Uuid7Source
from sync.messages import BadMessage, dump, load
from terminal.link import LinkError
from tests.simulation.clocks import MachineClock
from tests.simulation.disk import Disk, open_engines
from tests.simulation.places import ORGANIZATION
from tests.simulation.processes import Process


class SqliteDatabase(Database):
    """Sessions on a file that has one tenant. The control plane is a mapping of the devices' public keys."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, keys: Mapping[UUID, bytes]) -> None:
        self.writer = writer
        self.reader = reader
        self._control = _ControlPlane(keys)

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
        yield self._control


class _ControlPlane:
    """What replication asks the control plane: which organizations there are, and a device's public key."""

    def __init__(self, keys: Mapping[UUID, bytes]) -> None:
        self._keys = keys

    async def get(self, _kind: type[DeviceKey], device_id: UUID) -> DeviceKey | None:
        key = self._keys.get(device_id)
        return None if key is None else DeviceKey(id=device_id, public_key=key)

    async def scalars(self, _query: object) -> _ControlPlane:
        return self

    def all(self) -> list[UUID]:
        return [ORGANIZATION]


class OnlyTurn:
    """Implements `FoldTurn` where there is one server."""

    async def take(self, connection: AsyncConnection, organization_id: UUID) -> bool:
        return True


class SimulatedCloud:
    """A server that may be killed and started again on the same disk."""

    def __init__(self, path: Path, disk: Disk, clock: MachineClock, keys: Mapping[UUID, bytes], seed: str) -> None:
        self.path = path
        self.clock = clock
        self._disk = disk
        self._keys = keys
        self._rnd = random.Random(seed)
        self._starts = 0
        self.process = Process("cloud")
        self.process.alive = False

    def start(self) -> None:
        """Start the server: it answers, and its keeper folds."""
        self._starts += 1
        self.process = Process(f"cloud, start {self._starts}")
        ids = Uuid7Source(self.clock, random.Random(self._rnd.random()).randbytes)
        database = SqliteDatabase(*open_engines(self.path, self._disk, self.process), self._keys)
        self.units = CloudUnits(database, self.clock, ids)
        self.keeper = Keeper(
            database,
            self.units,
            self.clock,
            lambda organization_id: (TakingsProjection(organization_id),),
            bulk=PlainBulk(),
            turn=OnlyTurn(),
        )
        self.replies = Replies(database, self.keeper, self.clock, bulk=PlainBulk())
        self.database = database
        self.process.spawn(self.keeper.run())

    async def stop(self) -> None:
        """Kill it."""
        await self.process.kill()

    async def request(self, device: EnrolledDevice, body: bytes) -> bytes:
        """What a request of a device is answered with.

        Raises:
            LinkError: the server is down, or went down meanwhile.
        """
        if not self.process.alive:
            raise LinkError("CLOUD_UNREACHABLE")
        under_way = _Request(self.process)
        self.process.spawn(self._serve(device, body, under_way))
        return await under_way.answer

    async def _serve(self, device: EnrolledDevice, body: bytes, request: _Request) -> None:
        try:
            message = load(body)
        except BadMessage:
            request.fail(LinkError("MESSAGE_UNREADABLE", final=True))
            return
        try:
            answer = dump(await self.replies.reply(device, message))
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
