"""A sale on the cloud: one frame of a till that is online, stored, judged and folded by a real server.

Sale by sale, each when the last one is folded. The yardstick is the handshake with which every push begins, without
news.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from uuid import UUID

import psycopg

from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from shared.menu.queries import load_menu
from shared.payments.queries import payment_methods
from sync.log import vector
from terminal.clock import SystemClock
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink
from tests.benchmarks.backlog import sell
from tests.benchmarks.figures import (
    Figure,
    load,
    milliseconds,
    processor_seconds_of_family,
    processor_seconds_of_threads,
)
from tests.benchmarks.push import database_url, postmaster
from tests.faults.served_cloud import PLAN, ServedCloud, enrolled, served_cloud

WARM_UP, SALES = 15, 100
MOST_SECONDS = 0.008
"""Processor time of the server for one sale."""
SETTLE_SECONDS = 0.05
"""So long after the fold the server is left to finish what it does besides."""
LOOK_SECONDS = 0.01


async def measure(cloud: ServedCloud, folder: Path) -> tuple[int, list[float], list[float], float]:
    """How many changes a sale has; the server's processor time of each sale, and of handshakes; PostgreSQL's a sale."""
    founded = await asyncio.to_thread(cloud.found, PLAN)
    device, configuration = await enrolled(folder, founded, cloud.url)
    secrets, identity, clock = device.secrets(configuration.identity.device_id), configuration.identity, SystemClock()
    store = await Store.open(device.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
    link = CloudLink(cloud.url, identity.device_id, secrets.signer)
    agent = Agent(store, link, secrets.signer, lambda: 0.5, None, 0)
    own = store.author.branch_stream(identity.branch_id).id
    try:
        await agent.pull_once()
        await store.read_premises()
        async with store.reading() as connection:
            menu = await load_menu(connection, identity.organization_id)
            method = (await payment_methods(connection, identity.organization_id))[0]
        actor = Actor.in_role(UUID(founded.staff_id), "Rosa", Role.CASHIER)
        items = list(menu.items.values())
        sales, handshakes, database = list[float](), list[float](), 0.0
        with psycopg.connect(database_url(cloud), autocommit=True) as connection:
            folded = _folded(connection, own)
            postgres = postmaster(cloud)
            for number in range(WARM_UP + SALES):
                before = folded()
                await sell(store, actor, items, method)
                head = (await store.look(vector, identity.organization_id.bytes))[own].seq
                used, used_there = processor_seconds_of_threads(cloud.pid), processor_seconds_of_family(postgres)
                await agent.push_once()
                while folded() < head:  # noqa: ASYNC110 - another process folds
                    await asyncio.sleep(LOOK_SECONDS)
                await asyncio.sleep(SETTLE_SECONDS)
                after = processor_seconds_of_threads(cloud.pid)
                await agent.push_once()
                if number >= WARM_UP:
                    sales.append(after - used)
                    handshakes.append(processor_seconds_of_threads(cloud.pid) - after)
                    database += processor_seconds_of_family(postgres) - used_there
        return head - before, sales, handshakes, database / SALES
    finally:
        await store.close()
        await link.close()


def _folded(connection: psycopg.Connection, stream: UUID) -> Callable[[], int]:
    def look() -> int:
        row = connection.execute("select folded_seq from sync_streams where id = %s", [stream]).fetchone()
        return row[0] if row else 0

    return look


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with served_cloud() as cloud, tempfile.TemporaryDirectory() as folder:
        size, sales, handshakes, database = asyncio.run(measure(cloud, Path(folder) / "caja"))
    handshake = median(handshakes)
    alone = median(sales) - handshake
    return [
        Figure(
            f"a sale of {size} changes on the cloud, pushed and folded, the server's processor time",
            f"{alone * 1e3:.2f} ms; with the handshake before it {milliseconds(sales)} (PostgreSQL beside it"
            f" {database * 1e3:.1f} ms, with the questions whether it is folded; {load()})",
            f"a handshake without news {milliseconds(handshakes)}",
            alone / handshake,
            f"under {MOST_SECONDS * 1e3:.0f} ms",
            alone < MOST_SECONDS,
        )
    ]
