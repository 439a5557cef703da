"""What an idle cloud costs its database: transactions a second of many processes while nobody of 2,000 tenants does
anything.

Web processes and workers of their own run on a real PostgreSQL. At first they fold each tenant once, as a new program
does; what is counted begins when nothing is due any more. The yardstick is the same with half of the processes.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from pathlib import Path
from uuid import UUID

import psycopg

from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.engine import create_engine
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.transaction import Database
from cloud.settings import read_settings
from tests.benchmarks.crowd import transactions
from tests.benchmarks.figures import Figure, load
from tests.cloud.test_cloud_cli import Serving
from tests.cloud.test_worker_process import Working

TENANTS = 2_000
EACH = 2
"""Web processes, and workers, of each of two rounds."""
SECONDS = 45.0
SETTLED_SECONDS = 30.0
"""After its start a program looks around; PostgreSQL tells the statistics of an idle connection after ten seconds."""
MOST_A_SECOND = 2.0
GIVE_UP_SECONDS = 300.0
SECRET = "only-for-benchmarks-" * 4
NAME = "idle"


async def found(url: str, folder: Path) -> None:
    """Make the tenants."""
    database = Database(create_engine(url, name="benchmark"))
    parts = assemble(read_settings({}, secret=SECRET, data_folder=folder, database_url=url), database=database)
    async with parts.database.control() as session:
        for at in range(TENANTS):
            made: UUID = parts.ids.new()
            now = parts.clock.now()
            await create_organization(session, organization_id=made, slug=f"t{at}", name=f"T{at}", now=now)
    await database.dispose()


def wait_until_nothing_is_due(server: EmbeddedServer) -> None:
    """Wait until each tenant was folded once."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    with psycopg.connect(server.url(NAME), autocommit=True) as connection:
        while True:
            row = connection.execute("select count(*) from control.due").fetchone()
            if row == (0,):
                return
            assert time.monotonic() < deadline, row
            time.sleep(1.0)


def counted(server: EmbeddedServer) -> float:
    """Transactions a second from now on."""
    time.sleep(SETTLED_SECONDS)
    begun, before = time.monotonic(), transactions(server, NAME)
    time.sleep(SECONDS)
    return (transactions(server, NAME) - before) / (time.monotonic() - begun)


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    running: list[Serving | Working] = []
    with throwaway_server() as server, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        create_database(server.url(), NAME)
        migrate(server.url(NAME), server.app_password)
        url = server.url(NAME, APP_ROLE)
        asyncio.run(found(url, folder))
        settings = {"COMANDA_DATABASE_URL": url, "COMANDA_SECRET": SECRET}
        seen = []
        try:
            for _round in range(2):
                for _each in range(EACH):
                    running += [Serving(folder, **settings), Working(folder, **settings)]
                wait_until_nothing_is_due(server)
                seen.append(counted(server))
        finally:
            for each in running:
                each.end(signal.SIGTERM)
    half, whole = seen
    return [
        Figure(
            f"{TENANTS:,} idle tenants, {2 * EACH} web processes and {2 * EACH} workers",
            f"{whole:.2f} transactions a second ({load()})",
            f"{EACH} and {EACH}: {half:.2f}",
            whole / half,
            f"under {MOST_A_SECOND:.0f} a second",
            whole < MOST_A_SECOND,
        )
    ]
