"""The day of a branch: the Zs of its sessions, their sums, what was sold, and whose figures may still come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.queries import open_sessions
from shared.drawers.records import TAKES_MONEY
from shared.kernel.permissions import DeviceKind
from shared.payments.records import Receipt
from shared.shifts.adding import added
from shared.shifts.queries import zs_of_day
from shared.shifts.records import DayClose
from shared.shifts.rules import SessionReport
from shared.tenancy.records import Device
from shared.truth.reading import Reader


@dataclass(frozen=True, slots=True)
class BranchDay:
    """A business date of a branch.

    Attributes:
        reports: the Zs of this date, in the order of closing.
        total: their sums; None if there is none.
        sold_minor: what all receipts of the date come to that are known here, with a Z or without one. Like what a Z
            calls sold, it is before refunds and losses.
        still_open: drawers with a session of this date or an earlier one that is not closed.
        not_heard: devices that take money and of which nothing is known since the date began.
        is_closed: whether the date was closed already.
    """

    date: date
    reports: tuple[SessionReport, ...]
    total: SessionReport | None
    sold_minor: int
    still_open: tuple[str, ...] = ()
    not_heard: tuple[str, ...] = ()
    is_closed: bool = False


async def branch_day(
    reader: Reader,
    organization_id: UUID,
    branch_id: UUID,
    day: date,
    currency: str,
    heard: Mapping[UUID, date],
) -> BranchDay:
    """Read a business date; five statements.

    Args:
        heard: the business date of the last thing that is known of each device.
    """
    reports = tuple(await zs_of_day(reader, organization_id, branch_id, day))
    receipts = Receipt.__table__.c
    sold = sa.select(sa.func.coalesce(sa.func.sum(receipts.total_minor), 0)).where(
        receipts.organization_id == organization_id,
        receipts.branch_id == branch_id,
        receipts.business_date == day,
        receipts.currency == currency,
    )
    still_open = [
        view for view in await open_sessions(reader, organization_id, branch_id) if view.session.business_date <= day
    ]
    known = {each.device_id for each in reports} | {each.session.device_id for each in still_open}
    of = Device.__table__.c
    devices = await reader.execute(
        sa.select(of.id, of.name)
        .where(
            of.organization_id == organization_id,
            of.branch_id == branch_id,
            of.revoked == sa.false(),
            of.kind.in_(sorted(TAKES_MONEY - {DeviceKind.CLOUD})),
        )
        .order_by(of.name)
    )
    closes = DayClose.__table__.c
    closed = sa.select(sa.func.count()).where(
        closes.organization_id == organization_id, closes.branch_id == branch_id, closes.business_date == day
    )
    return BranchDay(
        date=day,
        reports=reports,
        total=added(reports),
        sold_minor=int((await reader.execute(sold)).scalar_one()),
        still_open=tuple(view.drawer for view in still_open),
        not_heard=tuple(row.name for row in devices if row.id not in known and heard.get(row.id, date.min) < day),
        is_closed=bool((await reader.execute(closed)).scalar_one()),
    )
