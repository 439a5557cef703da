"""Replicas without a writer: a log and merged tables on a synchronous engine, on SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec.structs import astuple
from older import older_file, upgrading_step
from replicas import BRANCH, ORGANIZATION, OTHER_BRANCH, beside, ddl
from sqlalchemy import event
from sqlalchemy.pool import StaticPool
from streams import Written
from toy_sums import TOYS, toys_metadata

from shared.kernel.records import Scope
from shared.records import metadata, sums_metadata
from sync import digest, recount
from sync.declared import declared_sums, listeners_of
from sync.door import Door, door_of
from sync.feed import RowChange
from sync.folder import Folder
from sync.log import receive
from sync.merged import MergedTables
from sync.messages import Ack
from sync.sums import KeptSums
from sync.tables import TableSpec, Values, specs

P = ParamSpec("P")
T = TypeVar("T")
SPECS = specs(metadata)
SCOPES = ((Scope.ORGANIZATION, ORGANIZATION), (Scope.BRANCH, BRANCH), (Scope.BRANCH, OTHER_BRANCH))
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Mirror:
    """A listener that keeps all rows from the feed alone: each change must begin where the last one ended."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, bytes], Values] = {}

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """It has all that it needs."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        for table, changes in feed.items():
            for row, before, after in changes:
                assert before == self.rows.get((table, row)), "a change was told twice, or not at all"
                assert before != after, "nothing changed"
                self.rows[table, row] = after
                if after is None:
                    del self.rows[table, row]


class PlainReplica:
    """See the module."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.mirror = Mirror()
        self.folder = self.program()

    def program(self, tables: Mapping[str, TableSpec] = SPECS, batch_changes: int = 4_000) -> Folder:
        """A program that folds this replica's log. One that knows other tables keeps no sums: ours are of today's."""
        sums = (*listeners_of(ORGANIZATION, tables), KeptSums(TOYS, ORGANIZATION.bytes, tables))
        listeners = sums if tables is SPECS else [each for each in sums if isinstance(each, digest.Digests)]
        return Folder(ORGANIZATION, tables, listeners=[*listeners, self.mirror], batch_changes=batch_changes)

    def core(self, function: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of the core in a transaction of its own."""
        with self.engine.begin() as connection:
            return function(door_of(connection), *args, **kwargs)

    def receive(self, written: Written, after: int, last: int) -> None:
        answer = self.core(receive, ORGANIZATION.bytes, written.between(after, last), 1)
        assert isinstance(answer, Ack)

    def fold(self, most: int = 1_000) -> int:
        """Fold what is stored, at most so many batches; how many there were."""
        done = 0
        while done < most and self.core(self.folder.fold_next, 1) is not None:
            done += 1
        return done

    def fold_again(self, most: int = 1_000) -> int:
        """Fold again what an older program set aside, at most so many steps; how many there were."""
        done = 0
        while done < most and self.core(self.folder.fold_again, 1) is not None:
            done += 1
        return done

    def upgrade(self, older: sa.MetaData) -> None:
        """Bring the file of an older program to today's tables, and go on with today's program."""
        with self.engine.begin() as connection:
            for statement in upgrading_step(older):
                connection.exec_driver_sql(statement)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Go on with today's program on today's tables."""
        self.folder = self.program()
        self.core(recount.recount, [*declared_sums(), *TOYS])
        self.core(self._look_anew)

    def _look_anew(self, door: Door) -> None:
        """Let the mirror begin with the rows as the new program reads them: with the defaults of the new fields."""
        merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
        self.mirror.rows = {
            (name, key): row.values
            for name, table in SPECS.items()
            for key, row in merged.load(table, [row[0] for row in door.rows(f'SELECT id FROM "{name}"')]).items()
        }

    def state(self) -> dict[str, Any]:
        """All that must be equal wherever the same log is folded: rows with stamps, sums, digests, what is parked."""
        return self.core(self._state)

    def _state(self, door: Door) -> dict[str, Any]:
        merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
        state: dict[str, Any] = {}
        for name, table in SPECS.items():
            ids = [row[0] for row in door.rows(f'SELECT id FROM "{name}"')]
            for key, row in merged.load(table, ids).items():
                state[f"{name} {key.hex()}"] = dict(zip((*table.names, "stamps"), astuple(row.values), strict=True))
                assert _encode(astuple(self.mirror.rows.pop((name, key)))) == _encode(astuple(row.values))
        assert not self.mirror.rows, "the feed told of rows that are not there"
        for scope, scope_id in SCOPES:
            kept = digest.read(door, ORGANIZATION.bytes, scope_id.bytes)
            assert kept == digest.recount(merged, scope, scope_id.bytes)
            state[f"digests of {scope_id}"] = kept
        for name, rows in recount.counted(door, [*declared_sums(), *TOYS]).items():
            table = toys_metadata.tables[name] if name in toys_metadata.tables else sums_metadata.tables[name]
            assert recount.kept(door, table) == rows
            state[f"sums {name}"] = rows
        places = door.rows("SELECT stream_id, first_seq, last_seq FROM sync_parked")
        state["parked"] = sorted(tuple(place) for place in places)
        return state


def in_memory(older: sa.MetaData | None = None) -> PlainReplica:
    """A replica on an empty SQLite in memory, or on the empty file of an older program."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, creator=lambda: _copy(older))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return PlainReplica(engine)


@cache
def _template(older: sa.MetaData | None) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in ddl(toys_metadata) if older is None else [*older_file(older), *beside(toys_metadata)]:
        connection.execute(statement)
    return connection


def _copy(older: sa.MetaData | None) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _template(older).backup(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
