"""What a push costs while many wait: those of the branch are told once, all others not at all."""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from cloud.enrolment.room import revocation
from cloud.kernel.unavailable import Unavailable
from cloud.realtime.hub import Hint, Room
from cloud.replication import known, pulling
from cloud.replication.device_keys import active_in
from sync.door import Door
from sync.messages import Ack, Mark, Pull, Refused, Suffixes
from sync.postgres import PostgresDoor
from tests.cloud.replication.house import House, end_of
from tests.cloud.replication.tills import Till, enrol

WAIT_MS = 20_000
AT_ONCE_SECONDS = 10.0
GIVE_UP_SECONDS = 60.0
A_BRANCH = 3
"""Statements that read what is known of a branch: begin, streams, active devices."""
DIGESTS = 6
"""Statements that read the digests of a branch: begin, streams, what is set aside, what is parked, two scopes."""
A_READ = 6
"""Statements of one more reading for all: on a busy machine some come too late for the first. Alone each would read."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the core runs on PostgreSQL."""
    seen: list[str] = []
    execute = PostgresDoor._execute

    def noting(self: PostgresDoor, sql: str, parameters: Any, **how: bool) -> None:
        seen.append(sql)
        execute(self, sql, parameters, **how)

    monkeypatch.setattr(PostgresDoor, "_execute", noting)
    return seen


@pytest.fixture(autouse=True)
def nobody_looks_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is what the push costs, however slow the machine."""
    monkeypatch.setattr(known, "LOOK_AGAIN_SECONDS", 600.0)


class Waiter:
    """A device that waits for news, again and again, as an agent does."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.held: dict[bytes, Mark] = {}
        self.answers: list[Suffixes] = []
        self.answered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self._take(await self.till.pull())
        self._task = asyncio.create_task(self._wait())
        await asyncio.sleep(0)

    async def _wait(self) -> None:
        while True:
            answer = await self.till.pull(*self.held.values(), wait_ms=WAIT_MS)
            self.answers.append(answer)
            self.answered.set()
            self._take(answer)

    def _take(self, answer: Suffixes) -> None:
        for frame in answer.frames:
            self.held[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))

    async def end(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])


async def waiters(patient: Till, branch_id: Any, count: int) -> list[Waiter]:
    enrolled = [await enrol(patient.client, patient.house, branch_id, f"{branch_id} {at}") for at in range(count)]
    return [Waiter(till) for till in enrolled]


async def everybody_waits(crowd: list[Waiter]) -> None:
    """Begin, and come to rest: each has read once for itself that it may wait."""
    for waiter in crowd:
        await waiter.begin()
    await asyncio.sleep(1.0)


async def a_push_costs(patient: Till, near: list[Waiter], statements: list[str]) -> int:
    """Statements from a push until all who wait near have it and wait again."""
    for waiter in near:
        waiter.answers.clear()
        waiter.answered.clear()
    statements.clear()
    patient.order()
    assert isinstance(await patient.push(), Ack)
    async with asyncio.timeout(AT_ONCE_SECONDS):
        for waiter in near:
            await waiter.answered.wait()
    await asyncio.sleep(0.5)  # until all wait again
    assert [frame.key for waiter in near for frame in waiter.answers[0].frames] == [patient.hand.key] * len(near)
    assert all(len(waiter.answers) == 1 for waiter in near), "woken twice"
    return len(statements)


@pytest.mark.slow
async def test_a_push_costs_as_much_whether_three_wait_or_thirty(patient: Till, statements: list[str]) -> None:
    """Slow: sixty devices are enrolled."""
    own, other = patient.house.own.branch_id, patient.house.other.branch_id
    crowd = await waiters(patient, own, 3)
    try:
        await everybody_waits(crowd)
        few = await a_push_costs(patient, crowd, statements)
        more = await waiters(patient, own, 12)
        abroad = await waiters(patient, other, 12)
        await everybody_waits([*more, *abroad])
        crowd += [*more, *abroad]
        patient.house.parts.fold_worker.tell(patient.house.organization_id)  # of the devices that were enrolled
        await asyncio.sleep(1.0)
        many = await a_push_costs(patient, crowd[:15], statements)
        assert all(len(waiter.answers) <= 1 for waiter in abroad), "told of a push of another branch"
        assert many <= few + A_READ
    finally:
        for waiter in crowd:
            await waiter.end()


@pytest.mark.slow
async def test_what_concerns_a_whole_organization_is_read_once_for_each_branch(
    patient: Till, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: devices are enrolled, and wait until it is over.

    A hint of the whole organization (a menu, a revocation) lets everybody look; the digests that each device compares
    at the end of its wait are read once, too. Alone each device would run eight statements.
    """
    monkeypatch.setattr(pulling, "LONGEST_WAIT_MS", 2_000)
    own, other = patient.house.own.branch_id, patient.house.other.branch_id
    crowd = [*await waiters(patient, own, 10), *await waiters(patient, other, 10)]
    try:
        await everybody_waits(crowd)
        patient.house.parts.fold_worker.tell(patient.house.organization_id)
        await asyncio.sleep(0.5)
        statements.clear()
        async with asyncio.timeout(AT_ONCE_SECONDS):
            for waiter in crowd:
                while not any(answer.digests for answer in waiter.answers):
                    await waiter.answered.wait()
                    waiter.answered.clear()
        assert len(statements) <= 2 * (A_BRANCH + DIGESTS) + 2 * A_READ, statements
    finally:
        for waiter in crowd:
            await waiter.end()


async def test_a_revoked_device_that_waits_is_shut_out_at_once(patient: Till) -> None:
    waiter = await enrol(patient.client, patient.house, patient.house.own.branch_id, "Caja 2")
    held = [Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in (await waiter.pull()).frames]
    waiting = asyncio.create_task(waiter.ask(Pull(held, WAIT_MS)))
    await asyncio.sleep(0.3)
    await revocation(patient.house.parts).revoke(waiter.hand.device_id)
    assert await asyncio.wait_for(waiting, AT_ONCE_SECONDS) == Refused("DEVICE_REVOKED")


async def test_a_device_that_is_revoked_while_its_key_is_read_is_not_believed_afterwards(house: House) -> None:
    organization_id, branch_id, device_id = house.organization_id, house.own.branch_id, uuid4()
    active = {device_id}

    def revoked_while_read(_door: Door, _organization_id: UUID, _branch_id: UUID) -> frozenset[UUID]:
        read = frozenset(active)
        if active:
            active.clear()
            loop.call_soon_threadsafe(house.parts.hub.tell_organization, organization_id)
        return read

    loop, branches = asyncio.get_running_loop(), None
    branches = known.KnownBranches(house.parts.database, house.parts.hub, revoked_while_read)
    await branches.of(organization_id, branch_id)
    assert (await branches.of(organization_id, branch_id)).active == frozenset()


async def test_a_database_that_does_not_answer_is_away_for_those_who_wait_and_is_asked_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "READ_WITHIN_SECONDS", 0.05)
    answers, asked = threading.Event(), list[UUID]()

    def frozen(_door: Door, _organization_id: UUID, branch_id: UUID) -> frozenset[UUID]:
        asked.append(branch_id)
        answers.wait(GIVE_UP_SECONDS)
        return frozenset()

    branches, where = known.KnownBranches(house.parts.database, house.parts.hub, frozen), house.own.branch_id
    try:
        for _waiter in range(3):
            with pytest.raises(Unavailable):
                await branches.of(house.organization_id, where)
    finally:
        answers.set()
    monkeypatch.setattr(known, "READ_WITHIN_SECONDS", GIVE_UP_SECONDS)
    assert (await branches.of(house.organization_id, where)).active == frozenset()
    assert asked == [where]


async def test_a_hint_wakes_who_lacks_it_and_not_who_wrote_or_holds_it(patient: Till) -> None:
    waiter, hub = (await waiters(patient, patient.house.own.branch_id, 1))[0], patient.house.parts.hub
    room, device_id = Room(patient.house.organization_id, patient.house.own.branch_id), waiter.till.hand.device_id
    await waiter.begin()
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while room not in hub._rooms:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        (waiting,) = hub._rooms[room]
        held = next(iter(waiter.held.values()))
        stream, other_device = UUID(bytes=held.stream), uuid4()
        assert not waiting.lacks(Hint(uuid4(), device_id, 1)), "it wrote that"
        assert waiting.lacks(Hint(uuid4(), other_device, 1))
        assert not waiting.lacks(Hint(stream, other_device, held.seq)), "it holds that"
        assert waiting.lacks(Hint(stream, other_device, held.seq + 1))
    finally:
        await waiter.end()


async def test_a_process_knows_so_many_branches_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST_BRANCHES", 3)
    branches = known.KnownBranches(house.parts.database, house.parts.hub, active_in)
    for _branch in range(5):
        await branches.of(house.organization_id, uuid4())
    assert len(branches._branches) == 3
    house.parts.hub.tell_organization(house.organization_id)
    assert len(branches._branches) == 0
    assert branches._reading == {}
