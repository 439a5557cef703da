"""kill -9 of the cloud's server while a till pushes through a network that cuts replies: all arrives, once."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database.embedded import running_url, usable_root
from cloud.database.engine import create_engine
from cloud.database.opening import EMBEDDED_DATABASE
from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from sync.door import through
from sync.records import changes, parked, streams
from terminal.clock import SystemClock
from terminal.desks.desk import Desk
from terminal.gate import Gate
from terminal.identity import Identity
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink
from tests.benchmarks.backlog import multiply
from tests.faults.books import digests, digests_of_the_log
from tests.faults.selling import sell
from tests.faults.served_cloud import PLAN, ServedCloud, enrolled, served_cloud
from tests.faults.until import until
from tests.faults.web import CuttingProxy

KILLS = 3
BACKLOG_CHANGES = 8_000
CUT = 0.25
"""The share of connections whose reply is cut off at a random byte; how many there are depends on the kills."""


@pytest.mark.slow
async def test_a_killed_cloud_takes_everything_once(tmp_path: Path) -> None:
    """Slow: a real server with a real PostgreSQL starts four times."""
    chance = random.Random(20)
    with served_cloud() as cloud:
        founded = await asyncio.to_thread(cloud.found, PLAN)
        folder, configuration = await enrolled(tmp_path / "caja", founded, cloud.url)
        identity, clock = configuration.identity, SystemClock()
        secrets = folder.secrets(identity.device_id)
        store = await Store.open(folder.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
        desk = Desk(store, Gate(store, secrets.pepper))
        desk.actor = Actor.in_role(UUID(founded.staff_id), "Rosa", Role.CASHIER)
        async with CuttingProxy(cloud.port, seed=24, cut=CUT) as proxy:
            link = CloudLink(proxy.url, identity.device_id, secrets.signer, read_seconds=5.0)
            agent = Agent(store, link, secrets.signer, lambda: 0.05, None, 1_000)
            agent.on_link, desk.wake_agent = desk.link_changed, agent.wake
            syncing = asyncio.create_task(agent.run())
            selling = asyncio.create_task(sell_on(desk, chance))
            try:
                await until(lambda: bool(desk.methods), "the till learns its restaurant")
                await until(lambda: len(desk.orders) > 0 or desk.state.pending > 0, "the till sells")
                await stopped(selling)
                await multiply(store, BACKLOG_CHANGES)
                selling = asyncio.create_task(sell_on(desk, chance))
                for _kill in range(KILLS):
                    await asyncio.sleep(chance.uniform(0.05, 1.0))
                    await asyncio.to_thread(cloud.kill)
                    await asyncio.to_thread(cloud.start)
                await stopped(selling)
                agent.wake()
                await until(lambda: all_acknowledged(store), "all is acknowledged")
                await until(lambda: folded(cloud, identity), "all is folded")
                assert proxy.cuts > 0
                await agrees(cloud, store, identity)
            finally:
                await stopped(selling)
                await stopped(syncing)
                await desk.close()
                await store.close()
                await link.close()


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def sell_on(desk: Desk, chance: random.Random) -> None:
    """Sell without end, as soon as there is something to sell."""
    await desk.open()
    while True:
        if desk.methods and desk.menu.items:
            await sell(desk, chance, lambda *_step: None)
        await asyncio.sleep(0.1)


async def all_acknowledged(store: Store) -> bool:
    async with store.reading() as connection:
        own = streams.c.device_id == store.identity.device_id
        rows = await connection.execute(sa.select(streams.c.head_seq, streams.c.acked_seq).where(own))
        return all(head == acked for head, acked in rows)


def database_url(cloud: ServedCloud) -> str:
    url = running_url(usable_root(cloud.folder / "database"), EMBEDDED_DATABASE)
    assert url is not None
    return url


async def folded(cloud: ServedCloud, identity: Identity) -> bool:
    async with await psycopg.AsyncConnection.connect(database_url(cloud)) as connection:
        rows = await connection.execute(
            "select head_seq, folded_seq from sync_streams where organization_id = %s", [identity.organization_id]
        )
        return all(head == done for head, done in await rows.fetchall())


async def agrees(cloud: ServedCloud, store: Store, identity: Identity) -> None:
    """The same log, byte for byte, and the same rows from it."""
    engine = create_engine(database_url(cloud), name="test", connections=1)
    try:
        async with engine.connect() as there, store.reading() as here:
            logs = [await log_of(each, identity) for each in (here, there)]
            assert len(logs[0]) >= BACKLOG_CHANGES
            assert logs[0] == logs[1]
            waiting = await there.execute(sa.select(parked))
            assert waiting.all() == []
            rows = await through(there, digests, identity.organization_id.bytes, identity.branch_id.bytes)
            assert rows == await digests_of_the_log(store)
            sold = (await there.execute(sa.text("select count(*), count(distinct order_id) from receipts"))).one()
            assert sold[0] == sold[1] > 0
    finally:
        await engine.dispose()


async def log_of(connection: AsyncConnection, identity: Identity) -> list[tuple[int, bytes, bytes]]:
    own = sa.select(streams.c.id).where(streams.c.device_id == identity.device_id).scalar_subquery()
    rows = await connection.execute(
        sa.select(changes.c.seq, changes.c.body, changes.c.chain)
        .where(changes.c.stream_id == own)
        .order_by(changes.c.seq)
    )
    return [(row.seq, bytes(row.body), bytes(row.chain)) for row in rows]
