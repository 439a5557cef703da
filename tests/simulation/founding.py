"""The restaurant that every schedule begins with: founded once a run by real commands, then copied file by file."""

from __future__ import annotations

import asyncio
import atexit
import random
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.kernel.permissions import SYSTEM
from shared.records import metadata, sealed_metadata, sums_metadata
from sync.records import log_metadata
from terminal.store.schema import METADATAS
from tests.simulation import virtual_time
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.cloud import SimulatedCloud
from tests.simulation.device import Enrolment, SimulatedDevice
from tests.simulation.disk import Disk, make
from tests.simulation.house import CENTRO, PLAYA, build
from tests.simulation.network import CALM, Network
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.processes import task_factory


@dataclass(frozen=True)
class Template:
    """The files as they are before opening time."""

    folder: Path

    def copy(self, kind: str, to: Path) -> Path:
        shutil.copy(self.folder / f"{kind}.db", to)
        return to


def kind_of(enrolment: Enrolment) -> str:
    """Which of the template's files a device begins with."""
    return "centro" if enrolment.branch_id == BRANCH else "playa"


def fast_folder() -> str | None:
    """A folder in memory where there is one: files of a simulation need not survive it."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@cache
def template() -> Template:
    """Founded once a process."""
    folder = Path(tempfile.mkdtemp(dir=fast_folder(), prefix="comanda-simulation-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    virtual_time.run(_found(folder))
    return Template(folder)


async def _found(folder: Path) -> None:
    asyncio.get_running_loop().set_task_factory(task_factory)
    disk = Disk(random.Random("founding"), 0.0, 0.0, 0.0)
    keys = {each.device_id: each.public_key for each in (*CENTRO, *PLAYA)}
    make(folder / "cloud.db", metadata, log_metadata, sealed_metadata, sums_metadata)
    clock = MachineClock()
    cloud = SimulatedCloud(folder / "cloud.db", disk, clock, keys, "founding")
    cloud.start()
    async with cloud.units.work(ORGANIZATION, SYSTEM) as work:
        await build(work)
    network = Network(random.Random("founding"), CALM, cloud)
    for kind, (first, *_others) in (("centro", CENTRO), ("playa", PLAYA)):
        make(folder / f"{kind}.db", *METADATAS)
        device = SimulatedDevice(first, folder / f"{kind}.db", disk, MachineClock(begins=OPENING), network, "founding")
        await device.open()
        device.agent._downlink._wait_ms = 0
        await device.agent.pull_once()
        assert await device.store.read_premises() is not None
        await device.store.close()
        await device.stop()
    await cloud.stop()
    for kind in ("cloud", "centro", "playa"):
        _fold_in_the_wal(folder / f"{kind}.db")


def _fold_in_the_wal(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
