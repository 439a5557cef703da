"""A commit that raises may have happened: what was done is shown as done, and pressing again doubles nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import MANAGER
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2

from shared.books.views import LineState
from shared.kernel.quantity import ONE
from shared.kitchen.records import KitchenTicket
from shared.menu.rules import MenuItem
from shared.orders.commands import change_line, first_check_id
from shared.orders.records import Order, OrderKind, OrderLine
from shared.payments.records import Payment, Receipt
from shared.payments.rules import Tender
from terminal.composition import running
from terminal.desks.desk import Desk, PaidView
from terminal.snapshots.sources import ORDERS, TICKETS
from terminal.store.errors import StoreError
from tests.faults.books import Acknowledged, violations
from tests.faults.till_on_disk import TillOnDisk
from tests.faults.until import until


def disk_failed(*_: object) -> None:
    raise OperationalError("COMMIT", {}, dbapi2.OperationalError("disk I/O error"))


def answer_lost(connection: sa.Connection) -> None:
    """The commit is done before it raises."""
    connection.connection.commit()
    disk_failed()


@contextmanager
def failing(target: Any, moment: str, fails: Callable[..., None] = disk_failed) -> Iterator[None]:
    """The disk fails at a moment of every transaction of the block."""
    event.listen(target, moment, fails)
    try:
        yield
    finally:
        event.remove(target, moment, fails)


@contextmanager
def blinded() -> Iterator[None]:
    """The commit happens, its answer is lost, and from then on nothing can be read."""
    committed = []

    def lost(connection: sa.Connection) -> None:
        committed.append(True)
        answer_lost(connection)

    def nothing_is_read(*_: object) -> None:
        if committed:
            disk_failed()

    with failing(Engine, "commit", lost), failing(Engine, "begin", nothing_is_read):
        yield


def fails_for_readers_of(desk: Desk) -> Callable[[sa.Connection], None]:
    engines = desk.store._engines
    readers = (engines.reader.sync_engine, engines.near.sync_engine)

    def fails(connection: sa.Connection) -> None:
        if connection.engine in readers:
            disk_failed()

    return fails


async def count(desk: Desk, record: type, *conditions: Any) -> int:
    async with desk.store.reading() as connection:
        statement = sa.select(sa.func.count()).select_from(record.__table__).where(*conditions)  # type: ignore[attr-defined]
        return int(await connection.scalar(statement) or 0)


async def shown(desk: Desk, held: Callable[[], bool]) -> None:
    """Wait until the snapshots show something."""
    await until(held, "the snapshots show it")


def dish(desk: Desk) -> MenuItem:
    """One without questions, that the kitchen makes."""
    items = desk.menu.items.values()
    return next(each for each in items if not each.modifier_groups and each.station_id and each.price_minor > 100)


async def order_with(desk: Desk, lines: int) -> UUID:
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    for _line in range(lines):
        await desk.add_line(order_id, dish(desk))
    return order_id


def card(desk: Desk, amount_minor: int) -> Tender:
    method = next(each for each in desk.methods if each.kind == "card")
    return Tender(method.id, method.name, method.kind, amount_minor)


async def pay(desk: Desk, order_id: UUID, amount_minor: int) -> PaidView:
    return await desk.pay(order_id, first_check_id(order_id), [card(desk, amount_minor)])


async def test_what_was_stored_though_its_commit_raised_is_done(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        with failing(Engine, "commit", answer_lost):
            order_id = await desk.open_order(OrderKind.TAKEOUT)
            line_id = await desk.add_line(order_id, dish(desk))
            assert [line.id for line in desk.orders[order_id].lines] == [line_id]
            assert (await desk.send(order_id)).tickets == 1
            due = desk.orders[order_id].due_minor
            part = await pay(desk, order_id, 100)
            assert (part.receipt_number, part.left_minor) == (None, due - 100)
            rest = await pay(desk, order_id, due - 100)
        assert (rest.receipt_number, rest.left_minor) == ("A-00000001", 0)
        assert desk.orders[order_id].to_hand_over
        assert await count(desk, Payment) == 2
        await shown(desk, lambda: [each.order_id for each in desk.tickets] == [order_id])
    assert await violations(till, Acknowledged(steps=5)) == []


async def test_what_a_command_returned_can_be_read_though_its_commit_raised(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        order_id = await order_with(desk, 1)
        (line,) = desk.orders[order_id].lines
        with failing(Engine, "commit", answer_lost):
            changed = await desk.store.run(MANAGER, lambda work: change_line(work, line.id, notes="sin sal"))
        assert changed.notes == "sin sal"


async def test_a_commit_that_did_not_happen_leaves_nothing_and_is_done_once_when_repeated(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        order_id = await order_with(desk, 1)
        due = desk.orders[order_id].due_minor
        with failing(Engine, "commit"):
            with pytest.raises(StoreError, match="STORE_FAILED"):
                await desk.add_line(order_id, dish(desk))
            with pytest.raises(StoreError, match="STORE_FAILED"):
                await pay(desk, order_id, due)
        assert len(desk.orders[order_id].lines) == 1
        assert desk.orders[order_id].due_minor == due
        await desk.add_line(order_id, dish(desk))
        assert [line.quantity_milli for line in desk.orders[order_id].lines] == [2 * ONE]
        await pay(desk, order_id, desk.orders[order_id].due_minor)
        assert await count(desk, Payment) == 1
    assert await violations(till, Acknowledged(steps=4)) == []


async def test_pressing_again_doubles_nothing_though_nothing_could_be_read_after_the_first_press(
    till: TillOnDisk,
) -> None:
    async with till.desk() as desk:
        with blinded(), pytest.raises(StoreError, match="STORE_FAILED"):
            await desk.open_order(OrderKind.TAKEOUT)
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        with blinded(), pytest.raises(StoreError):
            await desk.add_line(order_id, dish(desk), quantity_milli=2 * ONE)
        line_id = await desk.add_line(order_id, dish(desk), quantity_milli=2 * ONE)
        assert [line.id for line in desk.orders[order_id].lines] == [line_id]
        with blinded(), pytest.raises(StoreError):
            await desk.send(order_id)
        assert (await desk.send(order_id)).tickets == 1
        due = desk.orders[order_id].due_minor
        with blinded(), pytest.raises(StoreError):
            await pay(desk, order_id, 100)
        assert (await pay(desk, order_id, 100)).left_minor == due - 100
        assert desk.orders[order_id].due_minor == due - 100
        with blinded(), pytest.raises(StoreError):
            await pay(desk, order_id, due - 100)
        assert (await pay(desk, order_id, due - 100)).receipt_number == "A-00000001"
        for record, expected in ((Order, 1), (OrderLine, 1), (KitchenTicket, 1), (Payment, 2), (Receipt, 1)):
            assert await count(desk, record) == expected, record
    assert await violations(till, Acknowledged(steps=5)) == []


async def test_who_has_seen_what_was_stored_may_ask_for_the_same_again(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        order_id = await order_with(desk, 0)
        with blinded(), pytest.raises(StoreError):
            await desk.add_line(order_id, dish(desk))
        assert desk.orders[order_id].lines == ()
        await shown(desk, lambda: len(desk.orders[order_id].lines) == 1)
        await desk.add_line(order_id, dish(desk))
        assert [line.quantity_milli for line in desk.orders[order_id].lines] == [2 * ONE]


async def test_a_command_that_was_done_is_not_refused_because_its_effect_cannot_be_read(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        order_id = await order_with(desk, 1)
        with failing(Engine, "begin", fails_for_readers_of(desk)):
            assert (await desk.send(order_id)).tickets == 1
        await shown(desk, lambda: desk.orders[order_id].lines[0].state is LineState.SENT)


async def test_a_ticket_shows_though_the_first_reading_of_it_failed(
    till: TillOnDisk, caplog: pytest.LogCaptureFixture
) -> None:
    async with till.desk() as desk:
        order_id = await order_with(desk, 1)
        with caplog.at_level(logging.ERROR), failing(Engine, "begin", fails_for_readers_of(desk)):
            await desk.send(order_id)  # returns once its effect was read, or could not be
            assert "tickets" in caplog.text
            assert desk.tickets == ()
        await shown(desk, lambda: [each.order_id for each in desk.tickets] == [order_id])


async def test_a_till_whose_last_reading_fails_closes_in_order_and_can_be_opened_again(till: TillOnDisk) -> None:
    with ExitStack() as trouble:
        async with running(till.folder, sync=False) as device:
            trouble.enter_context(failing(Engine, "begin", fails_for_readers_of(device.desk)))
            device.desk.mark_stale(ORDERS, TICKETS)
            await asyncio.sleep(0)
    async with running(till.folder, sync=False) as device:
        assert device.agent is not None, "the lock of the first program is gone"
