"""Which rows a close knows or not, and the closing of a day."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.closing import Dating
from shared.kernel.errors import DomainError
from shared.kernel.instants import BusinessDate
from shared.kernel.numbers import end_of, series_of
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.records import Payment, Receipt, ReceiptLine, Refund, RefundLine
from shared.shifts.records import DayClose

CLOSED_DAYS = Dating(
    closes=DayClose,
    numbered=(Receipt, Payment, Refund),
    follow={ReceiptLine: ("receipt_id", Receipt), RefundLine: ("refund_id", Refund)},
)
"""What counts on another day than its own if it came after the close."""


async def close_day(work: Work, day: BusinessDate) -> DayClose:
    """Make a business day of the branch final, with all days before it. Closed again, it knows what came meanwhile.

    Raises:
        DomainError: NOT_PERMITTED, DAY_NOT_BEGUN (params: day).
    """
    work.require(Permission.CLOSE_DAY)
    if day > work.business_date:
        raise DomainError("DAY_NOT_BEGUN", day=day.isoformat())
    return work.add(
        DayClose(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            business_date=day,
            last_numbers=await last_numbers(work.session, work.organization_id, work.branch_id),
            closed_at=work.now,
            closed_by=work.actor.staff_id,
        )
    )


async def last_numbers(reader: AsyncSession, organization_id: UUID, branch_id: UUID) -> list[str]:
    """The last number of each series of a branch that this replica knows: two steps in an index for each."""
    found = []
    for record in CLOSED_DAYS.numbered:
        of = cast("sa.Table", record.__table__).c
        mine = (of.organization_id == organization_id, of.branch_id == branch_id)
        begin = ""
        while (first := await _end(reader, sa.func.min(of.number), *mine, of.number >= begin)) is not None:
            begin = end_of(series_of(first))
            last = await _end(reader, sa.func.max(of.number), *mine, of.number >= first, of.number < begin)
            found.append(cast("str", last))
    return found


async def _end(reader: AsyncSession, number: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> str | None:
    return cast("str | None", await reader.scalar(sa.select(number).where(*where)))
