"""The day of a branch beside the Zs of its sessions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from evening import ONE, Hands
from restaurant import BRANCH, CASHIER, ORGANIZATION, Replica, Village

from shared.books.branch_day import BranchDay, branch_day
from shared.drawers.commands import Cash, open_session
from shared.shifts.commands import Counted, Head, close_session, count_session

TODAY = date(2026, 11, 23)
CEVICHE = 4_250


async def sell(hands: Hands) -> UUID:
    order = await ordered(hands)
    check = (await hands.check(order)).id
    await hands.pay(check, CEVICHE)
    return check


async def ordered(hands: Hands) -> UUID:
    order = await hands.open()
    await hands.add(order)
    await hands.send(order)
    return order


async def day_of(replica: Replica) -> BranchDay:
    async with replica.connection() as reader:
        return await branch_day(reader, ORGANIZATION, BRANCH, TODAY, "PEN", {})


async def test_refunds_and_losses_of_the_only_z_are_not_outside_of_it(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    async with till.work(CASHIER) as work:
        session = (await open_session(work, work.ids.new(), None, ())).session.id
    await sell(hands)
    refunded = await sell(hands)
    line = next(line for line in await hands.receipt_lines() if line.check_id == refunded)
    await hands.refund(refunded, {line.id: ONE})
    await hands.walk_out(await ordered(hands), stops_cooking=False)
    async with till.work(CASHIER) as work:
        await count_session(work, session, [Counted(Cash("PEN", 0))])
    async with till.work(CASHIER) as work:
        await close_session(work, session, Head(7, "00ff"), "")
    day = await day_of(till)
    assert day.total is not None
    assert day.sold_minor == day.total.sales.total_minor == 3 * CEVICHE
    await sell(hands)
    assert (await day_of(till)).sold_minor == 4 * CEVICHE, "a sale of the next session has no Z yet"
