"""A second program on a device's file learns which tables the first one's commits touched, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from restaurant import ORGANIZATION

from shared.kernel.ids import derived_id
from shared.orders.records import OrderKind
from shared.records import metadata
from sync import heads
from sync.records import parked, streams
from terminal.desk import Desk
from terminal.store.store import Store
from terminal.watch import Watch
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.faults.until import until

EVERYTHING = frozenset(metadata.tables)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


class Beside:
    """A second program that watches."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self._watch = watch
        self._heard: list[frozenset[str]] = []
        store.subscribe(lambda committed: self._heard.append(committed.tables))

    async def hears(self) -> list[frozenset[str]]:
        """What the watch announces at one look."""
        self._heard.clear()
        await self._watch.look()
        return list(self._heard)


@asynccontextmanager
async def watching(till: TillOnDisk) -> AsyncIterator[Beside]:
    async with till.store() as store:
        beside = Beside(store, await Watch.begin(store))
        await beside.hears()
        yield beside


async def order_with_a_line(desk: Desk) -> None:
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    await desk.add_line(order_id, next(each for each in desk.menu.items.values() if not each.modifier_groups))


async def test_the_tables_of_another_programs_commands_are_announced_once(till: TillOnDisk) -> None:
    async with till.desk() as desk, watching(till) as beside:
        await order_with_a_line(desk)
        assert await beside.hears() == [frozenset({"orders", "checks", "order_lines"})]
        assert await beside.hears() == []


async def test_a_commit_before_the_first_look_is_announced_too(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.store() as store:
        beside = Beside(store, await Watch.begin(store))
        await order_with_a_line(desk)
        assert await beside.hears() == [frozenset({"orders", "checks", "order_lines"})]


async def test_a_commit_that_is_in_no_log_touches_no_table_that_screens_show(till: TillOnDisk) -> None:
    async with till.store() as first, watching(till) as beside:
        told_more = streams.update().values(acked_seq=streams.c.acked_seq + 1)
        await first.write(lambda connection: connection.execute(told_more))
        assert await beside.hears() == [frozenset()]


async def test_a_transaction_that_was_parked_or_let_go_may_have_touched_any_table(till: TillOnDisk) -> None:
    waiting = {
        "organization_id": ORGANIZATION,
        "stream_id": derived_id("stream"),
        "first_seq": 3,
        "last_seq": 4,
        "reason": "ROW_MISSING",
        "params": {},
        "parked_ms": 5,
        "program": bytes(16),
    }
    async with till.store() as first, watching(till) as beside:
        await first.write(lambda connection: connection.execute(parked.insert().values(waiting)))
        assert await beside.hears() == [EVERYTHING]
        await first.write(lambda connection: connection.execute(parked.delete()))
        assert await beside.hears() == [EVERYTHING]


async def test_tables_that_are_folded_anew_may_be_any(till: TillOnDisk) -> None:
    async with till.store() as first, watching(till) as beside:
        await first.write(lambda connection: connection.execute(streams.update().values(folded_seq=0)))
        assert await beside.hears() == [EVERYTHING]


async def test_more_changes_than_are_worth_reading_may_have_touched_any_table(
    till: TillOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "MOST_CHANGES_NAMED", 2)
    async with till.desk() as desk, watching(till) as beside:
        await order_with_a_line(desk)
        assert await beside.hears() == [EVERYTHING]


async def test_a_second_desk_shows_what_the_first_one_does(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.desk() as beside:
        running = asyncio.create_task((await Watch.begin(beside.store)).run())
        read: list[frozenset[str]] = []
        beside.subscribe(read.append)
        await order_with_a_line(desk)
        await until(lambda: dict(beside.orders) == dict(desk.orders), "the second desk shows the order")
        running.cancel()
        assert beside.menu.items == desk.menu.items
        assert not any("menu" in names for names in read), "what nobody touched was not read again"
