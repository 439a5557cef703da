"""Serving: what is on the table, or in the guest's hands, as totals of portions (`records.TicketLine`)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.records import TicketLine
from shared.orders.records import Order
from shared.truth.cooking import Cooking
from shared.truth.family import TICKET_LINES, Family, compare
from shared.truth.reading import roots_of_order, rows_of_families
from shared.truth.spreading import progress_of, ready_of


async def serve_order(
    work: Work, order_id: UUID, line_ids: Collection[UUID] | None = None, *, only_ready: bool = False
) -> int:
    """What was told of an order is on the table; for how many dishes that is new.

    Serving again changes nothing. What is sent afterwards waits to be served anew.

    Args:
        line_ids: only these lines of it.
        only_ready: only what is made, or is of no station.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_SENT.
    """
    if not work.actor.may(Permission.WORK_KITCHEN):
        work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    found = await rows_of_families(work.session, work.organization_id, await roots_of_order(work, order_id))
    is_told, served = False, 0
    for root, rows in sorted(found.items()):
        family = compare(root, rows)
        for content, each in family.cooking.items():
            if not each.expected or each.ticket_line is None:
                continue
            is_told = True
            total = _total(family, content, each, line_ids, only_ready=only_ready)
            if total > each.served:
                served += 1
                for row_id, told in rows[TICKET_LINES].items():
                    if told.content_id == content:
                        row = await work.get(TicketLine, row_id)
                        row.served_milli = max(row.served_milli, total)
    if not is_told:
        raise DomainError("NOTHING_SENT", number=order.number)
    return served


def _total(family: Family, content: UUID, each: Cooking, line_ids: Collection[UUID] | None, *, only_ready: bool) -> int:
    """How many portions of a content are served afterwards, in all."""
    if line_ids is None:
        return min(each.expected, ready_of(each)) if only_ready else each.expected
    new = 0
    for line_id, progress in progress_of(family).items():
        part = family.parts[line_id]
        if line_id in line_ids and part.content == content:
            there = progress.made if only_ready else part.live - progress.to_send - progress.held
            new += max(0, there - progress.served)
    return min(each.expected, each.served + new)
