"""Taking the money that a check was charged too little."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.money import round_cash
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.commands import Paid, pay
from shared.payments.records import Check
from shared.payments.refunding import credit_too_little
from shared.payments.rules import Tender, TenderKind
from shared.payments.way_back import PayBack
from shared.tenancy.records import Branch


async def charge(work: Work, check_id: UUID, receipt_id: UUID, by: PayBack) -> Paid:
    """Take what a check was charged too little, since a discount or service charge changed while it was paid.

    Its receipts are credited without handing anything out, and one new receipt charges all of it as it is priced now:
    what was paid counts, and what is missing is taken by one method. Done on two devices at once, the second receipt is
    paid twice and given back.

    Args:
        receipt_id: of the new receipt; made before the command starts.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_PAY, and those of `pay`.
    """
    work.require(Permission.TAKE_PAYMENT)
    missing = await credit_too_little(work, check_id, work.ids.new(), by)
    branch = await work.get(Branch, (await work.get(Check, check_id)).branch_id)
    if by.kind is TenderKind.CASH:
        missing = round_cash(missing, branch.cash_step_minor, branch.cash_rounding)
    tenders = [Tender(by.method_id, by.method_name, by.kind, missing)] if by.method_id is not None and missing else []
    return await pay(work, check_id, receipt_id, tenders)
