"""Whoever writes at once locks in one order: sums by their keys and digests by their scopes, however rows changed."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from plain_replicas import SPECS, in_memory
from replicas import BRANCH, ORGANIZATION, OTHER_BRANCH

from shared.books.sums import SUMS
from shared.kernel.ids import derived_id
from shared.sales.records import takings_by_method
from sync.digest import Digests
from sync.door import ResultRow, Shape
from sync.feed import Feed
from sync.sqlite import SqliteDoor
from sync.sums import KeptSums

SCOPES = (ORGANIZATION.bytes, BRANCH.bytes, OTHER_BRANCH.bytes)
HOURS = (9, 13, 21)
Asked = list[tuple[Any, ...]]


class SpyingDoor(SqliteDoor):
    """Notes the parameters of all statements, each row of an insert by itself."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection, sqlite3.Error, lambda _sql, error: error)
        self.asked: Asked = []

    def rows(self, sql: str, *parameters: Any) -> list[ResultRow]:
        self.asked.append(parameters)
        return super().rows(sql, *parameters)

    def run(self, sql: str, *parameters: Any) -> int:
        self.asked.append(parameters)
        return super().run(sql, *parameters)

    def delete(self, of: Shape, rows: Sequence[Sequence[Any]]) -> None:
        self.asked += map(tuple, rows)
        super().delete(of, rows)

    def insert(self, into: Shape, rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        self.asked += map(tuple, rows)
        super().insert(into, rows, conflict)


@pytest.fixture
def door() -> Iterator[SpyingDoor]:
    engine = in_memory().engine
    with engine.begin() as connection:
        yield SpyingDoor(connection.connection.driver_connection)
    engine.dispose()


def first_asked(asked: Asked, lock_of: Callable[[tuple[Any, ...]], Any]) -> list[Any]:
    """The locks that statements take, in order, each where it is taken first."""
    return list(dict.fromkeys(lock_of(parameters) for parameters in asked))


@pytest.mark.parametrize("hours", list(itertools.permutations(HOURS)))
def test_sums_are_locked_by_their_keys(door: SpyingDoor, hours: tuple[int, ...]) -> None:
    (takings,) = (each for each in SUMS if takings_by_method in each.tables and each.reads == ("payments",))
    kept = KeptSums([replace(takings, dated=None)], ORGANIZATION.bytes, SPECS)
    method = {"method_id": BRANCH.bytes, "method_name": "Yape", "kind": "wallet", "amount_minor": 1}
    key = {"branch_id": BRANCH.bytes, "business_date": "2026-11-23", "currency": "PEN"}
    rows = {hour: SimpleNamespace(**key, **method, local_hour=hour) for hour in hours}
    created: Feed = {takings.source.name: [(b"", None, rows[hour]) for hour in hours]}
    taken: Feed = {takings.source.name: [(b"", rows[hour], None) for hour in hours]}
    kept.write(door, created)
    assert first_asked(door.asked, lambda row: row[3]) == sorted(HOURS)
    door.asked.clear()
    kept.write(door, taken)
    grown, removed = door.asked[: len(HOURS)], door.asked[len(HOURS) :]
    assert [row[3] for row in grown] == [row[3] for row in removed] == sorted(HOURS)


@pytest.mark.parametrize("scopes", list(itertools.permutations(SCOPES)))
def test_digests_are_locked_by_their_scopes(door: SpyingDoor, scopes: tuple[bytes, ...]) -> None:
    feed: Feed = {}
    for scope in scopes:
        name = "categories" if scope == ORGANIZATION.bytes else "spaces"
        of_branch = {} if scope == ORGANIZATION.bytes else {"branch_id": scope}
        values = SPECS[name].values(name="x", **of_branch)
        feed.setdefault(name, []).append((derived_id("row", scope.hex()).bytes, None, values))
    Digests(ORGANIZATION.bytes, SPECS).write(door, feed)
    assert first_asked(door.asked, lambda parameters: next(scope for scope in parameters[::-1] if scope in SCOPES)) == (
        sorted(SCOPES)
    )
