"""A till sets a PIN while it is offline; the cloud is killed before it could answer, and answers once all the same."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from shared.staff.pin_setting import new_pin, set_pin
from shared.staff.queries import staff_of_branch
from shared.staff.records import StaffMember
from sync.change import decode
from sync.records import changes
from terminal.clock import SystemClock
from terminal.gate import Gate
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink
from tests.faults.served_cloud import PLAN, enrolled, served_cloud
from tests.faults.test_killed_cloud import all_acknowledged, stopped
from tests.faults.until import until

ANSWER_SECONDS = 240
"""When to give up. A job that was begun when its worker was killed is begun again a minute later."""
STAFF = [*PLAN["staff"], {"key": "jefa", "name": "Jefa", "role": "branch_manager", "pin": "7391"}]


@pytest.mark.slow
async def test_a_pin_that_was_set_offline_is_answered_once_though_the_cloud_is_killed(tmp_path: Path) -> None:
    """Slow: a real server with a real PostgreSQL starts twice."""
    with served_cloud() as cloud:
        founded = await asyncio.to_thread(cloud.found, {**PLAN, "staff": STAFF})
        folder, configuration = await enrolled(tmp_path / "caja", founded, cloud.url)
        identity, clock = configuration.identity, SystemClock()
        secrets = folder.secrets(identity.device_id)
        store = await Store.open(folder.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
        gate = Gate(store, secrets.pepper)
        try:
            async with syncing(store, cloud.url, secrets.signer):
                await until(lambda: knows_staff(store, gate, 2), "the till learns its people")
            rosa, jefa = sorted(gate.staff, key=lambda person: person.role is Role.BRANCH_MANAGER)
            pin = new_pin("4711", secrets.pepper, os.urandom(16), rosa.id, gate.staff)
            manager = Actor.in_role(jefa.id, jefa.name, jefa.role)
            await store.run(manager, lambda work: set_pin(work, rosa.id, pin))
            await knows_staff(store, gate, 2)
            assert (await gate.log_in("4711")).staff_id == rosa.id, "it holds at once"
            async with syncing(store, cloud.url, secrets.signer):
                await until(lambda: all_acknowledged(store), "the cloud has it")
                await asyncio.to_thread(cloud.kill)
                await asyncio.to_thread(cloud.start)
                async with asyncio.timeout(ANSWER_SECONDS):
                    while not await is_answered(store, rosa.id):  # noqa: ASYNC110 - another process brings it about
                        await asyncio.sleep(0.05)
            await knows_staff(store, gate, 2)
            assert (await gate.log_in("4711")).staff_id == rosa.id
            with pytest.raises(DomainError, match="PIN_WRONG"):
                await gate.log_in("4826")
            assert await changes_of(store, rosa.id) == 2, "hired, and the PIN once"
        finally:
            await store.close()


@asynccontextmanager
async def syncing(store: Store, url: str, signer: Any) -> AsyncIterator[None]:
    """Be online for as long as the block lasts."""
    link = CloudLink(url, store.identity.device_id, signer, read_seconds=5.0)
    task = asyncio.create_task(Agent(store, link, signer, lambda: 0.05, None, 1_000).run())
    try:
        yield
    finally:
        await stopped(task)
        await link.close()


async def knows_staff(store: Store, gate: Gate, count: int) -> bool:
    async with store.reading() as connection:
        gate.staff = await staff_of_branch(connection, store.identity.organization_id, store.identity.branch_id)
    return len(gate.staff) == count


async def is_answered(store: Store, person: UUID) -> bool:
    async with store.reading() as connection:
        of = StaffMember.__table__.c
        return bool((await connection.execute(sa.select(of.pin_said).where(of.id == person))).scalar_one())


async def changes_of(store: Store, person: UUID) -> int:
    """How often the log of the till says something of somebody's row in `staff`."""
    async with store.reading() as connection:
        bodies = (await connection.execute(sa.select(changes.c.body))).scalars()
        told = [decode(bytes(body)) for body in bodies]
    return sum(each.table == "staff" and each.row == person.bytes for each in told)
