"""The bill that guests ask for before they pay."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.orders.records import Order
from shared.payments.bill_records import Prebill
from shared.payments.pricing import Due, due_of_check
from shared.payments.records import Check
from shared.payments.service import begin_bill


async def ask_bill(work: Work, check_id: UUID, prebill_id: UUID) -> tuple[Prebill, Due, int]:
    """Note that the guests asked for the bill of a check. Unsent lines must be sent or removed first.

    Returns:
        The row, what the check owes, and the how manieth bill of this check it is.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_PAY, LINES_NOT_SENT.
    """
    if not work.actor.may(Permission.TAKE_ORDER):
        work.require(Permission.TAKE_PAYMENT)
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    await begin_bill(work, check_id)
    due = await due_of_check(work, check_id)
    if not due.parts:
        raise DomainError("NOTHING_TO_PAY", number=order.number)
    if due.to_send_milli:
        raise DomainError("LINES_NOT_SENT", number=order.number)
    earlier = await work.session.scalar(
        sa.select(sa.func.count())
        .select_from(Prebill)
        .where(Prebill.organization_id == work.organization_id, Prebill.check_id == check_id)
    )
    prebill = work.add(
        Prebill(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=prebill_id,
            check_id=check_id,
            currency=order.currency,
            total_minor=due.whole_minor + due.counted_minor,
            asked_at=work.now,
            asked_by=work.actor.staff_id,
        )
    )
    return prebill, due, int(earlier or 0) + 1
