"""Orders whose parties sit together: where their bill is, and when one is over. `payments/joining.py` joins them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.kernel.work import Work
from shared.orders.records import Order
from shared.orders.rules import end_of
from shared.truth.reading import checks_of_order, families, joined_into, roots_of_order


async def end_of_joined(work: Work, order_id: UUID) -> UUID:
    """The order that has the bill of a party: its own, or the one that it sits together with.

    Raises:
        NotFound: this replica has no such order.
    """
    joined: dict[UUID, UUID | None] = {}
    at: UUID | None = order_id
    while at is not None and at not in joined:
        joined[at] = (await work.get(Order, at)).joined_to_id
        at = joined[at]
    return end_of(order_id, joined)


async def close_joined(work: Work, order_id: UUID) -> None:
    """After a payment: the orders that joined this one, and of which nothing is left to pay, are over."""
    for each in sorted(await joined_into(work, order_id) - {order_id}):
        own = await checks_of_order(work, each, with_joined=False)
        if not await owed_lines(work, await roots_of_order(work, each), on=own):
            (await work.get(Order, each)).has_left = True


async def owed_lines(
    work: Work, roots: Iterable[UUID], *, on: set[UUID] | None = None, elsewhere_than: set[UUID] | None = None
) -> list[UUID]:
    """The lines of some families that are owed, on some checks or on other ones than some."""
    found = await families(work, roots)
    parts = [(line_id, part) for family in found.values() for line_id, part in family.parts.items() if part.owed]
    return sorted(
        line_id
        for line_id, part in parts
        if (on is None or part.check_id in on) and (elsewhere_than is None or part.check_id not in elsewhere_than)
    )
