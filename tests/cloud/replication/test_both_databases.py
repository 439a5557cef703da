"""The same random logs on SQLite and on PostgreSQL: equal rows, stamps, sums, digests, and equal transactions parked.

COMANDA_RANDOM_LOGS says how many logs there are, COMANDA_RANDOM_LOGS_FROM the first seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa
from plain_replicas import SPECS, PlainReplica, in_memory
from random_logs import arrivals, random_log
from replicas import ORGANIZATION
from streams import Written, device, space

from sync.change import Kind
from sync.door import door_of
from sync.folder import Folder
from sync.merge import apply
from sync.merged import MergedTables
from tests.cloud.conftest import Postgres

LOGS = int(os.environ.get("COMANDA_RANDOM_LOGS", "12"))
SPACE = UUID(int=101)
FROM = int(os.environ.get("COMANDA_RANDOM_LOGS_FROM", "0"))


@pytest.fixture
def engine(postgres: Postgres, common_database: str) -> Iterator[sa.Engine]:
    """The owner of the tables, whom no policy binds."""
    url = sa.make_url(postgres.owner_url(common_database)).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def test_a_row_that_somebody_else_writes_at_the_same_time_is_merged_with(
    engine: sa.Engine, sweeper: Callable[[], object]
) -> None:
    """The fold has seen no such row, waits for the other transaction at its insert, and finds the row there then."""
    replica = PlainReplica(engine)
    replica.folder = Folder(ORGANIZATION, SPECS)
    written = device("a", [space(SPACE, name="folded", position=5)], stamp=9)
    replica.receive(written, 0, 1)
    _table, _kind, _row, fields = space(SPACE, name="meanwhile")
    with engine.begin() as connection, ThreadPoolExecutor(1) as thread:
        merged = MergedTables(door_of(connection), ORGANIZATION.bytes, SPECS)
        made = apply(SPECS["spaces"], None, Kind.CREATE, SPECS["spaces"].values(**fields), (1, b"z" * 16))
        merged.write({"spaces": {SPACE.bytes: made}})
        folding = thread.submit(replica.fold)
        while not _is_anybody_waiting(engine):
            assert not folding.done()
        connection.commit()
        assert folding.result(timeout=30) == 1
    try:
        rows = replica.core(lambda door: door.rows("SELECT name, position FROM spaces"))
        assert (rows, replica.core(lambda door: door.rows("SELECT reason FROM sync_parked"))) == ([("folded", 5)], [])
    finally:
        sweeper()


def _is_anybody_waiting(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def fold_all(replica: PlainReplica, written: Sequence[Written], seed: int) -> None:
    """Everything in pieces, in an order of arrival that the seed gives."""
    random = Random(seed)
    replica.folder = replica.program(batch_changes=random.choice((1, 3, 10, 4_000)))
    for stream, after, last in arrivals([each for each in written if each.bodies], random):
        replica.receive(stream, after, last)
        if random.random() < 0.5:
            replica.fold(random.choice((1, 1_000)))
    replica.fold()


def test_both_databases_make_the_same_of_the_same_logs(engine: sa.Engine, sweeper: Callable[[], object]) -> None:
    for seed in range(FROM, FROM + LOGS):
        devices, cloud = random_log(Random(seed))
        light, large = in_memory(), PlainReplica(engine)
        try:
            fold_all(light, (*devices, cloud), seed)
            fold_all(large, (*devices, cloud), seed + 1)
            assert large.state() == light.state(), f"seed {seed}"
        finally:
            sweeper()
            light.engine.dispose()
