"""A lunch paid by card and cash, of which a dish comes back in the next shift: each drawer keeps its own money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from evening import ONE, Hands
from restaurant import MANAGER, ORGANIZATION

from shared.drawers.commands import Cash, open_session
from shared.kernel.errors import DomainError
from shared.payments.refund_records import RefundPayment
from shared.shifts.commands import Counted, Head, close_session, count_session
from shared.shifts.queries import session_report
from shared.shifts.records import ZReport

CEVICHE, FLOAT = 4_250, 10_000


async def begin(till: Hands) -> UUID:
    async with till.replica.work(MANAGER) as work:
        return (await open_session(work, work.ids.new(), None, [Cash("PEN", FLOAT)])).session.id


async def end(till: Hands, session: UUID, in_drawer: int) -> None:
    async with till.replica.work(MANAGER) as work:
        await count_session(work, session, [Counted(Cash("PEN", in_drawer))])
    async with till.replica.work(MANAGER) as work:
        await close_session(work, session, Head(1, "00"))


async def in_drawer(till: Hands, session: UUID) -> int:
    """What should be in the drawer of a session."""
    async with till.replica.connection() as reader:
        report = await session_report(reader, ORGANIZATION, session, "PEN")
    assert report is not None
    return next(each.own_minor for each in report.counted if each.method_id is None and each.currency == "PEN")


async def test_a_dish_goes_back_as_it_was_paid_and_out_of_the_drawer_of_the_next_shift(
    till: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    first = await begin(till)
    await till.pay(check, 8_000)
    await till.pay(check, 3 * CEVICHE - 8_000, method="Efectivo")
    assert await in_drawer(till, first) == FLOAT + 3 * CEVICHE - 8_000
    await end(till, first, FLOAT + 3 * CEVICHE - 8_000)
    (z,) = await till.replica.rows(ZReport)
    second = await begin(till)
    (line,) = await till.receipt_lines()
    assert await till.refund(check, {line.id: 2 * ONE}) == 2 * CEVICHE
    back = {row.method_name: row for row in await till.replica.rows(RefundPayment)}
    assert {name: row.paid_minor for name, row in back.items()} == {"Visa": 8_000, "Efectivo": 500}
    assert all(row.session_id == second for row in back.values())
    assert await in_drawer(till, second) == FLOAT - 500
    assert await in_drawer(till, first) == FLOAT + 3 * CEVICHE - 8_000, "the first close is untouched"
    assert values(await till.replica.rows(ZReport)) == values([z])
    with pytest.raises(DomainError, match="NOT_SO_MANY"):
        await till.refund(check, {line.id: 2 * ONE})


def values(rows: list[Any]) -> list[tuple[int, ...]]:
    return [(row.difference_minor, row.checks, row.total_minor) for row in rows]
