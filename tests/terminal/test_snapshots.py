"""What screens see is one value: readings that overlap never show half of a commit, nor an older state than before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from restaurant import MANAGER

from shared.books.views import LineState
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from sync.door import through
from sync.log import vector
from terminal.desks.desk import Desk
from terminal.desks.pending_commands import PendingCommands
from terminal.snapshots.snapshot import OrderRead, Reading, Snapshot
from terminal.snapshots.sources import MENU, ORDERS, TICKETS, Tickets
from terminal.store.errors import StoreError
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till

ORDER, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


def all_orders(number: int, *orders: UUID) -> Reading:
    """A reading of all orders; each order says which reading it was seen by."""
    return Reading(number, {ORDERS: MappingProxyType(dict.fromkeys(orders, number))})


def one_order(number: int, order: UUID, *, is_open: bool = True) -> Reading:
    return Reading(number, {}, OrderRead(order, number if is_open else None))  # type: ignore[arg-type]


def shown(*readings: Reading) -> dict[UUID, Any]:
    snapshot = Snapshot()
    for reading in readings:
        snapshot = snapshot.after(reading)
    return dict(snapshot[ORDERS])


def test_of_two_readings_the_later_stays_whichever_ends_first() -> None:
    for first, second in permutations([all_orders(1, ORDER), all_orders(2, OTHER)]):
        assert shown(first, second) == {OTHER: 2}


def test_an_order_that_was_read_after_all_orders_stays_whichever_ends_first() -> None:
    for readings in permutations([all_orders(1, ORDER, OTHER), one_order(2, ORDER)]):
        assert shown(*readings) == {ORDER: 2, OTHER: 1}
    for readings in permutations([all_orders(1, ORDER, OTHER), one_order(2, ORDER, is_open=False)]):
        assert shown(*readings) == {OTHER: 1}
    for readings in permutations([one_order(1, ORDER), all_orders(2, OTHER), one_order(3, OTHER)]):
        assert shown(*readings) == {OTHER: 3}


def test_a_reading_says_nothing_of_what_it_did_not_read() -> None:
    snapshot = Snapshot().after(Reading(1, {TICKETS: Tickets(open=("a",))}))  # type: ignore[arg-type]
    assert snapshot.after(all_orders(2, ORDER))[TICKETS].open == ("a",)
    assert snapshot[MENU] is MENU.empty


@contextmanager
def watched_at_every_turn(look: Callable[[], object]) -> Iterator[list[object]]:
    """What is seen between any two steps of the event loop, and at the end; each once as long as it stays."""
    seen: list[object] = []

    def note() -> None:
        if not seen or seen[-1] != look():
            seen.append(look())

    async def watch() -> None:
        while True:
            note()
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        note()


@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "while the status is read again and again"])
async def test_an_order_that_is_seen_as_sent_is_seen_in_the_kitchen_at_the_same_moment(
    till: TillOnDisk, *, busy: bool
) -> None:
    async with till.desk() as desk:
        order_id = await order_to_cook(desk)

        def look() -> tuple[LineState, int, int]:
            if busy:
                desk.link_changed(desk.health.owner.link)
            return desk.orders[order_id].lines[0].state, len(desk.tickets), len(desk.bumped)

        with watched_at_every_turn(look) as seen:
            await desk.send(order_id)
            assert look() == (LineState.SENT, 1, 0), "a command is shown when it returns"
            desk.actor = MANAGER
            await desk.bump(desk.tickets[0].id)
        assert seen == [(LineState.OPEN, 0, 0), (LineState.SENT, 1, 0), (LineState.READY, 0, 1)]


async def test_a_second_program_sees_a_ticket_move_and_never_vanish(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.desk() as beside:
        await desk.send(await order_to_cook(desk))
        desk.actor = MANAGER
        await beside.open()

        def look() -> tuple[int, int]:
            return len(beside.tickets), len(beside.bumped)

        with watched_at_every_turn(look) as seen:
            await desk.bump(desk.tickets[0].id)
            await beside.open()
        assert seen == [(1, 0), (0, 1)]


async def test_what_the_core_reads_in_one_reading_is_of_one_state(till: TillOnDisk) -> None:
    async with till.desk() as desk, desk.store.reading() as connection:
        organization = desk.store.identity.organization_id.bytes
        before = await through(connection, vector, organization)
        await desk.open_order(OrderKind.TAKEOUT)
        assert await through(connection, vector, organization) == before


async def test_a_contact_is_seen_until_it_is_forgotten(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.desk() as beside:
        order_id = await desk.open_order(OrderKind.DELIVERY)
        await desk.customers.note(order_id, ContactView("Rosa", "987 654 321"), None)
        await beside.open()
        assert desk.contacts == beside.contacts == {order_id: ContactView("Rosa", "987 654 321")}
        desk.actor = MANAGER
        await desk.forget(order_id)
        await beside.open()
        assert desk.contacts == beside.contacts == {order_id: ContactView(forgotten=True)}
        async with desk.store.reading() as connection:
            kept = await connection.exec_driver_sql("PRAGMA secure_delete")
            assert kept.scalar_one() == 1, "a deleted key must not stay readable in the file"


async def order_to_cook(desk: Desk) -> UUID:
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    item = next(each for each in desk.menu.items.values() if not each.modifier_groups and each.station_id)
    await desk.add_line(order_id, item)
    return order_id


async def test_who_sees_an_older_state_has_not_seen_what_became_of_a_try(till: TillOnDisk) -> None:
    async with till.store() as store:
        pending = PendingCommands(store)
        command = pending.of("open", "takeout")
        pending.failed(command, StoreError("STORE_FAILED"), reading=7)
        pending.forget(reading=7)
        again = pending.of("open", "takeout")
        assert again is command
        pending.failed(again, StoreError("STORE_FAILED"), reading=7)
        pending.forget(reading=8)
        assert pending.of("open", "takeout") is not command
