"""Digests: equal where rows are equal with their stamps, since stamps decide what the next write becomes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from uuid import UUID

from plain_replicas import in_memory
from restaurant import WAITER, Replica, Village
from streams import arrive, device, edit, space

from shared.floor.records import Space
from shared.records import metadata
from sync.digest import Digests, stale
from sync.feed import Feed
from sync.sqlite import SqliteDoor
from sync.tables import specs

SPACE = UUID(int=101)


async def test_a_row_that_looks_the_same_under_another_stamp_has_another_digest(village: Village) -> None:
    """The next edit may win on the one replica and lose on the other."""
    digests = []
    for stamp in (1, 5):
        replica = village.replica(WAITER, "B")
        await arrive(replica, device("a", [space(SPACE, name="same")], stamp=stamp))
        digests.append(await replica.digests())
    assert digests[0] != digests[1]


async def test_an_edit_that_sets_what_stands_changes_the_digest(replica: Replica) -> None:
    await arrive(replica, device("a", [space(SPACE, name="same")]))
    before = await replica.digests()
    await arrive(replica, device("b", [edit("spaces", SPACE, name="same")], stamp=9))
    assert (await replica.row(Space, SPACE)).name == "same"
    assert await replica.digests() != before


def test_what_a_program_of_other_columns_wrote_over_is_counted_anew_by_both() -> None:
    """It may be replaced by the first one before it has counted: what that one kept is not true any more."""
    organization, branch = UUID(int=1).bytes, UUID(int=2).bytes
    ours = {"spaces": specs(metadata)["spaces"]}
    theirs = {"spaces": replace(ours["spaces"], fingerprint=b"other columns")}
    row = ours["spaces"].values(name="x", branch_id=branch)
    feed: Feed = {"spaces": [(SPACE.bytes, None, row)]}
    engine = in_memory().engine
    with engine.begin() as connection:
        door = SqliteDoor(connection.connection.driver_connection, sqlite3.Error, lambda _sql, error: error)
        Digests(organization, ours).write(door, feed)
        assert stale(door, organization, ours) is None
        Digests(organization, theirs).write(door, feed)
        assert stale(door, organization, ours) == stale(door, organization, theirs) == (branch, "spaces")
    engine.dispose()
