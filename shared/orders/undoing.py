"""Undoing the last step on an order: its lines become what they were, as long as nobody was told of the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.orders.commands import change_line, take_off
from shared.orders.coursing import set_course, set_seat
from shared.orders.records import OrderLine
from shared.truth.reading import look


@dataclass(frozen=True, slots=True)
class LineBefore:
    """What a step changed of a line, as it was before; None for what it left alone.

    Attributes:
        quantity_milli: 0 for a line that the step added.
        unit_price_minor: without modifiers.
    """

    quantity_milli: int | None = None
    notes: str | None = None
    modifier_ids: tuple[UUID, ...] | None = None
    unit_price_minor: int | None = None
    course: int | None = None
    seat: int | None = None


async def restore_lines(work: Work, lines: Mapping[UUID, LineBefore]) -> None:
    """Let lines be what they were. How many there are changes only while the kitchen knows nothing of a line.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_ALREADY_SENT, and those of `change_line`.
    """
    work.require(Permission.TAKE_ORDER)
    for line_id, before in lines.items():
        if before.quantity_milli == 0:
            await take_off(work, line_id)
            continue
        if before.quantity_milli is not None:
            await _hold_again(work, line_id, before.quantity_milli)
        if (before.notes, before.modifier_ids, before.unit_price_minor) != (None, None, None):
            await change_line(work, line_id, before.notes, before.modifier_ids, before.unit_price_minor)
        if before.course is not None:
            await set_course(work, line_id, before.course)
        if before.seat is not None:
            await set_seat(work, line_id, before.seat)


async def _hold_again(work: Work, line_id: UUID, quantity_milli: int) -> None:
    """So many portions as it held before: of what is sold out by now, too, since they were ordered before."""
    row, family, part = await look(work, line_id)
    if family.is_told or family.is_covered:
        raise DomainError("LINE_ALREADY_SENT", item=row.item_name)
    line = await work.get(OrderLine, line_id)
    line.quantity_milli += quantity_milli - part.live
