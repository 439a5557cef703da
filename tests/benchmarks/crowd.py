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
from contextlib import asynccontextmanager, nullcontext
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
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM
from sync.messages import Ack, Mark, Pull, Push, Suffixes
from tests.benchmarks.figures import Figure, load, milliseconds, parent_of, processor_seconds_of_family
from tests.cloud.replication.house import House, end_of
from tests.cloud.replication.tills import Till, enrol

FEW, NEAR, BRANCHES, ALL = 3, 24, 40, 1_000
PUSHES = 30
BETWEEN_SECONDS = 1.0
MOST_RATIO = 1.2
WAIT_MS = 20_000
GIVE_UP_SECONDS = 240.0
CATCH_UP_AT_ONCE = 8
IDLE_SECONDS = 30.0
MOST_IDLE_CORE = 0.05


class Waiting:
    """A device that waits for news, again and again.

    Args:
        turn: some catch up at a time: after a restart of the cloud devices come back one after the other.
    """

    def __init__(self, parts: Parts, device: EnrolledDevice, turn: asyncio.Semaphore) -> None:
        self._turn = turn
        self._responder = parts.responder
        self.device = device
        self._held: dict[bytes, Mark] = {}

    async def run(self) -> None:
        """Catch up, and wait until cancelled."""
        wait_ms = 0
        while True:
            try:
                async with self._turn if not wait_ms else nullcontext():
                    await self._ask(wait_ms)
            except DomainError as error:  # too busy just now
                await asyncio.sleep(error.params["seconds"])
            else:
                wait_ms = WAIT_MS

    async def _ask(self, wait_ms: int) -> None:
        answer = await self._responder.reply(self.device, Pull(list(self._held.values()), wait_ms))
        assert isinstance(answer, Suffixes)
        for frame in answer.frames:
            self._held[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))


def transactions(server: EmbeddedServer, name: str) -> int:
    """Transactions of the database so far."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("select pg_stat_clear_snapshot()")
        query = "select xact_commit + xact_rollback from pg_stat_database where datname = %s"
        row = connection.execute(query, [name]).fetchone()
        assert row is not None
        return int(row[0])


def postmaster(server: EmbeddedServer, name: str) -> int:
    """The process of the database server."""
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        return parent_of(row[0])


def processors(postgres: int) -> tuple[float, float]:
    """Seconds of a processor that this process and PostgreSQL have used so far."""
    return time.process_time(), processor_seconds_of_family(postgres)


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
    crowd, turn = [], asyncio.Semaphore(CATCH_UP_AT_ONCE)
    for at in range(count):
        till = await enrol(None, house, branch_id, f"{at}")  # type: ignore[arg-type]  # it speaks no HTTP here
        crowd.append(Waiting(parts, EnrolledDevice(till.hand.device_id, house.organization_id, branch_id), turn))
    return crowd


async def measure(server: EmbeddedServer, folder: Path) -> dict[str, Any]:
    """Push while three wait, and while a thousand do."""
    name = "crowd"
    create_database(server.url(), name)
    migrate(server.url(name), server.app_password)
    postgres = postmaster(server, name)
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
            quiet = transactions(server, name), processors(postgres), time.perf_counter()
            await asyncio.sleep(IDLE_SECONDS)
            passed = time.perf_counter() - quiet[2]
            used = [after - before for before, after in zip(quiet[1], processors(postgres), strict=True)]
            idle = (transactions(server, name) - quiet[0]) / passed
        core = [seconds / passed for seconds in used]
        return {"few": few, "many": many, "idle": idle, "core": core, "waiting": len(crowd)}
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
    ratio, (here, there) = median(many) / median(few), seen["core"]
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
            f"{100 * here:.1f} % of a core in the server's process and {100 * there:.1f} % in PostgreSQL,"
            f" {seen['idle']:.1f} transactions a second",
            "none: nothing else runs",
            here + there,
            f"under {100 * MOST_IDLE_CORE:.0f} % of a core together",
            here + there < MOST_IDLE_CORE,
        ),
    ]
