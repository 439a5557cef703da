"""The feed: every row that changes, for whatever reason, is told once, with what it was and what it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from restaurant import BRANCH, CASHIER, ORGANIZATION, SERVER, Replica, Village
from streams import arrive, device, edit, judging, line, order, receipt, space, tab

from shared.books.sums import SUMS
from shared.orders.commands import open_order
from shared.orders.records import Order, OrderKind
from sync.door import Door
from sync.feed import Listener, RowChange
from sync.folder import Folder
from sync.recount import recount

SPACE, OTHER, ORDER, LINE, CHECK, RECEIPT = (UUID(int=number) for number in range(101, 107))


class Notes:
    """A listener that writes down what it is told, and the order in which it is asked."""

    def __init__(self, calls: list[str] | None = None, name: str = "") -> None:
        self.told: list[tuple[str, str, str]] = []
        self._calls = [] if calls is None else calls
        self._name = name

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        self._calls.append(f"prepare {self._name}")

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        self._calls.append(f"write {self._name}")
        self.told += [
            (table, self._said(before), self._said(after))
            for table, changes in feed.items()
            for _row, before, after in changes
        ]

    @staticmethod
    def _said(values: Any) -> str:
        return "-" if values is None else str(getattr(values, "name", None) or getattr(values, "notes", None) or "")


def listening(replica: Replica, *listeners: Listener) -> None:
    """Let these stand on the feed of the replica's units and folds, beside the digests."""
    everybody = (*replica.author.listeners, *listeners)
    replica.author = dataclasses.replace(replica.author, listeners=everybody)
    replica.folder = Folder(ORGANIZATION, replica.specs, listeners=everybody, seen=replica.author.seen)


@pytest.fixture
def notes(till: Replica) -> Notes:
    notes = Notes()
    listening(till, notes)
    return notes


async def test_a_unit_tells_each_row_once_however_often_it_was_flushed(till: Replica, notes: Notes) -> None:
    async with till.work(SERVER) as work:
        made = await open_order(work, ORDER, OrderKind.TAKEOUT)
        await work.session.flush()
        made.notes = "first"
        await work.session.flush()
        made.notes = "second"
    assert [told for told in notes.told if told[0] == "orders"] == [("orders", "-", "second")]
    assert [told for told in notes.told if told[0] == "checks"] == [("checks", "-", "")], "what is derived is told, too"
    notes.told.clear()
    async with till.work(SERVER) as work:
        made = await work.get(Order, ORDER)
        made.notes = "third"
        await work.session.flush()
        made.notes = "fourth"
    assert notes.told == [("orders", "second", "fourth")]
    await till.digests()


async def test_a_unit_that_changes_nothing_tells_nothing(till: Replica, notes: Notes) -> None:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    notes.told.clear()
    async with till.work(SERVER) as work:
        (await work.get(Order, ORDER)).notes = ""
    async with till.work(SERVER):
        pass
    assert notes.told == []


async def test_a_state_is_never_lowered_by_this_replica_either(village: Village, till: Replica, notes: Notes) -> None:
    for has_left in (True, False):
        async with till.work(CASHIER) as work:
            if has_left:
                await open_order(work, ORDER, OrderKind.TAKEOUT)
                await work.session.flush()
            else:
                notes.told.clear()
            made = await work.get(Order, ORDER)
            made.has_left = has_left
            await work.session.flush()
            assert made.has_left, "the command sees what stands"
    assert (await till.row(Order, ORDER)).has_left
    assert notes.told == []
    other = village.replica(village.empty("other").device_id, "B")
    await other.pull(till)
    assert (await other.row(Order, ORDER)).has_left
    assert await other.digests() == await till.digests()


async def test_what_is_received_voided_and_folded_anew_is_told_with_what_it_was(till: Replica, notes: Notes) -> None:
    created = device("a", [space(SPACE, name="first")], [edit("spaces", SPACE, name="wrong")])
    opened, hanging = device("b", [order(ORDER, notes="o")]), device("c", [line(LINE, ORDER, notes="l")])
    await arrive(till, tab())
    notes.told.clear()
    await arrive(till, created, hanging, opened)
    assert notes.told == [("spaces", "-", "wrong"), ("orders", "-", "o"), ("order_lines", "-", "l")]
    notes.told.clear()
    await arrive(till, judging((created, 2, 2)))
    assert notes.told[1:] == [("spaces", "wrong", "first")]
    notes.told.clear()
    await arrive(till, judging((created, 2, 2), (opened, 1, 1)))
    assert notes.told[1:] == [("order_lines", "l", "-"), ("orders", "o", "-")], "children first"
    await till.digests()


async def test_folding_what_is_folded_already_tells_nothing(till: Replica, notes: Notes) -> None:
    written = device("a", [space(SPACE)], [edit("spaces", SPACE, name="x")])
    await arrive(till, written)
    notes.told.clear()
    await till.core(lambda door: door.run("UPDATE sync_streams SET folded_seq = 0"))
    await till.fold()
    assert notes.told == []


async def test_all_listeners_prepare_before_any_of_them_writes(till: Replica) -> None:
    calls: list[str] = []
    listening(till, Notes(calls, "a"), Notes(calls, "b"))
    await arrive(till, device("a", [space(SPACE)]))
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    assert calls == ["prepare a", "prepare b", "write a", "write b"] * 2


CHECKED = {"branch_id": BRANCH.bytes}


# -- sums --------------------------------------------------------------------------------------------------------------


async def test_sums_follow_creations_edits_and_voids(till: Replica) -> None:
    opened = device("a", [order(ORDER), ("checks", 0, CHECK, {**CHECKED, "order_id": ORDER.bytes})])
    sold = device("b", [receipt(RECEIPT, CHECK, ORDER, 300, 12)], [receipt(OTHER, CHECK, ORDER, 50, 12)])
    await arrive(till, opened, sold)
    assert [row[5:7] for row in (await till.sums())["sales_by_hour"]] == [(2, 1)], "two receipts, one check"
    await arrive(till, judging((sold, 2, 2)))
    assert [row[5:7] for row in (await till.sums())["sales_by_hour"]] == [(1, 1)]
    await arrive(till, judging((sold, 2, 2), (opened, 1, 2)))
    assert not any((await till.sums()).values()), "a sum that counts no rows is no row"


async def test_a_new_sum_is_filled_by_a_recount(till: Replica) -> None:
    opened = device("a", [order(ORDER), ("checks", 0, CHECK, {**CHECKED, "order_id": ORDER.bytes})])
    await arrive(till, opened, device("b", [receipt(RECEIPT, CHECK, ORDER, 300, 12)]))
    before = await till.sums()
    await till.core(lambda door: door.run("UPDATE sales_by_hour SET total_minor = 7"))
    for _again in range(2):
        await till.core(recount, SUMS)
        assert await till.sums() == before
