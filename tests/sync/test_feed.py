"""The feed: every row that changes, for whatever reason, is told once, with what it was and what it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from restaurant import BRANCH, CASHIER, ORGANIZATION, SERVER, Replica, Village
from streams import arrive, device, edit, judging, line, order, receipt, space

from shared.kernel.columns import Standing
from shared.orders.commands import open_order
from shared.orders.records import Order, OrderKind, OrderStatus
from shared.sales.sums import SUMS
from sync import sums
from sync.door import Door
from sync.feed import Listener, RowChange
from sync.folder import Folder
from sync.sums import KeptSum

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
    for status in (OrderStatus.COMPLETED, OrderStatus.PENDING):
        async with till.work(CASHIER) as work:
            if status is OrderStatus.COMPLETED:
                await open_order(work, ORDER, OrderKind.TAKEOUT)
                await work.session.flush()
            else:
                notes.told.clear()
            made = await work.get(Order, ORDER)
            made.standing = Standing(0, status)
            await work.session.flush()
            assert made.standing.status is OrderStatus.COMPLETED, "the command sees what stands"
    assert (await till.row(Order, ORDER)).standing.status is OrderStatus.COMPLETED
    assert notes.told == []
    other = village.replica(village.empty("other").device_id, "B")
    await other.pull(till)
    assert (await other.row(Order, ORDER)).standing.status is OrderStatus.COMPLETED
    assert await other.digests() == await till.digests()


async def test_what_is_received_voided_and_folded_anew_is_told_with_what_it_was(till: Replica, notes: Notes) -> None:
    created = device("a", [space(SPACE, name="first")], [edit("spaces", SPACE, name="wrong")])
    opened, hanging = device("b", [order(ORDER, notes="o")]), device("c", [line(LINE, ORDER, notes="l")])
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


CHECKED = {"branch_id": BRANCH.bytes, "standing": 10}


# -- sums --------------------------------------------------------------------------------------------------------------


def rows(door: Door, sql: str) -> list[tuple[Any, ...]]:
    return door.rows(sql)


async def kept_and_counted(replica: Replica) -> list[list[tuple[Any, ...]]]:
    """The rows of each declared sum, as the feed keeps them: the same as counted from the rows."""
    found = []
    for declared in SUMS:
        kept, counted = sums.kept(declared), sums.counted(declared)
        found.append(sorted(await replica.core(rows, kept)))
        assert found[-1] == sorted(await replica.core(rows, counted))
    return found


async def test_sums_follow_creations_edits_and_voids(till: Replica) -> None:
    opened = device("a", [order(ORDER), ("checks", 0, CHECK, {**CHECKED, "order_id": ORDER.bytes})])
    sold = device("b", [receipt(RECEIPT, CHECK, ORDER, 300, 12)], [receipt(OTHER, CHECK, ORDER, 50, 12)])
    await arrive(till, opened, sold)
    (by_hour, _by_item, _by_method) = await kept_and_counted(till)
    assert [row[5:7] for row in by_hour] == [(2, 350)]
    await arrive(till, judging((sold, 2, 2)))
    (by_hour, *_others) = await kept_and_counted(till)
    assert [row[5:7] for row in by_hour] == [(1, 300)]
    await arrive(till, judging((sold, 2, 2), (opened, 1, 2)))
    assert await kept_and_counted(till) == [[], [], []], "a sum that counts no rows is no row"


async def test_a_new_sum_is_filled_by_a_recount(till: Replica) -> None:
    opened = device("a", [order(ORDER), ("checks", 0, CHECK, {**CHECKED, "order_id": ORDER.bytes})])
    await arrive(till, opened, device("b", [receipt(RECEIPT, CHECK, ORDER, 300, 12)]))
    before = await kept_and_counted(till)
    for _again in range(2):
        await till.core(sums.recount, SUMS[0])
        assert await kept_and_counted(till) == before


async def test_a_sum_takes_any_list_of_that_shape(till: Replica) -> None:
    """Not only rows of a table: what is compared, for one."""
    kept = KeptSum(SUMS[0], ORGANIZATION.bytes)

    def values(total: int, hour: int = 12) -> SimpleNamespace:
        amounts = dict.fromkeys(("tax_minor", "discount_minor", "rounding_minor"), 0)
        key = {"branch_id": BRANCH.bytes, "business_date": "2026-11-23", "local_hour": hour, "currency": "PEN"}
        return SimpleNamespace(**key, total_minor=total, **amounts)

    moved: list[RowChange] = [(b"1", None, values(10)), (b"2", values(4), values(7)), (b"3", values(5), values(5, 13))]
    key = (BRANCH.bytes, "2026-11-23")
    assert kept.deltas(moved) == [((*key, 12, "PEN"), [0, 8, 0, 0, 0]), ((*key, 13, "PEN"), [1, 5, 0, 0, 0])]
    assert kept.deltas([(b"1", values(5), values(5))]) == []
    for changes in ([(b"1", None, values(10))], [(b"2", None, values(3, 13))], [(b"2", values(3, 13), None)]):
        await till.core(kept.write, {SUMS[0].source.name: changes})
    found = await till.core(rows, sums.kept(SUMS[0]))
    assert [row[3:7] for row in found] == [(12, "PEN", 1, 10)]
