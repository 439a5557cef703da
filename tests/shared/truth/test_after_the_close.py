"""A Z is final: whatever moves of its session later is told, as late in the next Z and to a person."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands
from restaurant import MANAGER, ORGANIZATION, Village

from shared.drawers.commands import Cash, open_session
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.orders.commands import first_check_id
from shared.payments.records import Payment
from shared.payments.tips import lift_tip
from shared.shifts.commands import Counted, Head, close_session, count_session
from shared.shifts.queries import MOST_LOOKED_BACK, late_rows
from shared.shifts.rules import SessionReport

CEVICHE = 4_250


async def opened(till: Hands) -> UUID:
    async with till.replica.work(MANAGER) as work:
        return (await open_session(work, work.ids.new(), None, [Cash("PEN", 0)])).session.id


async def closed(till: Hands, session: UUID) -> SessionReport:
    async with till.replica.work(MANAGER) as work:
        await count_session(work, session, [Counted(Cash("PEN", 0))])
    async with till.replica.work(MANAGER) as work:
        return (await close_session(work, session, Head(1, "00"))).report


async def late(till: Hands) -> dict[str, tuple[int, int]]:
    """Rows and money that came late, by the name of their purse."""
    async with till.replica.connection() as reader:
        found = await late_rows(reader, ORGANIZATION, till.replica.author.device_id, "PEN")
    return {each.name: (each.rows, each.amount_minor) for each in found}


async def ceviche_paid_with(till: Hands, method: str) -> UUID:
    """The check."""
    order = await till.open()
    await till.add(order)
    await till.send(order)
    await till.pay(first_check_id(order), CEVICHE, method=method)
    return first_check_id(order)


async def told(till: Hands) -> list[tuple[int, int]]:
    """What people are asked about money after a close."""
    events = await till.replica.rows(ExceptionEvent)
    return [(each.size, each.amount_minor) for each in events if each.kind is EventKind.AFTER_THE_CLOSE]


@pytest.mark.parametrize("beside", ["Visa", "Yape"])
async def test_what_vanishes_from_a_closed_session_is_late_whatever_stands_beside_it(till: Hands, beside: str) -> None:
    """Also where no row of its purse is left."""
    session = await opened(till)
    tip = await till.tip(await ceviche_paid_with(till, beside), 623, "Visa")
    await closed(till, session)
    async with till.replica.work(MANAGER) as work:
        await lift_tip(work, tip)
    assert await late(till) == {"Visa": (-1, -623)}
    assert await told(till) == [(1, 623)]
    report = await closed(till, await opened(till))
    assert [(each.name, each.amount_minor) for each in report.late] == [("Visa", -623)]
    assert await late(till) == {}


@pytest.mark.parametrize("clock", ["right", "once in 2035"])
async def test_a_correction_of_a_session_of_long_ago_reaches_a_person_and_the_next_z(
    village: Village, till: Hands, clock: str
) -> None:
    session = await opened(till)
    await ceviche_paid_with(till, "Visa")
    await closed(till, session)
    for _shift in range(MOST_LOOKED_BACK):
        village.clock.pass_time(hours=12)
        await closed(till, await opened(till))
    if clock == "once in 2035":
        village.clock.pass_time(hours=24 * 365 * 9)
        await closed(till, await opened(till))
        village.clock.pass_time(hours=-24 * 365 * 9)
    (payment,) = await till.replica.rows(Payment)
    await till.replace_payment(payment.id, "Yape")
    assert await told(till) == [(2, 2 * CEVICHE)]
    assert await late(till) == {"Visa": (1, -CEVICHE), "Yape": (1, CEVICHE)}
    report = await closed(till, await opened(till))
    assert {each.name: each.amount_minor for each in report.late} == {"Visa": -CEVICHE, "Yape": CEVICHE}
    assert await late(till) == {}


async def test_a_correction_of_an_open_session_is_told_to_nobody(till: Hands) -> None:
    await opened(till)
    await ceviche_paid_with(till, "Visa")
    (payment,) = await till.replica.rows(Payment)
    await till.replace_payment(payment.id, "Yape")
    assert await told(till) == []
