"""A table that is not what its log says is folded anew in small steps: rows, digests and sums are right afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from restaurant import BRANCH, ORGANIZATION, Replica
from streams import arrive, device, edit, order, receipt, space

from shared.floor.records import Space
from sync import recount
from sync.anew import TableAnew
from sync.door import Door
from sync.feed import tell
from sync.merged import MergedTables

SPACES = [UUID(int=101 + number) for number in range(7)]
ORDER, CHECK, RECEIPT = (UUID(int=number) for number in range(201, 204))


def steps(replica: Replica, anew: TableAnew, door: Door) -> bool:
    feed = anew.step(MergedTables(door, ORGANIZATION.bytes, replica.specs))
    tell(door, feed, replica.author.listeners)
    return not anew.is_done


async def fold_anew(replica: Replica, table: str, meanwhile: Callable[[], Any] | None = None) -> None:
    anew = TableAnew(table, BRANCH.bytes, rows_a_step=2)
    while await replica.core(lambda door: steps(replica, anew, door)):
        if meanwhile is not None:
            await meanwhile()


async def past_the_feed(replica: Replica, *statements: str) -> None:
    """What a fault of a disk, or of an earlier program, may have done."""
    await replica.core(lambda door: [door.run(each) for each in statements])


async def test_lost_changed_and_made_up_rows_become_what_the_log_says(replica: Replica) -> None:
    named = [space(row, name=f"s{at}", position=at) for at, row in enumerate(SPACES)]
    await arrive(replica, device("a", named, [edit("spaces", SPACES[2], name="renamed")]))
    before, digests = await replica.rows(Space), await replica.digests()
    ghost = f"x'{UUID(int=999).hex}'"
    await past_the_feed(
        replica,
        f"DELETE FROM spaces WHERE id = x'{SPACES[0].hex}'",
        "UPDATE spaces SET name = 'damaged' WHERE position = 2",
        f"INSERT INTO spaces SELECT organization_id, {ghost}, branch_id, name, position, active, stamps"
        " FROM spaces WHERE position = 3",
    )
    assert await replica.rows(Space) != before
    await fold_anew(replica, "spaces")
    assert await replica.rows(Space) == before
    assert await replica.digests() == digests


async def test_what_was_damaged_and_then_edited_leaves_no_wrong_digest_and_no_wrong_sum(replica: Replica) -> None:
    check = ("checks", 0, CHECK, {"branch_id": BRANCH.bytes, "order_id": ORDER.bytes})
    await arrive(replica, device("a", [order(ORDER), check, receipt(RECEIPT, CHECK, ORDER, 500, 12), space(SPACES[0])]))
    await past_the_feed(replica, "UPDATE receipts SET total_minor = total_minor + 7", "UPDATE spaces SET position = 9")
    await arrive(replica, device("b", [edit("spaces", SPACES[0], name="honest")], stamp=9))
    with pytest.raises(AssertionError):
        await replica.digests()
    await fold_anew(replica, "spaces")
    await fold_anew(replica, "receipts")
    await replica.digests()
    await replica.sums()


async def test_people_write_on_while_a_table_is_folded_anew(replica: Replica) -> None:
    await arrive(replica, device("a", [space(row, name="s") for row in SPACES]))
    await past_the_feed(replica, "UPDATE spaces SET position = 9")
    numbers = iter(range(1_000))

    async def meanwhile() -> None:
        number = next(numbers)
        await arrive(replica, device(f"late {number}", [space(UUID(int=500 + number), name="late")], stamp=50))

    await fold_anew(replica, "spaces", meanwhile)
    assert next(numbers) > 5
    await replica.digests()
    assert {row.position for row in await replica.rows(Space) if row.name == "s"} == {0}


async def test_people_sell_on_while_sums_are_counted_anew(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount, "ROWS_A_PART", 2)
    check = ("checks", 0, CHECK, {"branch_id": BRANCH.bytes, "order_id": ORDER.bytes})
    sold = [receipt(UUID(int=300 + number), CHECK, ORDER, 100, number) for number in range(5)]
    await arrive(replica, device("a", [order(ORDER), check, *sold]))
    await past_the_feed(replica, "UPDATE sales_by_hour SET total_minor = 7")
    numbers = iter(range(1_000))

    async def meanwhile() -> None:
        number = next(numbers)
        late = receipt(UUID(int=299 - number), CHECK, ORDER, 50, 12)
        await arrive(replica, device(f"late {number}", [late], stamp=50))

    await fold_anew(replica, "receipts", meanwhile)
    assert next(numbers) > 10
    await replica.sums()
