"""One device's backlog to the cloud: pushed over loopback HTTP, checked, stored and folded, against a plain COPY.

The device is this process with its encrypted store; the server is a real `comanda-cloud serve` with its embedded
PostgreSQL. The clock stops when the cloud has folded the last change. The yardstick copies the same rows of the log
into a table with the same columns and primary key in the same PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa

from cloud.database.embedded import running_url, usable_root
from cloud.database.opening import EMBEDDED_DATABASE
from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from shared.menu.queries import load_menu
from shared.payments.queries import payment_methods
from sync.records import changes
from terminal.agent import Agent
from terminal.clock import SystemClock
from terminal.link import CloudLink
from terminal.store.store import Store
from tests.benchmarks.backlog import multiply, sell
from tests.benchmarks.figures import Figure, processor_seconds, tree_seconds
from tests.faults.served_cloud import PLAN, ServedCloud, enrolled, served_cloud

CHANGES = 50_000
SALES = 10
LEAST_CHANGES_A_SECOND = 22_000
MOST_MICROSECONDS = 35
"""Of the processor, for a change, on device and server together."""
RUNS = 3
GIVE_UP_SECONDS = 120.0
LIKE_THE_LOG = """
create table plain_copy (like sync_changes including defaults);
alter table plain_copy add primary key (organization_id, stream_id, seq);
"""
COPY = "copy plain_copy (organization_id, stream_id, seq, row_id, body, chain, stored_ms) from stdin (format binary)"
TYPES = ("uuid", "uuid", "int8", "uuid", "bytea", "bytea", "int8")
Run = tuple[int, float, float, float, float, float, float]
Row = tuple[UUID, UUID, int, UUID, bytes, bytes, int]


async def measure(cloud: ServedCloud, folder: Path) -> Run:
    """How many changes; seconds until the last was acknowledged, until it was folded, and of the plain COPY.

    Then the processor's seconds of device, server and PostgreSQL, which hardly depend on who else is busy.
    """
    founded = await asyncio.to_thread(
        cloud.found, {**PLAN, "organization": {**PLAN["organization"], "name": folder.name}}
    )
    device, configuration = await enrolled(folder, founded, cloud.url)
    secrets, identity, clock = device.secrets(configuration.identity.device_id), configuration.identity, SystemClock()
    store = await Store.open(device.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
    link = CloudLink(cloud.url, identity.device_id, secrets.signer)
    agent = Agent(store, link, secrets.signer, lambda: 0.5, None, 0)
    try:
        await agent.pull_once()
        await store.look_around()
        async with store.reading() as connection:
            menu = await load_menu(connection, identity.organization_id)
            method = (await payment_methods(connection, identity.organization_id))[0]
        actor = Actor.in_role(UUID(founded.staff_id), "Rosa", Role.CASHIER)
        for _sale in range(SALES):
            await sell(store, actor, list(menu.items.values()), method)
        count = await multiply(store, CHANGES)
        postmaster = _postmaster(cloud)
        begun, used, used_there = time.perf_counter(), time.process_time(), processor_seconds(cloud.pid)
        used_beside = tree_seconds(postmaster)
        await agent.push_once()
        pushed = time.perf_counter() - begun
        await _until_folded(cloud, identity.organization_id)
        folded = time.perf_counter() - begun
        device_busy, server_busy = time.process_time() - used, processor_seconds(cloud.pid) - used_there
        database_busy = tree_seconds(postmaster) - used_beside
        async with store.reading() as connection:
            rows = [tuple(row) for row in await connection.execute(sa.select(changes).where(changes.c.seq <= count))]
        copied = await asyncio.to_thread(_plain_copy, cloud, rows[:count])
        return count, pushed, folded, copied, device_busy, server_busy, database_busy
    finally:
        await store.close()
        await link.close()


def _database_url(cloud: ServedCloud) -> str:
    url = running_url(usable_root(cloud.folder / "database"), EMBEDDED_DATABASE)
    assert url is not None
    return url


def _postmaster(cloud: ServedCloud) -> int:
    with psycopg.connect(_database_url(cloud)) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        return int(Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()[1])


async def _until_folded(cloud: ServedCloud, organization_id: UUID) -> None:
    query = "select bool_and(head_seq = folded_seq) from sync_streams where organization_id = %s"
    deadline = time.perf_counter() + GIVE_UP_SECONDS
    async with await psycopg.AsyncConnection.connect(_database_url(cloud), autocommit=True) as connection:
        while (await (await connection.execute(query, [organization_id])).fetchone()) != (True,):
            assert time.perf_counter() < deadline, "it was never folded"
            await asyncio.sleep(0.02)


def _plain_copy(cloud: ServedCloud, rows: list[Row]) -> float:
    with psycopg.connect(_database_url(cloud)) as connection:
        connection.execute(LIKE_THE_LOG)
        connection.commit()
        begun = time.perf_counter()
        with connection.cursor().copy(COPY) as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)
        connection.commit()
        seconds = time.perf_counter() - begun
        connection.execute("drop table plain_copy")  # the server refuses to live beside a table without policies
        return seconds


def figures() -> list[Figure]:
    """Measure, and hold against the goal; the median of some runs by the folded figure."""
    with served_cloud() as cloud, tempfile.TemporaryDirectory() as folder:
        runs = [asyncio.run(measure(cloud, Path(folder) / f"caja-{run}")) for run in range(RUNS)]
    count, pushed, folded, copied, *busy = sorted(runs, key=lambda each: each[2])[RUNS // 2]
    speeds = ", ".join(f"{each[0] / each[2]:,.0f}" for each in runs)
    device, server, database = (1e6 * seconds / count for seconds in busy)
    return [
        Figure(
            f"backlog of {count:,} changes, stored and folded",
            f"{count / folded:,.0f} changes/s ({folded:.2f} s; acknowledged after {pushed:.2f} s; runs {speeds});"
            f" processor {device + server:.1f} us a change (device {device:.1f}, server {server:.1f}; beside it"
            f" PostgreSQL {database:.1f})",
            f"plain COPY of the same rows {count / copied:,.0f} rows/s ({copied:.2f} s)",
            folded / copied,
            f"{LEAST_CHANGES_A_SECOND:,} changes/s or more, {MOST_MICROSECONDS} us a change or less",
            count / folded >= LEAST_CHANGES_A_SECOND and device + server <= MOST_MICROSECONDS,
        )
    ]
