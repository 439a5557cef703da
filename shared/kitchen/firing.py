"""Holding a course by hand, and firing one at a time that somebody said, by whatever device is on.

The time is an instant, so it means the same on every device and after midnight. It is fired once: two devices that fire
one course make the same tickets. The device that was told the time goes first, so that papers come out of it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.sending import Sent, families_of, fire_course
from shared.menu.commands import check_course
from shared.orders.records import OrderLine
from shared.orders.service_records import OrderCourse
from shared.truth.reading import joined_into, roots_of_order

OTHERS_WAIT = timedelta(seconds=10)
"""So long the other devices leave a course to the one that was told its time."""


class FireTime(NamedTuple):
    """When a course of an order is to be fired. `device_id`: the device that was told; `said_by`: who told it."""

    at: datetime
    device_id: UUID | None
    said_by: UUID | None = None

    def is_due(self, now: datetime, device_id: UUID, skew: timedelta = timedelta()) -> bool:
        """Whether a device fires it now.

        The device that was told goes by the clock on which the time was said. Any other goes by true time: with a
        clock that is ahead it would fire what nobody waits for yet.

        Args:
            now: by the device's clock.
            skew: true time minus the device's clock.
        """
        return now >= self.at if device_id == self.device_id else now + skew >= self.at + OTHERS_WAIT


async def hold_course(work: Work, order_id: UUID, course: int) -> int:
    """Hold what an order has of a course and the kitchen does not know. Returns how many lines wait now.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, COURSE_NOT_SENSIBLE, NOTHING_TO_HOLD (params: number).
    """
    work.require(Permission.SEND_ORDER)
    _require_course(course)
    order, found = await families_of(work, order_id)
    of_course = [each for each in found if each.course.course == course]
    for each in of_course:
        if each.family.to_send and not each.family.held:
            line = await work.get(OrderLine, each.family.root)
            line.held = line.fired + 1
    waiting = sum(bool(each.family.to_send or each.family.held) for each in of_course)
    if not waiting:
        raise DomainError("NOTHING_TO_HOLD", number=order.number)
    return waiting


async def fire_at(work: Work, order_id: UUID, course: int, at: datetime | None) -> None:
    """Fire a course at a time; what of it is not sent yet waits until then. None: it is fired by hand.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, COURSE_NOT_SENSIBLE, NOTHING_TO_HOLD.
    """
    work.require(Permission.SEND_ORDER)
    _require_course(course)
    if at is not None:
        await hold_course(work, order_id, course)
    key = derived_id("order course", order_id, course)
    rows = {row.id: row for row in await _rows_of(work, order_id, course)}
    for other in rows.keys() - {key}:
        rows[other].fire_at = None
    row = rows.get(key)
    if row is None:
        order, _found = await families_of(work, order_id)
        work.add(
            OrderCourse(
                organization_id=work.organization_id,
                branch_id=order.branch_id,
                id=key,
                order_id=order_id,
                number=course,
                fire_at=at,
                device_id=work.place.device_id,
                said_by=work.actor.staff_id,
            )
        )
    elif row.fire_at != at:
        row.fire_at = at
        row.device_id, row.said_by = work.place.device_id, work.actor.staff_id


async def fire_now(work: Work, order_id: UUID, course: int) -> Sent:
    """Fire a course, by hand or since its time has come; its time is over then.

    Raises:
        DomainError: those of `fire_course`.
    """
    sent = await fire_course(work, order_id, course)
    for row in await _rows_of(work, order_id, sent.course):
        row.fire_at = None
    return sent


async def _rows_of(work: Work, order_id: UUID, course: int) -> list[OrderCourse]:
    """What was said of the time of a course: of this order, of those that joined it, and of those whose dishes it has.

    The row of the order itself is there if anything ever was; others only while they say a time.
    """
    roots = await roots_of_order(work, order_id)
    lines, own = OrderLine.__table__.c, derived_id("order course", order_id, course)
    ordered_for = sa.select(lines.order_id).where(lines.organization_id == work.organization_id, lines.id.in_(roots))
    orders = {order_id, *(await joined_into(work, order_id)), *(await work.session.scalars(ordered_for))}
    rows = await work.session.scalars(
        sa.select(OrderCourse).where(
            OrderCourse.organization_id == work.organization_id,
            OrderCourse.order_id.in_(sorted(orders)),
            OrderCourse.number == course,
        )
    )
    return [row for row in rows if row.fire_at is not None or row.id == own]


async def fire_times(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, order_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[int, FireTime]]:
    """When courses of some orders are to be fired, by order and course. One statement."""
    rows = await reader.execute(_times(), {"organization": organization_id, "orders": sorted(order_ids)})
    found: dict[UUID, dict[int, FireTime]] = {}
    for row in rows:
        found.setdefault(row.order_id, {})[row.number] = FireTime(row.fire_at, row.device_id, row.said_by)
    return found


def _require_course(course: int) -> None:
    check_course(course)
    if not course:
        raise DomainError("COURSE_IS_NEEDED")


@cache
def _times() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    table = OrderCourse.__table__.c
    orders: sa.BindParameter[Any] = sa.bindparam("orders", expanding=True, type_=Key())
    return sa.select(table.order_id, table.number, table.fire_at, table.device_id, table.said_by).where(
        table.organization_id == sa.bindparam("organization"), table.order_id.in_(orders), table.fire_at.is_not(None)
    )
