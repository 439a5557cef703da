"""Counting the copies of a receipt or refund, so that each says which one it is."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.past import copies_of
from shared.payments.records import ReceiptCopy


async def count_copy(work: Work, check_id: UUID, of_id: UUID) -> int:
    """Note that a receipt or refund is printed once more. Returns the number of the copy.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.TAKE_PAYMENT)
    await work.session.flush()
    copy = 1 + await copies_of(work.session, work.organization_id, of_id)
    work.add(
        ReceiptCopy(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            check_id=check_id,
            of_id=of_id,
            copy=copy,
            printed_at=work.now,
            printed_by=work.actor.staff_id,
        )
    )
    return copy
