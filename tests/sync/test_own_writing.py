"""Own writing beneath the ORM: what follows from a row is written with it, and from that what follows again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from plain_replicas import Mirror
from replicas import BRANCH, ORGANIZATION, TILL, HandClock
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from shared.kernel.columns import Key, Words
from shared.kernel.ids import derived_id
from shared.kernel.permissions import SYSTEM, Permission
from shared.kernel.records import Merge, Scope
from shared.kernel.states import Lattice, Rank
from sync.author import Author, DerivedRow
from sync.change import Kind
from sync.digest import Digests, read, recount
from sync.door import Door, door_of
from sync.log import changes_between
from sync.merged import MergedTables
from sync.records import log_metadata
from sync.tables import Values, specs
from sync.writing import OwnWriting, values_of

FACT, OTHER = UUID(int=1).bytes, UUID(int=2).bytes
CHAIN = ("facts", "bills", "letters")
"""A bill follows from each fact, a letter from each bill."""


class Way(Rank):
    OPEN = 10
    DONE = 20


def _declared() -> sa.MetaData:
    metadata = sa.MetaData()
    for name in CHAIN:
        sa.Table(
            name,
            metadata,
            sa.Column("organization_id", Key(), primary_key=True),
            sa.Column("id", Key(), primary_key=True),
            sa.Column("branch_id", Key(), nullable=False, info={"merge": Merge.LEDGER}),
            sa.Column("name", Words(20), nullable=False, info={"merge": Merge.REGISTER}),
            sa.Column("standing", Lattice(Way), nullable=False, info={"merge": Merge.STATE}),
            sa.Column("stamps", sa.LargeBinary),
            info={"scope": Scope.BRANCH, "writes": Permission.TAKE_ORDER, "derived": name != "facts"},
        )
    return metadata


METADATA = _declared()
SPECS = specs(METADATA)


def fields(name: str) -> dict[str, Any]:
    return {"branch_id": BRANCH.bytes, "name": name, "standing": 10}


def follows(table: str, row: bytes, before: Values | None, after: Values | None) -> Iterable[DerivedRow]:
    """The next of the chain, under an id that is computed from the row."""
    if before is None and after is not None and table != CHAIN[-1]:
        next_table = CHAIN[CHAIN.index(table) + 1]
        given = fields(f"of {after.name}")
        yield next_table, derived_id(table, row).bytes, values_of(SPECS[next_table], given), given


BILL = derived_id("facts", FACT).bytes
LETTER = derived_id("bills", BILL).bytes


class Desk:
    """A writer on a database in memory."""

    def __init__(self) -> None:
        creator = lambda: sqlite3.connect(":memory:", isolation_level=None)  # noqa: E731
        self.engine = sa.create_engine("sqlite://", poolclass=StaticPool, creator=creator)
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        with self.engine.begin() as connection:
            for metadata in (METADATA, log_metadata):
                metadata.create_all(connection)
        self.mirror = Mirror()
        listeners = (Digests(ORGANIZATION.bytes, SPECS), self.mirror)
        self.author = Author(ORGANIZATION, TILL, 1, False, HandClock(), METADATA, listeners, follows)

    def write(self, *steps: tuple[str, bytes, Kind, dict[str, Any]]) -> None:
        """One unit of work, each step a flush of its own."""
        with self.engine.begin() as connection:
            door = door_of(connection)
            writing = OwnWriting(door, self.author, SYSTEM)
            for name, row, kind, given in steps:
                self._step(writing, name, row, kind, given)
                writing.derive()
            writing.finish()

    @staticmethod
    def _step(writing: OwnWriting, name: str, row: bytes, kind: Kind, given: dict[str, Any]) -> None:
        """As the ORM does: the rows themselves are written by whoever flushes."""
        table = SPECS[name]
        if kind is Kind.CREATE:
            held = writing.create(table, row, values_of(table, given), given)
        else:
            known = writing.known(table, row)
            held = writing.edit(table, row, known or writing.merged.load(table, [row])[row], given)
        if kind is Kind.EDIT and held.before is None:
            sets = ", ".join(f'"{column}" = ?' for column in given)
            values = [getattr(held.values, column) for column in given]
            writing.merged.door.run(f"UPDATE {name} SET {sets} WHERE id = ?", *values, row)
        else:
            writing.merged.write({name: {row: held}})

    def log(self) -> list[tuple[str, bytes, int, dict[str, Any]]]:
        stream = self.author.branch_stream(BRANCH).id.bytes

        def read_log(door: Door) -> list[tuple[str, bytes, int, dict[str, Any]]]:
            stored = changes_between(door, ORGANIZATION.bytes, stream, 1, 1_000)
            return [(one.table, one.row, one.kind, SPECS[one.table].decode_edit(one.fields)) for one in stored]

        return self.core(read_log)

    def core(self, function: Any) -> Any:
        with self.engine.begin() as connection:
            return function(door_of(connection))

    def names(self) -> dict[str, list[str]]:
        """The names of all rows by table, after a look at feed and digests."""

        def look(door: Door) -> dict[str, list[str]]:
            merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
            kept = read(door, ORGANIZATION.bytes, BRANCH.bytes)
            assert kept == recount(merged, Scope.BRANCH, BRANCH.bytes)
            found: dict[str, list[str]] = {}
            for name, table in SPECS.items():
                rows = merged.load(table, [row[0] for row in door.rows(f"SELECT id FROM {name}")])
                assert {row: each.values for row, each in rows.items()} == {
                    row: values for (of, row), values in self.mirror.rows.items() if of == name
                }
                found[name] = sorted(each.values.name for each in rows.values())
            return found

        return self.core(look)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.engine.dispose()


def test_what_follows_from_what_follows_is_written_in_the_same_transaction(desk: Desk) -> None:
    desk.write(("facts", FACT, Kind.CREATE, fields("a")))
    assert desk.names() == {"facts": ["a"], "bills": ["of a"], "letters": ["of of a"]}
    assert [(table, row, kind) for table, row, kind, _fields in desk.log()] == [
        ("facts", FACT, Kind.CREATE),
        ("bills", BILL, Kind.CREATE),
        ("letters", LETTER, Kind.CREATE),
    ]
    assert len({desk.core(lambda door: door.value("SELECT last_transaction FROM sync_streams"))}) == 1


def test_a_row_that_is_edited_in_the_unit_that_created_it_is_one_creation(desk: Desk) -> None:
    desk.write(
        ("facts", FACT, Kind.CREATE, fields("a")),
        ("facts", FACT, Kind.EDIT, {"name": "b"}),
        ("bills", BILL, Kind.EDIT, {"name": "by hand", "standing": 20}),
        ("facts", FACT, Kind.EDIT, {"name": "c"}),
    )
    assert desk.names() == {"facts": ["c"], "bills": ["by hand"], "letters": ["of of a"]}
    assert [(table, kind, said["name"]) for table, _row, kind, said in desk.log()] == [
        ("facts", Kind.CREATE, "c"),
        ("bills", Kind.CREATE, "by hand"),
        ("letters", Kind.CREATE, "of of a"),
    ]


def test_a_derived_row_that_is_there_already_is_left_alone(desk: Desk) -> None:
    """Somebody else's came first; so did what follows from it, or will."""
    desk.write(("bills", BILL, Kind.CREATE, fields("theirs")))
    before = desk.log()
    desk.write(("facts", FACT, Kind.CREATE, fields("a")))
    assert desk.names() == {"facts": ["a"], "bills": ["theirs"], "letters": ["of theirs"]}
    assert [change[0] for change in desk.log()[len(before) :]] == ["facts"]


def test_what_the_unit_itself_makes_is_not_derived_again(desk: Desk) -> None:
    desk.write(
        ("bills", BILL, Kind.CREATE, fields("by hand")),
        ("facts", FACT, Kind.CREATE, fields("a")),
    )
    assert desk.names() == {"facts": ["a"], "bills": ["by hand"], "letters": ["of by hand"]}
    assert [change[0] for change in desk.log()] == ["bills", "letters", "facts"]


def test_several_flushes_of_an_edit_are_one_change_that_is_told_once(desk: Desk) -> None:
    desk.write(("facts", FACT, Kind.CREATE, fields("a")), ("facts", OTHER, Kind.CREATE, fields("o")))
    before = desk.log()
    desk.write(
        ("facts", FACT, Kind.EDIT, {"name": "b"}),
        ("facts", OTHER, Kind.EDIT, {"standing": 20}),
        ("facts", FACT, Kind.EDIT, {"name": "c", "standing": 20}),
        ("facts", FACT, Kind.EDIT, {"standing": 10}),
    )
    assert desk.names()["facts"] == ["c", "o"]
    assert [(row, said.get("name")) for _table, row, _kind, said in desk.log()[len(before) :]] == [
        (FACT, "c"),
        (OTHER, None),
    ]
    states = desk.core(lambda door: door.rows("SELECT standing FROM facts"))
    assert states == [(20,), (20,)], "a state is never lowered"
