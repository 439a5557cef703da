"""What breaks a fold parks alone; what only the moment is to blame for is tried again; what waits costs little."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import CLOUD, ORGANIZATION, WAITER, Replica, Village
from streams import arrive, device, edit, judging, line, order, reasons, space, space_names, tab

from shared.floor.records import Space
from shared.orders.records import OrderLine
from sync.door import through
from sync.fold import Batch
from sync.folder import Folder

SPACE, OTHER, ORDER, LINE = (UUID(int=number) for number in range(101, 105))


class Stumbling:
    """A judge with a defect: it breaks over spaces of one name."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error
        self.judged: list[object] = []

    def look(self, batch: Batch) -> None:
        names = [each.values.name for each in batch.creations["spaces"]]
        self.judged += names
        if "trap" in names:
            raise self._error


async def test_a_transaction_that_breaks_the_judge_parks_alone(replica: Replica) -> None:
    replica.folder = Folder(ORGANIZATION, replica.specs, Stumbling(AttributeError))
    rows = [[space(UUID(int=number), name=f"{number}")] for number in range(1, 8)]
    rows[4] = [space(SPACE, name="trap")]
    await arrive(replica, device("a", *rows))
    assert await space_names(replica) == {"1", "2", "3", "4", "6", "7"}
    (parked,) = await replica.parked()
    assert (parked.first_seq, parked.reason, parked.params) == (5, "FOLD_FAILED", {"reason": "AttributeError"})


async def test_a_lost_connection_parks_nothing(replica: Replica) -> None:
    replica.folder = Folder(ORGANIZATION, replica.specs, Stumbling(ConnectionError))
    written = device("a", [space(SPACE, name="trap")], [space(OTHER, name="after")])
    await replica.receive(written.between(0, 2))
    with pytest.raises(ConnectionError):
        await replica.fold()
    assert (await replica.parked(), await space_names(replica)) == ([], set())
    replica.folder = Folder(ORGANIZATION, replica.specs)
    await replica.fold()
    assert await space_names(replica) == {"trap", "after"}


@pytest.mark.parametrize("value", [[], {}, ["x"], b"short", 7, "a" * 16, True])
async def test_no_judge_sees_a_value_of_the_wrong_type(replica: Replica, value: object) -> None:
    judge = Stumbling(AttributeError)
    replica.folder = Folder(ORGANIZATION, replica.specs, judge)
    await arrive(replica, device("a", [space(SPACE, name="odd", branch_id=value)], [space(OTHER, name="after")]))
    assert judge.judged == ["after"]
    assert await reasons(replica) == [(1, 1, "VALUE_UNKNOWN")]


async def test_what_a_defect_parked_or_an_older_program_set_aside_is_folded_by_the_next(
    replica: Replica,
) -> None:
    await arrive(replica, tab())
    older = {name: spec for name, spec in replica.specs.items() if name != "order_lines"}
    replica.folder = Folder(ORGANIZATION, older, Stumbling(AttributeError))
    await arrive(replica, device("a", [order(ORDER)], [line(LINE, ORDER)], [space(SPACE, name="trap")]))
    await arrive(replica, device("b", [space(OTHER, name="other")]))
    assert [reason for *_at, reason in await reasons(replica)] == ["FOLD_FAILED"]
    replica.folder = Folder(ORGANIZATION, replica.specs)
    await arrive(replica, device("c", [space(UUID(int=9), name="next")]))
    await replica.fold_again()
    assert await replica.parked() == []
    assert await space_names(replica) == {"trap", "other", "next"}
    assert await replica.row(OrderLine, LINE) is not None


async def test_what_the_first_fold_of_a_new_program_cured_and_lost_is_found_by_the_next(replica: Replica) -> None:
    """The disk is full when it would commit: the file says still that an older program was the last to fold."""
    await arrive(replica, tab())
    older = {name: spec for name, spec in replica.specs.items() if name != "order_lines"}
    replica.folder = Folder(ORGANIZATION, older)
    await arrive(replica, device("a", [order(ORDER)], [line(LINE, ORDER)]))
    replica.folder = Folder(ORGANIZATION, replica.specs)
    await replica.receive(device("b", [space(SPACE, name="next")]).between(0, 1))
    for step in (replica.folder.fold_next, replica.folder.fold_again):
        with pytest.raises(OSError, match="full"):  # noqa: PT012
            async with replica.connection() as connection:
                await through(connection, step, 1)
                raise OSError("the disk is full")
    await replica.fold()
    await replica.fold_again()
    assert (await replica.parked(), await space_names(replica)) == ([], {"next"})
    assert await replica.row(OrderLine, LINE) is not None


# -- fairness ----------------------------------------------------------------------------------------------------------


async def test_streams_take_turns_however_much_one_has_to_fold(replica: Replica) -> None:
    replica.folder = Folder(ORGANIZATION, replica.specs, batch_changes=1)
    written = [device(name, *[[space(UUID(int=at + 9))] for at in range(3)]) for name in ("a", "b")]
    await replica.receive(*(each.between(0, 3) for each in written))
    first, second = sorted(each.key.id.bytes for each in written)
    assert [done.accepted[0].stream for done in await replica.fold(4)] == [first, second, first, second]


# -- what waits --------------------------------------------------------------------------------------------------------


async def _lost(replica: Replica, name: str, count: int) -> None:
    """So many transactions that wait in vain."""
    await arrive(replica, device(name, *[[edit("orders", UUID(int=5_000 + at), notes="lost")] for at in range(count)]))


async def test_parking_costs_the_same_statements_for_one_and_for_two_hundred(village: Village) -> None:
    counts = []
    for count in (1, 200):
        replica = village.replica(WAITER, "B")
        await replica.fold()
        with replica.counted() as statements:
            await _lost(replica, "a", count)
        counts.append(len(statements))
    assert len(await replica.parked()) == 200
    assert counts[0] == counts[1]


async def test_curing_costs_the_same_statements_for_one_and_for_two_hundred(village: Village) -> None:
    counts = []
    for count in (1, 200):
        replica = village.replica(WAITER, "B")
        await arrive(replica, tab(), device("a", *[[line(UUID(int=6_000 + at), ORDER)] for at in range(count)]))
        assert len(await replica.parked()) == count
        written = device("b", [order(ORDER)])
        await replica.receive(written.between(0, 1))
        with replica.counted() as statements:
            await replica.fold()
        counts.append(len(statements))
        assert await replica.parked() == []
        assert len(await replica.rows(OrderLine)) == count
    assert counts[0] == counts[1]


async def test_a_batch_does_not_read_what_waits_for_other_rows(replica: Replica) -> None:
    await _lost(replica, "a", 40)
    written = device("b", [space(SPACE, name="1")], [space(OTHER, name="2")])
    for last in (1, 2):
        await replica.receive(written.between(last - 1, last))
        with replica.counted() as statements:
            await replica.fold()
    assert not any("FROM orders" in statement for statement in statements), "the first look was at everything"
    await arrive(replica, device("c", [order(UUID(int=5_007))]))
    assert len(await replica.parked()) == 39


async def test_what_this_replica_writes_itself_cures_what_waits_for_it(village: Village) -> None:
    """Its own rows are never folded: they are there at once."""
    cloud = village.replica(CLOUD)
    await arrive(cloud, device("a", [edit("spaces", SPACE, name="edited")], stamp=1 << 61))
    await arrive(cloud, device("b", [space(OTHER)]))
    assert await reasons(cloud) == [(1, 1, "ROW_UNKNOWN")]
    async with cloud.work() as work:
        work.add(Space(organization_id=ORGANIZATION, branch_id=(await _branch(cloud)), id=SPACE, name="written here"))
    await arrive(cloud, device("c", [space(LINE)]))
    assert await reasons(cloud) == []
    assert (await cloud.row(Space, SPACE)).name == "edited"


async def _branch(replica: Replica) -> UUID:
    return next(row.branch_id for row in await replica.rows(Space))


async def test_a_cure_that_was_rolled_back_is_found_again(replica: Replica) -> None:
    early, late = device("a", [edit("spaces", SPACE, name="edited")], stamp=9), device("b", [space(SPACE)])
    await arrive(replica, early, device("c", [space(OTHER, name="other")]))
    await replica.receive(late.between(0, 1))
    with pytest.raises(ConnectionError):  # noqa: PT012
        async with replica.connection() as connection:
            await through(connection, replica.folder.fold_next, 1)
            raise ConnectionError
    await replica.fold()
    assert (await replica.parked(), await space_names(replica)) == ([], {"edited", "other"})


async def test_what_was_voided_and_comes_back_is_found_by_its_row(replica: Replica) -> None:
    await arrive(replica, tab())
    opened, added = device("a", [order(ORDER)]), device("b", [line(LINE, ORDER)])
    await arrive(replica, opened, added, judging((opened, 1, 1)))
    async with replica.connection() as connection:
        missing = await connection.scalar(sa.text("SELECT missing_row FROM sync_parked"))
    assert missing == ORDER.bytes
    await arrive(replica, device("c", [space(SPACE)]), device("d", [order(ORDER)]))
    assert await replica.parked() == []
