"""A simulated device: the real `Store` and the real `Agent` in a process that may be killed at any await."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.accounts.identity import EnrolledDevice
from shared.kernel.ids import Uuid7Source
from shared.kernel.records import Scope
from shared.records import metadata
from sync.change import StreamKey
from terminal.identity import Identity
from terminal.store.engines import Engines
from terminal.store.errors import StoreError
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from tests.simulation.clocks import MachineClock
from tests.simulation.cloud import CLOUD_SIGNER
from tests.simulation.conditions import is_of_the_disk
from tests.simulation.disk import Disk, look, open_engines
from tests.simulation.network import Network
from tests.simulation.places import ORGANIZATION
from tests.simulation.processes import Process

COMMITS_WITHIN_SECONDS = 3.0
STARTS = 50
"""How often a program is started whose disk takes no commit."""


@dataclass(frozen=True)
class Enrolment:
    """An enrolled device."""

    name: str
    device_id: UUID
    branch_id: UUID

    @property
    def signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.device_id.bytes * 2)

    @property
    def public_key(self) -> bytes:
        return self.signer.public_key().public_bytes_raw()

    def as_known_to_the_cloud(self) -> EnrolledDevice:
        return EnrolledDevice(self.device_id, ORGANIZATION, self.branch_id)


class SimulatedDevice:
    """A machine with its disk, its clock and (most of the time) a running program.

    Attributes:
        was_cut: whether its disk was put back or copied, so that it writes in several streams.
        is_revoked: whether the cloud answers it no more.
        acknowledged: the end of its own log when the last command returned to the person who gave it.
        starts: how often its program was started.
        records: what its program declares. An older program's file is one of a newer program: it has all columns.
    """

    def __init__(
        self, enrolment: Enrolment, path: Path, disk: Disk, clock: MachineClock, network: Network, seed: str
    ) -> None:
        self.enrolment = enrolment
        self.path = path
        self.clock = clock
        self.acknowledged = 0
        self.was_cut = False
        self.is_revoked = False
        self.records = metadata
        self._disk = disk
        self._network = network
        self._rnd = random.Random(seed)
        self.starts = 0
        self._signer = enrolment.signer
        self._eye: sqlite3.Connection | None = None
        self.process = Process(enrolment.name)
        self.process.alive = False

    @property
    def name(self) -> str:
        return self.enrolment.name

    @property
    def own_stream(self) -> bytes:
        """The stream of its first incarnation, in its branch."""
        return StreamKey(self.enrolment.device_id, 1, Scope.BRANCH, self.enrolment.branch_id).id.bytes

    @property
    def is_old(self) -> bool:
        """Whether an older program runs here."""
        return self.records is not metadata

    async def start(self) -> None:
        """Start the program on what the disk holds; its agent runs at once."""
        await self.open()
        self.process.spawn(self.agent.run())

    async def open(self) -> None:
        """Open the store without running the agent."""
        self.starts += 1
        self.process = Process(f"{self.name}, start {self.starts}")
        where = self.enrolment
        self.store = Store(
            self.path,
            self._engines(),
            Identity(ORGANIZATION, where.branch_id, where.device_id),
            self.clock,
            Uuid7Source(self.clock, random.Random(self._rnd.random()).randbytes),
            self.records,
        )
        carrier = self._network.carrier(self.name, where.as_known_to_the_cloud())
        self.agent = Agent(
            self.store,
            carrier,
            self._signer,
            random.Random(self._rnd.random()).random,
            cloud_key=CLOUD_SIGNER.public_key().public_bytes_raw(),
        )
        for attempt in range(STARTS):
            try:
                await self.process.spawn(self.store.begin())
                return
            except StoreError as error:
                if not is_of_the_disk(error) or attempt + 1 == STARTS:
                    raise

    def _engines(self) -> Engines:
        writer, reader = open_engines(self.path, self._disk, self.process)
        return Engines(writer, writer, reader, near=reader)

    async def stop(self, *, at_commit: bool = False) -> None:
        """Kill it; with `at_commit` at its next commit, if there is one soon."""
        if at_commit:
            with suppress(TimeoutError):
                async with asyncio.timeout(COMMITS_WITHIN_SECONDS):
                    await self.process.next_commit()
        await self.process.kill()

    def end_of_own_log(self) -> int:
        """How many changes of its own the disk holds, committed."""
        found = self.eye.execute(
            "SELECT head_seq FROM sync_streams WHERE device_id = ?", (self.enrolment.device_id.bytes,)
        ).fetchone()
        return int(found[0]) if found else 0

    @property
    def eye(self) -> sqlite3.Connection:
        """Sees what is committed on this disk."""
        if self._eye is None:
            self._eye = look(self.path)
        return self._eye

    def close_eye(self) -> None:
        if self._eye is not None:
            self._eye.close()
            self._eye = None
