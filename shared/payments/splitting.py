"""Splitting a check by what was eaten: portions go to a check of their own, and both add up to what it was."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.orders.correcting import move_line, split_line
from shared.orders.records import Order
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.bills import root_of
from shared.payments.pricing import due_of_check
from shared.payments.records import Check
from shared.payments.service import begin_bill


async def split_off(work: Work, check_id: UUID, new_check_id: UUID, portions: Mapping[UUID, int]) -> Check:
    """Put portions of a check on a new check of the same order.

    Discounts and service charges of the check hold for the new one, too. What was paid stays with the check.

    Args:
        portions: by line, in thousandths of one; a third of a shared dish is 333.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_MOVE (none, or all of it), NOT_SO_MANY, ORDER_HAS_PAYMENTS
            (what stays is less than what came in for it already).
    """
    work.require(Permission.TAKE_ORDER)
    check = await work.get(Check, check_id)
    await begin_bill(work, check_id)
    before = await due_of_check(work, check_id)
    owed = {line_id: line.quantity_milli for line_id, line in before.parts.items()}
    stays = {line_id: quantity - portions.get(line_id, 0) for line_id, quantity in owed.items()}
    if not portions or not any(stays.values()) or not owed.keys() >= portions.keys():
        raise DomainError("NOTHING_TO_MOVE")
    new = work.add(
        Check(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=new_check_id,
            order_id=check.order_id,
            split_of_id=root_of(check),
            inherits=[*check.inherits, *await _adjustments(work, check_id)],
        )
    )
    for line_id, quantity in sorted(portions.items()):
        if quantity == before.families[before.lines[line_id].root_id].parts[line_id].live:
            await move_line(work, line_id, new_check_id)
        else:
            part = await split_line(work, line_id, derived_id("part", new_check_id, line_id), quantity)
            part.check_id = new_check_id
    after = await due_of_check(work, check_id)
    if after.bill.total_minor < after.credit_minor:
        order = await work.get(Order, check.order_id)
        raise DomainError("ORDER_HAS_PAYMENTS", number=order.number)
    return new


async def _adjustments(work: Work, check_id: UUID) -> list[str]:
    """The discounts and service charges of a whole check, as text."""
    found: list[str] = []
    for kind, whole in ((Discount, Discount.line_id.is_(None)), (ServiceCharge, sa.true())):
        of_check = kind.organization_id == work.organization_id, kind.check_id == check_id, ~kind.lifted, whole
        found += map(str, (await work.session.scalars(sa.select(kind.id).where(*of_check).order_by(kind.id))).all())
    return found
