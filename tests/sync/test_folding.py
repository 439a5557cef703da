"""The fold on a real database: what is stored becomes rows, once, in any order; what cannot be folded parks alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from restaurant import BRANCH, ORGANIZATION, WAITER, Replica, Village
from streams import (
    EDIT,
    Row,
    Written,
    arrive,
    device,
    dining_table,
    edit,
    line,
    order,
    reasons,
    space,
    space_names,
    tab,
)

from shared.floor.records import DiningTable, Space
from shared.kernel.ids import derived_id
from shared.kernel.stamps import MAX_STAMP
from shared.orders.records import Order, OrderLine
from sync.door import through
from sync.folder import Folder
from sync.records import streams

SPACE, OTHER, TABLE, ORDER, LINE = (UUID(int=number) for number in range(101, 106))


async def test_changes_become_rows(replica: Replica) -> None:
    await arrive(replica, tab())
    written = device(
        "a",
        [space(SPACE), dining_table(TABLE, SPACE, name="7")],
        [edit("dining_tables", TABLE, seats=6), order(ORDER), line(LINE, ORDER)],
        [edit("order_lines", LINE, more_milli=1_000)],
    )
    await replica.receive(written.between(0, 6))
    (progress,) = await replica.fold()
    table, made = await replica.row(DiningTable, TABLE), await replica.row(OrderLine, LINE)
    assert (table.name, table.seats, table.space_id, table.branch_id) == ("7", 6, SPACE, BRANCH)
    assert made.more_milli == 1_000
    told = {(name, row) for name, changes in progress.feed.items() for row, _before, _after in changes}
    assert told == {
        ("spaces", SPACE.bytes),
        ("dining_tables", TABLE.bytes),
        ("orders", ORDER.bytes),
        ("order_lines", LINE.bytes),
    }
    assert [each.first for each in progress.accepted] == [1, 3, 6]
    assert await replica.parked() == []
    assert await replica.fold() == []


async def test_folding_the_same_log_again_writes_nothing(replica: Replica) -> None:
    written = device(
        "a", [space(SPACE), order(ORDER)], [edit("spaces", SPACE, name="x"), edit("orders", ORDER, has_left=True)]
    )
    await arrive(replica, written)
    before = await replica.digests()
    async with replica.connection() as connection:
        await connection.execute(streams.update().values(folded_seq=0))
    done = await replica.fold()
    assert await replica.digests() == before
    assert [progress.feed for progress in done] == [{}] * len(done)


async def test_a_fold_takes_the_same_statements_for_one_row_and_for_a_hundred(village: Village) -> None:
    counts = []
    for size in (1, 100):
        replica = village.replica(WAITER, "B")
        await replica.fold()
        written = device("a", [order(UUID(int=1_000 + number)) for number in range(size)])
        await replica.receive(written.between(0, size))
        with replica.counted() as statements:
            await replica.fold(1)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 13, counts


async def test_an_edit_that_comes_before_its_row_waits_and_is_cured(replica: Replica) -> None:
    late, early = (
        device("a", [space(SPACE, name="first")]),
        device("b", [edit("spaces", SPACE, name="second")], stamp=2),
    )
    await arrive(replica, early)
    assert await reasons(replica) == [(1, 1, "ROW_UNKNOWN")]
    await arrive(replica, late)
    assert await reasons(replica) == []
    assert await space_names(replica) == {"second"}


async def test_a_cure_cures_the_next(replica: Replica) -> None:
    """Line waits for order, edit waits for line: each in a stream of its own, arriving backwards."""
    await arrive(replica, tab())
    await arrive(
        replica,
        device("c", [edit("order_lines", LINE, notes="z")], stamp=3),
        device("b", [line(LINE, ORDER)], stamp=2),
    )
    assert [reason for *_at, reason in await reasons(replica)] in (
        ["ROW_UNKNOWN", "PARENT_UNKNOWN"],
        ["PARENT_UNKNOWN", "ROW_UNKNOWN"],
    )
    await arrive(replica, device("a", [order(ORDER)]))
    assert await reasons(replica) == []
    assert (await replica.row(OrderLine, LINE)).notes == "z"


async def test_a_row_may_stand_before_its_parent_within_one_transaction(replica: Replica) -> None:
    await arrive(replica, tab())
    await arrive(replica, device("a", [line(LINE, ORDER), order(ORDER)]))
    assert await reasons(replica) == []
    assert await replica.row(OrderLine, LINE) is not None


@pytest.mark.parametrize("batch_changes", [1, 4_000])
async def test_a_row_may_not_stand_after_its_edit_within_one_transaction(replica: Replica, batch_changes: int) -> None:
    """Also where another transaction creates the row, is refused, and is looked at in the same batch."""
    replica.folder = Folder(ORGANIZATION, replica.specs, batch_changes=batch_changes)
    refused = [space(SPACE, name="refused"), line(LINE, ORDER)]
    written = device("a", refused, [edit("spaces", SPACE, name="edited"), space(SPACE, name="late")], [space(OTHER)])
    await replica.receive(written.between(0, 5))
    await replica.fold()
    assert await reasons(replica) == [(1, 2, "PARENT_UNKNOWN"), (3, 4, "ROW_UNKNOWN")]
    assert await space_names(replica) == {"s"}


async def test_a_waiting_transaction_waits_whole(replica: Replica) -> None:
    await arrive(replica, tab())
    await arrive(replica, device("a", [space(SPACE, name="with"), line(LINE, ORDER)]))
    assert await space_names(replica) == set()
    await arrive(replica, device("b", [order(ORDER)]))
    assert await space_names(replica) == {"with"}


async def test_what_waits_in_vain_keeps_nothing_else_waiting(replica: Replica) -> None:
    """However much waits for rows that never come, what can be cured is cured."""
    lost = device("a", *[[edit("spaces", UUID(int=5_000 + number), name="lost")] for number in range(230)])
    await arrive(replica, lost, device("b", [edit("spaces", SPACE, name="cured")], stamp=2))
    assert len(await replica.parked()) == 231
    await arrive(replica, device("c", [space(SPACE, name="first")]))
    assert len(await replica.parked()) == 230
    assert await space_names(replica) == {"cured"}


async def test_what_waits_in_vain_costs_a_batch_three_statements_at_most(replica: Replica) -> None:
    """One reads what waits, one a table looks whether the missing rows exist; nothing that waits is folded in vain."""
    await replica.receive((written := device("b", [space(SPACE)], [space(OTHER)])).between(0, 1))
    with replica.counted() as statements:
        await replica.fold()
        alone = len(statements)
    lost = device("a", *[[edit("orders", UUID(int=5_000 + number), notes="lost")] for number in range(50)])
    await arrive(replica, lost)
    await replica.receive(written.between(1, 2))
    with replica.counted() as statements:
        await replica.fold()
    assert len(statements) <= alone + 2, statements


@pytest.mark.parametrize(
    ("row", "reason", "params"),
    [
        (("spaces", 7, SPACE, {"name": "x"}), "KIND_UNKNOWN", {"table": "spaces", "kind": 7}),
        (space(SPACE, name=5), "VALUE_UNKNOWN", {"table": "spaces", "field": "name"}),
        (space(SPACE, name="x" * 121), "VALUE_UNKNOWN", {"table": "spaces", "field": "name"}),
        (space(SPACE, name=None), "VALUE_UNKNOWN", {"table": "spaces", "field": "name"}),
        (space(SPACE, position=1 << 63), "VALUE_UNKNOWN", {"table": "spaces", "field": "position"}),
        (
            dining_table(TABLE, SPACE, space_id="a" * 16),
            "VALUE_UNKNOWN",
            {"table": "dining_tables", "field": "space_id"},
        ),
        (order(ORDER, has_left=2), "VALUE_UNKNOWN", {"table": "orders", "field": "has_left"}),
        (line(LINE, ORDER, more_milli=-1), "VALUE_UNKNOWN", {"table": "order_lines", "field": "more_milli"}),
        (line(LINE, ORDER, more_milli=1 << 63), "VALUE_UNKNOWN", {"table": "order_lines", "field": "more_milli"}),
        (order(ORDER, kind="x" * 33), "VALUE_UNKNOWN", {"table": "orders", "field": "kind"}),
        (order(ORDER, kind="tele\x00port"), "VALUE_UNKNOWN", {"table": "orders", "field": "kind"}),
        (order(ORDER, opened_at=1 << 63), "VALUE_UNKNOWN", {"table": "orders", "field": "opened_at"}),
        (order(ORDER, business_date="yesterday"), "VALUE_UNKNOWN", {"table": "orders", "field": "business_date"}),
        (line(LINE, BRANCH, modifiers=[b"x"]), "VALUE_UNKNOWN", {"table": "order_lines", "field": "modifiers"}),
        (("orders", 0, ORDER, {"branch_id": BRANCH.bytes}), "VALUE_UNKNOWN", {"table": "orders", "field": "number"}),
        (line(LINE, ORDER), "PARENT_UNKNOWN", {"table": "order_lines", "parent": "orders", "row": ORDER.hex}),
    ],
)
async def test_what_cannot_be_folded_parks_alone_with_its_reason(
    replica: Replica, row: Row, reason: str, params: dict[str, Any]
) -> None:
    await arrive(replica, tab())
    await arrive(replica, device("a", [space(OTHER, name="before")], [row], [edit("spaces", OTHER, name="after")]))
    (parked,) = await replica.parked()
    assert (parked.first_seq, parked.last_seq, parked.reason, parked.params) == (2, 2, reason, params)
    assert await space_names(replica) == {"after"}, "everything else flows"


async def test_a_stamp_that_no_later_stamp_could_follow_parks_its_transaction_alone(replica: Replica) -> None:
    written = Written.of(derived_id("device", "a"), [])
    for stamp, name in ((1, "before"), (MAX_STAMP + 1, "too late"), (MAX_STAMP, "latest")):
        written.commit([space(SPACE, name=name)] if stamp == 1 else [edit("spaces", SPACE, name=name)], stamp)
    written.commit([space(OTHER, name="after")], 2)
    await arrive(replica, written)
    (parked,) = await replica.parked()
    assert (parked.first_seq, parked.reason) == (2, "VALUE_UNKNOWN")
    assert parked.params == {"table": "spaces", "field": "stamp"}
    assert await space_names(replica) == {"latest", "after"}


async def test_fields_that_this_version_does_not_know_are_kept_in_the_log_and_disturb_nothing(replica: Replica) -> None:
    await arrive(replica, device("a", [space(SPACE, name="x", colour=5)], [edit("spaces", SPACE, colour=6, name="y")]))
    assert await space_names(replica) == {"y"}
    assert [change.fields["colour"] for change in await replica.log() if "colour" in change.fields] == [5, 6]


async def test_a_creation_by_an_older_version_gets_the_defaults_of_what_that_did_not_know(replica: Replica) -> None:
    _table, _kind, _row, fields = order(ORDER)
    older = {name: value for name, value in fields.items() if name not in {"guests", "notes", "table_name"}}
    await arrive(
        replica, device("a", [("orders", 0, ORDER, older)]), device("b", [("orders", 0, ORDER, older)], stamp=2)
    )
    assert await reasons(replica) == []
    row = await replica.row(Order, ORDER)
    assert (row.guests, row.notes, row.table_name) == (0, "", "")


async def test_a_batch_that_the_database_refuses_is_halved_down_to_the_transaction_that_parks(replica: Replica) -> None:
    async with replica.connection() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON spaces WHEN NEW.name = 'refused' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    rows = [[space(UUID(int=number), name=f"{number}")] for number in range(1, 10)]
    rows[6] = [space(OTHER, name="with it"), space(SPACE, name="refused")]
    await arrive(replica, device("a", *rows))
    assert await space_names(replica) == {"1", "2", "3", "4", "5", "6", "8", "9"}
    assert await reasons(replica) == [(7, 8, "FOLD_FAILED")]


async def test_a_fold_that_is_killed_in_the_middle_goes_on_where_it_was(village: Village, replica: Replica) -> None:
    written = device("a", *[[space(UUID(int=number), name=f"{number}")] for number in range(1, 7)])
    await replica.receive(written.between(0, 6))
    replica.folder = Folder(ORGANIZATION, replica.specs, batch_changes=2)
    await replica.fold(1)
    assert await space_names(replica) == {"1", "2"}
    with pytest.raises(ConnectionError):  # noqa: PT012
        async with replica.connection() as connection:
            await through(connection, replica.folder.fold_next, 1)
            raise ConnectionError
    await replica.close()
    again = village.again(replica)
    assert await space_names(again) == {"1", "2"}
    again.folder = Folder(ORGANIZATION, again.specs, batch_changes=2)
    assert [progress.changes for progress in await again.fold()] == [2, 2]
    assert await space_names(again) == {str(number) for number in range(1, 7)}


async def test_a_transaction_that_is_larger_than_a_batch_is_folded_whole(replica: Replica) -> None:
    replica.folder = Folder(ORGANIZATION, replica.specs, batch_changes=3)
    written = device("a", [space(SPACE)], [space(UUID(int=number)) for number in range(1, 11)], [space(OTHER)])
    await replica.receive(written.between(0, 12))
    assert sum(len(progress.accepted) for progress in await replica.fold()) == 3


async def test_an_edit_never_creates_a_row(replica: Replica) -> None:
    _table, _kind, _row, fields = space(SPACE)
    await arrive(replica, device("a", [("spaces", EDIT, SPACE, fields)]))
    assert await replica.row(Space, SPACE) is None
