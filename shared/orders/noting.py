"""Notes on a whole order. Those of a line are said by `change_line`."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work
from shared.orders.records import Order


async def note_order(work: Work, order_id: UUID, notes: str) -> None:
    """Note something for all of an order, in place of what was noted before.

    Tickets that stand say it at once, as a change that their stations confirm (`shared.kitchen.commands.confirm`).

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    cleaned = clean(notes, MAX_NOTE_CHARACTERS)
    if cleaned != order.notes:
        order.notes = cleaned
