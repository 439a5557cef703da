"""What a till's sale costs the cloud while a thousand devices wait, against the same while three wait.

All in one process, on a real PostgreSQL: devices wait at the responder as their agents do, again and again, without
HTTP around it. One till of a branch pushes a change at a time; the clock stops when the cloud has acknowledged it, and
transactions are counted until everybody waits again. The fold runs beside it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from branch_books import add_house

from cloud.accounts.identity import EnrolledDevice
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.engine import create_engine
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.realtime.carriers import PostgresCarrier
from cloud.realtime.hub import Hub
from cloud.realtime.link import Link
from cloud.settings import read_settings
from shared.kernel.permissions import SYSTEM
from sync.messages import Ack, Mark, Pull, Push, Suffixes
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.cloud.replication.house import House, end_of
from tests.cloud.replication.tills import Till, enrol

FEW, NEAR, BRANCHES, ALL = 3, 24, 40, 1_000
PUSHES = 30
BETWEEN_SECONDS = 1.0
MOST_RATIO = 1.2
WAIT_MS = 20_000
GIVE_UP_SECONDS = 60.0


class Waiting:
    """A device that waits for news, again and again."""

    def __init__(self, parts: Parts, device: EnrolledDevice) -> None:
        self._responder = parts.responder
        self.device = device
        self._held: dict[bytes, Mark] = {}

    async def run(self) -> None:
        """Catch up, and wait until cancelled."""
        wait_ms = 0
        while True:
            answer = await self._responder.reply(self.device, Pull(list(self._held.values()), wait_ms))
            assert isinstance(answer, Suffixes)
            for frame in answer.frames:
                self._held[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))
            wait_ms = WAIT_MS


def transactions(server: EmbeddedServer, name: str) -> int:
    """Transactions of the database so far."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("select pg_stat_clear_snapshot()")
        query = "select xact_commit + xact_rollback from pg_stat_database where datname = %s"
        row = connection.execute(query, [name]).fetchone()
        assert row is not None
        return int(row[0])


async def pushes(parts: Parts, till: Till, server: EmbeddedServer, name: str) -> tuple[list[float], float]:
    """Seconds until each push was acknowledged, and transactions a push until all is quiet again."""
    device = EnrolledDevice(till.hand.device_id, till.house.organization_id, till.hand.branch_id)
    before, seconds = transactions(server, name), []
    for _push in range(PUSHES):
        till.order()
        frame = till.signed(till.hand.take())
        begun = time.perf_counter()
        assert isinstance(await parts.responder.reply(device, Push(frame)), Ack)
        seconds.append(time.perf_counter() - begun)
        await asyncio.sleep(BETWEEN_SECONDS)
    await asyncio.sleep(2.0)  # PostgreSQL tells its statistics about once a second
    return seconds, (transactions(server, name) - before) / PUSHES


@asynccontextmanager
async def waiting(crowd: Sequence[Waiting], hub: Hub) -> AsyncIterator[None]:
    """Let a crowd wait for the block, which begins when all have come to rest: each has waited through once."""
    tasks = [asyncio.create_task(each.run()) for each in crowd]
    try:
        await asyncio.sleep(1.5 * WAIT_MS / 1_000)
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while hub.places < 2 * len(crowd):  # noqa: ASYNC110 - nobody tells who waits
                await asyncio.sleep(0.1)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        broken = [error for task in tasks if not task.cancelled() and (error := task.exception())]
        assert not broken, broken[0]


async def crowd_of(parts: Parts, house: House, count: int, branch_id: UUID) -> list[Waiting]:
    """Enrolled devices of a branch."""
    crowd = []
    for at in range(count):
        till = await enrol(None, house, branch_id, f"{at}")  # type: ignore[arg-type]  # it speaks no HTTP here
        crowd.append(Waiting(parts, EnrolledDevice(till.hand.device_id, house.organization_id, branch_id)))
    return crowd


async def measure(server: EmbeddedServer, folder: Path) -> dict[str, Any]:
    """Push while three wait, and while a thousand do."""
    name = "crowd"
    create_database(server.url(), name)
    migrate(server.url(name), server.app_password)
    url = server.url(name, APP_ROLE)
    database = Database(create_engine(url, name="benchmark"))
    settings = read_settings({}, secret="only-for-benchmarks-" * 4, data_folder=folder, database_url=url)
    parts = assemble(settings, database=database)
    carrier = PostgresCarrier(url.replace("postgresql+psycopg", "postgresql"))
    link = asyncio.create_task(Link([carrier], parts.hub).run())
    folding = asyncio.create_task(parts.fold_worker.run())
    try:
        organization_id = parts.ids.new()
        async with database.control() as session:
            now = parts.clock.now()
            await create_organization(session, organization_id=organization_id, slug="crowd", name="Crowd", now=now)
        house = House(parts, organization_id)
        async with parts.units.work(organization_id, SYSTEM) as work:
            add_house(work, organization_id)
        branches = [(await house.open(f"Local {at}")).branch_id for at in range(BRANCHES)]
        branch_id, *abroad = branches
        till = await enrol(None, house, branch_id, "Caja")  # type: ignore[arg-type]  # it speaks no HTTP here
        crowd = await crowd_of(parts, house, FEW, branch_id)
        async with waiting(crowd, parts.hub):
            few = await pushes(parts, till, server, name)
        crowd += await crowd_of(parts, house, NEAR - FEW, branch_id)
        for each in abroad:
            crowd += await crowd_of(parts, house, (ALL - NEAR) // len(abroad), each)
        async with waiting(crowd, parts.hub):
            many = await pushes(parts, till, server, name)
            quiet = transactions(server, name), time.process_time(), time.perf_counter()
            await asyncio.sleep(20.0)
            used, passed = time.process_time() - quiet[1], time.perf_counter() - quiet[2]
            idle = (transactions(server, name) - quiet[0]) / passed
        return {"few": few, "many": many, "idle": idle, "core": used / passed, "waiting": len(crowd)}
    finally:
        for task in (link, folding):
            task.cancel()
        await asyncio.wait([link, folding])
        await database.dispose()


def figures() -> list[Figure]:
    """Measure, and hold against the goals."""
    with throwaway_server() as server, tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(measure(server, Path(folder)))
    (few, few_transactions), (many, many_transactions) = seen["few"], seen["many"]
    ratio = median(many) / median(few)
    return [
        Figure(
            f"a push while {seen['waiting']:,} devices of {BRANCHES} branches wait, {NEAR} of them beside it",
            f"{milliseconds(many)} ({load()})",
            f"the same while {FEW} wait: {milliseconds(few)}",
            ratio,
            f"at most {MOST_RATIO} times",
            ratio <= MOST_RATIO,
        ),
        Figure(
            "transactions a sale, until all wait again",
            f"{many_transactions:.1f}",
            f"while {FEW} wait: {few_transactions:.1f}",
            many_transactions / few_transactions,
            f"at most {MOST_RATIO} times",
            many_transactions <= MOST_RATIO * few_transactions,
        ),
        Figure(
            f"{seen['waiting']:,} devices that only wait",
            f"{100 * seen['core']:.1f} % of a core in the server's process, {seen['idle']:.1f} transactions a second",
            "none: nothing else runs",
            seen["core"],
            "under 5 % of a core, without PostgreSQL's side",
            seen["core"] < 0.05,
        ),
    ]
