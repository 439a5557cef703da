"""For whom a dish is, and in which course it is served: what a waiter says of a line besides what is cooked."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.menu.commands import check_course
from shared.orders.records import OrderLine
from shared.orders.selling import check_seat
from shared.truth.reading import look


async def set_course(work: Work, line_id: UUID, course: int) -> None:
    """Serve a line, and all that was split off it, in another course (0: in none), before the kitchen heard of it.

    What waits goes on waiting, for its new course; without a course it waits no longer, and is to send.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_IS_GONE, LINE_ALREADY_SENT, COURSE_NOT_SENSIBLE.
    """
    work.require(Permission.TAKE_ORDER)
    check_course(course)
    row, family, part = await look(work, line_id)
    if not part.live:
        raise DomainError("LINE_IS_GONE", item=row.item_name)
    if family.is_told:
        raise DomainError("LINE_ALREADY_SENT", item=row.item_name)
    root = await work.get(OrderLine, row.root_id)
    if root.course != course:
        root.course = course
    if not course and root.held > root.fired:
        root.fired = root.held


async def set_seat(work: Work, line_id: UUID, seat: int) -> None:
    """Say for which guest a line is (0: for nobody in particular), also after it was sent.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_IS_GONE, SEAT_NOT_SENSIBLE.
    """
    work.require(Permission.TAKE_ORDER)
    check_seat(seat)
    row, _family, part = await look(work, line_id)
    if not part.live:
        raise DomainError("LINE_IS_GONE", item=row.item_name)
    line = await work.get(OrderLine, line_id)
    if line.seat != seat:
        line.seat = seat
