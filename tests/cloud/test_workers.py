# ruff: noqa: F811 - fixtures of another module
"""Several web processes and workers on one database, some of them killed: nothing is folded twice, nothing is lost."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, TypeVar
from unittest.mock import patch

import httpx
import psycopg
import pytest

from cloud.parts import Parts
from cloud.realtime.carriers import PostgresCarrier
from cloud.realtime.hub import Hint, Room
from cloud.realtime.link import Link
from cloud.replication.dues import DueScope, Looked, PostgresDues
from cloud.replication.fold_transactions import FOLD_THREADS, PostgresFolds
from cloud.replication.fold_worker import FoldWorker
from sync.door import Door
from sync.folder import Folder
from tests.cloud.replication.house import Hand, House, lunch, open_house
from tests.cloud.test_cloud_cli import WAIT_SECONDS, Serving, folder  # noqa: F401
from tests.cloud.test_worker_process import Working, ended, own_house, own_parts, url  # noqa: F401

ROUNDS = 4
LOOK_SECONDS = 0.5
T = TypeVar("T")


async def folded(house: House, sales: int) -> None:
    """Wait until so many sales are in the sums."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await house.takings() != sales * lunch().total_minor:  # noqa: ASYNC110 - it happens elsewhere
            await asyncio.sleep(0.05)


async def no_difference(house: House, *hands: Hand) -> None:
    """All is judged, and digests are those of the rows."""
    for hand in hands:
        assert await house.judged(hand) == hand.seq
    assert await house.parked() == []
    await house.digests()


class Stopped:
    """Holds a lock for which a fold must wait somewhere in its middle, until it is let go."""

    def __init__(self, owner_url: str, lock: LiteralString) -> None:
        self._connection = psycopg.connect(owner_url)
        self._connection.execute(lock)

    def let_go(self) -> None:
        self._connection.rollback()
        self._connection.close()

    def wait_for_somebody(self) -> None:
        """Wait until a transaction waits."""
        waiting = """
            select count(*) from pg_locks join pg_stat_activity using (pid)
            where not granted and datname = current_database()
        """
        for _ in range(WAIT_SECONDS * 20):
            row = self._connection.execute(waiting).fetchone()
            if row is not None and row[0]:
                return
            self._connection.execute("select pg_sleep(0.05)")
        raise AssertionError("nobody came")


@pytest.mark.parametrize(
    "lock",
    [
        "lock table takings_by_method in share mode",
        "select 1 from control.due where organization_id <> scope_id for update",
    ],
    ids=["within", "at its end"],
)
async def test_a_worker_that_is_killed_in_a_turn_is_followed_by_another(
    own_house: House,
    url: str,
    folder: Path,
    postgres: Any,
    database_name: str,
    lock: LiteralString,
) -> None:
    """Within, its sums wait for a table; at its end, somebody asks for the same fold once more and is not done."""
    house = own_house
    house.own.sell(lunch())
    await house.send()
    stopped = await asyncio.to_thread(Stopped, postgres.owner_url(database_name), lock)
    first = await asyncio.to_thread(Working, folder, COMANDA_DATABASE_URL=url)
    with ended(first):
        await asyncio.to_thread(stopped.wait_for_somebody)
        await asyncio.to_thread(first.end, signal.SIGKILL)
    assert await house.judged(house.own) < house.own.seq
    await asyncio.to_thread(stopped.let_go)
    second = await asyncio.to_thread(Working, folder, COMANDA_DATABASE_URL=url)
    with ended(second):
        await folded(house, 1)
        assert await asyncio.to_thread(second.end) == 0
    await no_difference(house, house.own)


async def test_two_web_processes_and_two_workers_fold_what_comes_in_while_workers_are_killed(
    own_house: House,
    url: str,
    folder: Path,
) -> None:
    """Tills of two branches sell; hints go from here to the workers, as from any web process, and some are lost."""
    house, rnd = own_house, random.Random(11)
    tills = [house.own, house.other, *[await house.open(f"Caja {at}", house.own.branch_id) for at in range(2)]]
    hub = house.parts.hub
    link = asyncio.create_task(Link([PostgresCarrier(url.replace("postgresql+psycopg", "postgresql"))], hub).run())
    webs = [await asyncio.to_thread(Serving, folder, COMANDA_DATABASE_URL=url) for _ in range(2)]
    workers = [await asyncio.to_thread(Working, folder, COMANDA_DATABASE_URL=url) for _ in range(2)]
    try:
        sold = 0
        for round_ in range(ROUNDS):
            for till in tills:
                till.sell(lunch())
                await house.send(till)
                sold += 1
                if rnd.random() < 0.8:
                    room = Room(house.organization_id, till.branch_id)
                    hub.tell(room, Hint(till.key.id, till.device_id, till.seq))
            if round_ == ROUNDS // 2:
                await asyncio.to_thread(workers[0].end, signal.SIGKILL)
                workers[0] = await asyncio.to_thread(Working, folder, COMANDA_DATABASE_URL=url)
        await folded(house, sold)
        health = await asyncio.to_thread(httpx.get, f"{webs[1].address}/health")
        assert health.json()["fold"] == "well"
        await no_difference(house, *tills)
    finally:
        link.cancel()
        for each in (*webs, *workers):
            if each.process.poll() is None:
                await asyncio.to_thread(each.end, signal.SIGKILL)


async def test_a_tenant_with_a_long_backlog_holds_no_other_one_up(parts: Parts, new_tenant: Any) -> None:
    """Counted in turns: the other's sale is folded after at most one turn of each thread, not after the backlog."""
    big, small = [await open_house(parts, await new_tenant(slug)) for slug in ("la-grande", "la-chica")]
    for _ in range(40):
        big.own.sell(lunch())
        big.other.sell(lunch())
    await big.send()
    turns: list[DueScope] = []
    folds = PostgresFolds(parts.database)

    class Noting:
        async def run(self, scope: DueScope, fold: Callable[[Door], T]) -> T:
            turns.append(scope)
            if len(turns) == 1:
                small.own.sell(lunch())
                await small.send()
                worker.wake(small.organization_id, small.own.branch_id, Hint(small.own.key.id, small.own.device_id, 1))
            return await folds.run(scope, fold)

    worker = FoldWorker(parts.database, parts.units, parts.clock, Noting())
    with patch("cloud.replication.fold_turns.Folder", partial(Folder, batch_changes=30)):
        task = asyncio.create_task(worker.run())
        try:
            await folded(small, 1)
            await folded(big, 80)
        finally:
            task.cancel()
            await asyncio.wait([task])
    own = [scope for scope in turns if not scope.is_whole]
    assert own.index(DueScope(small.organization_id, small.own.branch_id)) <= FOLD_THREADS + 1
    assert len(own) > 20, "the backlog took many turns"


async def test_what_nobody_does_costs_a_look_now_and_then(
    parts: Parts, new_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in looks: once all is folded and noted, no tenant costs anything, however many there are."""
    monkeypatch.setattr("cloud.replication.fold_worker.LOOK_SECONDS", LOOK_SECONDS)
    for slug in ("uno", "dos", "tres"):
        house = await open_house(parts, await new_tenant(slug))
        house.own.sell(lunch())
        await house.send()

    class Counting(PostgresDues):
        looks = 0

        async def look(self, most: int) -> Looked:
            self.looks += 1
            return await super().look(most)

    dues = Counting(parts.database)
    parts.units.dues = dues
    turns = 0
    folds = PostgresFolds(parts.database)

    class Noting:
        async def run(self, scope: DueScope, fold: Callable[[Door], T]) -> T:
            nonlocal turns
            turns += 1
            return await folds.run(scope, fold)

    worker = FoldWorker(parts.database, parts.units, parts.clock, Noting())
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while (await dues.look(10)).due or turns < 6:  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
        looks, before = dues.looks, turns
        await asyncio.sleep(6 * LOOK_SECONDS)
        assert turns == before
        assert dues.looks - looks <= 7
    finally:
        task.cancel()
        await asyncio.wait([task])
