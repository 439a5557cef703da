"""A cloud that came back from a backup writes under a new identity, whether somebody told it or devices proved it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from cloud.accounts.identity import EnrolledDevice
from cloud.composition import assemble
from cloud.control.commands import begin_generation, create_organization
from cloud.database.opening import generation_of
from cloud.enrolment.room import revocation
from cloud.parts import Parts
from cloud.settings import Settings
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.records import SCHEMA_EPOCH
from shared.staff.records import StaffMember
from shared.tenancy.commands import found_organization, open_branch
from shared.tenancy.records import DeviceKind
from sync.assessing import Fresh, assess
from sync.change import Position, Vector, decode
from sync.messages import (
    PROTOCOL_VERSION,
    Ack,
    AnyMessage,
    Frame,
    Hello,
    Pull,
    Push,
    Refused,
    Suffixes,
    Welcome,
    to_marks,
)
from tests.cloud.enrolment.devices import enrolled

ORGANIZATION, BRANCH = UUID(int=0x0A6), UUID(int=0xB6A)
Running = Callable[[str], AbstractAsyncContextManager[Parts]]


@pytest.fixture
def running(settings: Settings, postgres: Any, clock: Any) -> Running:
    """A server on a database, as it starts: `async with running(name) as parts`."""

    @asynccontextmanager
    async def run(name: str) -> AsyncIterator[Parts]:
        ready = settings.model_copy(update={"database_url": SecretStr(postgres.app_url(name))})
        parts = assemble(ready, clock=clock, generation=generation_of(ready))
        try:
            yield parts
        finally:
            await parts.database.dispose()

    return run


@pytest.fixture
def backup(postgres: Any, database_name: str) -> Iterator[Callable[[], str]]:
    """Makes a copy of the database as it is now."""
    made: list[str] = []

    def copy() -> str:
        made.append(postgres.clone(database_name))
        return made[-1]

    yield copy
    for name in made:
        postgres.drop(name)


async def hire(parts: Parts, name: str) -> None:
    async with parts.units.work(ORGANIZATION, SYSTEM) as work:
        work.add(StaffMember(organization_id=ORGANIZATION, id=uuid4(), name=name, role=Role.WAITER))


async def found(parts: Parts) -> EnrolledDevice:
    """An organization with a branch and an enrolled till."""
    async with parts.database.control() as session:
        await create_organization(
            session, organization_id=ORGANIZATION, slug="el-faro", name="El Faro", now=parts.clock.now()
        )
    async with parts.units.work(ORGANIZATION, SYSTEM) as work:
        await found_organization(work, "El Faro", "PE", "PEN")
        await open_branch(work, BRANCH, "Centro", "America/Lima")
    where = EnrolledDevice(uuid4(), ORGANIZATION, BRANCH)
    device, _key = await enrolled(parts, where, DeviceKind.TILL)
    return EnrolledDevice(device.device_id, ORGANIZATION, BRANCH)


async def pulled(parts: Parts, device: EnrolledDevice, held: Vector) -> list[Frame]:
    answer = await parts.responder.reply(device, Pull(to_marks(held)))
    assert isinstance(answer, Suffixes)
    return answer.frames


def store(frames: list[Frame], held: Vector) -> list[str]:
    """Take frames in as a device does; the names of the people in them."""
    names = []
    for frame in frames:
        outcome = assess(frame, held.get(frame.key.id, Position(0, frame.key.genesis)))
        assert isinstance(outcome, Fresh), outcome
        held[frame.key.id] = Position(frame.last, outcome.chains[-1])
        written = [decode(body) for body in outcome.bodies]
        names += [change.fields["name"] for change in written if change.table == StaffMember.__tablename__]
    return names


async def test_after_a_restore_devices_go_on_with_the_cloud(
    running: Running, backup: Callable[[], str], database_name: str
) -> None:
    held: Vector = {}
    async with running(database_name) as parts:
        device = await found(parts)
        await hire(parts, "Rosa")
        before = await parts.responder.reply(device, Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, []))
    restored = backup()
    async with running(database_name) as parts:
        await hire(parts, "Lost with the disk")
        assert store(await pulled(parts, device, held), held) == ["Rosa", "Lost with the disk"]
    async with running(restored) as parts, parts.database.control() as session:
        assert await begin_generation(session, parts.clock.now()) == 2
    async with running(restored) as parts:
        await hire(parts, "Hired again")
        assert store(await pulled(parts, device, held), held) == ["Hired again"]
        await hire(parts, "And one more")
        assert store(await pulled(parts, device, held), held) == ["And one more"]
        after = await parts.responder.reply(device, Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, []))
    assert isinstance(before, Welcome)
    assert isinstance(after, Welcome)
    assert before.generation != after.generation


async def given_back(parts: Parts, device: EnrolledDevice, frames: list[Frame]) -> list[AnyMessage]:
    return [await parts.responder.reply(device, Push(frame)) for frame in frames]


async def test_a_restore_that_nobody_told_of_is_found_by_what_devices_hold(
    running: Running, backup: Callable[[], str], database_name: str
) -> None:
    """It begins a new generation by itself, takes what it lost, and moves what it wrote instead to its new stream."""
    held: Vector = {}
    async with running(database_name) as parts:
        device = await found(parts)
    restored = backup()
    async with running(database_name) as parts:
        await hire(parts, "Lost with the disk")
        frames = await pulled(parts, device, held)
        store(frames, held)
    async with running(restored) as parts, running(restored) as other_server:
        await other_server.fold_worker.fold_all(ORGANIZATION)
        for name in ("Hired again", "And one more"):
            await hire(parts, name)
        answer = await parts.responder.reply(device, Pull(to_marks(held)))
        assert isinstance(answer, Suffixes)
        assert answer.frames == [], "what follows from another history tells a device nothing"
        assert [mark.seq for mark in answer.lacks] == [0]
        answers = await given_back(parts, device, frames)
        assert [type(each) for each in answers] == [Ack] * len(frames)
        assert parts.units.generations.number == generation_of(parts.settings) == 2
        assert store(await pulled(parts, device, held), held) == ["Hired again", "And one more"]
        assert await given_back(parts, device, frames) == answers, "again: nothing happens"
        with pytest.raises(DomainError, match="DATABASE_UNAVAILABLE"):
            await hire(other_server, "By a server that has not heard of it")
        await hire(other_server, "By a server that has")
        assert store(await pulled(parts, device, held), held) == ["By a server that has"]
        async with parts.database.read(ORGANIZATION) as read:
            told = list(await read.scalars(sa.select(ExceptionEvent.kind)))
            names = set(await read.scalars(sa.select(StaffMember.name)))
    assert told == [EventKind.CLOUD_RESTORED]
    assert {"Hired again", "And one more"} <= names


async def test_what_it_lost_is_folded(running: Running, backup: Callable[[], str], database_name: str) -> None:
    """Revocations, too: the control plane has forgotten them."""
    held: Vector = {}
    async with running(database_name) as parts:
        device = await found(parts)
        stolen, _key = await enrolled(parts, EnrolledDevice(uuid4(), ORGANIZATION, BRANCH), DeviceKind.TILL, "Caja 2")
    restored = backup()
    async with running(database_name) as parts:
        await hire(parts, "Rosa")
        await revocation(parts).revoke(stolen.device_id)
        frames = await pulled(parts, device, held)
        store(frames, held)
    async with running(restored) as parts:
        await given_back(parts, device, frames)
        await parts.fold_worker.fold_all(ORGANIZATION)
        async with parts.database.read(ORGANIZATION) as read:
            assert "Rosa" in set(await read.scalars(sa.select(StaffMember.name)))
        assert generation_of(parts.settings) == 2
        thief = EnrolledDevice(stolen.device_id, ORGANIZATION, BRANCH)
        assert await parts.responder.reply(thief, Pull([])) == Refused("DEVICE_REVOKED")
