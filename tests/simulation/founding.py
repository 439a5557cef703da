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
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from shared.floor.commands import add_space, add_table
from shared.kernel.ids import derived_id
from shared.kernel.permissions import SYSTEM, Actor, Role
from shared.records import metadata
from shared.staff.records import StaffMember
from shared.tenancy.commands import let_device_in
from shared.tenancy.records import DeviceKind
from sync.records import log_metadata
from terminal.store.schema import METADATAS
from tests.restaurant import BRANCH, ORGANIZATION, OTHER_BRANCH, TILL, WAITER, House, build
from tests.simulation import takings, virtual_time
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.cloud import SimulatedCloud
from tests.simulation.device import Enrolment, SimulatedDevice
from tests.simulation.disk import Disk, make
from tests.simulation.network import CALM, Network
from tests.simulation.processes import task_factory

CENTRO = tuple(
    Enrolment(name, device_id, BRANCH)
    for name, device_id in (
        ("till", TILL),
        ("waiter", WAITER),
        ("kitchen", derived_id("test", "device", "kitchen")),
        ("second till", derived_id("test", "device", "second till")),
    )
)
PLAYA = tuple(
    Enrolment(name, derived_id("test", "device", name), OTHER_BRANCH) for name in ("beach till", "beach kitchen")
)

CASHIER, WAITRESS, COOK, MANAGER, INTRUDER = (
    derived_id("test", "person", name) for name in ("cashier", "waitress", "cook", "manager", "intruder")
)
EMPLOYED = {
    CASHIER: Role.CASHIER,
    WAITRESS: Role.WAITER,
    COOK: Role.KITCHEN,
    MANAGER: Role.BRANCH_MANAGER,
    INTRUDER: Role.KITCHEN,
}
"""Who works here. The intruder is employed in the kitchen and acts as a manager, on a tampered device."""
ACTS_AS = {**EMPLOYED, INTRUDER: Role.BRANCH_MANAGER}


def actor(person: UUID) -> Actor:
    """Somebody at a device."""
    return Actor.in_role(person, str(ACTS_AS[person]), ACTS_AS[person])


@dataclass(frozen=True)
class Template:
    """The files as they are before opening time."""

    folder: Path
    house: House

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
    house = virtual_time.run(_found(folder))
    return Template(folder, house)


async def _found(folder: Path) -> House:
    asyncio.get_running_loop().set_task_factory(task_factory)
    disk = Disk(random.Random("founding"), 0.0, 0.0, 0.0)
    keys = {each.device_id: each.public_key for each in (*CENTRO, *PLAYA)}
    make(folder / "cloud.db", metadata, log_metadata, takings.metadata)
    clock = MachineClock()
    cloud = SimulatedCloud(folder / "cloud.db", disk, clock, keys, "founding")
    cloud.start()
    house = await _furnish(cloud)
    network = Network(random.Random("founding"), CALM, cloud)
    for kind, (first, *_others) in (("centro", CENTRO), ("playa", PLAYA)):
        make(folder / f"{kind}.db", *METADATAS)
        device = SimulatedDevice(first, folder / f"{kind}.db", disk, MachineClock(begins=OPENING), network, "founding")
        await device.open()
        device.agent._downlink._wait_ms = 0
        await device.agent.pull_once()
        assert await device.store.look_around() is not None
        await device.store.close()
        await device.stop()
    await cloud.stop()
    for kind in ("cloud", "centro", "playa"):
        _fold_in_the_wal(folder / f"{kind}.db")
    return house


async def _furnish(cloud: SimulatedCloud) -> House:
    house = await build(cast("Any", SimpleNamespace(work=lambda: cloud.units.work(ORGANIZATION, SYSTEM))))
    async with cloud.units.work(ORGANIZATION, SYSTEM) as work:
        for each in (*CENTRO[2:], *PLAYA):
            await let_device_in(work, each.device_id, each.branch_id, each.name, DeviceKind.TILL)
            await work.session.flush()
        space = await add_space(work, OTHER_BRANCH, "Terraza")
        await work.session.flush()
        for name in ("T1", "T2"):
            await add_table(work, OTHER_BRANCH, space.id, name)
        for person, role in EMPLOYED.items():
            work.add(StaffMember(organization_id=ORGANIZATION, id=person, name=str(role), role=role))
    return house


def _fold_in_the_wal(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
