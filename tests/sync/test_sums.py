"""Sums over rows and over families: what they cost, and that they follow whatever happens to a family.

That sums are those of a recount after any logs is tested in `test_arrival_order.py`, beside rows and digests.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from plain_replicas import SPECS, PlainReplica, in_memory
from random_logs import founding
from replicas import ORGANIZATION
from streams import Row, device, dining_table, edit, order, space
from toy_sums import ORDERS, SEATS, SPACES, TOYS, toys_metadata

from shared.domains import DOMAINS
from shared.kernel.ids import derived_id
from shared.kernel.sums import Comparison, Declared
from sync import recount as recounting
from sync.door import ResultRow, Shape
from sync.feed import Feed
from sync.recount import SumsRow, adding_where, counted, kept, recount
from sync.sqlite import SqliteDoor
from sync.sums import KeptSums
from sync.tables import specs

SPACE, OTHER, TABLE, NEW, ORDER = (UUID(int=number) for number in range(101, 106))


class AskedDoor(SqliteDoor):
    """Notes which tables are read and written, and what is locked, in order."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection, sqlite3.Error, lambda _sql, error: error)
        self.asked: list[str] = []
        self.locked: list[Sequence[int]] = []

    def lock(self, numbers: Sequence[int]) -> None:
        self.asked.append("lock")
        self.locked.append(numbers)

    def rows(self, sql: str, *parameters: Any) -> list[ResultRow]:
        self.asked.append("read " + sql.partition('FROM "')[2].partition('"')[0])
        return super().rows(sql, *parameters)

    def insert(self, into: Shape, rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        self.asked.append(f"write {into.table}")
        super().insert(into, rows, conflict)

    def delete(self, of: Shape, rows: Sequence[Sequence[Any]]) -> None:
        self.asked.append(f"remove from {of.table}")
        super().delete(of, rows)


@pytest.fixture
def replica() -> Iterator[PlainReplica]:
    replica, branches = in_memory(), founding()
    replica.receive(branches, 0, len(branches.bodies))
    yield replica
    replica.engine.dispose()


def arrive(replica: PlainReplica, *rows: Row, stamp: int = 1) -> None:
    """Fold these rows, each as a transaction of one new device."""
    written = device(f"{rows} {stamp}", *[[row] for row in rows], stamp=stamp)
    replica.receive(written, 0, len(written.bodies))
    replica.fold()


def created(*rows: Row) -> Feed:
    feed: Feed = {}
    for table, _kind, row, fields in rows:
        feed.setdefault(table, []).append((row.bytes, None, SPECS[table].values(**fields)))
    return feed


def asked(replica: PlainReplica, feed: Feed, *declared: Declared) -> AskedDoor:
    """Tell the feed to these sums alone."""
    with replica.engine.begin() as connection:
        door = AskedDoor(connection.connection.driver_connection)
        KeptSums(declared, ORGANIZATION.bytes, SPECS).write(door, feed)
        return door


def sums(replica: PlainReplica) -> dict[str, list[SumsRow]]:
    """The sums that the feed has kept: those of a recount."""
    with replica.engine.begin() as connection:
        door = AskedDoor(connection.connection.driver_connection)
        rows = counted(door, TOYS)
        assert rows == {name: kept(door, toys_metadata.tables[name]) for name in rows}
        return rows


def said(replica: PlainReplica) -> list[str]:
    """What the families say."""
    return [row[2] for row in sums(replica)["toy_families"]]


# -- what it costs -----------------------------------------------------------------------------------------------------


def test_a_family_whose_first_row_is_new_is_compared_without_a_look_at_the_database(replica: PlainReplica) -> None:
    feed = created(space(SPACE), dining_table(TABLE, SPACE), dining_table(NEW, SPACE))
    assert asked(replica, feed, SPACES).asked == ["write toy_families", "write toy_by_key"]
    assert asked(replica, created(order(ORDER)), ORDERS).asked == []


def test_older_families_cost_one_statement_a_source_however_many_they_are(replica: PlainReplica) -> None:
    arrive(replica, space(SPACE), space(OTHER, name="other"))
    reads = ["lock", "read spaces", "read dining_tables"]
    for rows in ([dining_table(NEW, SPACE)], [dining_table(NEW, SPACE), dining_table(TABLE, OTHER)]):
        assert asked(replica, created(*rows), SPACES).asked[:3] == reads
        assert asked(replica, created(*rows), SPACES).asked.count("read spaces") == 1


def test_where_a_reference_is_not_checked_the_first_row_may_come_last(replica: PlainReplica) -> None:
    arrive(replica, order(ORDER, table_id=TABLE.bytes, notes="early"), space(SPACE), dining_table(TABLE, SPACE))
    assert "early" in said(replica)


def test_what_adds_the_same_as_before_is_not_written(replica: PlainReplica) -> None:
    arrive(replica, space(SPACE), dining_table(TABLE, SPACE))
    _name, _kind, _row, fields = dining_table(TABLE, SPACE)
    renamed = SPECS["dining_tables"].values(**fields)
    feed: Feed = {"dining_tables": [(TABLE.bytes, SPECS["dining_tables"].values(**{**fields, "name": "x"}), renamed)]}
    assert asked(replica, feed, SPACES, SEATS).asked == ["lock", "read spaces", "read dining_tables"]


def test_families_are_locked_before_they_are_read_and_by_their_numbers(replica: PlainReplica) -> None:
    spaces = [UUID(int=500 + number) for number in (9, 3, 7, 3 + 64)]
    door = asked(replica, created(*[dining_table(UUID(int=900 + at), each) for at, each in enumerate(spaces)]), SPACES)
    (locked,) = door.locked
    assert list(locked) == sorted(set(locked))
    assert len(locked) == 3, "a fold of thousands must not use up the locks of the server"


def test_tables_of_sums_are_written_in_the_order_of_the_declarations(replica: PlainReplica) -> None:
    for rows in ((space(SPACE), dining_table(TABLE, SPACE)), (dining_table(NEW, OTHER), space(OTHER, name="o"))):
        assert asked(replica, created(*rows), SPACES, SEATS).asked == ["write toy_families", "write toy_by_key"]


@pytest.mark.parametrize("declared", [each for domain in DOMAINS for each in domain.sums])
def test_families_are_looked_up_by_an_index(declared: Declared) -> None:
    if isinstance(declared, Comparison):
        for record in declared.sources:
            table = specs(record.metadata)[record.__tablename__].table
            begins = {next(iter(index.columns)).name for index in table.indexes}
            assert declared.group not in table.columns or declared.group in begins, table.name


# -- what they say -----------------------------------------------------------------------------------------------------


def test_a_row_that_moves_is_compared_in_both_families(replica: PlainReplica) -> None:
    arrive(replica, space(SPACE, name="a"), space(OTHER, name="b"), dining_table(TABLE, SPACE, seats=6))
    assert {"a [6]", "b []"} <= set(said(replica))
    arrive(replica, edit("dining_tables", TABLE, space_id=OTHER.bytes), stamp=50)
    assert {"a []", "b [6]"} <= set(said(replica))


def test_a_row_that_a_feed_tells_twice_counts_from_its_first_to_its_last(replica: PlainReplica) -> None:
    arrive(replica, space(SPACE, name="a"), dining_table(TABLE, SPACE, seats=6))
    values = [SPECS["dining_tables"].values(**dining_table(TABLE, SPACE, seats=seats)[3]) for seats in (2, 4, 6)]
    with replica.engine.begin() as connection:
        door = AskedDoor(connection.connection.driver_connection)
        comparing = KeptSums((SPACES,), ORGANIZATION.bytes, SPECS)
        told = [(TABLE.bytes, values[0], values[1]), (TABLE.bytes, values[1], values[2])]
        grown = comparing.grown(door, {"dining_tables": told})["toy_families"]
    assert grown == {("space", "a [2]"): [-1, -1, -2], ("space", "a [6]"): [1, 1, 6]}


def test_several_declarations_add_to_one_row(replica: PlainReplica) -> None:
    """A column that a declaration does not name gets nothing from it; a key may be computed; None adds nothing."""
    arrive(replica, space(SPACE), dining_table(TABLE, SPACE, seats=6), order(ORDER, table_id=TABLE.bytes, notes="four"))
    arrive(replica, order(NEW, notes="at no table"))
    organization, table_key = ORGANIZATION.bytes, derived_id("toy", TABLE.bytes).bytes
    assert sums(replica)["toy_by_key"] == sorted(
        [(organization, SPACE.bytes, 2, 1, 12, 0), (organization, table_key, 1, 0, 0, 4)]
    )


def test_a_share_that_counts_nothing_is_a_defect(replica: PlainReplica) -> None:
    wrong = Comparison(
        "space_id", SPACES.sources, SPACES.tables, lambda _rows: [("toy_families", ("x", "y"), (0, 0, 1))]
    )
    with pytest.raises(AssertionError):
        asked(replica, created(space(SPACE)), wrong)


@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_sums_are_counted_anew_with_all_that_adds_to_the_same_tables(
    replica: PlainReplica, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of sums has several sources: counted from one of them alone it would lose the others' shares."""
    arrive(replica, space(SPACE), dining_table(TABLE, SPACE), order(ORDER, table_id=TABLE.bytes, notes="four"))
    arrive(replica, space(OTHER), dining_table(NEW, OTHER))
    before = sums(replica)
    monkeypatch.setattr(recounting, "ROWS_A_PART", size)
    monkeypatch.setattr(recounting, "FAMILIES_A_PART", size)
    with replica.engine.begin() as connection:
        door = AskedDoor(connection.connection.driver_connection)
        door.run("UPDATE toy_by_key SET seats = 99")
        door.run("DELETE FROM toy_families")
        recount(door, adding_where(TOYS, "receipts"))
    assert sums(replica) == before
    with replica.engine.begin() as connection:
        recount(AskedDoor(connection.connection.driver_connection), TOYS)
    assert sums(replica) == before
