"""X, Z and the sums of the day count the same checks: those that were settled, however they were paid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import ONE, Hands, meet
from restaurant import CASHIER, MANAGER, ORGANIZATION, TILL, WAITER, Village

from shared.drawers.commands import Cash, open_session
from shared.drawers.records import DrawerSession
from shared.payments.records import Receipt
from shared.sales.records import sales_by_hour
from shared.shifts.commands import Counted, Head, close_session, count_session
from shared.shifts.queries import session_report

CEVICHE = 4_250


class Till(Hands):
    """A cashier with a shift."""

    async def begin(self) -> UUID:
        async with self.replica.work(CASHIER) as work:
            return (await open_session(work, work.ids.new())).session.id

    async def ordered(self, dishes: int = 2) -> UUID:
        order = await self.open()
        await self.add(order, quantity=dishes * ONE)
        await self.send(order)
        return order

    async def in_sessions(self) -> list[int]:
        found = []
        sessions = await self.replica.rows(DrawerSession)
        async with self.replica.connection() as reader:
            for session in sorted(sessions, key=lambda row: row.opened_at):
                report = await session_report(reader, ORGANIZATION, session.id, "PEN")
                assert report is not None
                found.append(report.sales.checks)
        return found

    async def today(self) -> int:
        async with self.replica.connection() as reader:
            return int((await reader.execute(sa.select(sa.func.sum(sales_by_hour.c.checks)))).scalar() or 0)

    async def close(self, session: UUID) -> int:
        async with self.replica.work(MANAGER) as work:
            await count_session(work, session, [Counted(Cash("PEN", 0))])
        async with self.replica.work(MANAGER) as work:
            return (await close_session(work, session, Head(1, "00"))).z.checks


@pytest.fixture
def till(village: Village) -> Till:
    return Till(village, village.replica(TILL))


async def in_thirds(till: Till) -> None:
    order = await till.ordered()
    for share in (3, 2, 1):
        check = await till.check(order)
        await till.pay(check.id, -(-check.due_minor // share), share=share, method="Efectivo")


async def half_refunded(till: Till) -> None:
    check = (await till.check(await till.ordered())).id
    await till.pay(check, 2 * CEVICHE)
    (line,) = await till.receipt_lines()
    await till.refund(check, {line.id: ONE})


async def all_refunded(till: Till) -> None:
    await half_refunded(till)
    (line,) = await till.receipt_lines()
    await till.refund(line.check_id, {line.id: ONE})


async def thirds_refunded(till: Till) -> None:
    """Of several receipts all is given back, and of another check a part."""
    await in_thirds(till)
    for line in await till.receipt_lines():
        await till.refund(line.check_id, {line.id: line.quantity_milli})
    await in_thirds(till)
    last = max(await till.receipt_lines(), key=lambda line: line.id)
    await till.refund(last.check_id, {last.id: last.quantity_milli})


async def walked_out(till: Till) -> None:
    await till.walk_out(await till.ordered(), stops_cooking=False)


async def came_back(till: Till) -> None:
    order = await till.ordered()
    await till.walk_out(order, stops_cooking=False)
    check = (await till.check(order)).id
    await till.lift_losses(check)
    await till.pay(check, 2 * CEVICHE)


async def half_paid_then_walked_out(till: Till) -> None:
    order = await till.ordered()
    await till.pay((await till.check(order)).id, CEVICHE, share=2)
    await till.walk_out(order, stops_cooking=False)


async def lost_twice_and_paid_once(till: Till) -> None:
    """They come back to what they forgot, run once more, and are caught with that."""
    order = await till.ordered(1)
    await till.walk_out(order, stops_cooking=False)
    there = await till.ordered(1)
    (line,) = (await till.order(there)).lines
    await till.move(line.id, (await till.check(order)).id)
    await till.walk_out(order, stops_cooking=False)
    newest = max(await till.replica.rows(Receipt), key=lambda row: row.number)
    await till.lift_losses(newest.check_id, newest.id)
    await till.pay(newest.check_id, CEVICHE)


async def on_two_checks(till: Till) -> None:
    order = await till.ordered(3)
    view = await till.order(order)
    other = await till.another_check(order)
    await till.move(await till.split(view.lines[0].id, ONE), other)
    await till.pay(other, CEVICHE)
    await till.pay(view.check.id, 2 * CEVICHE)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (in_thirds, 1),
        (half_refunded, 1),
        (all_refunded, 0),
        (thirds_refunded, 1),
        (walked_out, 0),
        (came_back, 1),
        (half_paid_then_walked_out, 1),
        (lost_twice_and_paid_once, 1),
        (on_two_checks, 2),
    ],
)
async def test_x_z_and_today_count_the_same_checks(
    till: Till, deed: Callable[[Till], Awaitable[None]], expected: int
) -> None:
    session = await till.begin()
    await deed(till)
    assert (await till.today(), await till.in_sessions()) == (expected, [expected])
    assert await till.close(session) == expected


async def test_a_check_that_two_shifts_took_counts_once(till: Till) -> None:
    first = await till.begin()
    check = (await till.check(await till.ordered())).id
    await till.pay(check, CEVICHE, share=2)
    assert await till.close(first) == 1
    second = await till.begin()
    await till.pay(check, CEVICHE)
    assert await till.close(second) == 0
    assert await till.today() == 1


async def test_the_shift_that_gives_the_last_of_a_check_back_counts_it_off(till: Till) -> None:
    first = await till.begin()
    await half_refunded(till)
    assert await till.close(first) == 1
    second = await till.begin()
    (line,) = await till.receipt_lines()
    await till.refund(line.check_id, {line.id: ONE})
    assert await till.close(second) == -1
    assert await till.today() == 0


async def test_what_was_paid_on_two_tills_is_one_check(till: Till, village: Village) -> None:
    other = Till(village, village.replica(WAITER, "B"))
    order = await till.ordered()
    await meet(till, other)
    await till.begin()
    await other.begin()
    check = (await till.check(order)).id
    for each in (till, other):
        await each.pay(check, 2 * CEVICHE)
    await meet(till, other)
    await till.give_back(check)
    await meet(till, other)
    for each in (till, other):
        assert await each.today() == sum(await each.in_sessions()) == 1
