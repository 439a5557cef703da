"""Which rows a close knows or not, and the closing of a day."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa

from shared.kernel.closing import Dating, Known
from shared.kernel.errors import DomainError
from shared.kernel.instants import BusinessDate
from shared.kernel.numbers import between, end_of, first_of, place_of, series_of
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.records import Payment, Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.shifts.records import DayClose

CLOSED_DAYS = Dating(
    closes=DayClose,
    numbered=(Receipt, Payment, Refund),
    follow={
        ReceiptLine: ("receipt_id", Receipt),
        RefundLine: ("refund_id", Refund),
        RefundPayment: ("refund_id", Refund),
        WriteOff: ("receipt_id", Receipt),
    },
)
"""What counts on another day than its own if it came after the close."""


MOST_MISSED = 1_000


async def close_day(work: Work, day: BusinessDate) -> DayClose:
    """Make a business day of the branch final, with all days before it. Until a later day is closed it can be closed
    again, and takes in what came meanwhile.

    Raises:
        DomainError: NOT_PERMITTED, DAY_NOT_BEGUN (params: day).
    """
    work.require(Permission.CLOSE_DAY)
    if day > work.business_date:
        raise DomainError("DAY_NOT_BEGUN", day=day.isoformat())
    before = await _newest_close(work)
    tables = [cast("sa.Table", record.__table__) for record in CLOSED_DAYS.numbered]
    known = [await _known(work, table, series, before) for table in tables for series in await _series(work, table)]
    return work.add(
        DayClose(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            business_date=day,
            last_numbers=[last for last, _missed in known],
            missed_numbers=[number for _last, missed in known for number in missed],
            closed_at=work.now,
            closed_by=work.actor.staff_id,
        )
    )


async def _newest_close(work: Work) -> Known:
    """What the newest close of the branch knew."""
    newest = (
        sa.select(DayClose)
        .where(*_mine(work, DayClose.__table__))
        .order_by(DayClose.business_date.desc(), DayClose.closed_at.desc())
    )
    found = await work.session.scalar(newest.limit(1))
    return Known.of(found.last_numbers, found.missed_numbers) if found else Known({}, frozenset())


async def _series(work: Work, table: sa.Table) -> list[str]:
    """The series of a table that this replica knows: a step in an index for each."""
    found: list[str] = []
    begin = ""
    first = sa.func.min(table.c.number)
    while number := await work.session.scalar(sa.select(first).where(*_mine(work, table), table.c.number >= begin)):
        found.append(series_of(number))
        begin = end_of(found[-1])
    return found


async def _known(work: Work, table: sa.Table, series: str, before: Known) -> tuple[str, list[str]]:
    """The last number of a series that this replica knows, and those up to it that it does not know.

    It looks at what came since the newest close, and at what that missed. Behind a gap of more than `MOST_MISSED` it
    knows nothing: that is no series.
    """
    last = before.last.get(series, first_of(series))
    number, mine = table.c.number, _mine(work, table)
    still = [missed for missed in before.missed if series_of(missed) == series]
    back = set(await work.session.scalars(sa.select(number).where(*mine, number.in_(still)))) if still else set()
    missed = [each for each in still if each not in back]
    came = sa.select(number).where(*mine, number > last, number < end_of(series)).order_by(number)
    for each in await work.session.scalars(came):
        if place_of(each) - place_of(last) > MOST_MISSED:
            break
        missed += between(last, each)
        last = each
    return last, sorted(missed)


def _mine(work: Work, table: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.organization_id == work.organization_id, table.c.branch_id == work.branch_id
