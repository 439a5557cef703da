"""`comanda-cloud serve` and `comanda-cloud worker` as processes of their own, on one database."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.operations.presence import running
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM
from shared.tenancy.records import Branch
from tests.cloud.conftest import Tenant
from tests.cloud.replication.house import House, lunch, open_house
from tests.cloud.test_cloud_cli import ROOT, WAIT_SECONDS, Serving, environment, folder  # noqa: F401

SESSION_WEIGHT = Path("/proc/self/autogroup")


class Working:
    """`comanda-cloud worker` in a process of its own; made when it works."""

    leads_session = False

    def __init__(self, place: Path, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cloud.cli", "worker"],
            cwd=ROOT,
            env=environment(place, **more),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=self.leads_session,
        )
        assert self.process.stderr is not None
        self.said = [self.process.stderr.readline()]
        assert self.said == ["Working.\n"], (self.said, self.process.stderr.read())

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        _out, more = self.process.communicate(timeout=WAIT_SECONDS)
        self.said.append(more)
        return self.process.returncode


class Service(Working):
    """The same with a session of its own, as systemd starts it."""

    leads_session = True


@contextmanager
def ended(*processes: Serving | Working) -> Iterator[None]:
    """Leave no process behind."""
    try:
        yield
    finally:
        for each in processes:
            if each.process.poll() is None:
                each.end(signal.SIGKILL)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def url(postgres: Any, database_name: str) -> str:
    found: str = postgres.app_url(database_name)
    return found


@pytest.mark.skipif(not SESSION_WEIGHT.exists(), reason="this system does not weigh sessions")
def test_a_worker_that_is_a_service_gives_way_as_a_session(url: str, folder: Path) -> None:  # noqa: F811
    before = os.getpriority(os.PRIO_PROCESS, 0)
    for kind in (Service, Working):
        working = kind(folder, COMANDA_DATABASE_URL=url)
        with ended(working):
            own = Path(f"/proc/{working.process.pid}/autogroup").read_text()
            assert os.getpriority(os.PRIO_PROCESS, working.process.pid) == min(before + 5, 19)
        assert own.endswith(" nice 5\n") if kind is Service else own == SESSION_WEIGHT.read_text()


@pytest.fixture
async def own_parts(settings: Any, clock: Any, url: str) -> AsyncIterator[Parts]:
    database = Database(create_engine(url, name="tests"))
    yield assemble(settings, database=database, clock=clock)
    await database.dispose()


@pytest.fixture
async def own_house(own_parts: Parts) -> House:
    """A tenant in a database of its own."""
    tenant = Tenant(own_parts.ids.new(), own_parts.ids.new(), {})
    now = own_parts.clock.now()
    async with own_parts.database.control() as session:
        await create_organization(session, organization_id=tenant.organization_id, slug="own", name="Own", now=now)
    async with own_parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=tenant.organization_id, id=tenant.branch_id, name="Own", zone="America/Lima"))
    return await open_house(own_parts, tenant)


async def test_a_web_process_folds_nothing_and_a_worker_what_was_stored_before_its_start(
    own_house: House,
    url: str,
    folder: Path,  # noqa: F811
) -> None:
    own_house.own.sell(lunch())
    await own_house.send()
    serving = Serving(folder, COMANDA_DATABASE_URL=url)
    with ended(serving):

        def fold() -> str:
            told: str = httpx.get(f"{serving.address}/health").json()["fold"]
            return told

        assert await asyncio.to_thread(fold) == "nobody"
        assert "comanda-cloud worker" in serving.said[0]
        assert await own_house.takings() == 0
        working = await asyncio.to_thread(Working, folder, COMANDA_DATABASE_URL=url)
        with ended(working):
            await asyncio.to_thread(until, lambda: fold() == "well")
            web, worker = (os.getpriority(os.PRIO_PROCESS, each.process.pid) for each in (serving, working))
            assert worker == min(web + 5, 19), "pages go first on a machine of both"
            async with asyncio.timeout(WAIT_SECONDS):
                while await own_house.takings() != lunch().total_minor:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert await asyncio.to_thread(working.end) == 0
            async with own_house.parts.database.control() as session:
                assert not [each for each in await running(session) if each.works], "it said that it goes"
            # An answer of /health serves all who ask within a second.
            await asyncio.to_thread(until, lambda: fold() == "nobody")
            assert working.said[1] == "Stopped.\n"
