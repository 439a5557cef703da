"""Faults of a house: disks that fail, ways that work in one direction, devices that are away for days or shut out.

Each schedule has some of them. They have dice of their own, so that the other faults of a seed stay what they are.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.kernel.permissions import SYSTEM
from shared.tenancy.commands import revoke_device
from tests.simulation.device import SimulatedDevice
from tests.simulation.duel import by_other_routes
from tests.simulation.observer import Broken
from tests.simulation.office import Office
from tests.simulation.places import ORGANIZATION

if TYPE_CHECKING:
    from tests.simulation.world import World

WORKERS_KILLED = 0.2
"""So often a strike kills a worker of the cloud."""
SENT_BY_OTHER_ROUTES = 0.6
"""So often a strike lets two devices send one line by different routes, where the office reroutes."""
LONGEST_JUMP_HOURS = 40
"""Days of business pass at once: nobody is there at night."""


class Faults:
    """The faults of one schedule.

    Attributes:
        is_away: whether a device is out of reach until the restaurant closes, while days pass.
    """

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._rnd = rnd = random.Random(f"{seed} faults")
        self._one_way = rnd.choice((0.0, 0.0, 0.3))
        self._full = rnd.choice((0.0, 0.0, 0.3))
        self._revokes = rnd.random() < 0.08
        self._shut_out: dict[bytes, tuple[int, bytes] | None] = {}
        self._kills_beside = rnd.random() < 0.5
        self._workers = random.Random(f"{seed} workers")
        self._routes = random.Random(f"{seed} routes")
        self.is_away = rnd.random() < 0.06
        if rnd.random() < 0.15:
            world.cloud.double()
        if self.is_away:
            world.network.away.add(rnd.choice(world.devices).name)

    async def strike(self) -> None:
        """Perhaps some of them."""
        world, rnd = self._world, self._rnd
        device = rnd.choice(world.devices)
        if rnd.random() < self._one_way:
            world.network.deaf.symmetric_difference_update({device.name})
            world.note("deaf", sorted(world.network.deaf))
        if rnd.random() < self._full:
            world.disk.failing.symmetric_difference_update({device.path})
            world.note("commits fail", sorted(path.name for path in world.disk.failing))
        if self.is_away and rnd.random() < 0.5:
            self._let_days_pass()
        if world.cloud.process.alive and self._workers.random() < WORKERS_KILLED:
            await self._kill_a_worker()
        if world.cloud.beside is not None and self._kills_beside:
            await world.cloud.beside.process.kill()
            world.note("the second server is killed")
        if self._revokes and rnd.random() < 0.3:
            await self._revoke(device)
        if world.reroutes and world.cloud.process.alive and self._routes.random() < SENT_BY_OTHER_ROUTES:
            office = Office(world, random.Random(self._routes.random()))
            await by_other_routes(world.devices, self._routes, world.network.cut, office.reroute)

    async def _kill_a_worker(self) -> None:
        """Another one is started a little later, or the one beside it goes on alone until then."""
        cloud = self._world.cloud
        assert cloud.worker is not None
        await cloud.worker.process.kill()
        self._world.note("a worker is killed")
        await asyncio.sleep(self._workers.random())
        if cloud.process.alive:
            cloud.start_worker()

    def _let_days_pass(self) -> None:
        world = self._world
        jump = timedelta(hours=self._rnd.randrange(1, LONGEST_JUMP_HOURS))
        for clock in (world.cloud.clock, *(device.clock for device in world.devices)):
            clock.jump(jump)
        world.note("later", jump)

    async def _revoke(self, device: SimulatedDevice) -> None:
        """A device is stolen, and its keys are taken away at the office. It does not hear of it, and goes on."""
        world = self._world
        here = [each for each in world.devices if each.enrolment.branch_id == device.enrolment.branch_id]
        if not world.cloud.process.alive or len(here) < 2 or any(each.was_cut for each in here):
            return
        self._revokes = False
        world.cloud.keys.pop(device.enrolment.device_id)
        device.is_revoked = True
        async with world.cloud.units.work(ORGANIZATION, SYSTEM) as work:
            await revoke_device(work, device.enrolment.device_id)
        world.cloud.fold_worker.tell(ORGANIZATION)
        self._shut_out[device.own_stream] = world.head_at_cloud(device.own_stream)
        world.note(device.name, "is revoked")

    def nothing_came_in(self) -> None:
        """Of a device that was shut out the cloud has taken nothing since, unless others give back what it lost.

        Raises:
            Broken: it has.
        """
        world = self._world
        if not all(seen.trusts_the_cloud for _name, seen, _eye, _streams in world.replicas()):
            return
        for stream, head in self._shut_out.items():
            if world.head_at_cloud(stream) != head:
                raise Broken(f"the cloud took changes of {stream.hex()} after its device was revoked")
