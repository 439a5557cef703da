"""Own edits and everybody else's: what one unit of work edits stands on every replica as it stands here."""

from __future__ import annotations

import shutil
from uuid import UUID

from restaurant import BRANCH, TILL, WAITER, Replica, Village, open_replica
from streams import arrive, device, dining_table, edit, judging, space

from shared.floor.records import DiningTable, Space
from sync.change import encode

SPACE, OTHER, TABLE = (UUID(int=number) for number in range(101, 104))
SPACES = [UUID(int=200 + number) for number in range(24)]
FAR = 1 << 61


async def test_a_later_flush_of_a_unit_keeps_what_an_earlier_one_stamped_above(village: Village, till: Replica) -> None:
    """One change carries both fields under one stamp, which must be above the poisoned one of either."""
    await arrive(till, device("a", [space(SPACE)]), device("b", [edit("spaces", SPACE, name="far")], stamp=FAR))
    async with till.work() as work:
        held = await work.get(Space, SPACE)
        held.name = "mine"
        await work.session.flush()
        held.position = 7
    other = village.replica(WAITER, "B")
    await other.pull(till)
    for replica in (till, other):
        row = await replica.row(Space, SPACE)
        assert (row.name, row.position) == ("mine", 7)
    assert await till.digests() == await other.digests()


async def test_the_same_edits_write_the_same_log_whatever_the_order_in_which_they_were_made(
    village: Village, till: Replica
) -> None:
    """The session keeps what is edited in a set, whose order may be another one in each run."""
    tables = dining_table(TABLE, SPACES[0])
    await arrive(till, device("a", [space(row) for row in SPACES], [tables]))
    copy = shutil.copy(till.path, till.path.with_name("copy.db"))
    logs = []
    for replica, order in (
        (till, SPACES),
        (village.opened(open_replica(copy, TILL, BRANCH, "A", till.clock)), SPACES[::-1]),
    ):
        async with replica.work() as work:
            held = [await work.get(Space, row) for row in order]
            for each in (*held, await work.get(DiningTable, TABLE)):
                each.name = "edited"
        logs.append(await replica.log(till.author.branch_stream(BRANCH).id))
    assert [encode(change) for change in logs[0]] == [encode(change) for change in logs[1]]
    assert [change.row for change in logs[0]] == [row.bytes for row in (TABLE, *SPACES)]


async def test_a_reference_that_an_own_edit_hid_still_holds_its_transaction(village: Village, till: Replica) -> None:
    """A table is moved away here, and then the space where it stood is void: nobody may keep the table."""
    spaces = device("a", [space(SPACE)], [space(OTHER)])
    laid = device("b", [dining_table(TABLE, SPACE)], stamp=3)
    await arrive(till, spaces, laid)
    async with till.work() as work:
        (await work.get(DiningTable, TABLE)).space_id = OTHER
    own = till.author.branch_stream(BRANCH).id
    void = judging((spaces, 1, 1))
    await arrive(till, void)
    knowing = village.replica(WAITER, "B")
    await arrive(knowing, void)
    await knowing.pull(till)
    for replica in (till, knowing):
        assert await replica.row(DiningTable, TABLE) is None
        parked = {(row.stream_id, row.first_seq) for row in await replica.parked()}
        assert parked == {(laid.key.id, 1), (own, 1)}
    assert await till.digests() == await knowing.digests()
