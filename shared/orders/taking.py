"""Whether an order still takes lines, read without its record: a key press waits for it."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.work import Work
from shared.orders.records import Order
from shared.truth.reading import checks_of_order, sums_of_checks


async def branch_of_taken(work: Work, order_id: UUID) -> UUID:
    """The branch of an order that still takes lines, read without its record: a key press waits for it."""
    await work.session.flush()  # the order may be of this unit of work
    connection = await work.session.connection()
    given = {"organization": work.organization_id, "order": order_id}
    order = (await connection.execute(_order_head(), given)).first()
    if order is None:
        raise NotFound(Order.__tablename__, order_id)
    if order.has_left and not await _is_owed(work, order_id):
        raise DomainError("ORDER_CLOSED", number=order.number)
    branch_id: UUID = order.branch_id
    return branch_id


async def _is_owed(work: Work, order_id: UUID) -> bool:
    """Whether something is still owed on a check of an order: somebody added or joined it while the party left."""
    checks = await checks_of_order(work, order_id)
    sums = await sums_of_checks(work.session, work.organization_id, checks)
    return any(each.owed_milli for each in sums.values())


@cache
def _order_head() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    orders = Order.__table__
    return sa.select(orders.c.branch_id, orders.c.number, orders.c.has_left).where(
        orders.c.organization_id == sa.bindparam("organization"), orders.c.id == sa.bindparam("order")
    )
