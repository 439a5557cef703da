"""Verdicts: what is voided is as if it had never happened, on every replica and whenever the verdict arrives."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import BRANCH, SERVER, Replica
from streams import (
    Written,
    arrive,
    device,
    dining_table,
    edit,
    judging,
    line,
    order,
    reasons,
    space,
    space_names,
    tab,
)

from shared.floor.records import DiningTable, Space
from shared.orders.commands import open_order
from shared.orders.records import Order, OrderKind, OrderLine
from shared.payments.records import Check

SPACE, OTHER, TABLE, ORDER, LINE = (UUID(int=number) for number in range(101, 106))


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_what_is_voided_is_as_if_it_had_never_happened(replica: Replica, verdict_first: bool) -> None:
    written = device(
        "a",
        [space(SPACE, name="first", position=1)],
        [edit("spaces", SPACE, name="wrong", position=9)],
        [edit("spaces", SPACE, position=2)],
    )
    voids = judging((written, 2, 2))
    await arrive(replica, *((voids, written) if verdict_first else (written, voids)))
    row = await replica.row(Space, SPACE)
    assert (row.name, row.position) == ("first", 2)
    await arrive(replica, device("b", [edit("spaces", SPACE, name="later")], stamp=2))
    assert (await replica.row(Space, SPACE)).name == "later", "the voided stamp is gone, too"


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_a_voided_state_falls_back(replica: Replica, verdict_first: bool) -> None:
    await arrive(replica, tab())
    edits = [[edit("order_lines", LINE, more_milli=total)] for total in (7_000, 2_000)]
    written = device("a", [order(ORDER), line(LINE, ORDER)], *edits)
    voids = judging((written, 3, 3))
    await arrive(replica, *((voids, written) if verdict_first else (written, voids)))
    assert (await replica.row(OrderLine, LINE)).more_milli == 2_000


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_what_hangs_on_a_voided_row_parks_with_all_that_its_transaction_did(
    replica: Replica, verdict_first: bool
) -> None:
    opened = device("a", [order(ORDER)])
    added = device("b", [line(LINE, ORDER), space(SPACE, name="together")], [edit("spaces", OTHER, name="x")], stamp=2)
    edited = device("c", [edit("orders", ORDER, notes="x"), edit("spaces", OTHER, name="edited together")], stamp=9)
    base = device("d", [space(OTHER, name="base")])
    voids = judging((opened, 1, 1))
    await arrive(replica, base, *((voids,) if verdict_first else ()), opened, added, edited)
    await arrive(replica, *(() if verdict_first else (voids,)))
    assert await replica.row(Order, ORDER) is None
    assert await replica.row(OrderLine, LINE) is None
    assert await space_names(replica) == {"x"}
    parked = {(row.stream_id, row.first_seq) for row in await replica.parked()}
    assert parked == {(added.key.id, 1), (edited.key.id, 1)}


async def test_a_row_that_comes_back_brings_back_what_was_parked_with_it(replica: Replica) -> None:
    await arrive(replica, tab())
    opened, added = device("a", [order(ORDER)]), device("b", [line(LINE, ORDER)])
    await arrive(replica, opened, added, judging((opened, 1, 1)))
    assert {row.reason for row in await replica.parked()} == {"PARENT_VOIDED"}
    await arrive(replica, device("c", [order(ORDER)]))
    assert await replica.parked() == []
    assert await replica.row(OrderLine, LINE) is not None


async def test_a_row_that_two_devices_created_survives_the_void_of_one(replica: Replica) -> None:
    one, two = device("a", [space(SPACE, name="one")], stamp=5), device("b", [space(SPACE, name="two")])
    await arrive(replica, one, two)
    assert await space_names(replica) == {"one"}
    await arrive(replica, judging((one, 1, 1)))
    assert await space_names(replica) == {"two"}


async def test_the_defaults_of_an_older_writer_are_the_same_before_and_after_a_void(replica: Replica) -> None:
    """The later creation does not name what has a default. A void of an edit makes the row anew from both."""
    bare = ("spaces", 0, SPACE, {"branch_id": BRANCH.bytes, "name": "older program"})
    named, unnamed = device("a", [space(SPACE, name="named", position=7)], stamp=5), device("b", [bare], stamp=9)
    bad, later = device("c", [edit("spaces", SPACE, name="wrong")], stamp=20), device("d", [space(OTHER)], stamp=30)
    await arrive(replica, named, unnamed, bad)
    before = await replica.row(Space, SPACE)
    assert (before.name, before.position, before.active) == ("wrong", 0, True)
    await arrive(replica, judging((bad, 1, 1)), later)
    after = await replica.row(Space, SPACE)
    assert (after.name, after.position, after.active) == ("older program", 0, True)
    assert await replica.row(Space, OTHER) is not None, "the pull goes on"
    assert await reasons(replica) == []
    await arrive(replica, judging((bad, 1, 1), (unnamed, 1, 1)))
    assert (await replica.row(Space, SPACE)).position == 7
    await replica.digests()


async def test_a_void_looks_only_at_what_is_folded(replica: Replica) -> None:
    """What is stored and still ahead of the fold has not been judged, and may have to park."""
    one = device("a", [edit("spaces", SPACE, name="void")])
    ahead = device("b", [space(SPACE, name="ahead"), line(LINE, ORDER)])
    voids = judging((one, 1, 1))
    await arrive(replica, one)
    await replica.receive(ahead.between(0, 2), voids.between(0, 1))
    while await replica.fold(1):
        assert await space_names(replica) == set()
    assert [reason for *_at, reason in await reasons(replica)] == ["PARENT_UNKNOWN"]


async def test_a_void_cannot_bring_back_a_reference_to_what_is_gone(replica: Replica) -> None:
    """A table was moved away from a space; the space is voided, then the move. It must not refer to nothing."""
    spaces = device("a", [space(SPACE)], [space(OTHER)])
    table = device("b", [dining_table(TABLE, SPACE)])
    moved = device("c", [edit("dining_tables", TABLE, space_id=OTHER.bytes)], stamp=5)
    await arrive(replica, spaces, table, moved, judging((spaces, 1, 1), (moved, 1, 1)))
    assert await replica.row(DiningTable, TABLE) is None
    assert (table.key.id, 1) in {(row.stream_id, row.first_seq) for row in await replica.parked()}


async def test_an_edit_of_what_is_written_once_still_hangs_on_the_row_that_it_names(replica: Replica) -> None:
    """No honest device sends it. It changes nothing, and parks on each replica alike."""
    await arrive(replica, tab())
    orders, other = device("a", [order(ORDER)]), device("b", [order(OTHER)])
    lost = device("c", [line(LINE, ORDER)], [edit("order_lines", LINE, order_id=OTHER.bytes)], stamp=3)
    await arrive(replica, orders, other, lost)
    assert (await replica.row(OrderLine, LINE)).order_id == ORDER
    await arrive(replica, judging((other, 1, 1)))
    assert await reasons(replica) == [(2, 2, "PARENT_VOIDED")]


async def test_an_edit_that_lost_still_hangs_on_the_row_that_it_names(replica: Replica) -> None:
    """It changed no field when it came. Its reference is remembered all the same."""
    spaces = device("a", [space(SPACE)], [space(OTHER)])
    table = device("b", [dining_table(TABLE, OTHER)], stamp=9)
    lost = device("c", [edit("dining_tables", TABLE, space_id=SPACE.bytes)], stamp=2)
    await arrive(replica, spaces, table, lost)
    assert (await replica.row(DiningTable, TABLE)).space_id == OTHER
    await arrive(replica, judging((spaces, 1, 1)))
    assert await reasons(replica) == [(1, 1, "PARENT_VOIDED")]
    assert (await replica.row(DiningTable, TABLE)).space_id == OTHER


@pytest.mark.parametrize("holds", ["each other", "in a circle"])
async def test_transactions_that_hold_each_other_up_fall_together(replica: Replica, holds: str) -> None:
    """Each creates a row that the next one needs. A third row brought them in, and is voided."""
    await arrive(replica, tab())
    beside = await replica.rows(Order)
    key, one, two = device("key", [order(ORDER)]), LINE, UUID(int=200)
    first = device("a", [order(UUID(int=201)), line(one, ORDER)], stamp=2)
    second = device("b", [space(SPACE), edit("order_lines", one, notes="b"), line(two, UUID(int=201))], stamp=3)
    third = device("c", [order(ORDER), edit("spaces", SPACE, name="c")], stamp=4)
    streams = [first, second, third] if holds == "in a circle" else [first, third]
    if holds == "each other":
        third = device("c", [order(ORDER), edit("order_lines", one, notes="c")], stamp=4)
        streams = [first, third]
    await arrive(replica, *streams)
    assert await replica.rows(Order) == beside, "neither can begin"
    await arrive(replica, key)
    assert len(await replica.rows(OrderLine)) == len(streams) - 1
    assert await reasons(replica) == []
    await arrive(replica, judging((key, 1, 1)))
    assert (await replica.rows(Order), await replica.rows(OrderLine)) == (beside, [])
    assert {row.stream_id for row in await replica.parked()} == {each.key.id for each in streams}
    await replica.digests()


async def test_a_row_that_a_transaction_creates_after_its_edit_does_not_hold_it(replica: Replica) -> None:
    """It parks on a replica that never had the row, so it parks where the row was and went."""
    opened = device("a", [space(SPACE, name="voided")])
    edited = device("b", [edit("spaces", SPACE, name="edited"), space(SPACE, name="late"), space(OTHER)], stamp=3)
    await arrive(replica, opened, edited)
    assert await reasons(replica) == []
    await arrive(replica, judging((opened, 1, 1)))
    assert await reasons(replica) == [(1, 3, "ROW_VOIDED")]
    assert await space_names(replica) == set()


async def test_one_verdict_voids_several_transactions(replica: Replica) -> None:
    written = device("a", [space(SPACE)], [edit("spaces", SPACE, name="x"), space(OTHER)], [space(LINE, name="stays")])
    hanging = device("b", [edit("spaces", OTHER, name="y")], stamp=9)
    await arrive(replica, written, hanging, judging((written, 1, 3)))
    assert await space_names(replica) == {"stays"}
    assert await reasons(replica) == [(1, 1, "ROW_VOIDED")]


async def test_what_waited_and_is_voided_waits_no_more(replica: Replica) -> None:
    early = device("a", [edit("spaces", SPACE, name="wrong")], stamp=9)
    await arrive(replica, early, judging((early, 1, 1)))
    assert await replica.parked() == []
    await arrive(replica, device("b", [space(SPACE, name="right")]))
    assert await space_names(replica) == {"right"}


async def test_a_void_of_a_long_transaction_parks_its_dependents_whole(replica: Replica) -> None:
    await arrive(replica, tab())
    opened = device("a", [order(ORDER)])
    many = [space(UUID(int=10_000 + number), name="many") for number in range(1_500)]
    added = device("b", [space(SPACE, name="before")], [*many, line(LINE, ORDER)], [space(OTHER, name="after")])
    await arrive(replica, opened, added)
    await arrive(replica, judging((opened, 1, 1)))
    assert await reasons(replica) == [(2, 1_502, "PARENT_VOIDED")]
    assert await space_names(replica) == {"before", "after"}


# -- what this replica wrote itself ------------------------------------------------------------------------------------


def own_stream(replica: Replica) -> Written:
    """A device's stream, of which a verdict is to speak."""
    return Written(replica.author.branch_stream(BRANCH))


async def test_own_work_that_the_cloud_voids_is_gone_here_too_and_work_goes_on(till: Replica) -> None:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    await arrive(till, judging((own_stream(till), 1, 2)))
    assert (await till.rows(Order), await till.rows(Check)) == ([], [])
    await till.digests()
    async with till.work(SERVER) as work:
        await open_order(work, OTHER, OrderKind.TAKEOUT)
    assert [row.id for row in await till.rows(Order)] == [OTHER]
    assert [change.seq for change in await till.log(own_stream(till).key.id)] == [1, 2, 3, 4]
    await till.digests()


async def test_own_work_on_what_the_cloud_voids_waits_until_it_comes_back(till: Replica) -> None:
    foreign = device("a", [order(ORDER)])
    await arrive(till, foreign)
    async with till.work(SERVER) as work:
        (await work.get(Order, ORDER)).notes = "own"
    await arrive(till, judging((foreign, 1, 1)))
    assert await reasons(till) == [(1, 1, "ROW_VOIDED")]
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    await till.fold()
    assert await reasons(till) == [], "what this replica writes itself cures what waits for it"
    await till.digests()
