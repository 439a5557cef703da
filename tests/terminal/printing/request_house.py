"""Two devices of one branch and the cloud between them; the printer of both hangs on one."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from restaurant import BRANCH, CLOUD, MANAGER, ORGANIZATION, TILL, WAITER, HandClock, Replica, open_replica

from shared.kernel.ids import Uuid7Source
from shared.printers.commands import put_printer
from shared.printers.queries import printer_table
from shared.printers.settings import PrinterSettings
from terminal.identity import Identity
from terminal.papers.print_plan import PrinterSetup, PrintPlan, setup_of
from terminal.printing import queue, views
from terminal.printing.documents import Document
from terminal.printing.faults import PrinterFault
from terminal.printing.queue import JobView, PrintJob
from terminal.printing.records import State, print_job
from terminal.printing.requests import PrintRequests
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import SECRETS, CloudNearby, copy_till

ORDER = UUID(int=17)
ALL = frozenset({"caja"})


@dataclass
class Device:
    """A device of the branch with its queue. What its printer does is written by hand."""

    store: Store
    cloud: Replica

    def __post_init__(self) -> None:
        self.setup = PrinterSetup(self.store.identity.device_id)
        self.begin_anew()

    def begin_anew(self) -> None:
        """What its program remembered is gone."""
        self.requests = PrintRequests(self.store, lambda: self.setup, lambda: None, lambda: None)

    async def settle(self) -> None:
        """Until nothing changes any more."""
        async with self.store.reading() as connection:
            table = await printer_table(connection, ORGANIZATION, BRANCH)
        self.setup = setup_of(table, self.store.identity.device_id, {}, PrintPlan())
        for _step in range(3):
            await self.requests.settle()

    async def meet(self) -> None:
        """Reach the cloud once."""
        agent = Agent(self.store, CloudNearby(self.cloud), Ed25519PrivateKey.generate(), lambda: 0.5, None, 0)
        await agent.push_once()
        await agent.pull_once()
        await agent.fold_all()

    async def print(self, document: Document, revision: int = 1, *, ahead: timedelta = timedelta()) -> UUID:
        at = self.store.clock.now() + ahead
        job = PrintJob.of(document, printer="caja", reference=ORDER, revision=revision, at=at)
        async with self.store.transaction() as connection:
            await queue.enqueue(connection, job)
        await self.settle()
        return job.id

    async def jobs(self) -> list[Any]:
        async with self.store.reading() as connection:
            return list(await connection.execute(sa.select(print_job).order_by(print_job.c.revision)))

    async def said(self) -> list[tuple[str, str | None]]:
        return [(job.state, job.error) for job in await self.jobs()]

    async def becomes(self, state: State, error: PrinterFault | None = None) -> None:
        """What the printer of this device made of its waiting jobs."""
        async with self.store.transaction() as connection:
            changed = sa.update(print_job).where(print_job.c.state.in_((State.QUEUED, State.FAILED)))
            await connection.execute(changed.values(state=state, error=error, attempts=1))
        await self.settle()

    async def asked(self) -> list[JobView]:
        async with self.store.reading() as connection:
            return [job for job in await views.open_jobs(connection, ALL) if job.is_asked]


@dataclass
class House:
    """A waiter's device that has no printer, and a till on which one hangs."""

    waiter: Device
    till: Device
    clock: HandClock

    async def meet(self) -> None:
        """The network is there: both hear of each other and do what follows."""
        for _round in range(3):
            for device in (self.waiter, self.till):
                await device.meet()
                await device.settle()


@asynccontextmanager
async def house_of(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Two tills of one branch and the cloud between them; a printer hangs on one."""
    shutil.copy(founded / "cloud.db", tmp_path / "cloud.db")
    clock = HandClock(datetime.now(UTC))
    cloud = open_replica(tmp_path / "cloud.db", CLOUD, None, "", clock)
    async with AsyncExitStack() as stack:
        devices = []
        for device_id in (WAITER, TILL):
            folder = copy_till(founded, tmp_path / str(device_id), Identity(ORGANIZATION, BRANCH, device_id)).folder
            identity, ids = Identity(ORGANIZATION, BRANCH, device_id), Uuid7Source(clock, os.urandom)
            store = await Store.open(folder.database, SECRETS.database_key, identity, clock, ids)
            stack.push_async_callback(store.close)
            devices.append(Device(store, cloud))
        house = House(*devices, clock)
        settings = PrinterSettings("caja", "usb://04b8:0e15", device_id=TILL, columns=32)
        await house.till.store.run(MANAGER, lambda work: put_printer(work, settings))
        await house.meet()
        yield house
    await cloud.close()
