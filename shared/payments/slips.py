"""Slips of the hand at the till: a payment by a wrong method or of a wrong amount is taken back, and noted anew.

What takes it back is a refund marked as correction, with an id that follows from the payment: two tills that both do it
do it once. It is no refund of anything sold, and reports count neither payment nor refund. The ids of the payment and
the tips that replace it follow from it likewise: where two tills chose other methods, one of them stands, and no money
is too much.

All of it belongs to the drawer session, the day and the hour of the payment that was wrong, at whatever till and
however late that is found: the drawer where the payment was expected is put right. If that session is closed, both what
is taken back and what stands for it come late there, and the next close of its device takes them up.
"""

from __future__ import annotations

from uuid import UUID

from shared.drawers.commands import moment_of
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import round_cash
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.after_close import tell_after_close
from shared.payments.commands import take_again
from shared.payments.counting import payments_of_check
from shared.payments.pricing import due_of_check
from shared.payments.records import Check, Payment
from shared.payments.refund_records import Refund
from shared.payments.refunding import write_refund
from shared.payments.rules import Tender, TenderKind
from shared.payments.tips import add_tip, tips_with
from shared.payments.way_back import Part, WayBack, paid_by
from shared.tenancy.records import Branch


def correction_id(payment_id: UUID) -> UUID:
    """The id of the refund that takes a payment back."""
    return derived_id("correction", payment_id)


def replacement_id(replaced_id: UUID) -> UUID:
    """The id of the payment or the tip that stands for another one, which was by a wrong method."""
    return derived_id("replacement", replaced_id)


async def take_back(work: Work, payment_id: UUID) -> Refund:
    """Take a noted payment back, all of it, and the tip that came with it. Once a receipt counts it, see
    `replace_payment`.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, PAYMENT_TAKEN_BACK, PAYMENT_ON_RECEIPT.
    """
    work.require(Permission.TAKE_PAYMENT)
    payment = await work.get(Payment, payment_id)
    if await _is_counted(work, payment):
        raise DomainError("PAYMENT_ON_RECEIPT", method=payment.method_name)
    for tip in await tips_with(work, payment):
        tip.lifted = True
    await tell_after_close(work, payment.session_id, 1, payment.amount_minor)
    return await _correct(work, payment, after_receipt=False)


async def replace_payment(work: Work, payment_id: UUID, tender: Tender) -> Payment:
    """Note a payment that a receipt counts by another method: it is taken back and taken anew, in one transaction.

    Args:
        tender: what the new payment says; its amount is the old one's.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND, PAYMENT_TAKEN_BACK, SAME_METHOD, those of `take_again`.
    """
    payment = await work.get(Payment, payment_id)
    work.require(Permission.CORRECT_PAYMENT, payment.amount_minor)
    if tender.method_id == payment.method_id:
        raise DomainError("SAME_METHOD", method=payment.method_name)
    await _correct(work, payment, after_receipt=True)
    check = await work.get(Check, payment.check_id)
    anew = await take_again(work, check, payment, replacement_id(payment.id), tender)
    for tip in await tips_with(work, payment):
        tip.lifted = True
        await add_tip(
            work,
            check.id,
            replacement_id(tip.id),
            await _in_money(work, check, tip.amount_minor, tender),
            tender.method_id,
            tender.method_name,
            tender.kind,
            payment_id=anew.id,
            person_id=tip.person_id,
            person_name=tip.person_name,
            replaces=tip,
        )
    await tell_after_close(work, payment.session_id, 2, payment.amount_minor + anew.amount_minor)
    return anew


async def _in_money(work: Work, check: Check, amount_minor: int, tender: Tender) -> int:
    """A tip by another method: in cash it is what coins can pay, and never nothing."""
    branch = await work.get(Branch, check.branch_id)
    is_cash = tender.kind is TenderKind.CASH
    coins = round_cash(amount_minor, branch.cash_step_minor, branch.cash_rounding) if is_cash else 0
    return coins or amount_minor


async def _is_counted(work: Work, payment: Payment) -> bool:
    """Whether the check owes nothing any more, or a receipt counts this payment."""
    await work.session.flush()
    of_check = await payments_of_check(work.session, work.organization_id, payment.check_id)
    receipts = {each.row.id: each.receipt_id for each in of_check}
    if payment.id not in receipts:
        raise DomainError("PAYMENT_TAKEN_BACK", method=payment.method_name)
    if receipts[payment.id] is not None:
        return True
    return not (await due_of_check(work, payment.check_id)).parts


async def _correct(work: Work, payment: Payment, *, after_receipt: bool) -> Refund:
    paid = await paid_by(work.session, work.organization_id, payment.check_id)
    left = next(each for each in paid if each.payment_id == payment.id)
    if left.left_minor < payment.amount_minor:
        raise DomainError("PAYMENT_TAKEN_BACK", method=payment.method_name)
    check = await work.get(Check, payment.check_id)
    back = WayBack((Part(left.by, payment.amount_minor, payment.id),), payment.rounding_minor)
    when = moment_of(payment).day
    made = await write_refund(
        work, check, correction_id(payment.id), back, "", when, corrects=payment, after_receipt=after_receipt
    )
    return made.refund
