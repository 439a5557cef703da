"""Digests: equal where rows are equal with their stamps, since stamps decide what the next write becomes."""

from __future__ import annotations

from uuid import UUID

from restaurant import WAITER, Replica, Village
from streams import arrive, device, edit, space

from shared.floor.records import Space

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
