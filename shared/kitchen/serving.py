"""Serving: what is on the table, or in the guest's hands, as totals of portions (`records.TicketLine`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.records import TicketLine
from shared.orders.records import Order
from shared.truth.cooking import Cooking, served_of
from shared.truth.family import TICKET_LINES, Family, compare
from shared.truth.reading import roots_of_order, rows_of_families
from shared.truth.spreading import progress_of, ready_of


class HandedOver(NamedTuple):
    """What one serving put on the table.

    Attributes:
        dishes: of how many dishes something was served that was not before.
        portions: what was served of each ticket line, in thousandths.
    """

    dishes: int
    portions: Mapping[UUID, int]


async def serve_order(
    work: Work, order_id: UUID, line_ids: Collection[UUID] | None = None, *, only_ready: bool = False
) -> HandedOver:
    """Note that what was told of an order is on the table.

    Serving again changes nothing. What is sent afterwards waits to be served anew.

    Args:
        line_ids: only these lines of it.
        only_ready: only what is made, or is of no station.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_SENT.
    """
    _require_hands(work)
    order = await work.get(Order, order_id)
    found = await rows_of_families(work.session, work.organization_id, await roots_of_order(work, order_id))
    is_told, dishes, portions = False, 0, dict[UUID, int]()
    for root, rows in sorted(found.items()):
        family = compare(root, rows)
        for content, each in family.cooking.items():
            if not each.expected or each.ticket_line is None:
                continue
            is_told = True
            total = _total(family, content, each, line_ids, only_ready=only_ready)
            if total > each.served:
                dishes += 1
                for row_id, told in rows[TICKET_LINES].items():
                    if told.content_id == content:
                        portions[row_id] = await _serve(work, row_id, total)
    if not is_told:
        raise DomainError("NOTHING_SENT", number=order.number)
    return HandedOver(dishes, {row_id: some for row_id, some in portions.items() if some})


async def take_back(work: Work, portions: Mapping[UUID, int]) -> None:
    """Note that portions came back to the pass: nobody has them yet, they had been handed over by mistake.

    Taken back by two devices at once they are taken back once.

    Args:
        portions: of each ticket line, in thousandths; what is not on the table is left out.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    _require_hands(work)
    for row_id, some in portions.items():
        row = await work.get(TicketLine, row_id)
        row.returned_milli += min(some, served_of(row))


def _require_hands(work: Work) -> None:
    if not work.actor.may(Permission.WORK_KITCHEN):
        work.require(Permission.TAKE_ORDER)


async def _serve(work: Work, row_id: UUID, total: int) -> int:
    """Raise what is served of a ticket line to so many portions. Returns by how many."""
    row = await work.get(TicketLine, row_id)
    more = max(0, total - served_of(row))
    row.served_milli += more
    return more


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
