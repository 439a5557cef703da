"""A till as it stands on a counter: an enrolled device folder with its encrypted store, founded by a cloud nearby.

The folder is made once a run and copied for each test. `CloudNearby` carries messages to a replica that answers as the
cloud does; faults of the way there are made in the tests.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from restaurant import (
    BRANCH,
    CASHIER,
    CLOUD,
    COOK,
    MANAGER,
    NOON,
    ORGANIZATION,
    TENS,
    TILL,
    HandClock,
    Replica,
    build,
    open_replica,
)

from shared.countries.countries import CashHabit
from shared.kernel.ids import Uuid7Source, derived_id
from shared.kernel.permissions import Role
from shared.kernel.work import Work
from shared.staff.commands import add_staff
from sync.door import through
from sync.log import missing_frames, vector
from sync.messages import AnyMessage, Hello, Pull, Push, Refused, Suffixes, Welcome, from_marks, to_marks
from terminal.clock import DeviceClock, SystemClock
from terminal.composition import print_plan
from terminal.desks.desk import Desk
from terminal.device import Configuration, DeviceFolder
from terminal.gate import Gate
from terminal.identity import Identity
from terminal.sealing import Secrets
from terminal.store.store import Store
from terminal.syncing.agent import Agent

IDENTITY = Identity(ORGANIZATION, BRANCH, TILL)
SECRETS = Secrets(b"p" * 32, b"d" * 32, b"q" * 32)
PIN = "1234"
PAPERS = "papers"
NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


@dataclass(frozen=True)
class TillOnDisk:
    """A device folder, and how to open what is in it."""

    folder: DeviceFolder
    identity: Identity = IDENTITY

    @property
    def papers(self) -> Path:
        """What its printer was given."""
        return self.folder.root / "papers.bin"

    def configure(self, **changes: object) -> None:
        """Write `device.toml` and the secrets anew, with some things said otherwise."""
        plain = Configuration(
            identity=self.identity,
            name="Caja",
            kind="till",
            cloud=NOWHERE,
            printers={PAPERS: str(self.papers)},
            receipt_printer=PAPERS,
            kitchen_printer=PAPERS,
        )
        self.folder.write(replace(plain, **changes), SECRETS)

    async def open(self, clock: DeviceClock | None = None, **more: float) -> Store:
        """The real store on the real file."""
        clock = clock or SystemClock()
        return await Store.open(
            self.folder.database, SECRETS.database_key, self.identity, clock, Uuid7Source(clock, os.urandom), **more
        )

    @asynccontextmanager
    async def store(self, clock: DeviceClock | None = None, **more: float) -> AsyncIterator[Store]:
        """The store, closed again after the block."""
        store = await self.open(clock, **more)
        try:
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def desk(self, clock: DeviceClock | None = None, **more: float) -> AsyncIterator[Desk]:
        """A desk with the cashier logged in, and nothing running behind it."""
        async with self.store(clock, **more) as store:
            desk = Desk(
                store,
                Gate(store, SECRETS.pepper),
                None,
                print_plan(self.folder.configuration()),
                self.folder.configuration().printer_settings,
            )
            await desk.open()
            desk.actor = CASHIER
            try:
                yield desk
            finally:
                await desk.close()


class CloudNearby:
    """A carrier to a replica in this process."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        now_ms = self.replica.clock.milliseconds()
        match message:
            case Hello(own=own):
                async with self.replica.connection() as connection:
                    held = await through(connection, vector, ORGANIZATION.bytes)
                asked = from_marks(own)
                known = {stream: position for stream, position in held.items() if stream in asked}
                return Welcome(derived_id("generation").bytes, to_marks(known), now_ms)
            case Push(frame=frame):
                return (await self.replica.receive(frame))[0]
            case Pull(vector=theirs):
                keys = await self.replica.keys()
                async with self.replica.connection() as connection:
                    held = from_marks(theirs)
                    frames, more = await through(connection, missing_frames, ORGANIZATION.bytes, keys, held)
                return Suffixes(frames, more, now_ms)
        return Refused("MESSAGE_NOT_FOR_THE_CLOUD")


async def found_till(
    root: Path,
    more: Callable[[Work], Awaitable[object]] | None = None,
    country: str = "PE",
    currency: str = "PEN",
    cash: CashHabit = TENS,
) -> None:
    """Make the folder of a till that has met its cloud once: menu, staff, tables, methods, and more of the cloud."""
    cloud = open_replica(root / "cloud.db", CLOUD, None, "", HandClock(NOON))
    till = TillOnDisk(DeviceFolder(root / "till", use_keyring=False))
    till.configure()
    try:
        await build(cloud, country, currency, cash)
        async with cloud.work() as work:
            salt = random.Random(1).randbytes(16)
            await add_staff(work, CASHIER.staff_id, "Rosa", Role.CASHIER, [BRANCH], PIN, SECRETS.pepper, salt)
            for person, name, role, pin in (
                (MANAGER, "Carmen", Role.BRANCH_MANAGER, "5671"),
                (COOK, "Wilder", Role.KITCHEN, "5672"),
            ):
                await add_staff(work, person.staff_id, name, role, [BRANCH], pin, SECRETS.pepper, salt)
        if more is not None:
            async with cloud.work() as work:
                await more(work)
        async with till.store() as store:
            agent = Agent(store, CloudNearby(cloud), None, lambda: 0.5, None, 0)
            await agent.pull_once()
            assert await store.read_premises() is not None
    finally:
        await cloud.close()


def copy_till(template: Path, folder: Path, identity: Identity = IDENTITY) -> TillOnDisk:
    """A till of one's own; another device of the branch, if its identity is given."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template / "till" / "store.db", folder / "store.db")
    till = TillOnDisk(DeviceFolder(folder, use_keyring=False), identity)
    till.configure()
    return till
