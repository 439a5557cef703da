"""One schedule: a restaurant, its faults and its end, all from one seed."""

from __future__ import annotations

import asyncio
import hashlib
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.orders.records import OrderKind
from shared.records import metadata
from tests.simulation import books, kitchen_books, ledgers, virtual_time
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.closing import final_books, silence
from tests.simulation.cloud import SimulatedCloud
from tests.simulation.conditions import complaints_into, cramped, raise_first
from tests.simulation.device import Enrolment, SimulatedDevice
from tests.simulation.disk import Disk, look
from tests.simulation.duel import duel, rush
from tests.simulation.faults import Faults
from tests.simulation.founding import fast_folder, kind_of, template
from tests.simulation.histories import Histories
from tests.simulation.house import CENTRO, PLAYA
from tests.simulation.network import Network, Weather
from tests.simulation.observer import Broken, Observer, Union, acked_is_stored, held_by
from tests.simulation.office import Office
from tests.simulation.people import Person
from tests.simulation.phones import Phones
from tests.simulation.places import BRANCH, ORGANIZATION, OTHER_BRANCH
from tests.simulation.poison import derive_again, write_hostile, write_poison
from tests.simulation.processes import task_factory
from tests.simulation.versions import step_back
from tests.simulation.working_off import WorkingOff

LOOK_SECONDS = 1.0
"""How often the books are looked at while the restaurant is open."""
CALM_SECONDS = 240
"""Without faults everything must be exchanged within this: a retry waits half a minute at most, a pull 20 seconds."""
OLD_PROGRAMS = 0.3
"""How many schedules have a device with an old program."""
SERVICE = 0.5
"""How many schedules have a full service."""
PHONES = 0.3
"""How many schedules have guests who order with their phones."""
SETTLED_AGREEMENTS = 2
"""How often in a row all must agree, so that a verdict on its way is not overlooked."""


@dataclass
class Outcome:
    """How a schedule ended. `problem` is empty if all held; `changes` were acknowledged."""

    seed: int
    problem: str = ""
    changes: int = 0
    seconds: float = 0.0
    trace: str = ""
    story: list[str] = field(default_factory=list)


class World:
    """Everything of one schedule.

    Attributes:
        complaints: what people and programs found wrong.
        opened_checks: ids of the checks that people opened on purpose.
        guests: names that people noted, each of which stands nowhere else.
        kitchen: how many times as often as usual people do what the kitchen does.
        service: whether people do what only a full service does.
        phones: whether guests order with their phones.
        reroutes: whether the office says all the time anew where dishes are made.

    Args:
        minutes: virtual time during which the restaurant is open.
        tells: keep the story, line by line.
    """

    def __init__(self, seed: int, folder: Path, minutes: float, tells: bool) -> None:
        self._rnd = rnd = random.Random(seed)
        self.outcome = Outcome(seed)
        self.is_open = True
        self.complaints: list[str] = []
        self.opened_checks: set[bytes] = set()
        self.guests: list[str] = []
        self._tells = tells
        self._hash = hashlib.sha256()
        self._folder = folder
        self._until = minutes * 60
        self.think_seconds = rnd.choice((0.5, 1.0, 2.0, 4.0))
        self.intrusion = rnd.choice((0.0, 0.0, 0.03, 0.15))
        self.demotion = rnd.choice((0.0, 0.0, 0.3))
        self.poison = rnd.choice((0.0, 0.0, 0.08))
        self._hostility = rnd.choice((0.0, 0.0, 0.2))
        self._rushes = rnd.choice((0.0, 0.3, 0.8))
        self._weather = Weather(
            mean_delay=rnd.choice((0.01, 0.1, 0.6)),
            loss=rnd.choice((0.0, 0.05, 0.3)),
            repeats=rnd.choice((0.0, 0.1, 0.3)),
            damage=rnd.choice((0.0, 0.0, 0.05)),
            too_large=rnd.choice((0.0, 0.0, 0.1)),
            gives_up_after=rnd.choice((0.5, 3.0)),
        )
        self.disk = Disk(
            random.Random(f"{seed} disk"),
            commit_stalls=rnd.choice((0.0, 0.05, 0.3)),
            statement_stalls=rnd.choice((0.0, 0.0, 0.01)),
            longest_stall=rnd.choice((0.05, 1.0, 4.0)),
        )
        enrolled, made = self._enrolled(), template()
        self.cloud = SimulatedCloud(
            made.copy("cloud", folder / "cloud.db"),
            self.disk,
            self._clock(),
            {each.device_id: each.public_key for each in enrolled},
            f"{seed} cloud",
        )
        self.network = Network(random.Random(f"{seed} network"), self._weather, self.cloud)
        self.devices = [self.machine(each, made.copy(kind_of(each), folder / f"{each.name}.db")) for each in enrolled]
        self.histories = Histories(self, seed, folder)
        self.faults = Faults(self, seed)
        versions = random.Random(f"{seed} versions")
        self.upgrades = versions.choice((0.0, 0.3, 1.0))
        kitchen = random.Random(f"{seed} kitchen")
        self.kitchen, self.reroutes = kitchen.choice((1, 1, 4)), kitchen.random() < 0.3
        self.service = random.Random(f"{seed} service").random() < SERVICE
        self._server_starts = 0
        self.phones = random.Random(f"{seed} phones").random() < PHONES
        if versions.random() < OLD_PROGRAMS:
            step_back(versions.choice(self.devices))
        self.union = Union()
        self._cloud_eye = look(self.cloud.path)
        self._cloud_seen = Observer("cloud", self.union)
        self._seen = {each.name: Observer(each.name, self.union) for each in self.devices}
        self._at_work: dict[str, asyncio.Task[None]] = {}

    def machine(self, enrolment: Enrolment, path: Path) -> SimulatedDevice:
        """A machine with the identity of a device and a disk."""
        seed = f"{self.outcome.seed} {enrolment.name}"
        return SimulatedDevice(enrolment, path, self.disk, self._clock(), self.network, seed)

    def _enrolled(self) -> list[Enrolment]:
        if self._rnd.random() < 0.2:
            return [*CENTRO[: self._rnd.choice((1, 2))], *PLAYA[: self._rnd.choice((1, 2))]]
        return list(CENTRO[: self._rnd.choice((2, 2, 3, 4))])

    def _clock(self) -> MachineClock:
        """Right more or less, off by hours, or in another age: a field written there is overwritten one tick later."""
        hours = self._rnd.choice((0, 0, 0, 0, -7, 30, 24 * 365 * 900))
        return MachineClock(timedelta(hours=hours, seconds=self._rnd.randrange(40, 80)), OPENING)

    # -- telling -----------------------------------------------------------------------------------------------------

    def note(self, *what: object) -> None:
        """One line of the story; all lines together are the trace that a seed must repeat."""
        line = f"{asyncio.get_running_loop().time():10.4f} " + " ".join(map(str, what))
        self._hash.update(line.encode())
        if self._tells:
            self.outcome.story.append(line)

    # -- the day -----------------------------------------------------------------------------------------------------

    async def run(self) -> Outcome:
        """Open, suffer, close, calm down, and look at the books."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(task_factory)
        with cramped(self._rnd), complaints_into(self.complaints):
            try:
                await self._whole_day()
            except Broken as error:
                self.outcome.problem = str(error)
            finally:
                await self._stop_everything()
        self.outcome.changes = sum(device.acknowledged for device in self.devices)
        self.outcome.seconds = loop.time()
        self.outcome.trace = self._hash.hexdigest()
        return self.outcome

    async def _whole_day(self) -> None:
        complaints = self.complaints
        self.start_cloud()
        for device in self.devices:
            await self.start(device)
        await self._adversary(complaints)
        await self._calm_down(complaints)
        await self._work_off()
        await self._calm_down(complaints)
        await final_books(self)
        await silence(self)
        raise_first(complaints)

    async def _stop_everything(self) -> None:
        await self.cloud.stop()
        for device in self.devices:
            await device.stop()
            device.close_eye()
        self._cloud_eye.close()

    async def start(self, device: SimulatedDevice) -> None:
        """Start a device's program, with somebody who works at it."""
        await device.start()
        person = Person(self, device, random.Random(self._rnd.random()))
        self._at_work[device.name] = device.process.spawn(person.work())
        if self.phones:
            minding = Person(self, device, random.Random(f"{self.outcome.seed} {device.name} {device.starts}"))
            device.process.spawn(minding.mind_phones())
        self.note(device.name, "starts")

    def start_cloud(self) -> None:
        """Start the server, with the people of the office."""
        self.cloud.start()
        self.cloud.process.spawn(Office(self, random.Random(self._rnd.random())).work())
        if self.phones:
            phones = random.Random(f"{self.outcome.seed} phones {self._server_starts}")
            self._server_starts += 1
            self.cloud.process.spawn(Phones(self, phones).work())
        self.note("cloud starts")

    async def _adversary(self, complaints: list[str]) -> None:
        loop = asyncio.get_running_loop()
        mean = self._rnd.choice((2.0, 5.0))
        wait = self._rnd.expovariate(1 / mean)
        while loop.time() < self._until:
            await asyncio.sleep(min(wait, LOOK_SECONDS))
            wait -= LOOK_SECONDS
            if wait <= 0:
                await self._strike()
                await self.histories.strike()
                await self.faults.strike()
                wait = self._rnd.expovariate(1 / mean)
            if self._rnd.random() < self._rushes:
                await rush(self.devices, self._rnd)
            if self._rnd.random() < self._hostility:
                await self._be_hostile(self._rnd.choice(self.devices))
            self.look()
            raise_first(complaints)
        self.is_open = False

    async def _strike(self) -> None:
        device = self._rnd.choice(self.devices)
        what = self._rnd.random()
        if what < 0.35:
            self.note(device.name, "is killed")
            await device.stop(at_commit=self._rnd.random() < 0.5)
            self.look()
            self._upgrade(device, self.upgrades)
            await self.start(device)
        elif what < 0.5:
            self.note("cloud is killed")
            await self.cloud.stop()
            self.look()
            await asyncio.sleep(self._rnd.choice((0.0, 2.0)))
            self.start_cloud()
        elif what < 0.75:
            self.network.cut.symmetric_difference_update({device.name})
            self.note("cut", sorted(self.network.cut))
        elif what > 0.93:
            await duel(self.devices, self._rnd)
        elif what > 0.89 and not device.was_cut:  # it is written into the first stream
            self.note(device.name, "derives again")
            await device.process.spawn(derive_again(device, self._rnd))
        elif what < 0.75 + self.poison and not device.was_cut:  # as it is
            self.note(device.name, "is poisoned")
            await device.process.spawn(write_poison(device, self._rnd))
        else:
            self._turn_clock(self._rnd.choice((device, device, self.cloud)))

    def taken_away(self, device: SimulatedDevice) -> OrderKind:
        """The kind of the orders that no table has: beside an old program a word that it does not know."""
        is_anybody_old = any(each.is_old for each in self.devices)
        return OrderKind.DELIVERY if is_anybody_old and not device.is_old else OrderKind.TAKEOUT

    def _upgrade(self, device: SimulatedDevice, probability: float = 1.0) -> None:
        """Let the device begin anew with today's program, if it has an old one."""
        if device.is_old and random.Random(f"{self.outcome.seed} {len(self.union.bodies)}").random() < probability:
            device.records = metadata
            self.note(device.name, "is upgraded")

    async def _be_hostile(self, device: SimulatedDevice) -> None:
        if device.was_cut:  # it is written into the first stream
            return
        self.note(device.name, "is hostile")
        await device.process.spawn(write_hostile(device, self._rnd))

    def _turn_clock(self, machine: SimulatedDevice | SimulatedCloud) -> None:
        clock = machine.clock
        what = self._rnd.randrange(5)
        if what == 0:
            clock.set_to(datetime(1970, 1, 1, tzinfo=UTC))
        elif what == 1:
            clock.set_to(datetime(2999, 12, 31, tzinfo=UTC))
        elif what == 2:
            clock.set_to(clock.true())
        elif what == 3:
            clock.stand(OPENING + timedelta(minutes=2))
        else:
            clock.set_to(clock.true() + self._rnd.choice((-1, 1)) * timedelta(minutes=self._rnd.randrange(1, 3_000)))
        self.note("clock", clock.now())

    # -- looking -----------------------------------------------------------------------------------------------------

    def observe_anew(self, device: SimulatedDevice) -> None:
        """The device has another disk. What only the one before held is gone."""
        self._seen[device.name] = Observer(device.name, self.union)
        self.union.forget_beyond(held_by([self._cloud_seen, *self._seen.values()]))
        self.look()

    def observe_cloud_anew(self) -> None:
        """The cloud has another disk. What only the one before held is gone, and some of what it acknowledged."""
        self._cloud_eye.close()
        self._cloud_eye = look(self.cloud.path)
        self._cloud_seen = Observer("cloud", self.union)
        for seen in self._seen.values():
            seen.trusts_the_cloud = False
        self.union.forget_beyond(held_by(self._seen.values()))
        self.look()

    def head_at_cloud(self, stream: bytes) -> tuple[int, bytes] | None:
        """How much of a stream the cloud holds now."""
        found = self._cloud_eye.execute("SELECT head_seq, head_chain FROM sync_streams WHERE id = ?", (stream,))
        head: tuple[int, bytes] | None = found.fetchone()
        return head

    async def _take_away(self, device: SimulatedDevice) -> None:
        """A device that was revoked never comes back. What only its disk held is gone."""
        await device.stop()
        self.look()
        device.close_eye()
        self.devices.remove(device)
        del self._seen[device.name]
        self.union.forget_beyond(held_by([self._cloud_seen, *self._seen.values()]))
        self.note(device.name, "is away for ever")

    def look(self) -> None:
        """Check what must hold at every moment."""
        for device in self.devices:
            self._seen[device.name].look(device.eye)
        self._cloud_seen.look(self._cloud_eye)
        for seen in self._seen.values():
            acked_is_stored(seen, self._cloud_seen)

    async def _calm_down(self, complaints: list[str]) -> None:
        """Faults stop; everything must be exchanged in bounded time."""
        for device in [each for each in self.devices if each.is_revoked]:
            await self._take_away(device)
        for device in self.devices:
            if device.is_old:
                await device.stop()
                self._upgrade(device)
                await self.start(device)
        self.disk.calm = True
        self.network.heal()
        self.note("calm")
        agreements = 0
        for _second in range(CALM_SECONDS):
            await asyncio.sleep(LOOK_SECONDS)
            self.look()
            raise_first(complaints)
            agreements = 0 if self._lagging() else agreements + 1
            if agreements == SETTLED_AGREEMENTS:
                return
        raise Broken(f"still not exchanged after {CALM_SECONDS} calm seconds: {self._lagging()}")

    def _lagging(self) -> list[str]:
        found = []
        for name, seen, eye, streams in self.replicas():
            if name in self._at_work and not self._at_work[name].done():
                found.append(f"{name} (somebody has not ended)")
                continue
            unfolded = eye.execute("SELECT count(*) FROM sync_streams WHERE folded_seq < head_seq").fetchone()[0]
            held = {stream: seen.vector.get(stream) for stream in streams if stream in self._cloud_seen.vector}
            is_behind = eye.execute("SELECT count(*) FROM sync_set_aside WHERE reached_seq IS NOT NULL").fetchone()[0]
            if unfolded or is_behind or held != {stream: self._cloud_seen.vector[stream] for stream in held}:
                found.append(name)
            elif any(stream not in self._cloud_seen.vector for stream in seen.vector):
                found.append(f"{name} (not pushed)")
        return found

    def replicas(self) -> Iterator[tuple[str, Observer, Any, list[bytes]]]:
        """Name, observer, eye and the streams that it must hold, of each replica."""
        everything = sorted(self._cloud_seen.vector)
        yield "cloud", self._cloud_seen, self._cloud_eye, everything
        scopes = dict(self._cloud_eye.execute("SELECT id, scope_id FROM sync_streams").fetchall())
        for device in self.devices:
            mine = {ORGANIZATION.bytes, device.enrolment.branch_id.bytes}
            yield (
                device.name,
                self._seen[device.name],
                device.eye,
                [each for each in everything if scopes[each] in mine],
            )

    # -- the books ---------------------------------------------------------------------------------------------------

    async def _work_off(self) -> None:
        """All have met: the ledgers agree. Then people do what they see, at one device of each branch."""
        rows = books.rows_of(self._cloud_eye)[0]
        ledgers.agree(rows)
        await kitchen_books.walls_are_whole(self, rows)
        for branch in (BRANCH, OTHER_BRANCH):
            here = [device for device in self.devices if device.enrolment.branch_id == branch]
            if here:
                await WorkingOff(here[0]).run()
                here[0].agent.wake()
        self.note("worked off")


def run_seed(seed: int, minutes: float = 0.5, *, tells: bool = False) -> Outcome:
    """Run one schedule. An exception that nobody expected is a problem like any other."""
    return run_world(seed, minutes, tells=tells)[0]


def run_world(seed: int, minutes: float, *, tells: bool = False) -> tuple[Outcome, Union]:
    """Run one schedule, and return the logs of all replicas with it."""
    template()
    with tempfile.TemporaryDirectory(dir=fast_folder(), prefix="comanda-world-") as folder:
        world = World(seed, Path(folder), minutes, tells)
        try:
            return virtual_time.run(world.run()), world.union
        except Exception as error:  # noqa: BLE001 - whatever it is, it names a seed
            world.outcome.problem = world.outcome.problem or f"{type(error).__name__}: {error}"
            return world.outcome, world.union
