"""The same random logs on SQLite and on PostgreSQL: equal rows, stamps, sums, digests, and equal transactions parked.

COMANDA_RANDOM_LOGS says how many logs there are, COMANDA_RANDOM_LOGS_FROM the first seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest
import sqlalchemy as sa
from plain_replicas import PlainReplica, in_memory
from random_logs import arrivals, random_log
from streams import Written

from tests.cloud.conftest import Postgres

LOGS = int(os.environ.get("COMANDA_RANDOM_LOGS", "12"))
FROM = int(os.environ.get("COMANDA_RANDOM_LOGS_FROM", "0"))


@pytest.fixture
def engine(postgres: Postgres, common_database: str) -> Iterator[sa.Engine]:
    """The owner of the tables, whom no policy binds."""
    url = sa.make_url(postgres.owner_url(common_database)).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


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
