"""The same random logs on SQLite and on PostgreSQL: equal rows, stamps, sums, digests, and equal transactions parked.

COMANDA_RANDOM_LOGS says how many logs there are, COMANDA_RANDOM_LOGS_FROM the first seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa
from older import older_tables
from plain_replicas import SPECS, PlainReplica, in_memory
from random_logs import arrivals, random_log
from replicas import ORGANIZATION
from streams import Row, Written, device, dining_table, edit, space
from toy_sums import SEATS, SPACES, toys_metadata

from sync.change import Kind
from sync.door import Door, door_of
from sync.feed import tell
from sync.folder import Folder
from sync.merge import apply
from sync.merged import MergedTables
from sync.recount import counted, kept
from sync.sums import KeptSums
from sync.tables import TableSpec
from sync.waiting import ParkingKey, Waiting
from tests.cloud.conftest import Postgres

LOGS = int(os.environ.get("COMANDA_RANDOM_LOGS", "12"))
SPACE, OTHER = UUID(int=101), UUID(int=102)
FROM = int(os.environ.get("COMANDA_RANDOM_LOGS_FROM", "0"))


@pytest.fixture
def engine(postgres: Postgres, common_database: str) -> Iterator[sa.Engine]:
    """The owner of the tables, whom no policy binds; with the sums of the tests."""
    url = sa.make_url(postgres.owner_url(common_database)).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url)
    toys_metadata.create_all(engine)
    yield engine
    toys_metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def sweep(engine: sa.Engine, sweeper: Callable[[], object]) -> Callable[[], None]:
    """Empties the database and the sums of the tests."""

    def both() -> None:
        sweeper()
        with engine.begin() as connection:
            for table in toys_metadata.sorted_tables:
                connection.execute(table.delete())

    return both


def test_a_row_that_somebody_else_writes_at_the_same_time_is_merged_with(
    engine: sa.Engine, sweep: Callable[[], None]
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
        sweep()


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_family_that_two_transactions_change_at_once_is_compared_by_one_after_the_other(
    engine: sa.Engine, sweep: Callable[[], None], is_moved: bool
) -> None:
    """Neither sees the row of the other before it commits: who commits later must look again."""
    sums = KeptSums((SPACES, SEATS), ORGANIZATION.bytes, SPECS)

    def write(door: Door, *rows: Row) -> None:
        merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
        for table, kind, row, fields in rows:
            spec = SPECS[table]
            held = merged.load(spec, [row.bytes]).get(row.bytes)
            values = spec.values(**fields) if kind == Kind.CREATE else fields
            made = apply(spec, held, Kind(kind), values, (kind + 1, b"z" * 16))
            tell(door, merged.write({table: {row.bytes: made}}), (sums,))

    def write_alone(*rows: Row) -> None:
        with engine.begin() as connection:
            write(door_of(connection), *rows)

    first, second = UUID(int=201), UUID(int=202)
    write_alone(space(SPACE), space(OTHER), dining_table(first, OTHER, seats=2))
    late = edit("dining_tables", first, space_id=SPACE.bytes) if is_moved else dining_table(UUID(int=203), SPACE)
    try:
        with engine.begin() as connection, ThreadPoolExecutor(1) as thread:
            write(door_of(connection), dining_table(second, SPACE, seats=4))
            writing = thread.submit(write_alone, late)
            while not _is_anybody_waiting(engine):
                assert not writing.done()
            connection.commit()
            writing.result(timeout=30)
        with engine.begin() as connection:
            door = door_of(connection)
            for name, rows in counted(door, (SPACES, SEATS)).items():
                assert kept(door, toys_metadata.tables[name]) == rows
    finally:
        sweep()


def _is_anybody_waiting(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def fold_all(
    replica: PlainReplica, written: Sequence[Written], seed: int, tables: Mapping[str, TableSpec] = SPECS
) -> None:
    """Everything in pieces, in an order of arrival that the seed gives, by the program that knows these tables."""
    random = Random(seed)
    replica.folder = replica.program(tables, random.choice((1, 3, 10, 4_000)))
    for stream, after, last in arrivals([each for each in written if each.bodies], random):
        replica.receive(stream, after, last)
        if random.random() < 0.5:
            replica.fold(random.choice((1, 1_000)))
    replica.fold()


def test_an_upgrade_makes_the_same_of_the_same_logs(engine: sa.Engine, sweep: Callable[[], None]) -> None:
    """Where transactions hold each other up in a circle it may fold more, see `sync/upgrade.py`: few logs have one."""
    older = older_tables({"order_lines", "receipts", "receipt_lines"}, {"orders": {"table_id"}})
    compared = 0
    for seed in range(FROM, FROM + LOGS):
        devices, cloud = random_log(Random(seed))
        light, large = in_memory(), PlainReplica(engine)
        try:
            fold_all(light, (*devices, cloud), seed)
            if light.core(has_circle):
                continue
            fold_all(large, (*devices, cloud), seed + 1, older)
            large.begin_anew()
            while large.fold() + large.fold_again():
                pass
            assert large.state() == light.state(), f"seed {seed}"
            compared += 1
        finally:
            sweep()
            light.engine.dispose()
    assert compared > LOGS * 0.8


def has_circle(door: Door) -> bool:
    """Whether parked transactions wait for rows that only such transactions create."""
    waiting = Waiting(MergedTables(door, ORGANIZATION.bytes, SPECS), b"")
    places = door.rows("SELECT stream_id, first_seq, last_seq, missing_row FROM sync_parked")
    waits = {ParkingKey(*place): missing for *place, missing in places}
    created = {
        key: {change.row for one in waiting.read([key]) for change in one.changes if change.kind == Kind.CREATE}
        for key in waits
    }
    while True:
        rows = set().union(*(created[key] for key in waits))
        left = {key: missing for key, missing in waits.items() if missing in rows}
        if left == waits:
            return bool(waits)
        waits = left


def test_both_databases_make_the_same_of_the_same_logs(engine: sa.Engine, sweep: Callable[[], None]) -> None:
    for seed in range(FROM, FROM + LOGS):
        devices, cloud = random_log(Random(seed))
        light, large = in_memory(), PlainReplica(engine)
        try:
            fold_all(light, (*devices, cloud), seed)
            fold_all(large, (*devices, cloud), seed + 1)
            assert large.state() == light.state(), f"seed {seed}"
        finally:
            sweep()
            light.engine.dispose()
